//! What is said of batches, and which answer counts.

use domain::id::{DeliveryId, OrganizationId};
use domain::retry_job::{RetryGroup, RetryOutcome};

use super::*;

fn detail(state: RetryJobState, retried: i64, outcome: RetryOutcome) -> RetryJobDetail {
    let at = Timestamp(20_000 * SECOND);
    let job = RetryJob {
        id: RetryJobId::new(at),
        organization_id: OrganizationId::new(at),
        created_by: "Ada".into(),
        reason: None,
        filter: None,
        causes: None,
        state,
        per_second: 10,
        behind_live_traffic: false,
        total: 300,
        retried,
        skipped: Vec::new(),
        left_out: Vec::new(),
        created_at: at,
        updated_at: at,
        finished_at: None,
    };
    RetryJobDetail { job, outcome }
}

fn left_out(reason: LeftOutReason, count: i64) -> LeftOut {
    LeftOut { reason, count, sample: DeliveryId::new(Timestamp(1)) }
}

#[test]
fn progress_says_what_became_of_what_was_done_and_how_long_the_rest_takes() {
    let outcome = RetryOutcome { delivered: 34, failed: 4, ..RetryOutcome::default() };
    let mut running = detail(RetryJobState::Running, 38, outcome);
    assert_eq!(title(&running.job), "Retrying 300 failed deliveries");
    assert_eq!(progress_words(&running), "38 done: 34 delivered, 4 failed again. 262 to go, about 26 s.");
    running.job.behind_live_traffic = true;
    assert!(progress_words(&running).ends_with("262 to go, behind live traffic."));
    running.job.state = RetryJobState::Paused;
    assert_eq!(title(&running.job), "Retrying 300 failed deliveries, paused");
    assert!(progress_words(&running).ends_with("262 to go."));
    let fresh = detail(RetryJobState::Running, 0, RetryOutcome::default());
    assert_eq!(progress_words(&fresh), "0 done. 300 to go, about 30 s.");
}

#[test]
fn the_end_says_what_was_not_retried() {
    let outcome = RetryOutcome { delivered: 290, under_way: 5, ..RetryOutcome::default() };
    let mut finished = detail(RetryJobState::Finished, 297, outcome);
    finished.job.skipped = vec![left_out(LeftOutReason::PayloadExpired, 3)];
    assert_eq!(title(&finished.job), "297 of 300 deliveries retried");
    assert_eq!(
        progress_words(&finished),
        "300 done: 290 delivered, 5 under way, 2 in a later batch, 3 not retried."
    );
    assert!(is_moving(&finished), "five are still under way");
    assert_eq!(left_out_words(&finished.job.skipped).as_deref(), Some("3 payload expired"));
    let whole = detail(RetryJobState::Finished, 300, RetryOutcome::default());
    assert_eq!(title(&whole.job), "300 deliveries retried");
    let stopped = detail(RetryJobState::Canceled, 12, RetryOutcome::default());
    assert_eq!(title(&stopped.job), "Stopped: 12 of 300 deliveries retried");
    assert!(!is_moving(&stopped));
}

#[test]
fn a_bound_is_told_as_what_it_is() {
    let preview =
        |complete, count| RetryPreview { groups: Vec::<RetryGroup>::new(), left_out: count, complete };
    assert_eq!(bound_words(&preview(true, Vec::new())), None);
    let few = preview(false, vec![left_out(LeftOutReason::PayloadExpired, 7)]);
    assert!(bound_words(&few).unwrap().contains("newest 50,000"));
    let many = preview(false, vec![left_out(LeftOutReason::PayloadExpired, 10_000)]);
    assert!(bound_words(&many).unwrap().contains("newest 10,000"));
}

#[test]
fn an_older_answer_does_not_replace_a_newer_one() {
    let old = detail(RetryJobState::Running, 1, RetryOutcome::default());
    let mut new = old.clone();
    (new.job.retried, new.job.updated_at) = (2, old.job.updated_at.plus(1));
    let mut batches = Vec::new();
    upsert(&mut batches, new.clone());
    upsert(&mut batches, old);
    assert_eq!(batches, [new]);
    upsert(&mut batches, detail(RetryJobState::Paused, 0, RetryOutcome::default()));
    assert_eq!(batches.len(), 2);
    assert_eq!(left_out_words(&[]), None);
    assert_eq!(
        cause_words(Cause { class: Some(ErrorClass::Http), code: Some(422) }),
        "The destination answered 422"
    );
}

#[test]
fn whoever_opens_the_page_sees_what_ended_a_moment_ago_until_it_is_dismissed() {
    let mut job = detail(RetryJobState::Finished, 300, RetryOutcome::default()).job;
    let finished = job.created_at.plus(MINUTE);
    job.finished_at = Some(finished);
    assert!(is_shown(&job, &[], finished.plus(14 * MINUTE)));
    assert!(!is_shown(&job, &[], finished.plus(15 * MINUTE)));
    let (dismissed, text) = with_dismissed(read_dismissed("job_x "), job.id.clone());
    assert_eq!(read_dismissed(&text), dismissed);
    assert!(!is_shown(&job, &dismissed, finished));
    let running = detail(RetryJobState::Running, 0, RetryOutcome::default()).job;
    assert!(is_shown(&running, &[], finished.plus(1_000 * MINUTE)));
    let many =
        (0..50).fold(Vec::new(), |all, n| with_dismissed(all, RetryJobId::new(Timestamp(n * SECOND))).0);
    assert_eq!(many.len(), 40);
}
