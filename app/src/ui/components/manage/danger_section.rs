//! What cannot be taken back, or stops traffic: each with its consequences before the button.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::model::connector_form::ConnectorForm;
use crate::model::format::counted;
use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::icon::Icon;
use crate::ui::state::{ConnectorDraft, ManageActions};

/// The section.
#[component]
pub fn DangerSection(
    /// What is edited.
    draft: ConnectorDraft,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let asking = RwSignal::new(false);
    let is_active = Memo::new(move |_| draft.saved.with(|saved| saved.as_ref().is_some_and(|c| c.active)));
    let code = Memo::new(move |_| {
        draft.saved.with(|saved| saved.as_ref().map(|c| c.code.to_string()).unwrap_or_default())
    });
    let name = Memo::new(move |_| {
        draft.saved.with(|saved| saved.as_ref().map(|c| c.name.clone()).unwrap_or_default())
    });
    let receivers = move || number(draft.receivers.with(Vec::len), "receiver", "receivers");
    let routes = move || number(draft.routes.with(Vec::len), "route", "routes");
    let consequences = move || {
        format!(
            "Its address answers 404 for good; {} and {} end. Events and their deliveries stay in the log until their retention ends.",
            receivers(),
            routes()
        )
    };

    let toggle = move |_| {
        let Some(connector) = draft.saved.get_untracked() else { return };
        let active = !connector.active;
        spawn_local(async move {
            let Some(stored) = actions.set_active(connector, active).await else { return };
            if draft.is_open() {
                // Only this field: what else was typed is not saved yet.
                draft.form.update(|form: &mut ConnectorForm| form.active = stored.active);
                draft.saved.set(Some(stored));
            }
        });
    };
    let delete = move |()| {
        asking.set(false);
        if let Some(connector) = draft.saved.get_untracked() {
            actions.delete_connector(connector);
        }
    };

    view! {
        <section class="sheet-section" id="manage-danger" aria-labelledby="manage-danger-title">
            <header>
                <h3 id="manage-danger-title">"Danger zone"</h3>
            </header>
            <ul class="dangers">
                <li>
                    <span>
                        <b>{move || if is_active.get() { "Deactivate" } else { "Activate" }}</b>
                        <span class="hint">
                            {move || {
                                if is_active.get() {
                                    "Requests to it are refused with 409, so that senders try again; deliveries to it wait. Turn it on again at any time."
                                } else {
                                    "It takes requests again, and waiting deliveries go on."
                                }
                            }}
                        </span>
                    </span>
                    <button class="btn" type="button" disabled=!actions.may_change() on:click=toggle>
                        <Icon name=Signal::derive(move || if is_active.get() { "pause" } else { "play" })/>
                        {move || if is_active.get() { "Deactivate" } else { "Activate" }}
                    </button>
                </li>
                <li>
                    <span>
                        <b>"Delete"</b>
                        <span class="hint">{consequences}</span>
                    </span>
                    <button
                        class="btn"
                        type="button"
                        data-variant="danger-quiet"
                        disabled=!actions.may_change()
                        on:click=move |_| asking.set(true)
                    >
                        <Icon name="trash"/>
                        "Delete connector"
                    </button>
                </li>
            </ul>
            <Show when=move || asking.get()>
                <ConfirmDialog
                    title=Signal::derive(move || format!("Delete {}?", name.get()))
                    confirm="Delete connector"
                    cancel="Keep it"
                    typed=code.get_untracked()
                    on_confirm=delete
                    on_close=move |()| asking.set(false)
                >
                    <p>{consequences}</p>
                </ConfirmDialog>
            </Show>
        </section>
    }
}

fn number(count: usize, one: &str, many: &str) -> String {
    counted(i64::try_from(count).unwrap_or_default(), one, many)
}
