//! Batches in the store: what a filter finds and where that ends, turns, locks.

use domain::delivery::ErrorClass;
use domain::filter::DeliveryFilter;
use domain::id::{DeliveryId, RetryJobId};
use domain::retry_job::{Cause, LeftOut, LeftOutReason, MAX_AFFECTED, RetryJob, RetryJobState, RetryOutcome};
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::{Store, deliveries, queue, retry_jobs};

use super::fixture::Place;

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

async fn put(store: &Store, place: &Place, states: &[DeliveryStatus], count: i64) -> Vec<DeliveryId> {
    let rows: Vec<_> = (0..count)
        .map(|n| {
            let mut new = place.delivery(&place.event(NOW.plus(n * 1_000), &n.to_string()), "lane");
            new.delivery.status = states[usize::try_from(n).unwrap() % states.len()];
            if new.delivery.status.is_final() {
                new.delivery.next_attempt_at = None;
            }
            new
        })
        .collect();
    let mut tx = store.write().await.unwrap();
    deliveries::insert_many(&mut tx, &rows).await.unwrap();
    tx.commit().await.unwrap();
    rows.into_iter().map(|new| new.delivery.id).collect()
}

fn job(place: &Place, total: i64) -> RetryJob {
    RetryJob {
        id: RetryJobId::new(NOW),
        organization_id: place.organization.clone(),
        created_by: "Ada".into(),
        reason: Some("fixed".into()),
        filter: Some(DeliveryFilter { status: Some(DeliveryStatus::Failed), ..Default::default() }),
        causes: Some(vec![Cause { class: Some(ErrorClass::Http), code: Some(422) }]),
        state: RetryJobState::Running,
        per_second: 10,
        behind_live_traffic: false,
        total,
        retried: 0,
        skipped: Vec::new(),
        left_out: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        finished_at: None,
    }
}

