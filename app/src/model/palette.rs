//! What the palette offers for what was typed: pages and commands first, because they are there at once and then stay
//! where they are; what the server found comes below them.

use domain::id::{ConnectorId, DeliveryId, RejectionId};
use domain::search::{FoundDelivery, SearchResults};
use domain::status::DeliveryStatus;

use super::places;

/// What a person can do from anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Open *Manage integrations*.
    ManageIntegrations,
    /// Open the form of a new connector.
    AddConnector,
    /// Pause or resume live updates.
    ToggleLive,
    /// Show failed deliveries.
    ShowErrors,
    /// Show refused requests.
    ShowRejected,
    /// Retry the selected deliveries.
    RetrySelected,
    /// Light or dark.
    SwitchTheme,
    /// List the keys.
    ListKeys,
    /// Sign out.
    SignOut,
}

/// Which record of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one in the source system.
    Source,
    /// The one at the destination.
    Destination,
}

/// What follows when a line is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Looks for a text again.
    Search(String),
    /// Goes to a page.
    Page(&'static str),
    /// Does something.
    Command(Command),
    /// Opens a connector.
    Connector(ConnectorId),
    /// Opens a delivery.
    Delivery(DeliveryId),
    /// Opens a refused request.
    Rejection(RejectionId),
    /// Lists the deliveries of a record.
    Records(Side, String),
}

/// A part of a line's text, and whether it is what was typed.
pub type Piece = (String, bool);

/// A line to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it stands under.
    pub group: &'static str,
    /// Its icon, unless its status has one.
    pub icon: &'static str,
    /// The state of what was found.
    pub status: Option<DeliveryStatus>,
    /// What was found, as it is written.
    pub name: Vec<Piece>,
    /// Whether the name is an id.
    pub mono: bool,
    /// What it is about.
    pub about: String,
    /// The keys that do the same, one after the other.
    pub keys: Vec<&'static str>,
    /// What follows.
    pub choice: Choice,
}

/// What the palette is opened in.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What was looked for before, newest first.
    pub recent: Vec<String>,
    /// Whether the person may change connectors.
    pub may_change: bool,
    /// Whether live updates stand still.
    pub paused: bool,
    /// How many selected deliveries can be retried.
    pub retryable: usize,
}

/// The lines for what was typed, from top to bottom; lines of a group follow each other.
pub fn lines(text: &str, around: &Surroundings, found: Option<&SearchResults>) -> Vec<Line> {
    let text = text.trim();
    let mut lines = Vec::new();
    if text.is_empty() {
        lines.extend(around.recent.iter().map(|recent| Line {
            name: vec![(recent.clone(), false)],
            mono: true,
            ..plain("Recent searches", "search", Choice::Search(recent.clone()))
        }));
    }
    lines.extend(places::all().filter_map(|place| {
        let name = matching(place.name, "", text)?;
        let keys = vec!["G", place.key];
        Some(Line { name, keys, ..plain("Go to", place.icon, Choice::Page(place.href)) })
    }));
    lines.extend(commands(around).into_iter().filter_map(|(command, icon, name, keys, words)| {
        let name = matching(&name, words, text)?;
        let keys = if keys.is_empty() { Vec::new() } else { vec![keys] };
        Some(Line { name, keys, ..plain("Actions", icon, Choice::Command(command)) })
    }));
    if let Some(found) = found {
        add_found(&mut lines, text, found);
    }
    lines
}

fn plain(group: &'static str, icon: &'static str, choice: Choice) -> Line {
    Line {
        group,
        icon,
        status: None,
        name: Vec::new(),
        mono: false,
        about: String::new(),
        keys: Vec::new(),
        choice,
    }
}

