//! Search and commands: a combobox over everything that can be reached, for the keyboard first.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::dialog::Dialog;
use super::icon::Icon;
use super::palette_host::use_palette;
use super::palette_line::PaletteLine;
use crate::model::format::counted;
use crate::model::palette::{Line, Surroundings, lines, remember};
use crate::ui::realtime::{LiveState, use_live};
use crate::ui::state::{use_dashboard, use_finder, use_manage_actions, use_palette_actions};

const LIST: &str = "palette-list";

/// The palette, open.
#[component]
pub fn Palette() -> impl IntoView {
    let state = use_palette();
    let dashboard = use_dashboard();
    let live = use_live();
    let may_change = use_manage_actions().may_change();
    let actions = use_palette_actions();
    let finder = use_finder();
    let active = RwSignal::new(0_usize);
    // Somebody pasted an id and pressed Enter before the answer: the first line is what they want.
    let eager = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();

    let all = Memo::new(move |_| {
        let around = Surroundings {
            recent: state.recent.get(),
            may_change,
            paused: live.state() == LiveState::Paused,
            retryable: dashboard.retryable_rows().len(),
        };
        finder.text.with(|text| {
            finder.answer.with(|answer| {
                let found = answer.as_ref().and_then(|answer| answer.found.as_ref().ok());
                lines(text, &around, found)
            })
        })
    });
    let close = Callback::new(move |()| state.open.set(false));
    let choose = Callback::new(move |line: Line| {
        if finder.text.with_untracked(|text| !text.trim().is_empty()) {
            let text = finder.text.get_untracked();
            state.recent.update(|recent| remember(recent, &text));
        }
        if let crate::model::palette::Choice::Search(text) = line.choice {
            finder.text.set(text);
            active.set(0);
            if let Some(input) = input.get_untracked() {
                // A field can always take the focus.
                let _ = input.focus();
            }
            return;
        }
        // First, so that what is opened finds the focus where it was.
        close.run(());
        actions.act(line.choice);
    });
    let choose_active = move || all.with_untracked(|all| all.get(active.get_untracked()).cloned());
    Effect::new(move |_| {
        let came = finder.answer.with(Option::is_some);
        if came && eager.get_untracked() {
            eager.set(false);
            if let Some(line) = untrack(choose_active) {
                choose.run(line);
            }
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let count = all.with_untracked(Vec::len);
        let to = |place: usize| {
            event.prevent_default();
            active.set(place);
            show_active();
        };
        let here = active.get_untracked().min(count.saturating_sub(1));
        match event.key().as_str() {
            _ if event.is_composing() => {}
            "ArrowDown" if count > 0 => to((here + 1) % count),
            "ArrowUp" if count > 0 => to((here + count - 1) % count),
            "Enter" => {
                event.prevent_default();
                match choose_active() {
                    Some(line) => choose.run(line),
                    None if untrack(|| finder.is_waiting()) => eager.set(true),
                    None => {
                        if finder.answer.with_untracked(|a| a.as_ref().is_some_and(|a| a.found.is_err())) {
                            finder.again();
                        }
                    }
                }
            }
            _ => {}
        }
    };
    let on_input = move |event: ev::Event| {
        eager.set(false);
        active.set(0);
        finder.text.set(event_target_value(&event));
    };
    close_beside(close);

    let is_empty = Memo::new(move |_| all.with(Vec::is_empty));
    let problem =
        move || finder.answer.with(|answer| answer.as_ref().and_then(|answer| answer.found.clone().err()));
    let status = move || {
        if finder.is_waiting() {
            return "Searching".to_owned();
        }
        match (problem(), all.with(Vec::len)) {
            (Some(problem), _) => problem.title,
            (None, 0) => "Nothing found".to_owned(),
            (None, count) => counted(count as i64, "line to choose from", "lines to choose from"),
        }
    };
    let note = move || {
        if let Some(problem) = problem() {
            return Some(format!("{}: {} Press Enter to search again.", problem.title, problem.detail));
        }
        match (finder.is_waiting(), is_empty.get()) {
            (true, _) => Some("Searching…".to_owned()),
            (false, true) => Some(
                "Nothing found. Ids and records are found by their beginning, connectors by any part of their name or code."
                    .to_owned(),
            ),
            (false, false) => None,
        }
    };
    view! {
        <Dialog labelled_by="palette-title" class="palette" on_close=close>
            <h2 class="sr-only" id="palette-title">"Search and commands"</h2>
            <div class="searchbox">
                <Icon name="search"/>
                <input
                    class="input"
                    type="search"
                    node_ref=input
                    placeholder="Search events, records, ids, or type a command"
                    aria-label="Search and commands"
                    role="combobox"
                    aria-autocomplete="list"
                    aria-expanded=move || (!is_empty.get()).to_string()
                    aria-controls=LIST
                    aria-activedescendant=move || {
                        let last = all.with(Vec::len).checked_sub(1)?;
                        Some(option_id(active.get().min(last)))
                    }
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="200"
                    autofocus
                    prop:value=finder.text
                    on:input=on_input
                    on:keydown=on_key
                />
            </div>
            <div
                class="palette-list"
                id=LIST
                role="listbox"
                aria-label="Results"
                hidden=move || is_empty.get()
                // The field keeps the focus.
                on:pointerdown=|event| event.prevent_default()
            >
                {move || {
                    let all = all.get();
                    let last = all.len().saturating_sub(1);
                    let is_active = move |index: usize| active.get().min(last) == index;
                    grouped(all)
                        .into_iter()
                        .enumerate()
                        .map(|(number, (group, lines))| {
                            let id = format!("palette-group-{number}");
                            let lines = lines
                                .into_iter()
                                .map(|(index, line)| {
                                    view! {
                                        <PaletteLine
                                            id=option_id(index)
                                            line
                                            active=Signal::derive(move || is_active(index))
                                            on_point=move |()| active.set(index)
                                            on_choose=choose
                                        />
                                    }
                                })
                                .collect_view();
                            view! {
                                <div role="group" aria-labelledby=id.clone()>
                                    <p class="nav-title" id=id.clone() role="presentation">{group}</p>
                                    {lines}
                                </div>
                            }
                        })
                        .collect_view()
                }}
            </div>
            {move || note().map(|note| view! { <p class="palette-note">{note}</p> })}
            <p class="sr-only" role="status">{status}</p>
            <div class="palette-foot">
                <span class="only-wide"><kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" choose"</span>
                <span class="only-wide"><kbd>"↵"</kbd>" open"</span>
                <span class="only-wide"><kbd>"Esc"</kbd>" close"</span>
                <button class="btn only-narrow" type="button" data-size="xs" on:click=move |_| close.run(())>
                    "Close"
                </button>
            </div>
        </Dialog>
    }
}

fn option_id(index: usize) -> String {
    format!("palette-{index}")
}

/// Lines under their groups, each with its place among all.
fn grouped(lines: Vec<Line>) -> Vec<(&'static str, Vec<(usize, Line)>)> {
    let mut groups: Vec<(&'static str, Vec<(usize, Line)>)> = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        match groups.last_mut() {
            Some((group, lines)) if *group == line.group => lines.push((index, line)),
            _ => groups.push((line.group, vec![(index, line)])),
        }
    }
    groups
}

/// Scrolls no further than it takes to see the active line.
fn show_active() {
    request_animation_frame(|| {
        let Some(list) = document().get_element_by_id(LIST) else { return };
        let Ok(Some(option)) = list.query_selector("[aria-selected=true]") else { return };
        let (list_box, option_box) = (list.get_bounding_client_rect(), option.get_bounding_client_rect());
        let above = list_box.top() - option_box.top();
        let below = option_box.bottom() - list_box.bottom();
        let by = if above > 0.0 { -above } else { below.max(0.0) };
        // Whole pixels are all that a scroll position has.
        list.set_scroll_top(list.scroll_top() + by.round() as i32);
    });
}

/// A press beside the palette closes it: that is the dialog itself, whose box is all covered by what it holds.
fn close_beside(close: Callback<()>) {
    let presses = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|element| element.matches("dialog.palette").unwrap_or(false)) {
            close.run(());
        }
    });
    on_cleanup(move || presses.remove());
}
