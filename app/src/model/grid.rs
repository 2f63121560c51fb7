//! The grid's rows: newest first, each once, changed in place, and what arrived but waits.

use std::sync::Arc;

use domain::delivery::Delivery;
use domain::filter::DeliveryFilter;
use domain::id::DeliveryId;
use domain::status::DeliveryStatus;

/// Rows that are kept at most while nobody scrolls: older ones are fetched again when somebody does.
pub const MAX_LIVE_ROWS: usize = 200;

/// Rows that wait at most; beyond that the list is fetched anew.
pub const MAX_WAITING: usize = 1_000;

/// The rows of a tab.
pub type Rows = Vec<Arc<Delivery>>;

fn newer_first(
    row: &Delivery,
) -> (std::cmp::Reverse<domain::time::Timestamp>, std::cmp::Reverse<DeliveryId>) {
    (std::cmp::Reverse(row.created_at), std::cmp::Reverse(row.id.clone()))
}

/// Whether `new` says more than `old` about the same delivery. Pushes and answers may overtake each other.
fn supersedes(new: &Delivery, old: &Delivery) -> bool {
    new.updated_at >= old.updated_at
}

/// Puts a row in its place, or over its older state. True when it is new in the list.
pub fn upsert(rows: &mut Rows, row: Arc<Delivery>) -> bool {
    if let Some(old) = rows.iter_mut().find(|old| old.id == row.id) {
        if supersedes(&row, old) {
            *old = row;
        }
        return false;
    }
    let place = newer_first(&row);
    let index = rows.partition_point(|other| newer_first(other) < place);
    rows.insert(index, row);
    true
}

/// Changes a row that is in the list; false when it is not.
pub fn update(rows: &mut Rows, row: &Arc<Delivery>) -> bool {
    match rows.iter_mut().find(|old| old.id == row.id) {
        Some(old) => {
            if supersedes(row, old) {
                *old = row.clone();
            }
            true
        }
        None => false,
    }
}

/// `row` as it will be when the server agrees to what a person asked for. It is no newer than `row`, so that both the
/// server's answer and, after a refusal, `row` itself replace it.
pub fn expected(row: &Delivery, to: DeliveryStatus) -> Delivery {
    Delivery { status: to, next_attempt_at: None, ..row.clone() }
}

/// What a push did to the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Rows that are new in the list: they are marked for a moment.
    pub fresh: Vec<DeliveryId>,
    /// Whether rows at the end were let go, so that the cursor no longer fits.
    pub cut: bool,
}

/// Applies a push to a list that is shown live: what fits goes in, what no longer fits goes out, except the row
/// that is `open`.
pub fn apply_live(
    rows: &mut Rows,
    filter: &DeliveryFilter,
    changed: impl IntoIterator<Item = Arc<Delivery>>,
    open: Option<&DeliveryId>,
) -> Arrived {
    let mut arrived = Arrived::default();
    // Below the last loaded row there may be rows that were never fetched: a row from there must wait its turn.
    let floor = rows.last().map(|row| row.created_at);
    for row in changed {
        if filter.admits(&row) {
            let below = rows.len() >= MAX_LIVE_ROWS && floor.is_some_and(|floor| row.created_at < floor);
            let known = rows.iter().any(|old| old.id == row.id);
            if (known || !below) && upsert(rows, row.clone()) {
                arrived.fresh.push(row.id.clone());
            }
        } else if open == Some(&row.id) {
            update(rows, &row);
        } else {
            rows.retain(|old| old.id != row.id || !supersedes(&row, old));
        }
    }
    if rows.len() > MAX_LIVE_ROWS {
        rows.truncate(MAX_LIVE_ROWS);
        arrived.cut = true;
    }
    arrived
}

