//! Batches of retries as a person sees them: look what would be tried again, make a job of it, pause, resume, end it.
//!
//! A job takes on its deliveries when it is made, so what a person agreed to is what happens. The worker
//! ([`crate::workers::retry_jobs`]) gives them their turns.

use std::collections::HashSet;

use domain::error::Problem;
use domain::id::{DeliveryId, RetryJobId};
use domain::page::{Page, PageQuery};
use domain::retry_job::{
    LeftOutReason, MAX_AFFECTED, MAX_PER_SECOND, MAX_REASON, NewRetryJob, RetryGroup, RetryJob,
    RetryJobDetail, RetryJobState, RetryPreview, RetrySelection, Sorted, leave_out,
};
use serde_json::json;

use crate::Services;
use crate::access::Access;
use crate::audit::{self, Action};
use crate::input::Checks;
use crate::store::{self, Tx};

/// Jobs of one organization that run or pause at the same time.
pub const MAX_OPEN: i64 = 20;

/// What a job would do, by what stopped the deliveries. Nothing is changed.
///
/// # Errors
/// 422 when the selection names too many deliveries.
pub async fn preview(
    services: &Services,
    access: &Access,
    selection: &RetrySelection,
) -> Result<RetryPreview, Problem> {
    check(selection).finish()?;
    let mut tx = services.store.read().await?;
    let (sorted, complete) = sort(services, &mut tx, access, selection).await?;
    let samples: Vec<_> =
        sorted.groups.values().filter_map(|rows| rows.iter().map(|row| &row.id).max()).cloned().collect();
    let samples = store::retry_jobs::deliveries(&mut tx, access.organization(), &samples).await?;
    let mut groups: Vec<RetryGroup> = samples
        .into_iter()
        .filter_map(|(sample, _)| {
            let cause = domain::retry_job::Cause::of(&sample);
            let rows = sorted.groups.get(&cause)?;
            let dead = rows.iter().filter(|row| row.status == domain::status::DeliveryStatus::DeadLetter);
            Some(RetryGroup { cause, count: size(rows.len()), dead_letters: size(dead.count()), sample })
        })
        .collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.count), group.cause));
    Ok(RetryPreview { groups, left_out: sorted.left_out, complete })
}

