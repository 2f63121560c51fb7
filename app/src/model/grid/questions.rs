//! What a list asks the store, and how it takes the answer.
//!
//! A page answers for a span of the list: from the row it was asked after up to its last row, or to the list's end
//! when there is no next page. Within the span the page is the truth of the moment when the store was read.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use domain::delivery::Delivery;
use domain::filter::SortOrder;
use domain::id::DeliveryId;

use super::{Change, List, MAX_ROWS, Manner, Row, Tail, find, renew, supersedes};

/// Rows of the first page, and of one that looks again at what is shown.
const PAGE: u32 = 100;

/// Rows of a page that continues the list.
const MORE: u32 = 500;

/// Rows that are asked for by their ids at once, at most.
const IDS: usize = 200;

/// Something to ask the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A page of the list.
    Page {
        /// The row it begins after.
        after: Option<DeliveryId>,
        /// How many rows.
        limit: u32,
    },
    /// Rows that left the list: their newest state.
    Rows(Vec<DeliveryId>),
}

/// The question that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Open {
    question: Question,
    generation: u32,
    /// What was pushed since: the answer may not know of it yet.
    pub(super) heard: Vec<Arc<Delivery>>,
}

impl List {
    /// Asks for the first page.
    pub fn ask_first(&mut self) -> Option<Question> {
        self.ask(Question::Page { after: None, limit: PAGE })
    }

    /// Asks for the page after the last row.
    pub fn ask_more(&mut self) -> Option<Question> {
        let Tail::At(last) = &self.tail else { return None };
        let room = u32::try_from(MAX_ROWS.saturating_sub(self.len())).unwrap_or(MORE);
        let question = Question::Page { after: Some(last.clone()), limit: MORE.min(room) };
        if room == 0 { None } else { self.ask(question) }
    }

    /// Asks again for what is doubtful of the rows in `view`, then of what waits; `None` when there is nothing.
    pub fn ask_doubtful(&mut self, view: Range<usize>, held: bool) -> Option<Question> {
        if !self.left.is_empty() {
            let many = self.left.len().min(IDS);
            let ids = self.left.drain(..many).collect();
            return self.ask(Question::Rows(ids));
        }
        let end = view.end.min(self.len());
        let start = view.start.min(end);
        let doubtful = (start..end).find(|index| self[*index].checked < self.generation);
        if let Some(index) = doubtful {
            let after = self.before(&self[index].id);
            let limit = u32::try_from(end - index).unwrap_or(PAGE).clamp(PAGE / 2, 2 * PAGE);
            return self.ask(Question::Page { after, limit });
        }
        let ends_in_view = end == self.len();
        if ends_in_view && matches!(self.tail, Tail::End { checked } if checked < self.generation) {
            let after = self.rows.iter().chain(&self.waiting).map(|row| &row.id);
            let after = after.max_by(|a, b| self.filter.sort.compare(*a, *b)).cloned();
            return self.ask(Question::Page { after, limit: PAGE });
        }
        if held && self.filter.sort == SortOrder::Newest && !self.waiting_cut {
            let doubtful = self.waiting.iter().chain(self.rows.first());
            let doubtful = doubtful.filter(|row| row.checked < self.generation).map(|row| row.id.clone());
            let newest = doubtful.min_by(|a, b| self.filter.sort.compare(a, b));
            if let Some(id) = newest {
                let after = self.before(&id);
                return self.ask(Question::Page { after, limit: 2 * PAGE });
            }
        }
        None
    }

    /// Whether an answer is awaited.
    pub fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// The open question has no answer; it may be asked again.
    pub fn give_up(&mut self) {
        if let Some(Open { question: Question::Rows(ids), .. }) = self.question.take() {
            self.left.extend(ids);
        }
    }

    /// Takes the page that was asked for; `more` when there is a next one.
    pub fn answer(&mut self, page: Vec<Delivery>, more: bool, how: Manner<'_>) -> Change {
        let Some(open) = self.question.take() else { return Change::default() };
        let Question::Page { after, .. } = open.question else { return Change::default() };
        let first = self.tail == Tail::Unknown;
        let continues = matches!(&self.tail, Tail::At(last) if after.as_ref() == Some(last));
        let page = page.into_iter().map(Arc::new).collect();
        let gone = self.settle(after.as_ref(), page, more, open.generation, how);
        if first || continues {
            self.wanted = self.wanted.max(self.len());
        }
        let mut change = self.apply(open.heard, how);
        change.gone.extend(gone);
        change
    }