/// Applies a push to a list that is held still: known rows change in place, new ones wait in `waiting`.
/// False when too many wait, so that the list is to be fetched anew.
pub fn apply_held(
    rows: &mut Rows,
    waiting: &mut Rows,
    filter: &DeliveryFilter,
    changed: impl IntoIterator<Item = Arc<Delivery>>,
) -> bool {
    for row in changed {
        if update(rows, &row) {
            continue;
        }
        if filter.admits(&row) {
            upsert(waiting, row);
        } else {
            waiting.retain(|old| old.id != row.id);
        }
    }
    if waiting.len() > MAX_WAITING {
        waiting.truncate(MAX_WAITING);
        return false;
    }
    true
}

/// The first page again: it replaces what was shown, except what arrived while it was on its way.
pub fn renew(shown: &Rows, page: impl IntoIterator<Item = Arc<Delivery>>) -> Rows {
    let mut rows: Rows = page.into_iter().collect();
    let newest = rows.first().map(|row| row.created_at);
    for old in shown {
        let arrived_since = newest.is_none_or(|newest| old.created_at > newest);
        if !update(&mut rows, old) && arrived_since {
            upsert(&mut rows, old.clone());
        }
    }
    rows
}

/// Ends the standstill: what waited goes in, and what no longer fits goes out, except the row that is `open`. The
/// rows that came.
pub fn release(
    rows: &mut Rows,
    waiting: Rows,
    filter: &DeliveryFilter,
    open: Option<&DeliveryId>,
) -> Vec<DeliveryId> {
    rows.retain(|row| filter.admits(row) || open == Some(&row.id));
    let arrived = waiting.iter().map(|row| row.id.clone()).collect();
    for row in waiting {
        upsert(rows, row);
    }
    arrived
}

