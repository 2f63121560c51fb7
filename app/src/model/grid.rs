//! The grid's list: what is known of the store's list, in its order, each row once, and what arrived but waits.
//!
//! A push is a hint and can be lost, the store is the truth. So every row remembers the generation in which it was
//! last *checked*: that it stands as the store has it, with nothing between it and the row before it. A loss
//! ([`List::missed`]) begins a new generation and makes everything doubtful; what is in view is then asked for again
//! ([`questions`]). Pushes change rows, but prove nothing about the gaps between them.
//!
//! Invariants: rows are in the order of their ids, which is the store's and never changes; nothing that lies beyond
//! the [`Tail`] is in the list; one question is open at a time, and its answer undoes nothing that was heard since it
//! was asked.

mod questions;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

use domain::delivery::Delivery;
use domain::filter::{DeliveryFilter, SortOrder};
use domain::id::DeliveryId;
use domain::status::DeliveryStatus;

use self::questions::Open;
pub use self::questions::Question;

/// Rows of a list at most: what a browser has room for. Whoever wants older ones narrows the range.
pub const MAX_ROWS: usize = 100_000;

/// Rows that nobody scrolled to and that are kept all the same; older ones are fetched again when somebody does.
pub const LIVE_ROWS: usize = 1_000;

/// Rows that wait at most; the newest ones beyond it are fetched when they are to be shown.
pub const MAX_WAITING: usize = 5_000;

/// A row, and when it was last compared with the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    delivery: Arc<Delivery>,
    checked: u32,
}

impl Row {
    /// What it shows.
    pub fn delivery(&self) -> &Arc<Delivery> {
        &self.delivery
    }
}

impl Deref for Row {
    type Target = Delivery;

    fn deref(&self) -> &Delivery {
        &self.delivery
    }
}

/// How far the list goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tail {
    /// Nothing was fetched yet.
    Unknown,
    /// Up to this row; the store has more.
    At(DeliveryId),
    /// To the store's end, when that was last looked at.
    End {
        /// The generation of the look.
        checked: u32,
    },
}

/// How rows take changes.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// They stay where they are: known ones change in place, new ones wait.
    pub held: bool,
    /// The row in the drawer, which stays whatever becomes of it.
    pub open: Option<&'a DeliveryId>,
}

/// What a change did to the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Rows that are new in the list.
    pub fresh: Vec<DeliveryId>,
    /// Rows that left it.
    pub gone: Vec<DeliveryId>,
}

/// The rows of a tab.
#[derive(Clone, Debug)]
pub struct List {
    filter: DeliveryFilter,
    rows: Vec<Row>,
    waiting: Vec<Row>,
    /// Newer rows were let go because too many wait.
    waiting_cut: bool,
    tail: Tail,
    generation: u32,
    /// As many rows as a person has scrolled for.
    wanted: usize,
    /// Rows that the store's list no longer has; what became of them is still to be asked.
    left: Vec<DeliveryId>,
    question: Option<Open>,
}

impl Default for List {
    fn default() -> Self {
        Self::new(DeliveryFilter::default())
    }
}

impl Deref for List {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.rows
    }
}

impl List {
    /// Nothing known yet of what `filter` asks for.
    pub fn new(filter: DeliveryFilter) -> Self {
        Self {
            filter,
            rows: Vec::new(),
            waiting: Vec::new(),
            waiting_cut: false,
            tail: Tail::Unknown,
            generation: 0,
            wanted: 0,
            left: Vec::new(),
            question: None,
        }
    }

    /// What is listed, and in which order.
    pub fn filter(&self) -> &DeliveryFilter {
        &self.filter
    }

    /// Where a row stands.
    pub fn index_of(&self, id: &DeliveryId) -> Option<usize> {
        find(&self.rows, self.filter.sort, id).ok()
    }

    /// A row.
    pub fn find(&self, id: &DeliveryId) -> Option<&Row> {
        self.index_of(id).map(|index| &self.rows[index])
    }

    /// Whether the store has more beyond the last row.
    pub fn has_more(&self) -> bool {
        matches!(self.tail, Tail::At(_))
    }

    /// Whether an answer has come.
    pub fn is_loaded(&self) -> bool {
        self.tail != Tail::Unknown
    }

