//! The states of a delivery and the moves between them.

use crate::text_enum;

text_enum! {
    /// Where a delivery stands. `received → processing → delivered`, or `→ retrying → …`, or
    /// `→ failed`, `dead_letter`, `canceled`.
    DeliveryStatus {
        /// Accepted and waiting for its first attempt.
        Received = "received",
        /// A worker holds its lease and is trying.
        Processing = "processing",
        /// An attempt failed; the next one is planned.
        Retrying = "retrying",
        /// The destination acknowledged it.
        Delivered = "delivered",
        /// It failed in a way that trying again cannot mend.
        Failed = "failed",
        /// Its retries are used up; a person decides.
        DeadLetter = "dead_letter",
        /// A person ended it.
        Canceled = "canceled",
    }
}

impl DeliveryStatus {
    /// No worker will touch it again unless a person asks.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::DeadLetter | Self::Canceled)
    }
    /// Counts as FAIL on the heatmap.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::DeadLetter)
    }
    /// A person may ask for another attempt with the same payload.
    pub const fn can_retry(self) -> bool {
        matches!(self, Self::Failed | Self::DeadLetter | Self::Canceled | Self::Retrying)
    }
    /// Whether the state machine has this move. A retry by a person leads from a final state to `retrying`.
    pub const fn can_become(self, next: Self) -> bool {
        use DeliveryStatus::*;
        match self {
            Received => matches!(next, Processing | Canceled | Failed),
            Processing => matches!(next, Delivered | Retrying | Failed | DeadLetter | Canceled),
            Retrying => matches!(next, Processing | Canceled | Retrying),
            Failed | DeadLetter | Canceled => matches!(next, Retrying),
            Delivered => false,
        }
    }
}

text_enum! {
    /// What rollups count: the deliveries by their present state, and refused requests.
    CountedStatus {
        /// See [`DeliveryStatus::Received`].
        Received = "received",
        /// See [`DeliveryStatus::Processing`].
        Processing = "processing",
        /// See [`DeliveryStatus::Retrying`].
        Retrying = "retrying",
        /// See [`DeliveryStatus::Delivered`].
        Delivered = "delivered",
        /// See [`DeliveryStatus::Failed`].
        Failed = "failed",
        /// See [`DeliveryStatus::DeadLetter`].
        DeadLetter = "dead_letter",
        /// See [`DeliveryStatus::Canceled`].
        Canceled = "canceled",
        /// A request that was refused.
        Rejected = "rejected",
    }
}

impl From<DeliveryStatus> for CountedStatus {
    fn from(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Received => Self::Received,
            DeliveryStatus::Processing => Self::Processing,
            DeliveryStatus::Retrying => Self::Retrying,
            DeliveryStatus::Delivered => Self::Delivered,
            DeliveryStatus::Failed => Self::Failed,
            DeliveryStatus::DeadLetter => Self::DeadLetter,
            DeliveryStatus::Canceled => Self::Canceled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_back() {
        for status in DeliveryStatus::ALL {
            assert_eq!(status.as_str().parse::<DeliveryStatus>().as_ref(), Ok(status));
            assert_eq!(serde_json::to_string(status).unwrap(), format!("\"{status}\""));
        }
        assert!("done".parse::<DeliveryStatus>().is_err());
    }

    #[test]
    fn delivered_is_the_end_and_other_ends_can_be_retried() {
        for next in DeliveryStatus::ALL {
            assert!(!DeliveryStatus::Delivered.can_become(*next));
        }
        for end in DeliveryStatus::ALL.iter().filter(|s| s.is_final() && **s != DeliveryStatus::Delivered) {
            assert!(end.can_become(DeliveryStatus::Retrying) && end.can_retry());
        }
    }
}