/// Appends an older page; rows that are there already are not doubled.
pub fn append(rows: &mut Rows, page: Vec<Delivery>) {
    for row in page {
        let row = Arc::new(row);
        upsert(rows, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::DestinationKind;
    use domain::event::Direction;
    use domain::id::{ConnectorId, EventId, OrganizationId, PayloadId};
    use domain::time::{SECOND, Timestamp};

    fn row(second: i64, status: DeliveryStatus) -> Arc<Delivery> {
        let at = Timestamp(second * SECOND);
        Arc::new(Delivery {
            id: DeliveryId::new(at),
            organization_id: OrganizationId::new(at),
            event_id: EventId::new(at),
            direction: Direction::Inbound,
            connector_id: ConnectorId::new(at),
            receiver_id: None,
            route_id: None,
            destination: DestinationKind::Record,
            destination_name: "record".into(),
            event_type: "push".parse().unwrap(),
            source_record_id: None,
            status,
            response_code: None,
            duration_us: None,
            attempts: 0,
            max_attempts: 4,
            destination_record_id: None,
            error_class: None,
            error: None,
            received_at: at,
            created_at: at,
            updated_at: at,
            next_attempt_at: None,
            replay_of: None,
            replayed_by: None,
            edited: false,
            payload_id: PayloadId::new(at),
            payload_expires_at: at,
            mapping_version: None,
            retry_job_id: None,
        })
    }

    fn later(row: &Arc<Delivery>, status: DeliveryStatus) -> Arc<Delivery> {
        Arc::new(Delivery { status, updated_at: row.updated_at.plus(1), ..Delivery::clone(row) })
    }

    #[test]
    fn what_is_expected_gives_way_to_the_answer_and_to_the_row_before() {
        let failed = row(1, DeliveryStatus::Failed);
        let shown = Arc::new(expected(&failed, DeliveryStatus::Retrying));
        let mut rows = vec![failed.clone()];
        update(&mut rows, &shown);
        assert_eq!(rows[0].status, DeliveryStatus::Retrying);
        // Refused: back to what it was.
        update(&mut rows, &failed);
        assert_eq!(rows, std::slice::from_ref(&failed));
        // A push with something newer came first: the refusal does not undo it.
        let newer = Delivery { updated_at: failed.updated_at.plus(1), ..Delivery::clone(&shown) };
        update(&mut rows, &Arc::new(newer.clone()));
        update(&mut rows, &failed);
        assert_eq!(*rows[0], newer);
    }

    #[test]
    fn rows_are_newest_first_and_once() {
        let (a, b, c) = (
            row(1, DeliveryStatus::Received),
            row(2, DeliveryStatus::Received),
            row(3, DeliveryStatus::Received),
        );
        let mut rows = Vec::new();
        for row in [&b, &a, &c] {
            assert!(upsert(&mut rows, row.clone()));
        }
        assert_eq!(rows, [c.clone(), b.clone(), a.clone()]);
        let changed = later(&b, DeliveryStatus::Delivered);
        assert!(!upsert(&mut rows, changed.clone()));
        // A late answer with an older state changes nothing.
        assert!(!upsert(&mut rows, b));
        assert_eq!(rows, [c, changed, a]);
    }

    #[test]
    fn live_lists_let_go_of_what_no_longer_fits_except_the_open_row() {
        let filter = DeliveryFilter { status: Some(DeliveryStatus::Failed), ..Default::default() };
        let (a, b) = (row(1, DeliveryStatus::Failed), row(2, DeliveryStatus::Failed));
        let mut rows = Vec::new();
        let arrived = apply_live(&mut rows, &filter, [a.clone(), b.clone()], None);
        assert_eq!(arrived.fresh, [a.id.clone(), b.id.clone()]);
        let changed = [later(&a, DeliveryStatus::Retrying), later(&b, DeliveryStatus::Retrying)];
        apply_live(&mut rows, &filter, changed.clone(), Some(&a.id));
        assert_eq!(rows, [changed[0].clone()]);
    }

    #[test]
    fn live_lists_stay_short() {
        let mut rows = Vec::new();
        let many = (0..300).map(|second| row(second, DeliveryStatus::Received));
        let arrived = apply_live(&mut rows, &DeliveryFilter::default(), many, None);
        assert!(arrived.cut);
        assert_eq!(rows.len(), MAX_LIVE_ROWS);
        assert_eq!(rows[0].created_at, Timestamp(299 * SECOND));
    }

    #[test]
    fn a_renewed_list_keeps_what_arrived_meanwhile() {
        let (a, b, c) =
            (row(1, DeliveryStatus::Failed), row(2, DeliveryStatus::Failed), row(3, DeliveryStatus::Failed));
        let newer = later(&b, DeliveryStatus::Retrying);
        // `a` is gone from the store's page, `b` changed since and `c` arrived since.
        assert_eq!(renew(&vec![c.clone(), newer.clone(), a], [b]), [c, newer]);
    }

    #[test]
    fn held_lists_change_in_place_and_let_new_rows_wait() {
        let filter = DeliveryFilter { status: Some(DeliveryStatus::Failed), ..Default::default() };
        let (a, b) = (row(1, DeliveryStatus::Failed), row(2, DeliveryStatus::Failed));
        let mut rows = vec![a.clone()];
        let mut waiting = Vec::new();
        let retried = later(&a, DeliveryStatus::Retrying);
        assert!(apply_held(&mut rows, &mut waiting, &filter, [retried.clone(), b.clone()]));
        assert_eq!((rows, waiting), (vec![retried], vec![b]));
    }

    #[test]
    fn released_lists_let_go_of_what_no_longer_fits() {
        let filter = DeliveryFilter { status: Some(DeliveryStatus::Failed), ..Default::default() };
        let (a, b) = (row(1, DeliveryStatus::Failed), row(2, DeliveryStatus::Failed));
        let (gone, open) = (later(&a, DeliveryStatus::Delivered), row(3, DeliveryStatus::Delivered));
        let mut rows = vec![open.clone(), gone];
        assert_eq!(release(&mut rows, vec![b.clone()], &filter, Some(&open.id)), std::slice::from_ref(&b.id));
        assert_eq!(rows, [open, b]);
    }
}