/// Command, icon, name, keys, and other words for it.
type Offer = (Command, &'static str, String, &'static str, &'static str);

fn commands(around: &Surroundings) -> Vec<Offer> {
    let mut all: Vec<Offer> = Vec::new();
    if around.retryable > 0 {
        let name = format!("Retry {} selected", around.retryable);
        all.push((Command::RetrySelected, "retry", name, "", "replay resend failed"));
    }
    let (icon, live) = if around.paused { ("play", "Resume") } else { ("pause", "Pause") };
    all.push((Command::ShowErrors, "st-failed", "Show errors".into(), "3", "failed dead letters failures"));
    let words = "refused rejections signature";
    all.push((Command::ShowRejected, "st-rejected", "Show rejected requests".into(), "", words));
    all.push((Command::ToggleLive, icon, format!("{live} live updates"), "L", "pause resume stop realtime"));
    all.push((Command::ManageIntegrations, "plug", "Manage integrations".into(), "", "connectors vendors"));
    if around.may_change {
        let words = "new create integration receiver webhook";
        all.push((Command::AddConnector, "plus", "Add connector".into(), "", words));
    }
    all.push((Command::SwitchTheme, "theme", "Switch theme".into(), "", "dark light mode appearance"));
    all.push((Command::ListKeys, "info", "List keys".into(), "?", "keyboard shortcuts help"));
    all.push((Command::SignOut, "user", "Sign out".into(), "", "log out logout leave"));
    all
}

fn add_found(lines: &mut Vec<Line>, text: &str, found: &SearchResults) {
    lines.extend(found.connectors.iter().map(|connector| Line {
        name: marked(&connector.name, text),
        about: match connector.active {
            true => connector.code.to_string(),
            false => format!("{}, off", connector.code),
        },
        ..plain("Connectors", "plug", Choice::Connector(connector.id.clone()))
    }));
    lines.extend(found.deliveries.iter().map(|delivery| {
        let id = if text.starts_with("evt") { delivery.event_id.as_str() } else { delivery.id.as_str() };
        let record =
            delivery.source_record_id.as_ref().map(|record| format!("{record}, ")).unwrap_or_default();
        delivery_line("Deliveries", id, &record, text, delivery)
    }));
    let sides = [
        (Side::Source, "Source records", &found.source_records),
        (Side::Destination, "Destination records", &found.destination_records),
    ];
    for (side, group, deliveries) in sides {
        let record = |delivery: &FoundDelivery| match side {
            Side::Source => delivery.source_record_id.clone(),
            Side::Destination => delivery.destination_record_id.clone(),
        };
        lines.extend(
            deliveries.iter().map(|delivery| {
                delivery_line(group, &record(delivery).unwrap_or_default(), "", text, delivery)
            }),
        );
        if deliveries.iter().any(|delivery| record(delivery).as_deref() == Some(text)) {
            lines.push(Line {
                name: marked(text, text),
                mono: true,
                about: "all its deliveries".into(),
                ..plain(group, "inbox", Choice::Records(side, text.to_owned()))
            });
        }
    }
    lines.extend(found.rejections.iter().map(|rejection| {
        let connector = rejection.connector_name.as_deref().unwrap_or("deleted connector");
        Line {
            name: marked(rejection.id.as_str(), text),
            mono: true,
            about: format!("{}, {connector}", rejection.reason.title()),
            ..plain("Rejected requests", "st-rejected", Choice::Rejection(rejection.id.clone()))
        }
    }));
}

fn delivery_line(
    group: &'static str,
    name: &str,
    before: &str,
    text: &str,
    delivery: &FoundDelivery,
) -> Line {
    let connector = delivery.connector_name.as_deref().unwrap_or("deleted connector");
    Line {
        status: Some(delivery.status),
        name: marked(name, text),
        mono: true,
        about: format!("{before}{}, {connector}", delivery.event_type),
        ..plain(group, "", Choice::Delivery(delivery.id.clone()))
    }
}

/// The name with what was typed marked in it; `None` when neither the name nor a word for it has that.
fn matching(name: &str, words: &str, text: &str) -> Option<Vec<Piece>> {
    let pieces = marked(name, text);
    let lower = text.to_lowercase();
    let fits = lower.is_empty()
        || pieces.iter().any(|(_, mark)| *mark)
        || words.split(' ').any(|word| word.starts_with(&lower))
        || words.contains(&lower) && lower.contains(' ');
    fits.then_some(pieces)
}

/// The text with the first occurrence of `needle` marked, whatever the case of either.
pub fn marked(text: &str, needle: &str) -> Vec<Piece> {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let wanted: Vec<char> = needle.chars().map(lower).collect();
    let places: Vec<(usize, char)> = text.char_indices().map(|(at, c)| (at, lower(c))).collect();
    let found = (!wanted.is_empty())
        .then(|| {
            places.windows(wanted.len()).position(|window| window.iter().map(|(_, c)| c).eq(wanted.iter()))
        })
        .flatten();
    let Some(first) = found else { return vec![(text.to_owned(), false)] };
    let start = places[first].0;
    let end = places.get(first + wanted.len()).map_or(text.len(), |(at, _)| *at);
    [(&text[..start], false), (&text[start..end], true), (&text[end..], false)]
        .into_iter()
        .filter(|(piece, _)| !piece.is_empty())
        .map(|(piece, mark)| (piece.to_owned(), mark))
        .collect()
}

/// Keeps what was looked for: newest first, each once, five at most.
pub fn remember(recent: &mut Vec<String>, text: &str) {
    let text = text.trim();
    if !text.is_empty() {
        recent.retain(|other| other != text);
        recent.insert(0, text.to_owned());
        recent.truncate(5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::Direction;
    use domain::id::EventId;
    use domain::search::FoundConnector;
    use domain::time::Timestamp;

    fn around() -> Surroundings {
        Surroundings { may_change: true, ..Surroundings::default() }
    }

    fn names(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|line| line.name.iter().map(|(piece, _)| piece.as_str()).collect()).collect()
    }

    fn delivery(record: &str) -> FoundDelivery {
        let now = Timestamp(0);
        FoundDelivery {
            id: DeliveryId::new(now),
            event_id: EventId::new(now),
            direction: Direction::Inbound,
            connector_id: ConnectorId::new(now),
            connector_name: Some("NetSuite".into()),
            event_type: "invoice.created".parse().unwrap(),
            status: DeliveryStatus::Failed,
            source_record_id: Some(record.into()),
            destination_record_id: None,
            created_at: now,
        }
    }

    #[test]
    fn nothing_typed_offers_everything_and_what_was_looked_for_before() {
        let all = lines(" ", &Surroundings { recent: vec!["INV-1".into()], ..around() }, None);
        assert_eq!(names(&all)[..3], ["INV-1", "Dashboard", "Integrations"]);
        assert_eq!(all[2].keys, ["G", "I"]);
        assert!(names(&all).contains(&"Add connector".to_owned()));
        let viewer = lines("", &Surroundings { may_change: false, ..around() }, None);
        assert!(!names(&viewer).contains(&"Add connector".to_owned()));
        assert!(!names(&viewer).iter().any(|name| name.starts_with("Retry")));
    }

    #[test]
    fn commands_follow_the_state_and_are_found_by_other_words() {
        assert_eq!(names(&lines("pause", &around(), None)), ["Pause live updates"]);
        let paused = Surroundings { paused: true, retryable: 3, ..around() };
        assert_eq!(names(&lines("resume", &paused, None)), ["Resume live updates"]);
        assert_eq!(names(&lines("retry", &paused, None)), ["Retry 3 selected"]);
        assert_eq!(names(&lines("DARK", &around(), None)), ["Switch theme"]);
        assert_eq!(names(&lines("log out", &around(), None)), ["Sign out"]);
        assert_eq!(
            names(&lines("integ", &around(), None)),
            ["Integrations", "Manage integrations", "Add connector"]
        );
        assert!(lines("INV-20418", &around(), None).is_empty());
    }

    #[test]
    fn what_was_found_comes_last_by_group_and_a_whole_record_lists_its_deliveries() {
        let connector = FoundConnector {
            id: ConnectorId::new(Timestamp(0)),
            code: "inv".parse().unwrap(),
            name: "Inventory".into(),
            active: false,
        };
        let found = SearchResults {
            connectors: vec![connector],
            source_records: vec![delivery("INV"), delivery("INV-2")],
            ..SearchResults::default()
        };
        let all = lines("INV", &around(), Some(&found));
        let groups: Vec<_> = all.iter().map(|line| line.group).collect();
        assert_eq!(groups, ["Connectors", "Source records", "Source records", "Source records"]);
        assert_eq!(all[0].about, "inv, off");
        assert_eq!(all[1].about, "invoice.created, NetSuite");
        assert_eq!(all[3].choice, Choice::Records(Side::Source, "INV".into()));
        let with_commands = lines("retry", &Surroundings { retryable: 1, ..around() }, Some(&found));
        assert_eq!(with_commands.first().map(|line| line.group), Some("Actions"));
        let part = lines("IN", &around(), Some(&found));
        assert!(!part.iter().any(|line| matches!(line.choice, Choice::Records(..))));
    }

    #[test]
    fn marks_stand_where_the_text_was_typed_whatever_its_case() {
        let marked = |text, needle| super::marked(text, needle);
        assert_eq!(marked("NetSuite", "suite"), [("Net".into(), false), ("Suite".into(), true)]);
        assert_eq!(marked("Ärger", "ÄR"), [("Är".into(), true), ("ger".into(), false)]);
        assert_eq!(marked("a", "abc"), [("a".into(), false)]);
        assert_eq!(marked("a", ""), [("a".into(), false)]);
    }

    #[test]
    fn searches_are_remembered_once_newest_first() {
        let mut recent = Vec::new();
        for text in ["a", "b", " a ", "", "c", "d", "e", "f"] {
            remember(&mut recent, text);
        }
        assert_eq!(recent, ["f", "e", "d", "c", "a"]);
    }
}
