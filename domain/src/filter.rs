//! What a list is narrowed to.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::delivery::Delivery;
use crate::event::{Direction, EventType};
use crate::id::{ConnectorId, RetryJobId};
use crate::rejection::{Rejection, RejectionReason};
use crate::status::DeliveryStatus;
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// The grid's tabs.
    ViewTab {
        /// Inbound deliveries.
        Api = "api",
        /// Outbound deliveries.
        Webhook = "webhook",
        /// Failed and dead-letter deliveries of both directions.
        Errors = "errors",
    }
}

text_enum! {
    /// The order of a list that is sorted by when things were made.
    #[derive(Default)]
    SortOrder {
        /// Newest first.
        #[default]
        Newest = "newest",
        /// Oldest first.
        Oldest = "oldest",
    }
}

impl SortOrder {
    /// Where `a` stands against `b` in a list of this order. Ids begin with their time, so they are its key.
    pub fn compare<T: Ord>(self, a: &T, b: &T) -> Ordering {
        match self {
            Self::Newest => b.cmp(a),
            Self::Oldest => a.cmp(b),
        }
    }
}

/// Narrows a list of deliveries, and says in which order it comes; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct DeliveryFilter {
    /// A tab of the grid.
    pub tab: Option<ViewTab>,
    /// One state.
    pub status: Option<DeliveryStatus>,
    /// One third party.
    pub connector_id: Option<ConnectorId>,
    /// One event type.
    pub event_type: Option<EventType>,
    /// One record of the source system.
    pub source_record_id: Option<String>,
    /// One record at the destination.
    pub destination_record_id: Option<String>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub to: Option<Timestamp>,
    /// Last tried again by this batch.
    pub retry_job_id: Option<RetryJobId>,
    /// Which end of the list comes first.
    pub sort: SortOrder,
}

impl DeliveryFilter {
    /// The filter as pairs of a query, as the REST interface takes them; what does not narrow is left out.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        fn pair<T: ToString>(name: &'static str, value: Option<&T>) -> Option<(&'static str, String)> {
            value.map(|value| (name, value.to_string()))
        }
        let time = |name, time: Option<Timestamp>| time.map(|time| (name, time.to_rfc3339()));
        let sort = Some(&self.sort).filter(|sort| **sort != SortOrder::default());
        [
            pair("tab", self.tab.as_ref()),
            pair("status", self.status.as_ref()),
            pair("connector_id", self.connector_id.as_ref()),
            pair("event_type", self.event_type.as_ref()),
            pair("source_record_id", self.source_record_id.as_ref()),
            pair("destination_record_id", self.destination_record_id.as_ref()),
            pair("retry_job_id", self.retry_job_id.as_ref()),
            time("from", self.from),
            time("to", self.to),
            pair("sort", sort),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether `delivery` belongs into the list: the same rule as the store's, for rows that arrive live.
    pub fn admits(&self, delivery: &Delivery) -> bool {
        let tab = match self.tab {
            None => true,
            Some(ViewTab::Api) => delivery.direction == Direction::Inbound,
            Some(ViewTab::Webhook) => delivery.direction == Direction::Outbound,
            Some(ViewTab::Errors) => delivery.status.is_failure(),
        };
        tab && self.status.is_none_or(|status| status == delivery.status)
            && self.connector_id.as_ref().is_none_or(|id| *id == delivery.connector_id)
            && self.event_type.as_ref().is_none_or(|event_type| *event_type == delivery.event_type)
            && self.source_record_id.as_ref().is_none_or(|id| Some(id) == delivery.source_record_id.as_ref())
            && self
                .destination_record_id
                .as_ref()
                .is_none_or(|id| Some(id) == delivery.destination_record_id.as_ref())
            && self.from.is_none_or(|from| delivery.created_at >= from)
            && self.to.is_none_or(|to| delivery.created_at < to)
            && (self.retry_job_id.is_none() || self.retry_job_id == delivery.retry_job_id)
    }
}

/// Narrows a list of refused requests; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct RejectionFilter {
    /// One reason.
    pub reason: Option<RejectionReason>,
    /// One third party.
    pub connector_id: Option<ConnectorId>,
    /// Received at or after.
    pub from: Option<Timestamp>,
    /// Received before.
    pub to: Option<Timestamp>,
}

impl RejectionFilter {
    /// Whether `rejection` belongs into the list: the same rule as the store's.
    pub fn admits(&self, rejection: &Rejection) -> bool {
        self.reason.is_none_or(|reason| reason == rejection.reason)
            && self.connector_id.as_ref().is_none_or(|id| *id == rejection.connector_id)
            && self.from.is_none_or(|from| rejection.received_at >= from)
            && self.to.is_none_or(|to| rejection.received_at < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pairs_of_a_query_say_all_of_a_filter() {
        let full = DeliveryFilter {
            tab: Some(ViewTab::Errors),
            status: Some(DeliveryStatus::DeadLetter),
            connector_id: Some(ConnectorId::new(Timestamp(1))),
            event_type: "orders/create".parse().ok(),
            source_record_id: Some("#1 & more".into()),
            destination_record_id: Some("900 417".into()),
            retry_job_id: Some(RetryJobId::new(Timestamp(1))),
            from: Some(Timestamp(1_000_000)),
            to: Some(Timestamp(2_000_000)),
            sort: SortOrder::Oldest,
        };
        for filter in [full, DeliveryFilter::default()] {
            let pairs: serde_json::Map<_, _> =
                filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            assert_eq!(serde_json::from_value::<DeliveryFilter>(pairs.into()).unwrap(), filter);
        }
        assert!(DeliveryFilter::default().pairs().is_empty());
    }
}
