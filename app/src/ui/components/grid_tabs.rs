//! The grid's tabs.

use domain::filter::ViewTab;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::icon::Icon;
use super::later::Later;
use crate::model::format;
use crate::ui::parts;

const TABS: [(ViewTab, &str, &str); 3] =
    [(ViewTab::Api, "1", "API"), (ViewTab::Webhook, "2", "Webhook"), (ViewTab::Errors, "3", "Errors")];

/// API, Webhook, Errors; arrows move between them.
#[component]
pub fn GridTabs(
    /// The active tab.
    #[prop(into)]
    tab: Signal<ViewTab>,
    /// Another tab was chosen.
    #[prop(into)]
    on_tab: Callback<ViewTab>,
    /// Failed deliveries in the range, when known.
    #[prop(into)]
    failed: Signal<Option<i64>>,
    /// What can be done with the log as a whole.
    children: Children,
) -> impl IntoView {
    let on_keydown = move |event: ev::KeyboardEvent| {
        let here = TABS.iter().position(|(other, ..)| *other == tab.get_untracked()).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (here + 1) % TABS.len(),
            "ArrowLeft" => (here + TABS.len() - 1) % TABS.len(),
            _ => return,
        };
        event.prevent_default();
        on_tab.run(TABS[next].0);
        if let Ok(Some(element)) = document().query_selector(&format!("#tab-{}", TABS[next].1)) {
            // A button can always take the focus.
            let _ = element.unchecked_into::<HtmlElement>().focus();
        }
    };
    let tabs = TABS.map(|(this, key, name)| {
        let selected = move || tab.get() == this;
        let count = move || {
            failed
                .get()
                .filter(|failed| this == ViewTab::Errors && *failed > 0)
                .map(|failed| view! { <span class="count" data-tone="fail">{format::count(failed)}</span> })
        };
        view! {
            <button
                class="tab"
                role="tab"
                type="button"
                id=format!("tab-{key}")
                aria-controls="log"
                aria-selected=move || selected().to_string()
                tabindex=move || if selected() { "0" } else { "-1" }
                aria-keyshortcuts=key
                on:click=move |_| on_tab.run(this)
            >
                <kbd class="only-wide" aria-hidden="true">{key}</kbd>
                {name}
                {count}
            </button>
        }
    });
    view! {
        <div class="gridview-tabs">
            <div class="tabs" role="tablist" aria-label="Log" on:keydown=on_keydown>{tabs.collect_view()}</div>
            <div class="row">{children()}</div>
        </div>
    }
}

/// Opens the menu "Columns".
#[component]
pub fn ColumnsButton() -> impl IntoView {
    let opened = RwSignal::new(false);
    view! {
        <details class="menu only-wide" on:toggle=move |_| opened.set(true)>
            <summary class="btn" data-variant="ghost">
                <Icon name="columns"/>
                "Columns"
            </summary>
            <div class="menu-panel" data-align="end">
                <Show when=move || opened.get()><Later part=parts::columns_menu/></Show>
            </div>
        </details>
    }
}
