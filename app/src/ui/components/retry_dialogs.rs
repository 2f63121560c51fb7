//! The retry dialog that is open, if any: which one follows from what the dashboard's state names.

use domain::delivery::{Delivery, ReplayRequest};
use domain::error::Problem;
use domain::id::DeliveryId;
use domain::user::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::action_category_modal::ActionCategoryModal;
use super::api_retry_modal::ApiRetryModal;
use super::integration_resend_modal::IntegrationResendModal;
use crate::model::failed_batch::Progress;
use crate::ui::state::{ApiRetry, RetryActions, RetryDialog, use_retry_actions};

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
            if let Err(problem) = actions.replay(&old, ReplayRequest { payload: None, reason }).await {
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
fn Batch(selection: Vec<Delivery>, actions: RetryActions) -> impl IntoView {
    let progress = RwSignal::new(None::<Progress>);
    let retry = move |(ids, reason): (Vec<DeliveryId>, Option<String>)| {
        let mut batch = Progress::new(ids);
        progress.set(Some(batch.clone()));
        spawn_local(async move {
            while let Some(id) = batch.next() {
                batch.note(actions.retry(id, reason.clone()).await);
                let shown = progress.try_update(|shown| {
                    batch.stopped = shown.as_ref().is_some_and(|shown| shown.stopped);
                    *shown = Some(batch.clone());
                });
                // The dialog is gone, or its page: nobody is there who could stop it.
                if shown.is_none() {
                    break;
                }
            }
            actions.after_batch(batch.undone());
        });
    };
    let stop = move |()| {
        progress.update(|progress| {
            if let Some(progress) = progress {
                progress.stopped = true;
            }
        });
    };
    let close = move |()| actions.close();
    view! {
        <ActionCategoryModal
            selection
            obstacle=obstacle(actions)
            progress
            on_retry=retry
            on_stop=stop
            on_close=close
        />
    }
}
