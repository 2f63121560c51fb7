//! Keeps the rows near the window in the document, and room for the others, while the page scrolls.
//!
//! Rows are of one height, which is measured: it differs with density, pointer and width. What stands in for rows
//! that are not there are two bodies of the table, above and below.

use std::ops::Range;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{FocusOptions, HtmlElement, ResizeObserver};

use crate::model::row_window::{Place, near};
use crate::ui::browser;

/// A row's height until one is measured.
const ROW: f64 = 33.0;

/// The rows of one table that are in the document.
#[derive(Clone, Copy)]
pub struct RowWindow {
    /// Where they begin and end among all rows.
    pub range: Memo<Range<usize>>,
    /// The table's head, which covers rows while the page scrolls.
    pub head: NodeRef<html::Thead>,
    /// What stands in for the rows above.
    pub above: NodeRef<html::Tbody>,
    /// The rows.
    pub rows: NodeRef<html::Tbody>,
    len: Memo<usize>,
    in_sight: RwSignal<(usize, usize)>,
    height: RwSignal<f64>,
    planned: StoredValue<bool>,
}

impl RowWindow {
    /// Watches for the life of the caller; `len` is how many rows there are.
    pub fn watch(len: Memo<usize>) -> Self {
        let room = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0) / ROW;
        let in_sight = RwSignal::new((0, room.ceil() as usize));
        let this = Self {
            range: Memo::new(move |_| near(in_sight.get(), len.get())),
            head: NodeRef::new(),
            above: NodeRef::new(),
            rows: NodeRef::new(),
            len,
            in_sight,
            height: RwSignal::new(ROW),
            planned: StoredValue::new(false),
        };
        let scrolls = window_event_listener(ev::scroll, move |_| this.measure_soon());
        let resizes = window_event_listener(ev::resize, move |_| this.measure_soon());
        // What stands above the table may grow, without anybody scrolling.
        let grown = Closure::<dyn FnMut()>::new(move || this.measure_soon());
        let observer = ResizeObserver::new(grown.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(body)) = (&observer, document().body()) {
            observer.observe(&body);
        }
        let kept = StoredValue::new_local((observer, grown));
        on_cleanup(move || {
            scrolls.remove();
            resizes.remove();
            kept.try_with_value(|(observer, _)| observer.as_ref().map(ResizeObserver::disconnect));
        });
        this
    }

    /// The room that rows above the window take, and those below, in pixels; reactive.
    fn room(self) -> (f64, f64) {
        let (range, height) = (self.range.get(), self.height.get());
        let below = self.len.get().saturating_sub(range.end);
        (range.start as f64 * height, below as f64 * height)
    }

    /// The first row in sight, and how many there are room for.
    pub fn in_sight(self) -> (usize, usize) {
        self.in_sight.get_untracked()
    }

    /// Scrolls a row into sight, and puts it into the document.
    pub fn reveal(self, index: usize) {
        self.measure();
        if let Some(way) = self.place().and_then(|place| place.way_to(index)) {
            window().scroll_by_with_x_and_y(0.0, way);
            self.measure();
        }
    }

    /// Scrolls a row into sight and gives it the focus.
    pub fn focus(self, index: usize, id: &str) {
        self.reveal(index);
        let selector = format!("tr[data-id=\"{id}\"]");
        if !focus_without_scrolling(&selector) {
            // It is in the document with the next frame.
            request_animation_frame(move || _ = focus_without_scrolling(&selector));
        }
    }

    fn place(self) -> Option<Place> {
        let above = self.above.get_untracked()?;
        let head = self.head.get_untracked().and_then(|head| head.query_selector("th").ok().flatten());
        let bar = document().query_selector(".topbar").ok().flatten();
        let covers = [head, bar].into_iter().flatten().map(|cover| cover.get_bounding_client_rect().bottom());
        Some(Place {
            start: above.get_bounding_client_rect().top(),
            row: self.height.get_untracked(),
            top: covers.fold(0.0, f64::max),
            bottom: window().inner_height().ok()?.as_f64()?,
        })
    }

    fn measure_soon(self) {
        if self.planned.try_get_value() == Some(false) {
            self.planned.set_value(true);
            request_animation_frame(move || {
                // The table may be gone by then.
                if self.planned.try_update_value(std::mem::take) == Some(true) {
                    self.measure();
                }
            });
        }
    }

    fn measure(self) {
        if let Some(rows) = self.rows.get_untracked() {
            let (height, count) = (rows.get_bounding_client_rect().height(), rows.child_element_count());
            let row = height / f64::from(count.max(1));
            if count > 0 && row > 1.0 && (row - self.height.get_untracked()).abs() > 0.01 {
                self.height.set(row);
            }
        }
        if let Some(place) = self.place() {
            let in_sight = place.in_sight();
            if in_sight != self.in_sight.get_untracked() {
                self.in_sight.set(in_sight);
            }
        }
    }
}

/// Stands in for the rows above those in the document.
#[component]
pub fn RoomAbove(
    /// The rows.
    window: RowWindow,
) -> impl IntoView {
    view! {
        <tbody class="grid-room" aria-hidden="true" node_ref=window.above>
            <Room pixels=Memo::new(move |_| window.room().0)/>
        </tbody>
    }
}

/// Stands in for the rows below.
#[component]
pub fn RoomBelow(
    /// The rows.
    window: RowWindow,
) -> impl IntoView {
    view! {
        <tbody class="grid-room" aria-hidden="true"><Room pixels=Memo::new(move |_| window.room().1)/></tbody>
    }
}

#[component]
fn Room(pixels: Memo<f64>) -> impl IntoView {
    let some = Memo::new(move |_| pixels.get() > 0.0);
    move || {
        some.get().then(|| {
            view! { <tr><td style:block-size=move || format!("{}px", pixels.get())></td></tr> }
        })
    }
}

fn focus_without_scrolling(selector: &str) -> bool {
    let Ok(Some(element)) = document().query_selector(selector) else { return false };
    focus_in_place(&element.unchecked_into())
}

fn focus_in_place(element: &HtmlElement) -> bool {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    element.focus_with_options(&options).is_ok()
}

/// Whether a row has the focus, or lost it by leaving the document: then `table` takes it, so that keys keep acting
/// on the grid. Looks after every change of what `shown` reads; the answer is to hear of focus that comes and goes.
pub fn keep_focus(
    table: NodeRef<html::Table>,
    shown: impl Fn() + 'static,
) -> impl Fn(ev::FocusEvent) + Clone + 'static {
    let inside = StoredValue::new(false);
    Effect::new(move |_| {
        shown();
        request_animation_frame(move || {
            let lost = browser::focused().is_none_or(|element| element.tag_name() == "BODY");
            if lost
                && inside.try_get_value() == Some(true)
                && let Some(table) = table.try_get_untracked().flatten()
            {
                focus_in_place(&table);
            }
        });
    });
    // Counts the moves of the focus: a look at one that is over says nothing.
    let moves = StoredValue::new(0_u32);
    move |event| {
        let counted = moves.try_update_value(|moves| {
            *moves += 1;
            *moves
        });
        // A page that goes away takes the focus with it, and that is told when nobody is left to hear it.
        let Some(turn) = counted else { return };
        if event.type_() == "focusin" {
            return inside.set_value(true);
        }
        let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok()) else {
            return;
        };
        // A browser may tell of an element that loses the focus by being taken out while it is still there. What
        // somebody left on purpose is there in the next frame as well.
        request_animation_frame(move || {
            if target.is_connected() && moves.try_get_value() == Some(turn) {
                inside.set_value(false);
            }
        });
    }
}
