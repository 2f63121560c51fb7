//! What the dashboard does with the live feed.

use std::time::Duration;

use domain::live::LiveBatch;
use domain::status::CountedStatus;
use domain::time::{SECOND, Timestamp};
use leptos::prelude::*;

use super::{Dashboard, held};
use crate::ui::clock;
use crate::ui::realtime::LiveMessage;

/// Under load every push says that more changed than it carries; the dashboard is fetched this often at most.
const CATCH_UP_EVERY: i64 = SECOND;

/// Follows the feed for the life of the page.
pub fn listen(page: Dashboard) {
    let live = page.live;
    held::watch(live, page.state);
    let last = StoredValue::new(Timestamp(0));
    let planned = StoredValue::new(false);
    let fetch = move || {
        last.set_value(clock::now());
        catch_up(page);
    };
    let hear = Callback::new(move |message: LiveMessage| match message {
        LiveMessage::Batch(batch) => apply(page, *batch),
        LiveMessage::CatchUp => {
            let wait = CATCH_UP_EVERY - clock::now().since(last.get_value());
            if wait <= 0 {
                fetch();
            } else if !planned.get_value() {
                planned.set_value(true);
                let fire = move || {
                    // The page may be gone by then.
                    if planned.try_update_value(std::mem::take) == Some(true) {
                        fetch();
                    }
                };
                set_timeout(fire, Duration::from_micros(wait.unsigned_abs()));
            }
        }
    });
    live.listen(hear);

    // After a pause: what waited is shown, and the numbers stood still meanwhile.
    Effect::new(move |before: Option<(bool, bool)>| {
        let now = (live.paused(), live.rows_held());
        if before.is_some_and(|(paused, _)| paused && !now.0) {
            page.numbers.fetch();
        }
        if before.is_some_and(|(_, held)| held && !now.1) {
            page.log.show_waiting();
            if page.refusals.waiting.get_untracked() > 0 {
                page.refusals.fetch();
            }
        }
        now
    });
}

fn apply(page: Dashboard, batch: LiveBatch) {
    let (paused, held) = untrack(|| (page.live.paused(), page.live.rows_held()));
    if !paused {
        page.numbers.apply(&batch.deltas);
    }
    let open = page.state.selected_row_data.with_untracked(|row| row.as_ref().map(|row| row.id.clone()));
    if let Some(row) = batch.rows.iter().find(|row| Some(&row.id) == open.as_ref()) {
        page.state.take_in(row.clone());
    }
    let refused = batch.deltas.iter().filter(|delta| delta.status == CountedStatus::Rejected);
    let refused: i64 = refused.map(|delta| delta.by).sum();
    if !page.state.query.with_untracked(|query| query.lists_rejections()) {
        page.log.apply(batch.rows);
    } else if refused > 0 {
        page.refusals.heard(refused, held);
    }
}

/// Fetches everything that is shown, without moving rows that are held still.
pub fn catch_up(page: Dashboard) {
    let (paused, held) = untrack(|| (page.live.paused(), page.live.rows_held()));
    if !paused {
        page.numbers.fetch();
    }
    if page.state.query.with_untracked(|query| query.lists_rejections()) {
        if !held {
            page.refusals.fetch();
        }
    } else {
        page.log.fetch();
    }
    page.caught_up.update(|count| *count += 1);
}
