//! The button that takes a part off the sheet: at once while nobody has stored it, else after a question.

use leptos::prelude::*;

use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::icon::Icon;
use crate::ui::state::ManageActions;

/// The button and its question.
#[component]
pub fn Removal(
    /// What it is, for example "receiver".
    noun: &'static str,
    /// Its name.
    #[prop(into)]
    name: Signal<String>,
    /// Whether it is not stored yet.
    is_new: Memo<bool>,
    /// What follows when it was.
    consequence: &'static str,
    /// The way to the server.
    actions: ManageActions,
    /// Takes it off the sheet.
    #[prop(into)]
    on_drop: Callback<()>,
    /// Deletes it on the server.
    #[prop(into)]
    on_delete: Callback<()>,
) -> impl IntoView {
    let asking = RwSignal::new(false);
    let remove = move |_| {
        if is_new.get_untracked() {
            on_drop.run(());
        } else {
            asking.set(true);
        }
    };
    view! {
        <span class="row-end">
            <button
                class="btn"
                type="button"
                data-variant="danger-quiet"
                data-size="xs"
                disabled=move || !is_new.get() && !actions.may_change()
                on:click=remove
            >
                <Icon name="trash"/>
                {move || if is_new.get() { "Remove".to_owned() } else { format!("Delete {noun}") }}
            </button>
        </span>
        <Show when=move || asking.get()>
            <ConfirmDialog
                title=name.with_untracked(|name| format!("Delete {name}?"))
                confirm=format!("Delete {noun}")
                cancel="Keep it"
                on_confirm=move |()| {
                    asking.set(false);
                    on_delete.run(());
                }
                on_close=move |()| asking.set(false)
            >
                <p>{consequence}</p>
            </ConfirmDialog>
        </Show>
    }
}