    /// Counts how often something was missed.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// How many rows wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether more may wait than is known: something was missed since the store was asked.
    pub fn may_wait_more(&self) -> bool {
        let current = |row: &Row| row.checked >= self.generation;
        let edge = match (self.filter.sort, &self.tail) {
            (SortOrder::Newest, _) => self.rows.first().is_none_or(current),
            (SortOrder::Oldest, Tail::End { checked }) => *checked >= self.generation,
            (SortOrder::Oldest, _) => true,
        };
        self.waiting_cut || !edge || !self.waiting.iter().all(current)
    }

    /// The rows of a selection, in the list's order.
    pub fn chosen<'a>(&'a self, ids: &'a HashSet<DeliveryId>) -> impl Iterator<Item = &'a Row> {
        // Few of many are looked up, many of many are walked past.
        let few = ids.len() * 16 < self.rows.len();
        let mut places: Vec<usize> = Vec::new();
        if few {
            places.extend(ids.iter().filter_map(|id| self.index_of(id)));
            places.sort_unstable();
        }
        let walked = self.rows.iter().filter(move |row| !few && ids.contains(&row.id));
        places.into_iter().map(|place| &self.rows[place]).chain(walked)
    }

    /// Something was missed: what is shown is to be compared with the store.
    pub fn missed(&mut self) {
        self.generation += 1;
    }

    /// Takes in what was pushed.
    pub fn hear(&mut self, changed: Vec<Arc<Delivery>>, how: Manner<'_>) -> Change {
        if let Some(open) = &mut self.question {
            open.heard.extend(changed.iter().cloned());
        }
        self.apply(changed, how)
    }

    /// Takes in the newest state of a row that is in the list; nothing else happens.
    pub fn update(&mut self, row: &Arc<Delivery>) {
        if let Some(open) = &mut self.question {
            open.heard.push(row.clone());
        }
        if let Ok(index) = find(&self.rows, self.filter.sort, &row.id) {
            renew(&mut self.rows[index], row);
        }
    }

    /// Ends the standstill: what waits goes in, what no longer fits goes out.
    pub fn release(&mut self, open: Option<&DeliveryId>) -> Change {
        let mut change = Change::default();
        let filter = self.filter.clone();
        self.remove(&mut change.gone, |row| !filter.admits(row) && open != Some(&row.id));
        let waiting = std::mem::take(&mut self.waiting);
        if std::mem::take(&mut self.waiting_cut) {
            self.missed();
        }
        change.fresh = waiting.iter().map(|row| row.id.clone()).collect();
        merge(&mut self.rows, waiting, self.filter.sort);
        self.trim(&mut change.gone);
        change
    }

    fn apply(&mut self, changed: Vec<Arc<Delivery>>, how: Manner<'_>) -> Change {
        let order = self.filter.sort;
        let mut change = Change::default();
        let (mut new, mut held, mut leaves) = (Vec::new(), Vec::new(), HashSet::new());
        for row in newest_of_each(changed, order) {
            let fits = self.filter.admits(&row);
            match find(&self.rows, order, &row.id) {
                Ok(index) if fits || how.held || how.open == Some(&row.id) => {
                    renew(&mut self.rows[index], &row);
                }
                Ok(index) if supersedes(&row, &self.rows[index]) => {
                    leaves.insert(row.id.clone());
                }
                Ok(_) => {}
                Err(_) if !fits => {
                    if let Ok(index) = find(&self.waiting, order, &row.id)
                        && supersedes(&row, &self.waiting[index])
                    {
                        self.waiting.remove(index);
                    }
                }
                Err(_) if self.is_beyond(&row.id) => {}
                Err(_) => {
                    let row = Row { checked: self.checked_before(&row.id), delivery: row };
                    match find(&self.waiting, order, &row.id) {
                        Ok(index) => renew(&mut self.waiting[index], &row.delivery),
                        Err(_) if how.held => held.push(row),
                        Err(_) => new.push(row),
                    }
                }
            }
        }
        if !leaves.is_empty() {
            self.remove(&mut change.gone, |row| leaves.contains(&row.id));
        }
        change.fresh = new.iter().map(|row: &Row| row.id.clone()).collect();
        merge(&mut self.rows, new, order);
        merge(&mut self.waiting, held, order);
        self.bound_waiting();
        if !how.held {
            self.trim(&mut change.gone);
        }
        change
    }

    /// Whether a row lies where nothing was loaded yet.
    fn is_beyond(&self, id: &DeliveryId) -> bool {
        match &self.tail {
            Tail::Unknown => true,
            Tail::At(last) => self.filter.sort.compare(id, last) == Ordering::Greater,
            Tail::End { .. } => false,
        }
    }