    /// Takes the rows that were asked for by their ids; those that are missing are gone.
    pub fn answer_rows(&mut self, rows: Vec<Delivery>, how: Manner<'_>) -> Change {
        let Some(open) = self.question.take() else { return Change::default() };
        let Question::Rows(ids) = open.question else { return Change::default() };
        let rows: Vec<_> = rows.into_iter().map(Arc::new).collect();
        let is_gone = |row: &Row| ids.contains(&row.id) && !rows.iter().any(|other| other.id == row.id);
        let mut gone = Vec::new();
        self.remove(&mut gone, is_gone);
        let mut changed = rows;
        changed.extend(open.heard);
        let mut change = self.apply(changed, how);
        change.gone.extend(gone);
        change
    }

    fn ask(&mut self, question: Question) -> Option<Question> {
        if self.question.is_some() {
            return None;
        }
        let open = Open { question: question.clone(), generation: self.generation, heard: Vec::new() };
        self.question = Some(open);
        Some(question)
    }

    /// The row before another one, also when it waits.
    fn before(&self, id: &DeliveryId) -> Option<DeliveryId> {
        let order = self.filter.sort;
        let last = |rows: &[Row]| {
            let place = rows.partition_point(|row| order.compare(&row.id, id) == Ordering::Less);
            place.checked_sub(1).map(|place| rows[place].id.clone())
        };
        let candidates = last(&self.rows).into_iter().chain(last(&self.waiting));
        candidates.max_by(|a, b| order.compare(a, b))
    }

    /// Makes the rows of a span what the store says. Returns what left.
    fn settle(
        &mut self,
        after: Option<&DeliveryId>,
        page: Vec<Arc<Delivery>>,
        more: bool,
        checked: u32,
        how: Manner<'_>,
    ) -> Vec<DeliveryId> {
        let order = self.filter.sort;
        let last = page.last().filter(|_| more).map(|row| row.id.clone());
        let span = |rows: &[Row]| {
            let not_after =
                |id: &DeliveryId| rows.partition_point(|row| order.compare(&row.id, id) != Ordering::Greater);
            let start = after.map_or(0, not_after);
            start..last.as_ref().map_or(rows.len(), not_after).max(start)
        };
        let waiting = span(&self.waiting);
        let waited = self.waiting.drain(waiting.clone()).collect::<Vec<_>>();
        let known = span(&self.rows);
        let start = known.start;
        let mut known = self.rows.drain(known).collect::<Vec<_>>().into_iter().peekable();
        let (mut rows, mut waits, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        let mut leave = |row: Row, rows: &mut Vec<Row>, left: &mut Vec<DeliveryId>| {
            if how.held || how.open == Some(&row.id) {
                left.push(row.id.clone());
                rows.push(Row { checked, ..row });
            } else {
                gone.push(row.id.clone());
            }
        };
        for delivery in page {
            while let Some(row) = known.next_if(|row| order.compare(&row.id, &delivery.id) == Ordering::Less)
            {
                leave(row, &mut rows, &mut self.left);
            }
            let mut row = Row { delivery, checked };
            if let Some(old) = known.next_if(|old| old.id == row.id) {
                newer(&mut row, &old);
                rows.push(row);
                continue;
            }
            if let Ok(index) = find(&waited, order, &row.id) {
                newer(&mut row, &waited[index]);
            }
            if how.held && !self.is_beyond(&row.id) { waits.push(row) } else { rows.push(row) }
        }
        for row in known {
            leave(row, &mut rows, &mut self.left);
        }
        self.rows.splice(start..start, rows);
        self.waiting.splice(waiting.start..waiting.start, waits);
        self.bound_waiting();
        self.tail = match (last, std::mem::replace(&mut self.tail, Tail::Unknown)) {
            (None, _) => Tail::End { checked },
            (Some(last), Tail::Unknown) => Tail::At(last),
            (Some(last), Tail::At(old)) if order.compare(&last, &old) == Ordering::Greater => Tail::At(last),
            // The list has grown beyond its end, further than the page goes.
            (Some(last), Tail::End { .. }) if self.rows.last().is_some_and(|row| row.id == last) => {
                Tail::At(last)
            }
            (Some(_), old) => old,
        };
        gone
    }
}

/// Keeps what was known of a row when that is newer than the answer.
fn newer(row: &mut Row, old: &Row) {
    if !supersedes(&row.delivery, &old.delivery) {
        renew(row, &old.delivery);
    }
}
