//! What went wrong, in the place where the answer would have been.

use domain::error::Problem;
use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::icon::Icon;

/// A problem as a banner: what happened and what to do, the fields at fault, and a way to try again.
#[component]
pub fn ProblemNotice(
    /// The problem.
    #[prop(into)]
    problem: Signal<Problem>,
    /// Tries again; no button without.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="banner" data-tone="fail" role="alert">
            <Icon name="alert"/>
            <div class="banner-text">
                <strong>{move || problem.get().title}</strong>
                <span>{move || problem.get().detail}</span>
                {move || view! { <RequestId problem=problem.get()/> }}
                {move || {
                    let fields = problem.get().fields;
                    (fields.len() > 1)
                        .then(|| {
                            let lines = fields
                                .into_iter()
                                .map(|field| view! { <li><code>{field.pointer}</code>" "{field.detail}</li> })
                                .collect_view();
                            view! { <ul>{lines}</ul> }
                        })
                }}
            </div>
            {retry
                .map(|retry| {
                    view! {
                        <div class="banner-actions">
                            <button class="btn" type="button" on:click=move |_| retry.run(())>
                                <Icon name="sync"/>
                                "Try again"
                            </button>
                        </div>
                    }
                })}
        </div>
    }
}

/// The id of the request that failed, to be found in the server's log; nothing where a field says what is wrong.
#[component]
pub fn RequestId(
    /// What went wrong.
    problem: Problem,
) -> impl IntoView {
    let id = problem.request_id.filter(|_| problem.fields.is_empty())?.into_string();
    Some(view! {
        <small class="copy">
            "Request "
            <span class="mono">{id.clone()}</span>
            <CopyButton text=id label="Copy request id".to_owned()/>
        </small>
    })
}

/// What is wrong with a form as a whole; what is wrong with fields stands at them.
#[component]
pub fn FormProblem(
    /// The server's answer to the last try.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    move || {
        let whole = problem.get().filter(|problem| problem.fields.is_empty());
        whole.map(|problem| view! { <ProblemNotice problem/> })
    }
}