    /// When the gap into which a new row falls was last checked: it belongs to the next row, which may wait.
    fn checked_before(&self, id: &DeliveryId) -> u32 {
        let order = self.filter.sort;
        let next = |rows: &[Row]| rows.partition_point(|row| order.compare(&row.id, id) == Ordering::Less);
        let row = self.rows.get(next(&self.rows));
        let waits = self.waiting.get(next(&self.waiting));
        let nearer = match (row, waits) {
            (Some(row), Some(waits)) if order.compare(&waits.id, &row.id) == Ordering::Less => Some(waits),
            (Some(row), _) => Some(row),
            (None, waits) => waits,
        };
        match (nearer, &self.tail) {
            (Some(next), _) => next.checked,
            (None, Tail::End { checked }) => *checked,
            (None, _) => 0,
        }
    }

    /// Takes rows out; the gaps on both sides of each become one, as doubtful as the worse of the two.
    fn remove(&mut self, gone: &mut Vec<DeliveryId>, leaves: impl Fn(&Row) -> bool) {
        let mut worst = u32::MAX;
        self.rows.retain_mut(|row| {
            if leaves(row) {
                worst = worst.min(row.checked);
                gone.push(row.id.clone());
                return false;
            }
            row.checked = row.checked.min(std::mem::replace(&mut worst, u32::MAX));
            true
        });
        if let Tail::End { checked } = &mut self.tail {
            *checked = worst.min(*checked);
        }
    }

    /// Lets go of rows at the end that nobody scrolled to.
    fn trim(&mut self, gone: &mut Vec<DeliveryId>) {
        let room = match self.filter.sort {
            SortOrder::Newest => self.wanted.clamp(LIVE_ROWS, MAX_ROWS),
            // What arrives stands at the end.
            SortOrder::Oldest => MAX_ROWS,
        };
        if self.rows.len() > room {
            gone.extend(self.rows.drain(room..).map(|row| row.id.clone()));
            if let Some(last) = self.rows.last() {
                self.tail = Tail::At(last.id.clone());
            }
        }
    }

    fn bound_waiting(&mut self) {
        if self.waiting.len() > MAX_WAITING {
            let more = self.waiting.len() - MAX_WAITING;
            match self.filter.sort {
                SortOrder::Newest => drop(self.waiting.drain(..more)),
                SortOrder::Oldest => self.waiting.truncate(MAX_WAITING),
            }
            self.waiting_cut = true;
        }
    }
}

/// `row` as it will be when the server agrees to what a person asked for. It is no newer than `row`, so that both the
/// server's answer and, after a refusal, `row` itself replace it.
pub fn expected(row: &Delivery, to: DeliveryStatus) -> Delivery {
    Delivery { status: to, next_attempt_at: None, ..row.clone() }
}

fn find(rows: &[Row], order: SortOrder, id: &DeliveryId) -> Result<usize, usize> {
    rows.binary_search_by(|row| order.compare(&row.id, id))
}

/// Whether `new` says more than `old` about the same delivery. Pushes and answers may overtake each other.
fn supersedes(new: &Delivery, old: &Delivery) -> bool {
    new.updated_at >= old.updated_at
}

fn renew(row: &mut Row, new: &Arc<Delivery>) {
    if supersedes(new, &row.delivery) {
        row.delivery = new.clone();
    }
}

/// Of several states of a row only the newest, in the list's order.
fn newest_of_each(mut rows: Vec<Arc<Delivery>>, order: SortOrder) -> Vec<Arc<Delivery>> {
    // Of several that are equally new the one that came last counts.
    rows.reverse();
    rows.sort_by(|a, b| order.compare(&a.id, &b.id).then(b.updated_at.cmp(&a.updated_at)));
    rows.dedup_by(|later, kept| later.id == kept.id);
    rows
}

/// Puts new rows among others, both in the list's order, in one pass over what lies behind the first of them.
fn merge(rows: &mut Vec<Row>, new: Vec<Row>, order: SortOrder) {
    let Some(first) = new.first() else { return };
    let behind =
        rows.split_off(rows.partition_point(|row| order.compare(&row.id, &first.id) == Ordering::Less));
    rows.reserve(behind.len() + new.len());
    let mut new = new.into_iter().peekable();
    for old in behind {
        while let Some(row) = new.next_if(|row| order.compare(&row.id, &old.id) == Ordering::Less) {
            rows.push(row);
        }
        // A row that is there already stays; whoever calls has renewed it.
        new.next_if(|row| row.id == old.id);
        rows.push(old);
    }
    rows.extend(new);
}
