//! What deleting a connector means, in numbers.

use domain::usage::ConnectorUsage;

use super::format::counted;

/// Why it cannot be deleted as things are.
pub fn obstacle_of(usage: &ConnectorUsage) -> Option<String> {
    let names: Vec<_> = usage.routes_to.iter().take(3).map(|name| format!("“{name}”")).collect();
    let more = usage.routes_to.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| {
        format!(
            "Routes lead to it: {}{more}. Delete them or give them another destination first",
            names.join(", ")
        )
    })
}

/// What happens, one sentence a line.
pub fn consequences(usage: &ConnectorUsage) -> Vec<String> {
    let totals = &usage.totals;
    let mut lines = vec![
        "Its address answers 404 from now on; senders that go on are only counted.".to_owned(),
        format!(
            "{} and {} end. Their secrets are forgotten.",
            counted(usage.receivers, "receiver", "receivers"),
            counted(usage.routes, "route", "routes")
        ),
    ];
    if totals.pending > 0 {
        let waiting = counted(totals.pending, "delivery is", "deliveries are");
        lines.push(format!("{waiting} under way and still finished as planned."));
    }
    lines.push(match (totals.deliveries(), totals.rejected) {
        (0, 0) => "Nothing came in the last 30 days.".to_owned(),
        (deliveries, rejected) => format!(
            "{} and {} of the last 30 days stay in the log.",
            counted(deliveries, "delivery", "deliveries"),
            counted(rejected, "rejected request", "rejected requests")
        ),
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dashboard::Totals;

    fn usage(routes_to: &[&str]) -> ConnectorUsage {
        let totals = Totals { delivered: 1_200, failed: 3, pending: 1, rejected: 1, ..Totals::default() };
        let routes_to = routes_to.iter().map(|name| (*name).to_owned()).collect();
        ConnectorUsage { totals, receivers: 2, routes: 1, routes_to }
    }

    #[test]
    fn what_leads_to_it_stands_in_the_way() {
        assert_eq!(obstacle_of(&usage(&[])), None);
        let many = obstacle_of(&usage(&["a", "b", "c", "d"]));
        assert!(many.is_some_and(|why| why.starts_with("Routes lead to it: “a”, “b”, “c” and 1 more. ")));
    }

    #[test]
    fn consequences_have_their_numbers() {
        let lines = consequences(&usage(&[]));
        assert_eq!(lines[1], "2 receivers and 1 route end. Their secrets are forgotten.");
        assert_eq!(lines[2], "1 delivery is under way and still finished as planned.");
        assert_eq!(lines[3], "1,204 deliveries and 1 rejected request of the last 30 days stay in the log.");
        let quiet = ConnectorUsage { totals: Totals::default(), ..usage(&[]) };
        assert_eq!(
            consequences(&quiet).last().map(String::as_str),
            Some("Nothing came in the last 30 days.")
        );
    }
}
