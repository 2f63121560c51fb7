//! Deliveries as a table for spreadsheets: CSV (RFC 4180), one line for each.
//!
//! A spreadsheet takes a cell that begins like a formula for one, and third parties choose what stands in events. So
//! such cells begin with an apostrophe, as OWASP advises against CSV injection.

use std::borrow::Cow;

use domain::delivery::Delivery;

/// Rows of an export at most.
pub const MAX_ROWS: usize = 100_000;

/// The first line: the names of the columns.
pub const HEAD: &str = "id,created_at,direction,connector_id,event_type,source_record_id,status,response_code,\
                        duration_us,attempts,max_attempts,destination,destination_record_id,error_class,error,\
                        updated_at,event_id\r\n";

/// A delivery's line.
pub fn line(delivery: &Delivery) -> String {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        delivery.id.to_string(),
        delivery.created_at.to_rfc3339(),
        delivery.direction.to_string(),
        delivery.connector_id.to_string(),
        delivery.event_type.to_string(),
        text(&delivery.source_record_id),
        delivery.status.to_string(),
        number(delivery.response_code),
        number(delivery.duration_us),
        delivery.attempts.to_string(),
        delivery.max_attempts.to_string(),
        delivery.destination_name.clone(),
        text(&delivery.destination_record_id),
        delivery.error_class.map(|class| class.to_string()).unwrap_or_default(),
        text(&delivery.error),
        delivery.updated_at.to_rfc3339(),
        delivery.event_id.to_string(),
    ];
    let mut line = cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

fn cell(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.contains([',', '"', '\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let apostrophe = if formula { "'" } else { "" };
    Cow::Owned(format!("\"{apostrophe}{}\"", text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_when_they_must_be_and_are_no_formulas() {
        for (text, expected) in [
            ("order-1", "order-1"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
