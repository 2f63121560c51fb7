//! The retry dialog that is open, if any: which one follows from what the dashboard's state names.

use domain::delivery::{Delivery, ReplayRequest};
use domain::error::Problem;
use domain::id::RetryJobId;
use domain::retry_job::{NewRetryJob, RetrySelection};
use domain::user::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::action_category_modal::{ActionCategoryModal, BatchWish};
use super::api_retry_modal::ApiRetryModal;
use super::integration_resend_modal::IntegrationResendModal;
use super::retry_batch::BatchAction;
use crate::ui::state::{ApiRetry, Load, RetryActions, RetryDialog, use_retry_actions};

/// The retry dialog that is open.
#[component]
pub fn RetryDialogs(
    /// Which one.
    dialog: RetryDialog,
) -> impl IntoView {
    let actions = use_retry_actions();
    let close = Callback::new(move |()| actions.close());
    match dialog {
        RetryDialog::ApiRetry(delivery) => {
            let flow = ApiRetry::open(delivery, actions);
            view! { <ApiRetryModal flow on_close=close/> }.into_any()
        }
        RetryDialog::Resend(delivery) => view! { <Resend delivery actions/> }.into_any(),
        RetryDialog::ActionCategory(selection) => view! { <Batch selection actions/> }.into_any(),
    }
}

fn obstacle(actions: RetryActions) -> Option<&'static str> {
    (!actions.allows(Role::Operator)).then_some("You need the operator role to retry or replay")
}

#[component]
fn Resend(delivery: Delivery, actions: RetryActions) -> impl IntoView {
    let sending = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Problem>);
    let old = delivery.clone();
    let send = move |reason: Option<String>| {
        sending.set(true);
        refusal.set(None);
        let old = old.clone();
        spawn_local(async move {
            if let Err(problem) =
                actions.replay(&old, ReplayRequest { reason, ..ReplayRequest::default() }).await
            {
                // The dialog may have been closed meanwhile.
                let _ = sending.try_set(false);
                let _ = refusal.try_set(Some(problem));
            }
        });
    };
    let close = move |()| actions.close();
    view! {
        <IntegrationResendModal delivery obstacle=obstacle(actions) sending refusal on_send=send on_close=close/>
    }
}

#[component]
fn Batch(selection: RetrySelection, actions: RetryActions) -> impl IntoView {
    let selection = StoredValue::new(selection);
    let preview = RwSignal::new(Load::default());
    let (sending, refusal) = (RwSignal::new(false), RwSignal::new(None::<Problem>));
    let made = RwSignal::new(None::<RetryJobId>);
    let look = move |()| {
        refusal.set(None);
        preview.update(|preview| preview.problem = None);
        spawn_local(async move {
            let answer = actions.preview_batch(selection.get_value()).await;
            // The dialog may have been closed meanwhile.
            let _ = preview.try_update(|preview| preview.settle(answer));
        });
    };
    look(());
    let retry = move |wish: BatchWish| {
        sending.set(true);
        refusal.set(None);
        let BatchWish { causes, reason, per_second } = wish;
        let new = NewRetryJob { selection: selection.get_value(), causes, reason, per_second };
        spawn_local(async move {
            let answer = actions.create_batch(new).await;
            let _ = sending.try_set(false);
            match answer {
                Ok(id) => _ = made.try_set(Some(id)),
                Err(problem) => _ = refusal.try_set(Some(problem)),
            }
        });
    };
    let batch = Signal::derive(move || {
        let id = made.get()?;
        actions.known_batch(&id)
    });
    let stop = move |()| {
        if let Some(id) = made.get_untracked() {
            spawn_local(actions.ask_of_batch(id, BatchAction::Stop));
        }
    };
    let close = move |()| actions.close();
    view! {
        <ActionCategoryModal
            preview
            obstacle=obstacle(actions)
            sending
            refusal
            batch
            on_look=look
            on_retry=retry
            on_stop=stop
            on_close=close
        />
    }
}
