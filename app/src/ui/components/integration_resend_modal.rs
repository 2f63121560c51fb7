//! IntegrationResendModal: what was delivered is sent once more, unchanged.

use domain::delivery::Delivery;
use domain::error::Problem;
use leptos::prelude::*;

use super::dialog::{Dialog, DialogHead};
use super::icon::Icon;
use super::problem_notice::ProblemNotice;
use crate::model::format;
use crate::ui::zone::use_zone;

/// Asks once, and why.
#[component]
pub fn IntegrationResendModal(
    /// What was delivered.
    delivery: Delivery,
    /// Why it cannot be sent again by this person; nothing when it can.
    #[prop(optional_no_strip)]
    obstacle: Option<&'static str>,
    /// Whether it is being sent.
    #[prop(into)]
    sending: Signal<bool>,
    /// Why the server refused.
    #[prop(into)]
    refusal: Signal<Option<Problem>>,
    /// Sends it again, with the reason if there is one.
    #[prop(into)]
    on_send: Callback<Option<String>>,
    /// Closes it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let is_blocked = move || obstacle.is_some() || sending.get();
    let send = move || {
        if !is_blocked() {
            let reason = reason.get_untracked().trim().to_owned();
            on_send.run((!reason.is_empty()).then_some(reason));
        }
    };
    let title = format!("Send {} again?", delivery.event_type);
    let zone = use_zone();
    let said = move || {
        format!(
            "The same payload goes to {} once more, as a new delivery. It was delivered on {}, so the destination sees it \
         twice unless it recognizes the event.",
            delivery.destination_name,
            format::day_time(delivery.updated_at, zone.get()),
        )
    };
    view! {
        <Dialog labelled_by="resend-title" on_close>
            <DialogHead id="resend-title" title on_close/>
            <div class="dialog-body stack">
                <p>{said}</p>
                {move || refusal.get().map(|problem| view! { <ProblemNotice problem/> })}
                <div class="field">
                    <label for="resend-reason">"Why "<span class="hint">"kept in the audit log"</span></label>
                    <input
                        class="input"
                        id="resend-reason"
                        maxlength="500"
                        autocomplete="off"
                        autofocus
                        prop:value=reason
                        on:input:target=move |event| reason.set(event.target().value())
                        on:keydown=move |event| {
                            if event.key() == "Enter" {
                                send();
                            }
                        }
                    />
                </div>
            </div>
            <footer class="dialog-foot">
                {obstacle
                    .map(|words| {
                        view! { <span class="error" id="resend-why"><Icon name="alert" size="sm"/>{words}</span> }
                    })}
                <span class="dialog-foot-end">
                    <button class="btn" type="button" data-size="md" on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                    <button
                        class="btn"
                        type="button"
                        data-variant="primary"
                        data-size="md"
                        aria-disabled=move || is_blocked().to_string()
                        aria-describedby="resend-why"
                        on:click=move |_| send()
                    >
                        <Icon name="send"/>
                        {move || if sending.get() { "Sending" } else { "Send again" }}
                    </button>
                </span>
            </footer>
        </Dialog>
    }
}
