//! Search by what people have in hand: the beginning of an id, a record, the name of a connector.
//!
//! Every question stands on an index and ends after eight rows, whatever the history; connectors alone are compared
//! one by one, of which an organization has as many as somebody typed in.

use domain::id::{DeliveryId, EventId, OrganizationId, RejectionId};
use domain::search::{FoundConnector, FoundDelivery, FoundRejection, Needle, SearchResults};

use super::{Result, Tx};

/// How many of a kind are found at most; the questions below say the same number.
const MOST: usize = 8;

/// Deliveries of the organization, as a line of results shows them.
macro_rules! deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT id, event_id, direction, connector_id,
                    (SELECT name
                       FROM connectors
                      WHERE connectors.id = deliveries.connector_id
                        AND connectors.organization_id = deliveries.organization_id) AS connector_name,
                    event_type, status, source_record_id, destination_record_id, created_at
               FROM deliveries
              WHERE organization_id = $1 ",
            $rest,
            " LIMIT 8"
        )
    };
}

const BY_ID: &str = deliveries!("AND id >= $2 AND id < $3 ORDER BY id DESC");
const BY_EVENT: &str = deliveries!("AND event_id >= $2 AND event_id < $3 ORDER BY event_id DESC");
const BY_SOURCE: &str = deliveries!("AND source_record_id = $2 ORDER BY id DESC");
const BY_LONGER_SOURCE: &str = deliveries!(
    "AND source_record_id > $2 AND source_record_id < $3 ORDER BY source_record_id DESC, id DESC"
);
const BY_DESTINATION: &str = deliveries!("AND destination_record_id = $2 ORDER BY id DESC");
const BY_LONGER_DESTINATION: &str = deliveries!(
    "AND destination_record_id > $2 AND destination_record_id < $3 ORDER BY destination_record_id DESC, id DESC"
);
const REJECTIONS: &str = "SELECT id, connector_id,
            (SELECT name
               FROM connectors
              WHERE connectors.id = rejections.connector_id
                AND connectors.organization_id = rejections.organization_id) AS connector_name,
            reason, received_at
       FROM rejections
      WHERE organization_id = $1 AND id >= $2 AND id < $3
      ORDER BY id DESC
      LIMIT 8";
const CONNECTORS: &str = r"SELECT id, code, name, active
       FROM connectors
      WHERE organization_id = $1
        AND deleted_at IS NULL
        AND (LOWER(name) LIKE $3 ESCAPE '\' OR code LIKE $3 ESCAPE '\')
      ORDER BY CASE WHEN LOWER(name) LIKE $2 ESCAPE '\' OR code LIKE $2 ESCAPE '\' THEN 0 ELSE 1 END, name, id
      LIMIT 8";

/// The questions, each with the index it must stand on and the condition that the index must serve, for the test that
/// asks both databases how they would go about them.
#[cfg(feature = "testing")]
pub const QUESTIONS: [(&str, &str, &str); 8] = [
    (BY_ID, "deliveries", "id>? AND id<?"),
    (BY_EVENT, "deliveries_event", "event_id>? AND event_id<?"),
    (BY_SOURCE, "deliveries_source_record", "source_record_id=?"),
    (BY_LONGER_SOURCE, "deliveries_source_record", "source_record_id>? AND source_record_id<?"),
    (BY_DESTINATION, "deliveries_destination_record", "destination_record_id=?"),
    (
        BY_LONGER_DESTINATION,
        "deliveries_destination_record",
        "destination_record_id>? AND destination_record_id<?",
    ),
    (REJECTIONS, "rejections", "id>? AND id<?"),
    (CONNECTORS, "connectors_organization", "organization_id=?"),
];

/// What `needle` finds in the organization.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, needle: &Needle) -> Result<SearchResults> {
    let mut found = SearchResults {
        connectors: connectors(tx, organization, needle).await?,
        source_records: records(tx, organization, needle, BY_SOURCE, BY_LONGER_SOURCE).await?,
        destination_records: records(tx, organization, needle, BY_DESTINATION, BY_LONGER_DESTINATION).await?,
        ..SearchResults::default()
    };
    for (prefix, question) in [(EventId::PREFIX, BY_EVENT), (DeliveryId::PREFIX, BY_ID)] {
        if let Some((low, high)) = needle.ids(prefix) {
            found.deliveries = deliveries(tx, organization, question, &low, Some(&high)).await?;
        }
    }
    if let Some((low, high)) = needle.ids(RejectionId::PREFIX) {
        found.rejections = rejections(tx, organization, &low, &high).await?;
    }
    Ok(found)
}

async fn deliveries(
    tx: &mut Tx,
    organization: &OrganizationId,
    question: &'static str,
    low: &str,
    high: Option<&str>,
) -> Result<Vec<FoundDelivery>> {
    Ok(on!(tx, |conn| {
        let query = sqlx::query_as(question).bind(organization).bind(low);
        match high {
            Some(high) => query.bind(high).fetch_all(conn).await,
            None => query.fetch_all(conn).await,
        }
    })?)
}

/// Exact ones, and when there is room those that only begin like it.
async fn records(
    tx: &mut Tx,
    organization: &OrganizationId,
    needle: &Needle,
    exact: &'static str,
    longer: &'static str,
) -> Result<Vec<FoundDelivery>> {
    let mut found = deliveries(tx, organization, exact, needle.as_str(), None).await?;
    if found.len() < MOST {
        let (low, high) = needle.longer();
        found.extend(deliveries(tx, organization, longer, &low, Some(&high)).await?);
        found.truncate(MOST);
    }
    Ok(found)
}

async fn rejections(
    tx: &mut Tx,
    organization: &OrganizationId,
    low: &str,
    high: &str,
) -> Result<Vec<FoundRejection>> {
    Ok(on!(tx, |conn| sqlx::query_as(REJECTIONS)
        .bind(organization)
        .bind(low)
        .bind(high)
        .fetch_all(conn)
        .await)?)
}

async fn connectors(
    tx: &mut Tx,
    organization: &OrganizationId,
    needle: &Needle,
) -> Result<Vec<FoundConnector>> {
    let (beginning, anywhere) = needle.like();
    Ok(on!(tx, |conn| sqlx::query_as(CONNECTORS)
        .bind(organization)
        .bind(&beginning)
        .bind(&anywhere)
        .fetch_all(conn)
        .await)?)
}
