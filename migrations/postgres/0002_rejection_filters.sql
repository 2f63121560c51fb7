-- Refused requests by their reason and by their connector, newest first.
CREATE INDEX rejections_reason ON rejections (organization_id, reason, id);
CREATE INDEX rejections_connector ON rejections (organization_id, connector_id, id);
