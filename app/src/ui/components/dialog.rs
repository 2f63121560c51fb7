//! The native modal dialog: focus stays inside, Esc closes, focus returns to where it was.
//!
//! Mounting opens it and unmounting closes it: render it conditionally, for example
//! `{move || open.get().then(|| view! { <Dialog …/> })}`, and let `on_close` change the condition.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use crate::ui::browser;

/// A modal dialog. Its children are a [`DialogHead`], a `.dialog-body` and a `.dialog-foot`.
#[component]
pub fn Dialog(
    /// The id of the heading, for example the one given to [`DialogHead`].
    labelled_by: &'static str,
    /// Further classes, for example `sheet` or `retry-modal`.
    #[prop(optional)]
    class: &'static str,
    /// `wide`; 30 rem without.
    #[prop(optional)]
    size: Option<&'static str>,
    /// Esc was pressed: unmount the dialog, or ask first when something would be lost.
    #[prop(into)]
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let before = StoredValue::new_local(browser::focused());
    let open = StoredValue::new_local(None::<web_sys::HtmlDialogElement>);
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // It fails only for a dialog that is open already.
            let _ = dialog.show_modal();
            open.set_value(Some(dialog));
        }
    });
    on_cleanup(move || {
        // While it is open nothing outside of it can take the focus.
        if let Some(dialog) = open.try_get_value().flatten() {
            dialog.close();
        }
        if let Some(element) = before.try_get_value().flatten().filter(|element| element.is_connected()) {
            // An element that cannot take the focus leaves it with the page.
            let _ = element.focus();
        }
    });
    let cancel = move |event: ev::Event| {
        event.prevent_default();
        on_close.run(());
    };
    // Before the browser does: it asks only once and then closes, whatever the answer. Something inside that has its
    // own use for the key (a search panel) has prevented its default by now.
    let escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            event.prevent_default();
            on_close.run(());
        }
    };
    view! {
        <dialog
            class=format!("dialog {class}").trim_end().to_owned()
            data-size=size
            aria-labelledby=labelled_by
            node_ref=node
            on:cancel=cancel
            on:keydown=escape
        >
            {children()}
        </dialog>
    }
}

/// The dialog's heading and its close button.
#[component]
pub fn DialogHead(
    /// The heading's id, see [`Dialog`].
    id: &'static str,
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// The close button was pressed.
    #[prop(into)]
    on_close: Callback<()>,
    /// Below the heading: a sentence, chips.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="dialog-head">
            <div class="stack-tight">
                <h2 id=id>{title}</h2>
                {children.map(|children| children())}
            </div>
            <CloseButton on_close/>
        </header>
    }
}

/// The cross in the corner.
#[component]
pub fn CloseButton(
    /// It was pressed.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            class="icon-btn"
            type="button"
            aria-label="Close (Esc)"
            title="Close (Esc)"
            on:click=move |_| on_close.run(())
        >
            <Icon name="x"/>
        </button>
    }
}
