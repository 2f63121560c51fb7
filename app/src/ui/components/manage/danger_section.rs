//! What cannot be taken back, or stops traffic: each with its consequences before the button.

use domain::error::Problem;
use domain::usage::ConnectorUsage;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::model::connector_form::ConnectorForm;
use crate::model::removal::{consequences, obstacle_of};
use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
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
    // Counted when somebody is about to delete: what they hear is what happens.
    let usage = RwSignal::new(None::<Result<ConnectorUsage, Problem>>);
    let ask = move || {
        let Some(connector) = draft.saved.get_untracked() else { return };
        usage.set(None);
        spawn_local(async move {
            let answer = actions.usage(connector.id).await;
            // The sheet may be closed by now.
            let _ = usage.try_set(Some(answer));
        });
    };
    let obstacle = Signal::derive(move || match usage.get() {
        None => Some("Counting what hangs on it".to_owned()),
        Some(Err(problem)) => Some(format!("What hangs on it could not be counted: {}", problem.title)),
        Some(Ok(usage)) => obstacle_of(&usage),
    });

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
                                    "Requests to it are refused with 409; deliveries to it fail, and can be retried once it is on. Turn it on again at any time."
                                } else {
                                    "It takes requests again. Deliveries to it that failed meanwhile can be retried."
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
                        <span class="hint">
                            "Its address answers 404 from then on, and its receivers and routes end. Its events stay in the log."
                        </span>
                    </span>
                    <button
                        class="btn"
                        type="button"
                        data-variant="danger-quiet"
                        disabled=!actions.may_change()
                        on:click=move |_| {
                            ask();
                            asking.set(true);
                        }
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
                    obstacle
                    on_confirm=delete
                    on_close=move |()| asking.set(false)
                >
                    {move || match usage.get() {
                        None => {
                            view! { <p class="soft" role="status">"Counting what hangs on it…"</p> }.into_any()
                        }
                        Some(Err(problem)) => {
                            view! { <ProblemNotice problem retry=move |()| ask()/> }.into_any()
                        }
                        Some(Ok(usage)) => view! { <Consequences usage/> }.into_any(),
                    }}
                </ConfirmDialog>
            </Show>
        </section>
    }
}

/// What happens, line by line, in numbers.
#[component]
fn Consequences(usage: ConnectorUsage) -> impl IntoView {
    let lines = consequences(&usage).into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! { <ul class="consequences">{lines}</ul> }
}
