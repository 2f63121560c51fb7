//! Which columns the grid shows.

use leptos::prelude::*;

use crate::model::columns::{self, COLUMNS, GRID};
use crate::ui::preferences::use_preferences;

/// The content of the menu "Columns".
#[component]
pub fn ColumnsMenu() -> impl IntoView {
    let preferences = use_preferences();
    let chosen = Memo::new(move |_| preferences.grid(GRID));
    let choices = COLUMNS[1..].iter().map(|column| {
        let turn = move |event| {
            let after = chosen.with_untracked(|chosen| {
                columns::show(chosen.as_ref(), column.key, event_target_checked(&event))
            });
            preferences.set_grid(GRID, after);
        };
        view! {
            <label class="menu-check">
                <input
                    class="check"
                    type="checkbox"
                    prop:checked=move || chosen.with(|chosen| columns::is_shown(chosen.as_ref(), column.key))
                    on:change=turn
                />
                {column.title}
            </label>
        }
    });
    view! {
        <fieldset class="menu-checks">
            <legend class="sr-only">"Columns that are shown"</legend>
            {choices.collect_view()}
        </fieldset>
        <button
            class="menu-item"
            type="button"
            disabled=move || chosen.with(Option::is_none)
            on:click=move |_| preferences.set_grid(GRID, None)
        >
            "Reset columns and widths"
        </button>
    }
}
