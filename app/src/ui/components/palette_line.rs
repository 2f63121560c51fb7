//! One line of the palette.

use leptos::prelude::*;

use super::icon::Icon;
use super::status_chip::{delivery_icon, delivery_label};
use crate::model::palette::Line;

/// An option of the listbox.
#[component]
pub fn PaletteLine(
    /// Its id, for `aria-activedescendant`.
    id: String,
    /// What it says.
    line: Line,
    /// Whether Enter chooses it.
    #[prop(into)]
    active: Signal<bool>,
    /// The pointer moved over it.
    #[prop(into)]
    on_point: Callback<()>,
    /// It was chosen.
    #[prop(into)]
    on_choose: Callback<Line>,
) -> impl IntoView {
    let name = line
        .name
        .iter()
        .cloned()
        .map(|(text, mark)| if mark { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() })
        .collect_view();
    let icon = line.status.map_or(line.icon, delivery_icon);
    let about = (!line.about.is_empty()).then(|| view! { " "<span class="soft">{line.about.clone()}</span> });
    let end = line.status.map(delivery_label);
    let keys = line.keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view();
    view! {
        <div
            class="menu-item"
            id=id
            role="option"
            aria-selected=move || active.get().to_string()
            on:pointermove=move |_| {
                if !active.get_untracked() {
                    on_point.run(());
                }
            }
            on:click=move |_| on_choose.run(line.clone())
        >
            <Icon name=icon/>
            <span class="truncate"><span class=line.mono.then_some("mono")>{name}</span>{about}</span>
            <span class="row-end">{end}{keys}</span>
        </div>
    }
}
