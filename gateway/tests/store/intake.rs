//! Group commit: a request that cannot be stored fails alone.

use std::sync::Arc;

use bytes::Bytes;
use domain::id::{NodeId, PayloadId};
use domain::page::PageQuery;
use domain::rejection::{Rejection, RejectionReason};
use domain::time::{DAY, HOUR, MINUTE};
use gateway::clock::Clock;
use gateway::feed::Feed;
use gateway::intake::{
    BYTES_PER_HOUR, Intake, IntakeError, Outcome, QUEUE, QUEUE_BYTES, ROWS_PER_MINUTE, Submission, Writer,
};
use gateway::on_both_databases;
use gateway::store::{self, Store, rejections, rollups};
use gateway::testing::MockClock;
use tokio::sync::Notify;

use super::fixture::{Place, submission};

fn intake(store: &Store, clock: &Arc<MockClock>) -> (Intake, Writer) {
    let feed = Feed::new(&NodeId::new(clock.now()), clock.now());
    Intake::new(store.clone(), clock.clone(), feed, 7, Arc::new(Notify::new()))
}

/// Puts all into the queue and commits them as one group; the answers are in the same order.
async fn as_one_group(
    intake: &Intake,
    writer: &mut Writer,
    submissions: Vec<Submission>,
) -> Vec<Result<Outcome, IntakeError>> {
    let count = submissions.len();
    let before = intake.room();
    let spawn = |submission| {
        let intake = intake.clone();
        tokio::spawn(async move { intake.accept(submission).await })
    };
    let waiting: Vec<_> = submissions.into_iter().map(spawn).collect();
    while intake.room() > before - count {
        tokio::task::yield_now().await;
    }
    writer.drain().await;
    let mut answers = Vec::new();
    for task in waiting {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Refuses a request with a body, and writes all that waits.
async fn refuse(intake: &Intake, writer: &mut Writer, rejection: Rejection, body: &Bytes) {
    let rejection = Rejection {
        payload_id: Some(PayloadId::new(rejection.received_at)),
        payload_expires_at: Some(rejection.received_at.plus(DAY)),
        ..rejection
    };
    let (intake, body) = (intake.clone(), body.clone());
    let task = tokio::spawn(async move { intake.reject(rejection, Some(body)).await });
    while !task.is_finished() {
        writer.drain().await;
        tokio::task::yield_now().await;
    }
    writer.drain().await;
}

on_both_databases! {
    async fn one_bad_request_does_not_hurt_its_neighbours(db: TestStore) {
        let clock = MockClock::shared();
        let (intake, mut writer) = intake(&db.store, &clock);
        let (place, other) = (Place::new(clock.now()), Place::new(clock.now()));
        let first = place.event(clock.now(), "first");
        let (stored, stored_payload) = (first.id.clone(), first.payload_id.clone());
        assert!(as_one_group(&intake, &mut writer, vec![submission(&place, first, "record")]).await[0].is_ok());

        // The id of an event that is there already: neither database takes it.
        let mut twice = place.event(clock.now(), "bad");
        twice.id = stored;
        let all = vec![
            submission(&place, place.event(clock.now(), "1"), "record"),
            submission(&place, twice.clone(), "record"),
            submission(&other, other.event(clock.now(), "2"), "record"),
        ];
        let good = [all[0].event.id.clone(), all[2].event.id.clone()];
        // A refused request with the bytes of another one is as impossible.
        let mut refused = place.rejection(clock.now());
        refused.payload_id = Some(stored_payload);
        refused.payload_expires_at = Some(clock.now().plus(DAY));
        let (way_in, body) = (intake.clone(), Some(Bytes::from_static(b"x")));
        let rejecting = tokio::spawn(async move { way_in.reject(refused, body).await });
        while intake.room() == QUEUE {
            tokio::task::yield_now().await;
        }
        let answers = as_one_group(&intake, &mut writer, all).await;
        rejecting.await.unwrap();

        let [one, two] = good.clone().map(|id| Ok(Outcome::Accepted(id)));
        assert_eq!(answers, [one, Err(IntakeError::Store), two]);
        let mut tx = db.store.read().await.unwrap();
        let organization = &place.organization;
        assert!(store::events::find(&mut tx, organization, &good[0]).await.unwrap().is_some());
        assert!(store::events::find(&mut tx, &other.organization, &good[1]).await.unwrap().is_some());
        let kept = rejections::list_filtered(&mut tx, organization, &Default::default(), &PageQuery::default()).await.unwrap().items;
        assert_eq!(kept.iter().map(|row| row.occurrences).sum::<i64>(), 1, "{kept:?}");
        let counts = rollups::all_counts(&mut tx, organization).await.unwrap();
        assert_eq!(counts, rollups::recount(&mut tx, organization).await.unwrap());
        drop(tx);

        // Its key was not taken: it comes in with an id of its own.
        twice.id = domain::id::EventId::new(clock.now());
        twice.payload_id = PayloadId::new(clock.now());
        let again = as_one_group(&intake, &mut writer, vec![submission(&place, twice, "record")]).await;
        assert!(matches!(again[0], Ok(Outcome::Accepted(_))), "{again:?}");
    }

    async fn without_a_database_nobody_waits_for_one_try_each(db: TestStore) {
        let clock = MockClock::shared();
        let (intake, mut writer) = intake(&db.store, &clock);
        let place = Place::new(clock.now());
        let all = (0..20).map(|n| submission(&place, place.event(clock.now(), &n.to_string()), "record")).collect();
        db.store.close().await;
        let answers = as_one_group(&intake, &mut writer, all).await;
        assert_eq!(answers, vec![Err(IntakeError::Store); 20]);
    }

    async fn a_flood_of_refusals_takes_bounded_room_and_is_counted(db: TestStore) {
        let clock = MockClock::shared();
        let (intake, mut writer) = intake(&db.store, &clock);
        let place = Place::new(clock.now());
        let organization = &place.organization;
        let kept = async || {
            let mut tx = db.store.read().await.unwrap();
            let page = PageQuery { limit: 500, cursor: None };
            let rows = rejections::list_filtered(&mut tx, organization, &Default::default(), &page).await.unwrap().items;
            let counts = rollups::all_counts(&mut tx, organization).await.unwrap();
            assert_eq!(counts, rollups::recount(&mut tx, organization).await.unwrap());
            let bodies = rows.iter().filter(|row| row.payload_id.is_some()).count();
            (rows.len(), bodies, rows.iter().map(|row| row.occurrences).sum::<i64>())
        };

        // Large bodies: no more of them than the hour's share, and beyond the minute's rows all in one.
        let body = Bytes::from(vec![b'x'; 1024 * 1024]);
        let large = ROWS_PER_MINUTE + 50;
        for _ in 0..large {
            refuse(&intake, &mut writer, place.rejection(clock.now()), &body).await;
        }
        let whole = BYTES_PER_HOUR / body.len();
        assert_eq!(kept().await, (ROWS_PER_MINUTE + 1, whole, large as i64));

        // Another minute has rows again, but no bytes.
        clock.advance(MINUTE);
        refuse(&intake, &mut writer, place.rejection(clock.now()), &body).await;
        assert_eq!(kept().await, (ROWS_PER_MINUTE + 2, whole, large as i64 + 1));
        // Another hour has both.
        clock.advance(HOUR);
        refuse(&intake, &mut writer, place.rejection(clock.now()), &body).await;
        assert_eq!(kept().await, (ROWS_PER_MINUTE + 3, whole + 1, large as i64 + 2));
    }

    async fn over_the_rate_there_is_one_row_a_minute_and_no_body(db: TestStore) {
        let clock = MockClock::shared();
        let (intake, mut writer) = intake(&db.store, &clock);
        let place = Place::new(clock.now());
        let over = |at| Rejection { reason: RejectionReason::RateLimited, ..place.rejection(at) };
        for _ in 0..3 {
            for _ in 0..20 {
                refuse(&intake, &mut writer, over(clock.now()), &Bytes::from_static(b"{}")).await;
            }
            clock.advance(MINUTE);
        }
        let mut tx = db.store.read().await.unwrap();
        let rows = rejections::list_filtered(&mut tx, &place.organization, &Default::default(), &PageQuery::default()).await.unwrap().items;
        assert_eq!(rows.iter().map(|row| row.occurrences).collect::<Vec<_>>(), [20, 20, 20]);
        assert!(rows.iter().all(|row| row.payload_id.is_none()));
    }

    async fn the_queue_is_bounded_in_bytes(db: TestStore) {
        let clock = MockClock::shared();
        let (intake, mut writer) = intake(&db.store, &clock);
        let place = Place::new(clock.now());
        // All share the same bytes, but each is counted: what waits could as well be of many.
        let body = Bytes::from(vec![b'x'; 10 * 1024 * 1024]);
        let large = |n: usize| {
            let event = place.event(clock.now(), &n.to_string());
            Submission { payload: body.clone(), ..submission(&place, event, "record") }
        };
        let fit = QUEUE_BYTES / body.len();
        let spawn = |n| {
            let (intake, submission) = (intake.clone(), large(n));
            tokio::spawn(async move { intake.accept(submission).await })
        };
        let waiting: Vec<_> = (0..fit).map(spawn).collect();
        while intake.room() > QUEUE - fit {
            tokio::task::yield_now().await;
        }
        assert_eq!(intake.accept(large(fit)).await, Err(IntakeError::Full));
        // A refusal finds no room for its body either, and is counted without waiting.
        intake.reject(place.rejection(clock.now()), Some(body.clone())).await;
        db.store.close().await;
        writer.drain().await;
        for task in waiting {
            assert_eq!(task.await.unwrap(), Err(IntakeError::Store), "told apart from a full queue");
        }
        assert_eq!(intake.spare_bytes(), QUEUE_BYTES, "all is given back");
    }
}