/// Makes a job; it begins at once.
///
/// # Errors
/// 409 `nothing_to_retry`, `too_many_jobs`; 422 with the fields that need attention.
pub async fn create(services: &Services, access: &Access, new: NewRetryJob) -> Result<RetryJob, Problem> {
    let mut checks = check(&new.selection);
    let rate = format!("Use 1 to {MAX_PER_SECOND} deliveries per second.");
    checks.require((1..=MAX_PER_SECOND).contains(&new.per_second), "/per_second", &rate);
    let reason = new.reason.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let length = reason.as_ref().map_or(0, |text| text.chars().count());
    checks.require(length <= MAX_REASON, "/reason", &format!("Use at most {MAX_REASON} characters."));
    checks.no_nul(&json!({ "reason": reason }));
    checks.finish()?;

    // What is affected is found before the writer is asked for: looking may take longer than others should wait.
    let (sorted, complete) = {
        let mut tx = services.store.read().await?;
        sort(services, &mut tx, access, &new.selection).await?
    };
    let ids = sorted.chosen(new.causes.as_deref());
    if ids.is_empty() {
        return Err(Problem::conflict("nothing_to_retry", "None of these deliveries can be retried now."));
    }
    let now = services.clock.now();
    let (filter, by) = match new.selection {
        RetrySelection::Filter { filter } => (Some(filter), "filter"),
        RetrySelection::Ids { .. } => (None, "ids"),
    };
    let job = RetryJob {
        id: RetryJobId::new(now),
        organization_id: access.organization().clone(),
        created_by: access.actor().to_string(),
        reason,
        filter,
        causes: new.causes,
        state: RetryJobState::Running,
        per_second: new.per_second,
        behind_live_traffic: false,
        total: size(ids.len()),
        retried: 0,
        skipped: Vec::new(),
        left_out: sorted.left_out,
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    let mut tx = services.store.write().await?;
    if store::retry_jobs::count_open(&mut tx, access.organization()).await? >= MAX_OPEN {
        let detail = format!("{MAX_OPEN} batches are under way. Wait for one of them, or stop one.");
        return Err(Problem::conflict("too_many_jobs", detail));
    }
    store::retry_jobs::insert(&mut tx, &job, &ids, now).await?;
    let detail = json!({
        "reason": job.reason, "by": by, "filter": job.filter, "causes": job.causes, "deliveries": job.total,
        "complete": complete, "per_second": job.per_second,
    });
    audit::record(&mut tx, access, now, Action::RetryJobCreated, job.id.as_str(), detail).await?;
    tx.commit().await?;
    services.feed.record_job(&job.organization_id, &job.id);
    services.retry_turn.notify_one();
    Ok(job)
}

/// One page of jobs, newest first.
///
/// # Errors
/// 400 `invalid_cursor`.
pub async fn list(services: &Services, access: &Access, page: &PageQuery) -> Result<Page<RetryJob>, Problem> {
    let before = page.id_cursor::<RetryJobId>()?;
    let mut tx = services.store.read().await?;
    let fetch = i64::from(page.limit()) + 1;
    let jobs = store::retry_jobs::list(&mut tx, access.organization(), before.as_ref(), fetch).await?;
    Ok(Page::from_overfetch(jobs, page.limit(), |job| job.id.to_string()))
}

/// A job and what became of its deliveries.
///
/// # Errors
/// 404.
pub async fn read(services: &Services, access: &Access, id: &RetryJobId) -> Result<RetryJobDetail, Problem> {
    let mut tx = services.store.read().await?;
    let job = found(store::retry_jobs::find(&mut tx, access.organization(), id).await?)?;
    let outcome = store::retry_jobs::outcome(&mut tx, access.organization(), id).await?;
    Ok(RetryJobDetail { job, outcome })
}

/// Stops a job for now.
///
/// # Errors
/// 404; 409 `not_running`.
pub async fn pause(services: &Services, access: &Access, id: &RetryJobId) -> Result<RetryJob, Problem> {
    turn(services, access, id, &[RetryJobState::Running], RetryJobState::Paused, Action::RetryJobPaused).await
}

/// Lets a job go on.
///
/// # Errors
/// 404; 409 `not_paused`.
pub async fn resume(services: &Services, access: &Access, id: &RetryJobId) -> Result<RetryJob, Problem> {
    turn(services, access, id, &[RetryJobState::Paused], RetryJobState::Running, Action::RetryJobResumed)
        .await
}

/// Ends a job. What it put back in the queue stays there.
///
/// # Errors
/// 404; 409 `job_over`.
pub async fn cancel(services: &Services, access: &Access, id: &RetryJobId) -> Result<RetryJob, Problem> {
    let from = [RetryJobState::Running, RetryJobState::Paused];
    turn(services, access, id, &from, RetryJobState::Canceled, Action::RetryJobCanceled).await
}

async fn turn(
    services: &Services,
    access: &Access,
    id: &RetryJobId,
    from: &[RetryJobState],
    to: RetryJobState,
    action: Action,
) -> Result<RetryJob, Problem> {
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let mut job = found(store::retry_jobs::lock(&mut tx, access.organization(), id).await?)?;
    if !from.contains(&job.state) {
        let code = match to {
            RetryJobState::Paused => "not_running",
            RetryJobState::Running => "not_paused",
            RetryJobState::Finished | RetryJobState::Canceled => "job_over",
        };
        return Err(Problem::conflict(code, format!("The batch is {} already.", job.state)));
    }
    (job.state, job.updated_at, job.behind_live_traffic) = (to, now, false);
    if to.is_final() {
        job.finished_at = Some(now);
        store::retry_jobs::delete_items(&mut tx, access.organization(), id, None).await?;
    }
    let due_at = (to == RetryJobState::Running).then_some(now);
    store::retry_jobs::update(&mut tx, &job, due_at).await?;
    let detail = json!({ "retried": job.retried, "left": job.total - job.done() });
    audit::record(&mut tx, access, now, action, id.as_str(), detail).await?;
    tx.commit().await?;
    services.feed.record_job(&job.organization_id, &job.id);
    services.retry_turn.notify_one();
    Ok(job)
}

fn found(job: Option<RetryJob>) -> Result<RetryJob, Problem> {
    job.ok_or_else(|| Problem::not_found("batch of retries"))
}

fn check(selection: &RetrySelection) -> Checks {
    let mut checks = Checks::default();
    match selection {
        RetrySelection::Ids { ids } => {
            let detail = format!("Name 1 to {MAX_AFFECTED} deliveries; for more use a filter.");
            checks.require((1..=MAX_AFFECTED).contains(&ids.len()), "/selection/ids", &detail);
        }
        RetrySelection::Filter { filter } => checks.no_nul(&json!({ "selection": { "filter": filter } })),
    }
    checks
}

/// What a selection comes to now, and whether that is all of it.
async fn sort(
    services: &Services,
    tx: &mut Tx,
    access: &Access,
    selection: &RetrySelection,
) -> store::Result<(Sorted, bool)> {
    let (organization, now) = (access.organization(), services.clock.now());
    match selection {
        RetrySelection::Filter { filter } => {
            let (rows, complete) = store::retry_jobs::candidates_by_filter(tx, organization, filter).await?;
            Ok((Sorted::of(rows, now), complete))
        }
        RetrySelection::Ids { ids } => {
            let mut wanted: Vec<DeliveryId> = ids.clone();
            wanted.sort();
            wanted.dedup();
            let rows = store::retry_jobs::candidates_by_ids(tx, organization, &wanted).await?;
            let known: HashSet<&DeliveryId> = rows.iter().map(|row| &row.id).collect();
            let missing: Vec<_> = wanted.iter().filter(|id| !known.contains(id)).cloned().collect();
            let mut sorted = Sorted::of(rows, now);
            for id in &missing {
                leave_out(&mut sorted.left_out, LeftOutReason::NotFound, id);
            }
            Ok((sorted, true))
        }
    }
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
