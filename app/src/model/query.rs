//! What the dashboard shows, as it stands in the address: a link shows somebody else the same screen.

use domain::dashboard::HeatmapRows;
use domain::event::EventType;
use domain::filter::{DeliveryFilter, SortOrder, ViewTab};
use domain::id::{ConnectorId, DeliveryId, RejectionId, RetryJobId};
use domain::status::DeliveryStatus;
use domain::time::Timestamp;

use super::range::{Preset, Range};

/// What the Errors tab lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorsView {
    /// Deliveries that failed.
    Deliveries,
    /// Requests that were refused.
    Rejections,
}

impl ErrorsView {
    /// The word for it in addresses and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Rejections => "rejections",
        }
    }
}

/// What is open in the drawer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenRow {
    /// A delivery.
    Delivery(DeliveryId),
    /// A refused request.
    Rejection(RejectionId),
}

/// Everything the address says. What is absent in it has its default here, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardQuery {
    /// The tab.
    pub tab: ViewTab,
    /// What the Errors tab lists.
    pub errors: ErrorsView,
    /// The span of time.
    pub range: Range,
    /// A narrower span, chosen on the heatmap.
    pub window: Option<(Timestamp, Timestamp)>,
    /// What the heatmap's rows stand for.
    pub rows: HeatmapRows,
    /// Narrows the grid to a state.
    pub status: Option<DeliveryStatus>,
    /// Narrows the grid to a third party.
    pub connector: Option<ConnectorId>,
    /// Narrows the grid to an event type.
    pub event_type: Option<EventType>,
    /// Narrows the grid to a record of the source system.
    pub record: Option<String>,
    /// Narrows the grid to a record at the destination.
    pub destination: Option<String>,
    /// Narrows the grid to what a batch retried.
    pub job: Option<RetryJobId>,
    /// Which end of the grid comes first.
    pub sort: SortOrder,
    /// What is open in the drawer.
    pub open: Option<OpenRow>,
}

impl Default for DashboardQuery {
    fn default() -> Self {
        Self {
            tab: ViewTab::Api,
            errors: ErrorsView::Deliveries,
            range: Range::default(),
            window: None,
            rows: HeatmapRows::Endpoint,
            status: None,
            connector: None,
            event_type: None,
            record: None,
            destination: None,
            job: None,
            sort: SortOrder::default(),
            open: None,
        }
    }
}

