//! Grouping what failed, by value.

use domain::delivery::DestinationKind;
use domain::event::Direction;
use domain::id::{ConnectorId, EventId, OrganizationId, PayloadId};
use domain::time::Timestamp;

use super::*;

fn row(status: DeliveryStatus, class: Option<ErrorClass>, code: Option<i64>) -> Delivery {
    let now = Timestamp(1_763_798_400_000_000);
    Delivery {
        id: DeliveryId::new(now),
        organization_id: OrganizationId::new(now),
        event_id: EventId::new(now),
        direction: Direction::Inbound,
        connector_id: ConnectorId::new(now),
        receiver_id: None,
        route_id: None,
        destination: DestinationKind::Http,
        destination_name: "POST NetSuite /invoices".into(),
        event_type: "invoice.created".parse().unwrap(),
        source_record_id: None,
        status,
        response_code: code,
        duration_us: None,
        attempts: 3,
        max_attempts: 3,
        destination_record_id: None,
        error_class: class,
        error: None,
        received_at: now,
        created_at: now,
        updated_at: now,
        next_attempt_at: None,
        replay_of: None,
        replayed_by: None,
        edited: false,
        payload_id: PayloadId::new(now),
        payload_expires_at: now,
    }
}

#[test]
fn causes_are_told_apart_and_the_largest_group_comes_first() {
    use DeliveryStatus::{DeadLetter, Delivered, Failed, Processing};
    let selection = [
        row(DeadLetter, Some(ErrorClass::Timeout), Some(503)),
        row(Failed, Some(ErrorClass::Http), Some(422)),
        row(Failed, Some(ErrorClass::Http), Some(422)),
        row(DeadLetter, Some(ErrorClass::Http), Some(503)),
        row(Delivered, None, Some(200)),
        row(Processing, None, None),
        row(Failed, Some(ErrorClass::Expired), None),
    ];
    let batch = FailedBatch::of(&selection);
    let groups: Vec<_> = batch.groups.iter().map(|group| (group.cause.words(), group.rows.len())).collect();
    assert_eq!(
        groups,
        [
            ("The destination answered 422".to_owned(), 2),
            ("No answer in time".to_owned(), 1),
            ("The destination answered 503".to_owned(), 1)
        ]
    );
    assert_eq!(batch.left_out, [("delivered", 1), ("payload expired", 1), ("under way", 1)]);
    assert_eq!(batch.dead_letters(), 2);
    let fixable = batch.chosen(|cause| !cause.needs_a_fix());
    assert_eq!(fixable, [selection[0].id.clone(), selection[3].id.clone()]);
}

#[test]
fn every_error_class_has_words() {
    for class in ErrorClass::ALL {
        assert!(!Cause { class: Some(*class), code: None }.words().is_empty());
    }
}

#[test]
fn progress_counts_refusals_with_their_reasons() {
    let ids: Vec<_> = (0..4).map(|_| DeliveryId::new(Timestamp(1))).collect();
    let mut progress = Progress::new(ids.clone());
    assert_eq!(progress.next().as_ref(), Some(&ids[0]));
    progress.note(Ok(()));
    progress.note(Err::<(), _>(Problem::unavailable("Busy.")));
    progress.note(Err::<(), _>(Problem::unavailable("Busy.")));
    assert_eq!(progress.next().as_ref(), Some(&ids[3]));
    assert!(!progress.is_over());
    assert_eq!(progress.reasons(), [("Busy.", 2)]);
    progress.stopped = true;
    assert!(progress.is_over());
    assert_eq!(progress.words(), "1 delivery retried, 2 refused, 1 left");
    assert_eq!(progress.next(), None);
}

#[test]
fn what_was_not_done_is_known_when_a_batch_is_stopped() {
    let ids: Vec<_> = (0..4).map(|_| DeliveryId::new(Timestamp(1))).collect();
    let mut progress = Progress::new(ids.clone());
    progress.note(Ok(()));
    progress.note(Err::<(), _>(Problem::unavailable("Busy.")));
    // Stopped while the third is under way: its answer still counts.
    progress.stopped = true;
    assert_eq!(progress.undone(), ids[1..].iter().cloned().collect());
    progress.note(Ok(()));
    assert_eq!(progress.undone(), HashSet::from([ids[1].clone(), ids[3].clone()]));
}
