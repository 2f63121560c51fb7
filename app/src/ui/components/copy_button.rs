//! Copies a text and says that it did, to the eye and to the ear.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::icon::Icon;
use super::toasts::use_toasts;
use crate::ui::browser;

/// A small button with the copy icon; a check mark for two seconds afterwards.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What the button says, for example "Copy event id".
    #[prop(into)]
    label: Signal<String>,
    /// Makes it a button with words; the label explains them then.
    #[prop(optional)]
    words: Option<&'static str>,
    /// `xs` makes a button with words as small as one without.
    #[prop(optional)]
    size: Option<&'static str>,
    /// Another icon.
    #[prop(default = "copy")]
    icon: &'static str,
) -> impl IntoView {
    let toasts = use_toasts();
    let done = RwSignal::new(false);
    let copy = move |_| {
        spawn_local(async move {
            if browser::copy(&text.get_untracked()).await {
                done.set(true);
                // The button may be gone by then, and with it what it would say.
                let rest = move || _ = done.try_set(false);
                set_timeout(rest, Duration::from_secs(2));
            } else {
                toasts.warn(
                    "Nothing was copied",
                    "The browser does not allow it here. Select the text instead.",
                );
            }
        });
    };
    let class = if words.is_some() { "btn" } else { "icon-btn" };
    view! {
        <button
            class=class
            data-size=if words.is_none() { Some("xs") } else { size }
            type="button"
            // A button with words is called by them.
            aria-label=move || words.is_none().then(|| label.get())
            title=label
            on:click=copy
        >
            <Icon name=Signal::derive(move || if done.get() { "check" } else { icon })/>
            {words}
        </button>
        <span class="sr-only" role="status">{move || done.get().then_some("Copied")}</span>
    }
}