impl DashboardQuery {
    /// Reads an address. What cannot be read falls back to its default: an old link should still open.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let span = |from: &str, to: &str| {
            let from = Timestamp::parse_rfc3339(&get(from)?).ok()?;
            let to = Timestamp::parse_rfc3339(&get(to)?).ok()?;
            (from < to).then_some((from, to))
        };
        fn word<T: std::str::FromStr>(text: Option<String>) -> Option<T> {
            text?.parse().ok()
        }
        let range = match (get("range").and_then(|text| Preset::parse(&text)), span("from", "to")) {
            (Some(preset), _) => Range::Preset(preset),
            (None, Some((from, to))) => Range::Custom { from, to },
            (None, None) => Range::default(),
        };
        let open =
            word(get("open")).map(OpenRow::Delivery).or_else(|| word(get("open")).map(OpenRow::Rejection));
        Self {
            tab: word(get("tab")).unwrap_or(ViewTab::Api),
            errors: match get("errors").as_deref() {
                Some("rejections") => ErrorsView::Rejections,
                _ => ErrorsView::Deliveries,
            },
            range,
            window: span("since", "until"),
            rows: word(get("rows")).unwrap_or(HeatmapRows::Endpoint),
            status: word(get("status")),
            connector: word(get("connector")),
            event_type: word(get("type")),
            record: get("record").filter(|record| !record.is_empty()),
            destination: get("destination").filter(|record| !record.is_empty()),
            job: word(get("job")),
            sort: word(get("sort")).unwrap_or_default(),
            open,
        }
    }

    /// The address's parameters; defaults are left out.
    pub fn write(&self) -> Vec<(&'static str, String)> {
        let plain = Self::default();
        let mut pairs = Vec::new();
        let mut say = |key, value: String| pairs.push((key, value));
        if self.tab != plain.tab {
            say("tab", self.tab.to_string());
        }
        if self.tab == ViewTab::Errors && self.errors != plain.errors {
            say("errors", self.errors.as_str().into());
        }
        match self.range {
            range if range == plain.range => {}
            Range::Preset(preset) => say("range", preset.as_str().into()),
            Range::Custom { from, to } => {
                say("from", from.to_rfc3339());
                say("to", to.to_rfc3339());
            }
        }
        if let Some((since, until)) = self.window {
            say("since", since.to_rfc3339());
            say("until", until.to_rfc3339());
        }
        if self.rows != plain.rows {
            say("rows", self.rows.to_string());
        }
        if let Some(status) = self.status {
            say("status", status.to_string());
        }
        if let Some(connector) = &self.connector {
            say("connector", connector.to_string());
        }
        if let Some(event_type) = &self.event_type {
            say("type", event_type.to_string());
        }
        if let Some(record) = &self.record {
            say("record", record.clone());
        }
        if let Some(record) = &self.destination {
            say("destination", record.clone());
        }
        if let Some(job) = &self.job {
            say("job", job.to_string());
        }
        if self.sort != plain.sort {
            say("sort", self.sort.to_string());
        }
        match &self.open {
            Some(OpenRow::Delivery(id)) => say("open", id.to_string()),
            Some(OpenRow::Rejection(id)) => say("open", id.to_string()),
            None => {}
        }
        pairs
    }

    /// Whether the grid lists refused requests instead of deliveries.
    pub fn lists_rejections(&self) -> bool {
        self.tab == ViewTab::Errors && self.errors == ErrorsView::Rejections
    }

    /// Whether anything narrows the grid besides tab and range.
    pub fn is_narrowed(&self) -> bool {
        self.window.is_some()
            || self.status.is_some()
            || self.connector.is_some()
            || self.event_type.is_some()
            || self.record.is_some()
            || self.destination.is_some()
            || self.job.is_some()
    }

    /// Whether the grid is about failures, or narrowed to something that may hold some.
    pub fn may_list_failures(&self) -> bool {
        let by_status = self.status.is_none_or(DeliveryStatus::is_failure);
        !self.lists_rejections() && by_status && (self.tab == ViewTab::Errors || self.is_narrowed())
    }

    /// Takes every filter away.
    pub fn widen(&mut self) {
        self.window = None;
        self.status = None;
        self.connector = None;
        self.event_type = None;
        self.record = None;
        self.destination = None;
        self.job = None;
    }

    /// The grid's filter when it is `now`. A range that ends now has no end, so that what arrives is let in.
    pub fn filter(&self, now: Timestamp) -> DeliveryFilter {
        let (from, to) = self.range.resolve(now);
        let open_ended = matches!(self.range, Range::Preset(_));
        let (from, to) = match self.window {
            Some((since, until)) => (since, Some(until)),
            None => (from, (!open_ended).then_some(to)),
        };
        DeliveryFilter {
            tab: Some(self.tab),
            status: self.status,
            connector_id: self.connector.clone(),
            event_type: self.event_type.clone(),
            source_record_id: self.record.clone(),
            destination_record_id: self.destination.clone(),
            from: Some(from),
            to,
            retry_job_id: self.job.clone(),
            sort: self.sort,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::{DAY, HOUR};

    fn read(pairs: &[(&'static str, String)]) -> DashboardQuery {
        DashboardQuery::read(|key| {
            pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
        })
    }

    fn full() -> DashboardQuery {
        let now = Timestamp(20_000 * DAY);
        DashboardQuery {
            tab: ViewTab::Errors,
            errors: ErrorsView::Rejections,
            range: Range::Custom { from: now.plus(-DAY), to: now },
            window: Some((now.plus(-2 * HOUR), now.plus(-HOUR))),
            rows: HeatmapRows::Vendor,
            status: Some(DeliveryStatus::DeadLetter),
            connector: Some(ConnectorId::new(now)),
            event_type: "orders/create".parse().ok(),
            record: Some("#48213 & more".into()),
            destination: Some("900 417".into()),
            job: Some(RetryJobId::new(now)),
            sort: SortOrder::Oldest,
            open: Some(OpenRow::Rejection(RejectionId::new(now))),
        }
    }

    #[test]
    fn an_address_says_everything_and_defaults_nothing() {
        let full = full();
        assert_eq!(read(&full.write()), full);
        let delivery = DashboardQuery {
            range: Range::Preset(Preset::Week),
            open: Some(OpenRow::Delivery(DeliveryId::new(Timestamp(0)))),
            ..Default::default()
        };
        assert_eq!(read(&delivery.write()), delivery);
        assert!(DashboardQuery::default().write().is_empty());
    }

    #[test]
    fn a_broken_address_still_opens() {
        let pairs = [
            ("tab", "nope".to_owned()),
            ("from", "2026-11-22T00:00:00Z".to_owned()),
            ("to", "2026-11-21T00:00:00Z".to_owned()),
            ("connector", "con_x".to_owned()),
        ];
        assert_eq!(read(&pairs), DashboardQuery::default());
    }

    #[test]
    fn only_what_may_hold_failures_can_be_retried_as_a_whole() {
        let errors = DashboardQuery { tab: ViewTab::Errors, ..Default::default() };
        assert!(errors.may_list_failures() && !DashboardQuery::default().may_list_failures());
        assert!(!DashboardQuery { errors: ErrorsView::Rejections, ..errors }.may_list_failures());
        let narrowed = DashboardQuery { record: Some("a".into()), ..Default::default() };
        assert!(narrowed.may_list_failures());
        let delivered = DashboardQuery { status: Some(DeliveryStatus::Delivered), ..narrowed };
        assert!(!delivered.may_list_failures());
    }

    #[test]
    fn the_heatmaps_window_is_narrower_than_the_range() {
        let now = Timestamp(20_000 * DAY);
        let filter = DashboardQuery::default().filter(now);
        assert_eq!((filter.from, filter.to), (Some(now.plus(-DAY)), None));
        let filter = full().filter(now);
        assert_eq!((filter.from, filter.to), (Some(now.plus(-2 * HOUR)), Some(now.plus(-HOUR))));
        let mut query = full();
        assert!(query.is_narrowed());
        query.widen();
        assert!(!query.is_narrowed());
    }
}
