//! The inbound doors of a connector.

use domain::signature::SchemeKind;
use leptos::prelude::*;

use super::receiver_fold::ReceiverFold;
use crate::ui::components::icon::Icon;
use crate::ui::state::{ConnectorDraft, ManageActions};

/// The section.
#[component]
pub fn ReceiversSection(
    /// What is edited.
    draft: ConnectorDraft,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let hint = move || match draft.receivers.with(Vec::len) {
        0 => "none: nothing can be received".to_owned(),
        1 => "1 inbound door of this connector".to_owned(),
        count => format!("{count} inbound doors of this connector; the closest event type wins"),
    };
    // Another door of the same system usually verifies like the first.
    let add = move |_| {
        let first = draft.receivers.with_untracked(|all| all.first().copied());
        let kind =
            first.map_or(SchemeKind::HmacSha256, |first| first.form.with_untracked(|form| form.scheme.kind));
        draft.add_receiver(kind);
    };
    view! {
        <section class="sheet-section" id="manage-receivers" aria-labelledby="manage-receivers-title">
            <header>
                <h3 id="manage-receivers-title">"Receivers"</h3>
                <span class="hint">{hint}</span>
            </header>
            <Show when=move || draft.receivers.with(|all| !all.is_empty())>
                <div class="fold">
                    <For each=move || draft.receivers.get() key=|receiver| receiver.key let:receiver>
                        <ReceiverFold draft receiver actions/>
                    </For>
                </div>
            </Show>
            <div class="row">
                <button class="btn" type="button" data-size="xs" on:click=add>
                    <Icon name="plus"/>
                    "Add receiver"
                </button>
            </div>
        </section>
    }
}
