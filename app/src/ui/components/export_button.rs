//! Saves what the log lists as a file for spreadsheets.

use domain::filter::DeliveryFilter;
use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::icon::Icon;
use super::toasts::use_toasts;
use crate::ui::browser;
use crate::ui::session::use_organization;

/// Export CSV.
#[component]
pub fn ExportButton(
    /// What is listed.
    filter: Callback<(), DeliveryFilter>,
) -> impl IntoView {
    let (toasts, organization) = (use_toasts(), use_organization());
    let busy = RwSignal::new(false);
    let export = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let pairs = filter.run(()).pairs();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::get(&format!("/api/v1/integration/deliveries/export?{}", pairs.join("&")))
            .header("signalbox-organization", organization.id().as_str());
        spawn_local(async move {
            let answer = match request.send().await {
                Ok(answer) if answer.ok() => answer.binary().await.ok(),
                _ => None,
            };
            let saved = answer.is_some_and(|bytes| {
                browser::download("deliveries.csv", "text/csv;charset=utf-8", &bytes).is_ok()
            });
            // The page may be gone by then; the toast is not.
            let _ = busy.try_set(false);
            if saved {
                toasts.done("Log exported", "deliveries.csv has the rows of this log, 100,000 at most.");
            } else {
                toasts.warn("The log was not exported", "The server did not send all of it. Try again.");
            }
        });
    };
    view! {
        <button
            class="icon-btn only-wide"
            type="button"
            aria-label="Export CSV"
            title="Export CSV"
            aria-busy=move || busy.get().to_string()
            on:click=export
        >
            {move || {
                if busy.get() {
                    view! { <Icon name="sync" spin=true/> }.into_any()
                } else {
                    view! { <Icon name="download"/> }.into_any()
                }
            }}
        </button>
    }
}
