//! A batch of failed deliveries on its way to another attempt: grouped by what stopped them, then retried one by one.

use std::collections::{BTreeMap, HashSet};

use domain::delivery::{Delivery, ErrorClass};
use domain::error::Problem;
use domain::id::DeliveryId;
use domain::status::DeliveryStatus;

use super::format::counted;

/// What stopped a delivery: its class, and the HTTP status where that is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The class; absent when nothing was tried or it was canceled before.
    pub class: Option<ErrorClass>,
    /// The HTTP status, for [`ErrorClass::Http`].
    pub code: Option<i64>,
}

impl Cause {
    /// What stopped the last attempt of `delivery`.
    pub fn of(delivery: &Delivery) -> Self {
        let code = delivery.response_code.filter(|_| delivery.error_class == Some(ErrorClass::Http));
        Self { class: delivery.error_class, code }
    }

    /// For people, as the head of a group.
    pub fn words(self) -> String {
        let Some(class) = self.class else { return "No attempt failed".into() };
        match (class, self.code) {
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

    /// Whether the same payload is likely to fail the same way again until somebody changes something.
    pub fn needs_a_fix(self) -> bool {
        match self.class {
            Some(ErrorClass::Http) => {
                self.code.is_some_and(|code| (400..500).contains(&code) && !matches!(code, 408 | 425 | 429))
            }
            Some(class) => {
                matches!(
                    class,
                    ErrorClass::Blocked | ErrorClass::Mapping | ErrorClass::Configuration | ErrorClass::Tls
                )
            }
            None => false,
        }
    }
}

/// Deliveries that were stopped by the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What stopped them.
    pub cause: Cause,
    /// They, in the order of the selection; never empty.
    pub rows: Vec<Delivery>,
}

/// The affected deliveries of a selection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedBatch {
    /// The largest group first.
    pub groups: Vec<Group>,
    /// Why others of the selection are left out, and how many.
    pub left_out: Vec<(&'static str, usize)>,
}

impl FailedBatch {
    /// Sorts a selection. What cannot be retried is counted by its reason, never dropped silently.
    pub fn of(selection: &[Delivery]) -> Self {
        let mut groups: BTreeMap<Cause, Vec<Delivery>> = BTreeMap::new();
        let mut left_out: BTreeMap<&'static str, usize> = BTreeMap::new();
        for delivery in selection {
            match why_not(delivery) {
                Some(reason) => *left_out.entry(reason).or_default() += 1,
                None => groups.entry(Cause::of(delivery)).or_default().push(delivery.clone()),
            }
        }
        let mut groups: Vec<_> = groups.into_iter().map(|(cause, rows)| Group { cause, rows }).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.rows.len()));
        Self { groups, left_out: left_out.into_iter().collect() }
    }

    /// The ids of the chosen groups, in the order of the groups.
    pub fn chosen(&self, is_chosen: impl Fn(&Cause) -> bool) -> Vec<DeliveryId> {
        let chosen = self.groups.iter().filter(|group| is_chosen(&group.cause));
        chosen.flat_map(|group| group.rows.iter().map(|row| row.id.clone())).collect()
    }

    /// How many of all rows are dead letters.
    pub fn dead_letters(&self) -> usize {
        let rows = self.groups.iter().flat_map(|group| &group.rows);
        rows.filter(|row| row.status == DeliveryStatus::DeadLetter).count()
    }
}

fn why_not(delivery: &Delivery) -> Option<&'static str> {
    match delivery.status {
        _ if delivery.error_class == Some(ErrorClass::Expired) => Some("payload expired"),
        status if status.can_retry() => None,
        DeliveryStatus::Delivered => Some("delivered"),
        _ => Some("under way"),
    }
}

/// How far a batch is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// All of them, in their turn.
    ids: Vec<DeliveryId>,
    /// Those that were put back in the queue.
    pub retried: usize,
    /// Those that were refused, with the reason.
    pub refused: Vec<(DeliveryId, Problem)>,
    /// Whether a person stopped it.
    pub stopped: bool,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(ids: Vec<DeliveryId>) -> Self {
        Self { ids, ..Self::default() }
    }
    /// How many there are.
    pub fn total(&self) -> usize {
        self.ids.len()
    }
    /// How many were asked for, successfully or not.
    pub fn done(&self) -> usize {
        self.retried + self.refused.len()
    }
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        self.stopped || self.done() >= self.total()
    }
    /// The one whose turn it is; nothing once it is over.
    pub fn next(&self) -> Option<DeliveryId> {
        self.ids.get(self.done()).filter(|_| !self.stopped).cloned()
    }
    /// Takes the answer for the one whose turn it was into account, also when a person stopped it meanwhile.
    pub fn note<T>(&mut self, answer: Result<T, Problem>) {
        match (answer, self.ids.get(self.done())) {
            (Err(problem), Some(id)) => self.refused.push((id.clone(), problem)),
            _ => self.retried += 1,
        }
    }
    /// Those that are still to be done: refused, or never asked for.
    pub fn undone(&self) -> HashSet<DeliveryId> {
        let refused = self.refused.iter().map(|(id, _)| id);
        refused.chain(self.ids.iter().skip(self.done())).cloned().collect()
    }
    /// Refusals by their sentence, most frequent first.
    pub fn reasons(&self) -> Vec<(&str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, problem) in &self.refused {
            *counts.entry(&problem.detail).or_default() += 1;
        }
        let mut reasons: Vec<_> = counts.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        reasons
    }
    /// The result in one line: "11 retried, 1 refused".
    pub fn words(&self) -> String {
        let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let mut words = vec![counted(size(self.retried), "delivery retried", "deliveries retried")];
        if !self.refused.is_empty() {
            words.push(format!("{} refused", super::format::count(size(self.refused.len()))));
        }
        if self.stopped && self.done() < self.total() {
            words.push(format!("{} left", super::format::count(size(self.total() - self.done()))));
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests;