on_both_databases! {
    async fn a_filter_finds_failures_only_and_only_its_own(db: TestStore) {
        let place = Place::new(NOW);
        let ids = put(&db.store, &place, DeliveryStatus::ALL, 70).await;
        put(&db.store, &Place::new(NOW), DeliveryStatus::ALL, 14).await;
        let mut tx = db.store.read().await.unwrap();
        let all = DeliveryFilter::default();
        let (found, complete) = retry_jobs::candidates_by_filter(&mut tx, &place.organization, &all).await.unwrap();
        assert_eq!((found.len(), complete), (20, true));
        assert!(found.iter().all(|row| row.status.is_failure()));
        assert!(found.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
        let delivered = DeliveryFilter { status: Some(DeliveryStatus::Delivered), ..all.clone() };
        let (none, _) = retry_jobs::candidates_by_filter(&mut tx, &place.organization, &delivered).await.unwrap();
        assert!(none.is_empty());
        let span = DeliveryFilter { from: Some(NOW.plus(10_000)), to: Some(NOW.plus(30_000)), ..all };
        let (some, _) = retry_jobs::candidates_by_filter(&mut tx, &place.organization, &span).await.unwrap();
        let admitted = DeliveryFilter { ..span };
        let mut listed = deliveries::list(&mut tx, &place.organization, &admitted, &domain::page::PageQuery { limit: 500, cursor: None }).await.unwrap().items;
        listed.retain(|row| row.status.is_failure());
        assert_eq!(some.iter().map(|row| &row.id).collect::<Vec<_>>(), listed.iter().map(|row| &row.id).collect::<Vec<_>>());
        let by_ids = retry_jobs::candidates_by_ids(&mut tx, &place.organization, &ids).await.unwrap();
        assert_eq!(by_ids.len(), 70);
        let foreign = Place::new(NOW.plus(1));
        assert!(retry_jobs::candidates_by_ids(&mut tx, &foreign.organization, &ids).await.unwrap().is_empty());
        let rows = retry_jobs::deliveries(&mut tx, &place.organization, &ids[..3]).await.unwrap();
        assert!(rows.len() == 3 && rows.iter().all(|(_, lane)| lane == "lane"));
    }

    async fn more_than_a_job_takes_are_said_to_be_more(db: TestStore) {
        let place = Place::new(NOW);
        let most = i64::try_from(MAX_AFFECTED).unwrap();
        let ids = put(&db.store, &place, &[DeliveryStatus::Failed], most + 3).await;
        let mut tx = db.store.read().await.unwrap();
        let (found, complete) =
            retry_jobs::candidates_by_filter(&mut tx, &place.organization, &DeliveryFilter::default()).await.unwrap();
        assert_eq!((found.len(), complete), (MAX_AFFECTED, false));
        assert_eq!((&found[0].id, &found[MAX_AFFECTED - 1].id), (&ids[ids.len() - 1], &ids[3]), "the newest of them");
    }

    async fn a_job_is_kept_taken_and_changed(db: TestStore) {
        let place = Place::new(NOW);
        let ids = put(&db.store, &place, &[DeliveryStatus::Failed], 5).await;
        let mut job = job(&place, 5);
        let organization = &place.organization;
        let mut tx = db.store.write().await.unwrap();
        retry_jobs::insert(&mut tx, &job, &ids, NOW.plus(SECOND)).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.store.write().await.unwrap();
        assert_eq!(retry_jobs::find(&mut tx, organization, &job.id).await.unwrap().as_ref(), Some(&job));
        assert_eq!(retry_jobs::list(&mut tx, organization, None, 10).await.unwrap(), [job.clone()]);
        assert!(retry_jobs::list(&mut tx, organization, Some(&job.id), 10).await.unwrap().is_empty());
        assert_eq!(retry_jobs::count_open(&mut tx, organization).await.unwrap(), 1);
        assert_eq!(retry_jobs::next_due(&mut tx).await.unwrap(), Some(NOW.plus(SECOND)));
        assert!(retry_jobs::due(&mut tx, NOW, 10).await.unwrap().is_empty());
        assert!(retry_jobs::take(&mut tx, organization, &job.id, NOW).await.unwrap().is_none(), "not yet");
        let later = NOW.plus(SECOND);
        assert_eq!(retry_jobs::due(&mut tx, later, 10).await.unwrap().len(), 1);
        assert_eq!(retry_jobs::take(&mut tx, organization, &job.id, later).await.unwrap().as_ref(), Some(&job));
        let foreign = &Place::new(NOW.plus(1)).organization;
        assert!(retry_jobs::take(&mut tx, foreign, &job.id, later).await.unwrap().is_none());
        assert!(retry_jobs::lock(&mut tx, foreign, &job.id).await.unwrap().is_none());
        assert_eq!(retry_jobs::next_items(&mut tx, organization, &job.id, 0, 2).await.unwrap(), ids[..2]);
        assert_eq!(retry_jobs::next_items(&mut tx, organization, &job.id, 2, 10).await.unwrap(), ids[2..]);

        let change = deliveries::StatusChange {
            from: DeliveryStatus::Failed,
            to: DeliveryStatus::Retrying,
            due_at: Some(later),
            more_attempts: 1,
            at: later,
            job: Some(job.id.clone()),
        };
        deliveries::change_status(&mut tx, organization, &ids[0], &change).await.unwrap().unwrap();
        assert_eq!(queue::waiting(&mut tx, "lane", later, 10).await.unwrap(), 1);
        assert_eq!(queue::waiting(&mut tx, "lane", NOW, 10).await.unwrap(), 0);
        let outcome = retry_jobs::outcome(&mut tx, organization, &job.id).await.unwrap();
        assert_eq!(outcome, RetryOutcome { under_way: 1, ..RetryOutcome::default() });
        job.retried = 1;
        job.skipped = vec![LeftOut { reason: LeftOutReason::Delivered, count: 4, sample: ids[1].clone() }];
        (job.state, job.finished_at, job.updated_at) = (RetryJobState::Finished, Some(later), later);
        retry_jobs::update(&mut tx, &job, None).await.unwrap();
        retry_jobs::delete_items(&mut tx, organization, &job.id, Some(2)).await.unwrap();
        assert_eq!(retry_jobs::next_items(&mut tx, organization, &job.id, 0, 10).await.unwrap(), ids[2..]);
        retry_jobs::delete_items(&mut tx, organization, &job.id, None).await.unwrap();
        assert!(retry_jobs::next_items(&mut tx, organization, &job.id, 0, 10).await.unwrap().is_empty());
        assert_eq!(retry_jobs::lock(&mut tx, organization, &job.id).await.unwrap(), Some(job));
        assert_eq!(retry_jobs::count_open(&mut tx, organization).await.unwrap(), 0);
        assert_eq!(retry_jobs::next_due(&mut tx).await.unwrap(), None);
    }
}
