//! Searches a JSON tree, and opens or folds all of it.

use leptos::ev;
use leptos::prelude::*;

use super::icon::Icon;
use crate::model::format;
use crate::ui::state::json_view::JsonView;

/// A field with the number of places, the ways between them, and two buttons for the whole tree.
#[component]
pub fn JsonSearch(
    /// The tree.
    view: JsonView,
) -> impl IntoView {
    let count = Memo::new(move |_| view.hits.with(|hits| hits.len()));
    let found = move || {
        let all = format::count(count.get() as i64);
        match (view.words.with(String::is_empty), view.hit.get()) {
            (true, _) => String::new(),
            (false, Some(at)) => format!("{} of {all}", format::count(at as i64 + 1)),
            (false, None) => "Not found".to_owned(),
        }
    };
    let press = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            view.next_hit(!event.shift_key());
        }
        // First the words go, then the drawer.
        "Escape" if view.words.with_untracked(|words| !words.is_empty()) => {
            event.prevent_default();
            view.search(String::new());
        }
        _ => {}
    };
    let go = move |label: &'static str, icon: &'static str, forward: bool| {
        view! {
            <button
                class="icon-btn"
                data-size="xs"
                type="button"
                aria-label=label
                title=label
                aria-disabled=move || (count.get() == 0).then_some("true")
                on:click=move |_| view.next_hit(forward)
            >
                <Icon name=icon/>
            </button>
        }
    };
    view! {
        <div class="json-tools">
            <div class="searchbox">
                <Icon name="search" size="sm"/>
                <input
                    class="input"
                    data-size="sm"
                    type="search"
                    placeholder="Key or value"
                    aria-label="Search the payload"
                    prop:value=move || view.words.get()
                    on:input:target=move |event| view.search(event.target().value())
                    on:keydown=press
                />
            </div>
            <span class="hint" role="status">{found}</span>
            {go("Previous match (Shift+Enter)", "chev-up", false)}
            {go("Next match (Enter)", "chev-down", true)}
            <span class="row-end row">
                <button class="btn" data-size="xs" data-variant="ghost" type="button" on:click=move |_| view.open_all(true)>
                    "Expand all"
                </button>
                <button class="btn" data-size="xs" data-variant="ghost" type="button" on:click=move |_| view.open_all(false)>
                    "Collapse all"
                </button>
            </span>
        </div>
    }
}
