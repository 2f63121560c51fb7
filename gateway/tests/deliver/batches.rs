//! Batches of retries: what is taken on, one turn for each, however workers die or compete; rate, pause, end.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use domain::delivery::Delivery;
use domain::filter::{DeliveryFilter, ViewTab};
use domain::id::DeliveryId;
use domain::retry::RetryPolicy;
use domain::retry_job::{
    Cause, LeftOutReason, NewRetryJob, RetryJob, RetryJobState, RetryOutcome, RetrySelection,
};
use domain::status::DeliveryStatus;
use domain::time::{DAY, SECOND};
use gateway::workers::retry_jobs::RetryJobs;
use gateway::{on_both_databases, replay, retry_jobs, store};

use super::destination::{Destination, answer};
use super::world::World;

/// A world whose deliveries fail for good with `statuses`, one after the other.
async fn failing(db: gateway::testing::TestStore, statuses: &[u16]) -> (World, Destination, Vec<DeliveryId>) {
    let destination = Destination::start(answer(200)).await;
    let policy = RetryPolicy { jitter: 0.0, max_retries: 0, ..RetryPolicy::default() };
    let world = World::with(db, &destination, Default::default(), policy, true).await;
    let mut ids = Vec::new();
    for (n, status) in statuses.iter().enumerate() {
        destination.behave(answer(*status));
        ids.push(world.event(&format!(r#"{{"id":{n}}}"#)).await.id);
        world.gate.deliver().await;
    }
    destination.behave(answer(200));
    (world, destination, ids)
}

fn errors() -> RetrySelection {
    RetrySelection::Filter {
        filter: DeliveryFilter { tab: Some(ViewTab::Errors), ..DeliveryFilter::default() },
    }
}

fn by(selection: RetrySelection) -> NewRetryJob {
    NewRetryJob { selection, causes: None, reason: Some("fixed there".into()), per_second: 10 }
}

fn of(ids: &[DeliveryId]) -> RetrySelection {
    RetrySelection::Ids { ids: ids.to_vec() }
}

impl World {
    async fn create(&self, new: NewRetryJob) -> RetryJob {
        retry_jobs::create(&self.gate.services, &self.gate.access(), new).await.unwrap()
    }

    async fn job(&self, job: &RetryJob) -> (RetryJob, RetryOutcome) {
        let read = retry_jobs::read(&self.gate.services, &self.gate.access(), &job.id).await.unwrap();
        (read.job, read.outcome)
    }

    /// Gives all turns that come until nothing is due for a long time.
    async fn all_turns(&self) {
        for _ in 0..500 {
            self.gate.retry_jobs.tick().await.unwrap();
            self.gate.deliver().await;
            self.gate.clock.advance(SECOND);
        }
    }

    async fn of_job(&self, job: &RetryJob) -> Vec<Delivery> {
        let mut rows = self.all().await;
        rows.retain(|row| row.retry_job_id.as_ref() == Some(&job.id));
        rows
    }
}

/// Polls `future` at most `polls` times, then drops it where it stands.
async fn dropped_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

on_both_databases! {
    async fn a_batch_by_filter_retries_the_chosen_causes_only_and_is_audited(db: TestStore) {
        let (world, destination, ids) = failing(db, &[422, 422, 500, 200, 422, 500]).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let preview = retry_jobs::preview(services, &access, &errors()).await.unwrap();
        assert!(preview.complete);
        let groups: Vec<_> =
            preview.groups.iter().map(|group| (group.cause.code, group.count, group.dead_letters)).collect();
        assert_eq!(groups, [(Some(422), 3, 0), (Some(500), 2, 2)], "what was delivered is no failure");
        assert_eq!(preview.groups[0].sample.id, ids[4], "the newest is the sample");
        assert_eq!(preview.affected(), 5);

        let cause = preview.groups[0].cause;
        let job = world.create(NewRetryJob { causes: Some(vec![cause]), ..by(errors()) }).await;
        assert_eq!((job.state, job.total, job.retried), (RetryJobState::Running, 3, 0));
        world.all_turns().await;
        let (job, outcome) = world.job(&job).await;
        assert_eq!((job.state, job.retried, job.skipped.len()), (RetryJobState::Finished, 3, 0));
        assert!(job.finished_at.is_some());
        assert_eq!(outcome, RetryOutcome { delivered: 3, ..RetryOutcome::default() });
        assert_eq!(destination.received().len(), 6 + 3);
        let traced: Vec<_> = world.of_job(&job).await.into_iter().map(|row| row.id).collect();
        assert_eq!(traced, [ids[4].clone(), ids[1].clone(), ids[0].clone()]);
        let dead = world.all().await.into_iter().filter(|row| row.status == DeliveryStatus::DeadLetter);
        assert_eq!(dead.count(), 2, "the others are left alone");
        world.assert_counts().await;

        let filter = DeliveryFilter { retry_job_id: Some(job.id.clone()), ..DeliveryFilter::default() };
        let mut tx = services.store.read().await.unwrap();
        let listed = store::deliveries::list(&mut tx, access.organization(), &filter, &Default::default()).await.unwrap();
        assert_eq!(listed.items.len(), 3, "the job's rows can be listed");
        let audit = store::audit::list(&mut tx, access.organization(), None, 500).await.unwrap();
        let row = audit.iter().find(|row| row.action == "retry_job.created").unwrap();
        assert_eq!((row.subject.as_str(), &row.detail["reason"]), (job.id.as_str(), &"fixed there".into()));
        assert_eq!(row.detail["deliveries"], 3);
    }

    async fn a_selection_says_what_it_leaves_out_and_why(db: TestStore) {
        let (world, _destination, mut ids) = failing(db, &[422, 200, 422]).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        ids.push(world.event(r#"{"id":"waits"}"#).await.id);
        ids.push(DeliveryId::new(domain::time::Timestamp(1)));
        ids.push(ids[0].clone());
        let preview = retry_jobs::preview(services, &access, &of(&ids)).await.unwrap();
        assert_eq!(preview.affected(), 2, "named twice is still once");
        let mut left_out: Vec<_> = preview.left_out.iter().map(|some| (some.reason, some.count)).collect();
        left_out.sort();
        use LeftOutReason::{Delivered, NotFound, UnderWay};
        assert_eq!(left_out, [(Delivered, 1), (UnderWay, 1), (NotFound, 1)]);
        let nothing = retry_jobs::create(services, &access, by(of(&ids[1..2]))).await.unwrap_err();
        assert_eq!((nothing.status, nothing.code.as_str()), (409, "nothing_to_retry"));
        let none = retry_jobs::preview(services, &access, &of(&[])).await.unwrap_err();
        assert_eq!(none.fields[0].pointer, "/selection/ids");
        let fast = NewRetryJob { per_second: 501, reason: Some("a\0b".into()), ..by(of(&ids)) };
        let refused = retry_jobs::create(services, &access, fast).await.unwrap_err();
        let pointers: Vec<_> = refused.fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, ["/per_second", "/reason"]);
    }

    async fn what_changed_until_its_turn_is_skipped_with_its_reason(db: TestStore) {
        let (world, _destination, ids) = failing(db, &[422, 422, 422]).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let job = world.create(by(errors())).await;
        // Somebody is faster with the first one.
        replay::retry(services, &access, &ids[0], None).await.unwrap();
        world.gate.deliver().await;
        world.gate.retry_jobs.tick().await.unwrap();
        let (seen, _) = world.job(&job).await;
        assert_eq!((seen.retried, seen.skipped[0].reason), (1, LeftOutReason::Delivered));
        assert_eq!(seen.skipped[0].sample, ids[0]);
        // The last one waits too long.
        world.gate.clock.advance(8 * DAY);
        world.gate.retry_jobs.tick().await.unwrap();
        let (seen, _) = world.job(&job).await;
        assert_eq!(seen.state, RetryJobState::Finished);
        let skipped: Vec<_> = seen.skipped.iter().map(|some| (some.reason, some.count)).collect();
        assert_eq!(skipped, [(LeftOutReason::Delivered, 1), (LeftOutReason::PayloadExpired, 1)]);
        assert_eq!(seen.done(), seen.total);
    }

    async fn a_worker_that_dies_anywhere_retries_nothing_twice(db: TestStore) {
        let (world, destination, ids) = failing(db, &[422; 12]).await;
        let job = world.create(NewRetryJob { per_second: 25, ..by(errors()) }).await;
        for polls in 1..80 {
            dropped_after(polls, world.gate.retry_jobs.tick()).await.transpose().unwrap();
            world.gate.clock.advance(SECOND);
            let (seen, _) = world.job(&job).await;
            assert_eq!(world.of_job(&job).await.len() as i64, seen.retried, "after {polls} polls");
        }
        world.all_turns().await;
        let (seen, outcome) = world.job(&job).await;
        assert_eq!((seen.state, seen.retried, outcome.delivered), (RetryJobState::Finished, 12, 12));
        assert_eq!(destination.received().len(), 2 * ids.len(), "one attempt before, one after");
        assert!(world.all().await.iter().all(|row| row.attempts == 2));
        world.assert_counts().await;
    }

    async fn two_workers_share_a_batch(db: TestStore) {
        let (world, destination, ids) = failing(db, &[422; 30]).await;
        let job = world.create(NewRetryJob { per_second: 25, ..by(errors()) }).await;
        let (one, other): (RetryJobs, RetryJobs) = (world.gate.retry_jobs.clone(), world.gate.retry_jobs.clone());
        let mut turns = 0;
        for _ in 0..30 {
            let (a, b) = tokio::join!(
                tokio::spawn({ let one = one.clone(); async move { one.tick().await } }),
                tokio::spawn({ let other = other.clone(); async move { other.tick().await } }),
            );
            let both = a.unwrap().unwrap() + b.unwrap().unwrap();
            assert!(both <= 5, "two workers are no faster than the rate: {both}");
            turns += both;
            world.gate.clock.advance(SECOND / 5);
        }
        assert_eq!(turns, 30);
        world.gate.deliver().await;
        let (seen, outcome) = world.job(&job).await;
        assert_eq!((seen.state, seen.retried, outcome.delivered), (RetryJobState::Finished, 30, 30));
        assert_eq!(destination.received().len(), 2 * ids.len());
        world.assert_counts().await;
    }

    async fn a_batch_keeps_to_its_rate(db: TestStore) {
        let (world, _destination, _) = failing(db, &[422; 25]).await;
        world.create(by(errors())).await;
        let mut turns = Vec::new();
        for _ in 0..50 {
            turns.push(world.gate.retry_jobs.tick().await.unwrap());
            world.gate.clock.advance(SECOND / 20);
        }
        assert_eq!(turns[0], 2, "it begins at once");
        assert_eq!(turns.iter().sum::<i64>(), 25);
        for second in turns.windows(20) {
            assert!(second.iter().sum::<i64>() <= 10, "{second:?}");
        }
    }

    async fn live_traffic_goes_first(db: TestStore) {
        let (world, _destination, _) = failing(db, &[422; 3]).await;
        let job = world.create(by(errors())).await;
        for n in 0..64 {
            world.event(&format!(r#"{{"id":"live-{n}"}}"#)).await;
        }
        assert_eq!(world.gate.retry_jobs.tick().await.unwrap(), 0);
        let (seen, _) = world.job(&job).await;
        assert!(seen.behind_live_traffic && seen.retried == 0);
        world.gate.deliver().await;
        assert_eq!(world.gate.retry_jobs.tick().await.unwrap(), 0, "it looks again after a second");
        world.gate.clock.advance(SECOND);
        assert_eq!(world.gate.retry_jobs.tick().await.unwrap(), 2);
        assert!(!world.job(&job).await.0.behind_live_traffic);
    }

    async fn a_person_pauses_resumes_and_ends_a_batch(db: TestStore) {
        let (world, _destination, _) = failing(db, &[422; 7]).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let job = world.create(by(errors())).await;
        world.gate.retry_jobs.tick().await.unwrap();
        world.gate.clock.advance(SECOND / 10);
        let paused = retry_jobs::pause(services, &access, &job.id).await.unwrap();
        assert_eq!((paused.state, paused.retried), (RetryJobState::Paused, 2));
        world.gate.clock.advance(10 * SECOND);
        assert_eq!(world.gate.retry_jobs.tick().await.unwrap(), 0);
        assert_eq!(retry_jobs::pause(services, &access, &job.id).await.unwrap_err().code, "not_running");
        retry_jobs::resume(services, &access, &job.id).await.unwrap();
        assert_eq!(retry_jobs::resume(services, &access, &job.id).await.unwrap_err().code, "not_paused");
        assert_eq!(world.gate.retry_jobs.tick().await.unwrap(), 2);
        world.gate.clock.advance(SECOND / 10);
        let ended = retry_jobs::cancel(services, &access, &job.id).await.unwrap();
        assert_eq!((ended.state, ended.retried), (RetryJobState::Canceled, 4));
        world.all_turns().await;
        let (seen, outcome) = world.job(&job).await;
        assert_eq!((seen.retried, outcome.delivered), (4, 4), "what was put back in the queue stays there");
        assert_eq!(retry_jobs::cancel(services, &access, &job.id).await.unwrap_err().code, "job_over");
        let mut tx = services.store.read().await.unwrap();
        assert!(store::retry_jobs::next_items(&mut tx, access.organization(), &job.id, 0, 10).await.unwrap().is_empty());
        let audit = store::audit::list(&mut tx, access.organization(), None, 500).await.unwrap();
        let actions: Vec<_> =
            audit.iter().rev().map(|row| row.action.as_str()).filter(|word| word.starts_with("retry_job.")).collect();
        assert_eq!(actions, ["retry_job.created", "retry_job.paused", "retry_job.resumed", "retry_job.canceled"]);
    }

    async fn another_organization_finds_no_batch_and_no_delivery(db: TestStore) {
        let (world, _destination, ids) = failing(db, &[422]).await;
        let job = world.create(by(errors())).await;
        let foreign = world.gate.another_organization("other").await;
        let access = gateway::access::Access::of_command_line(foreign);
        let services = &world.gate.services;
        assert_eq!(retry_jobs::read(services, &access, &job.id).await.unwrap_err().status, 404);
        assert_eq!(retry_jobs::pause(services, &access, &job.id).await.unwrap_err().status, 404);
        assert_eq!(retry_jobs::cancel(services, &access, &job.id).await.unwrap_err().status, 404);
        assert!(retry_jobs::list(services, &access, &Default::default()).await.unwrap().items.is_empty());
        let preview = retry_jobs::preview(services, &access, &of(&ids)).await.unwrap();
        assert_eq!((preview.affected(), preview.left_out[0].reason), (0, LeftOutReason::NotFound));
        assert_eq!(retry_jobs::preview(services, &access, &errors()).await.unwrap().affected(), 0);
    }

    async fn an_organization_has_so_many_batches_and_no_more(db: TestStore) {
        let (world, _destination, ids) = failing(db, &[422]).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        for _ in 0..retry_jobs::MAX_OPEN {
            world.create(by(of(&ids))).await;
        }
        let refused = retry_jobs::create(services, &access, by(of(&ids))).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (409, "too_many_jobs"));
        let cause = Cause { class: None, code: Some(1) };
        let other = NewRetryJob { causes: Some(vec![cause]), ..by(of(&ids)) };
        assert_eq!(retry_jobs::create(services, &access, other).await.unwrap_err().code, "nothing_to_retry");
    }
}
