//! A batch of failed deliveries in words: what stopped them, what is left out, how far it is, what became of it.

use domain::delivery::ErrorClass;
use domain::id::RetryJobId;
use domain::retry_job::{
    Cause, LeftOut, LeftOutReason, RetryJob, RetryJobDetail, RetryJobState, RetryPreview,
};
use domain::time::{MINUTE, SECOND, Timestamp};

use super::format::{count, counted, duration_short};

/// What stopped deliveries, as the head of a group.
pub fn cause_words(cause: Cause) -> String {
    let Some(class) = cause.class else { return "No attempt failed".into() };
    match (class, cause.code) {
        (ErrorClass::Http, Some(code)) => format!("The destination answered {code}"),
        (ErrorClass::Http, None) => "The destination refused it".into(),
        (ErrorClass::Dns, _) => "The name was not found".into(),
        (ErrorClass::Connect, _) => "No connection".into(),
        (ErrorClass::Tls, _) => "No secure channel".into(),
        (ErrorClass::Timeout, _) => "No answer in time".into(),
        (ErrorClass::Reset, _) => "The connection broke".into(),
        (ErrorClass::Blocked, _) => "The address is not allowed".into(),
        (ErrorClass::Mapping, _) => "The mapping failed".into(),
        (ErrorClass::Expired, _) => "The payload has expired".into(),
        (ErrorClass::Configuration, _) => "The route cannot be used as it is".into(),
        (ErrorClass::Interrupted, _) => "The attempt was interrupted".into(),
        (ErrorClass::Protocol, _) => "The answer was not HTTP".into(),
    }
}

const fn reason_words(reason: LeftOutReason) -> &'static str {
    match reason {
        LeftOutReason::PayloadExpired => "payload expired",
        LeftOutReason::Delivered => "delivered already",
        LeftOutReason::UnderWay => "under way",
        LeftOutReason::NotFound => "not there any more",
        LeftOutReason::ChangedMeanwhile => "changed meanwhile",
    }
}

/// "2 delivered already, 1 under way"; nothing when nothing is left out.
pub fn left_out_words(left_out: &[LeftOut]) -> Option<String> {
    let words: Vec<_> =
        left_out.iter().map(|some| format!("{} {}", count(some.count), reason_words(some.reason))).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// What a preview does not cover, when it does not cover everything.
pub fn bound_words(preview: &RetryPreview) -> Option<&'static str> {
    let all = preview.affected() + preview.left_out.iter().map(|some| some.count).sum::<i64>();
    let is_full = usize::try_from(all).unwrap_or(usize::MAX) >= domain::retry_job::MAX_AFFECTED;
    match (preview.complete, is_full) {
        (true, _) => None,
        (false, true) => Some(
            "More than 10,000 match. This batch takes the newest 10,000; start another one for the rest.",
        ),
        (false, false) => Some(
            "There are more failures in this time than are looked at. These are the matches among the newest 50,000.",
        ),
    }
}

/// The head of a job.
pub fn title(job: &RetryJob) -> String {
    let all = || counted(job.total, "failed delivery", "failed deliveries");
    match job.state {
        RetryJobState::Running => format!("Retrying {}", all()),
        RetryJobState::Paused => format!("Retrying {}, paused", all()),
        RetryJobState::Finished if job.retried == job.total => {
            counted(job.total, "delivery retried", "deliveries retried")
        }
        RetryJobState::Finished => {
            format!("{} of {} retried", count(job.retried), counted(job.total, "delivery", "deliveries"))
        }
        RetryJobState::Canceled => {
            format!(
                "Stopped: {} of {} retried",
                count(job.retried),
                counted(job.total, "delivery", "deliveries")
            )
        }
    }
}

/// How far a job is and what became of its deliveries: "38 done: 34 delivered, 4 failed again. 26 to go, about 3 s."
pub fn progress_words(detail: &RetryJobDetail) -> String {
    let RetryJobDetail { job, outcome } = detail;
    let mut parts = Vec::new();
    let mut say = |number: i64, words: &str| {
        if number > 0 {
            parts.push(format!("{} {words}", count(number)));
        }
    };
    say(outcome.delivered, "delivered");
    say(outcome.failed, "failed again");
    say(outcome.under_way, "under way");
    say(outcome.canceled, "canceled");
    let known = outcome.delivered + outcome.failed + outcome.under_way + outcome.canceled;
    say(job.retried - known, "in a later batch");
    say(job.skipped_count(), "not retried");
    let mut words = match parts.is_empty() {
        true => format!("{} done.", count(job.done())),
        false => format!("{} done: {}.", count(job.done()), parts.join(", ")),
    };
    let left = job.total - job.done();
    if !job.state.is_final() && left > 0 {
        let time = duration_short(left * SECOND / job.per_second.max(1));
        words.push_str(&match job.state {
            RetryJobState::Paused => format!(" {} to go.", count(left)),
            _ if job.behind_live_traffic => format!(" {} to go, behind live traffic.", count(left)),
            _ => format!(" {} to go, about {time}.", count(left)),
        });
    }
    words
}

/// How long a job that is over is still shown to whoever opens the page, microseconds.
const RECENT: i64 = 15 * MINUTE;
/// Dismissed jobs that are remembered: more than are ever shown.
const DISMISSED: usize = 40;

/// Whether a job is worth a place above the grid when the page opens.
pub fn is_shown(job: &RetryJob, dismissed: &[RetryJobId], now: Timestamp) -> bool {
    let recent = job.finished_at.is_none_or(|finished| now.since(finished) < RECENT);
    recent && !dismissed.contains(&job.id)
}

/// The dismissed jobs as the browser keeps them: ids with spaces between, newest last. What cannot be read is gone.
pub fn read_dismissed(text: &str) -> Vec<RetryJobId> {
    text.split(' ').filter_map(|id| id.parse().ok()).collect()
}

/// The same with another one.
pub fn with_dismissed(mut dismissed: Vec<RetryJobId>, id: RetryJobId) -> (Vec<RetryJobId>, String) {
    dismissed.push(id);
    let over = dismissed.len().saturating_sub(DISMISSED);
    dismissed.drain(..over);
    let text = dismissed.iter().map(RetryJobId::as_str).collect::<Vec<_>>().join(" ");
    (dismissed, text)
}

/// Whether what is known about a job may still change by itself.
pub fn is_moving(detail: &RetryJobDetail) -> bool {
    detail.job.state == RetryJobState::Running || detail.outcome.under_way > 0
}

/// Puts a job's newest state in its place, or in front when it is new.
pub fn upsert(batches: &mut Vec<RetryJobDetail>, detail: RetryJobDetail) {
    match batches.iter_mut().find(|known| known.job.id == detail.job.id) {
        // Answers may overtake each other.
        Some(known) if known.job.updated_at > detail.job.updated_at => {}
        Some(known) => *known = detail,
        None => batches.insert(0, detail),
    }
}

#[cfg(test)]
mod tests;
