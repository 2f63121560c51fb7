//! How an alert is said, and where it leads.

use domain::alert::{Alert, AlertKind};
use domain::filter::ViewTab;
use domain::status::DeliveryStatus;
use domain::time::{HOUR, Timestamp};

use super::format::{count, counted, duration_short, share};
use super::query::{DashboardQuery, ErrorsView};
use super::range::{Preset, Range};

/// Its icon and tone.
pub fn alert_icon(kind: AlertKind) -> (&'static str, &'static str) {
    match kind {
        AlertKind::Failing => ("st-failed", "fail"),
        AlertKind::DeadLetters => ("dead", "fail"),
        AlertKind::Rejecting => ("st-rejected", "warn"),
        AlertKind::Silent => ("clock", "warn"),
    }
}

/// What happened.
pub fn alert_title(alert: &Alert, now: Timestamp) -> String {
    let part = alert.share().map(share).unwrap_or_default();
    match alert.kind {
        AlertKind::Failing => format!("{part} of deliveries failed"),
        AlertKind::Rejecting => format!("{part} of requests rejected"),
        AlertKind::DeadLetters if alert.more => format!("{} or more new dead letters", count(alert.count)),
        AlertKind::DeadLetters => counted(alert.count, "new dead letter", "new dead letters"),
        AlertKind::Silent => {
            // Whole minutes: seconds would be more than is known.
            let minutes = now.since(alert.since) / domain::time::MINUTE * domain::time::MINUTE;
            format!("Nothing came in for {}", duration_short(minutes))
        }
    }
}

/// The numbers behind it, where the title does not say all.
pub fn alert_numbers(alert: &Alert) -> Option<String> {
    match (alert.kind, alert.of) {
        (AlertKind::Silent, _) => Some("steady in the 24 h before".into()),
        (AlertKind::DeadLetters, _) | (_, None) => None,
        (_, Some(of)) => Some(format!("{} of {}", count(alert.count), count(of))),
    }
}

/// What shows it.
pub fn alert_query(alert: &Alert, now: Timestamp) -> DashboardQuery {
    let recent = if now.since(alert.since) < HOUR { Preset::Hour } else { Preset::Day };
    let query = DashboardQuery {
        tab: ViewTab::Errors,
        range: Range::Preset(recent),
        connector: Some(alert.connector_id.clone()),
        ..DashboardQuery::default()
    };
    match alert.kind {
        AlertKind::Failing => query,
        // They were made whenever their first attempt was.
        AlertKind::DeadLetters => DashboardQuery {
            status: Some(DeliveryStatus::DeadLetter),
            range: Range::Preset(Preset::Week),
            ..query
        },
        AlertKind::Rejecting => DashboardQuery { errors: ErrorsView::Rejections, ..query },
        AlertKind::Silent => DashboardQuery { tab: ViewTab::Api, ..query },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::ConnectorId;
    use domain::time::MINUTE;

    const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

    fn alert(kind: AlertKind, count: i64, of: Option<i64>) -> Alert {
        Alert {
            kind,
            connector_id: ConnectorId::new(NOW),
            connector_name: "NetSuite".into(),
            since: NOW.plus(-75 * MINUTE - 3),
            count,
            of,
            more: false,
        }
    }

    #[test]
    fn each_kind_has_its_words() {
        let said = |alert: &Alert| (alert_title(alert, NOW), alert_numbers(alert));
        let failing = alert(AlertKind::Failing, 61, Some(100));
        assert_eq!(said(&failing), ("61% of deliveries failed".into(), Some("61 of 100".into())));
        let dead = alert(AlertKind::DeadLetters, 1, None);
        assert_eq!(said(&dead), ("1 new dead letter".into(), None));
        let many = Alert { more: true, ..alert(AlertKind::DeadLetters, 10_000, None) };
        assert_eq!(alert_title(&many, NOW), "10,000 or more new dead letters");
        let silent = alert(AlertKind::Silent, 0, None);
        assert_eq!(alert_title(&silent, NOW), "Nothing came in for 1 h 15 min");
    }

    #[test]
    fn each_kind_leads_to_what_it_is_about() {
        let parameters = |kind| {
            let alert = alert(kind, 6, Some(10));
            let pairs = alert_query(&alert, NOW).write();
            assert!(pairs.contains(&("connector", alert.connector_id.to_string())), "{kind}");
            pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
        };
        assert!(parameters(AlertKind::Failing).starts_with("tab=errors&connector="));
        assert!(parameters(AlertKind::Rejecting).starts_with("tab=errors&errors=rejections&"));
        assert!(parameters(AlertKind::DeadLetters).contains("range=7d&status=dead_letter"));
        assert!(!parameters(AlertKind::Silent).contains("tab="));
    }
}
