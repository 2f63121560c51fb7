//! The sheet of one connector: its sections beside each other, and one button that saves all of them.

use leptos::prelude::*;

use super::danger_section::DangerSection;
use super::destination_section::DestinationSection;
use super::details_section::DetailsSection;
use super::receivers_section::ReceiversSection;
use super::routes_section::RoutesSection;
use super::test_section::TestSection;
use crate::model::format::{clock, counted};
use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::dialog::{CloseButton, Dialog};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::vendor::Vendor;
use crate::ui::state::{ConnectorDraft, ManageActions};
use crate::ui::zone::use_zone;

/// Id, icon and name of a section.
type Section = (&'static str, &'static str, &'static str);

const BASICS: [Section; 4] = [
    ("manage-details", "settings", "Details"),
    ("manage-receivers", "in", "Receivers"),
    ("manage-routes", "braces", "Routes and mapping"),
    ("manage-destination", "out", "Destination"),
];
/// What only a stored connector has.
const STORED: [Section; 2] =
    [("manage-test", "flask", "Connection test"), ("manage-danger", "alert", "Danger zone")];

/// The sheet.
#[component]
pub fn ConnectorSheet(
    /// What is edited.
    draft: ConnectorDraft,
    /// The way to the server.
    actions: ManageActions,
    /// Closes the sheet; asked only when nothing would be lost.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let current = RwSignal::new("manage-details");
    let asking = RwSignal::new(false);
    let body = NodeRef::<leptos::html::Div>::new();
    let changes = Memo::new(move |_| draft.changes());
    let is_new = Memo::new(move |_| draft.saved.with(Option::is_none));
    let name = Memo::new(move |_| draft.form.with(|form| form.name.trim().to_owned()));
    let title = Signal::derive(move || match (is_new.get(), name.get()) {
        (true, _) => "Add connector".to_owned(),
        (false, name) => format!("Manage {name}"),
    });

    let close = Callback::new(move |()| {
        // Half of it may be on its way.
        if draft.saving.get_untracked() {
            return;
        }
        if actions.may_change() && loses_something(draft) {
            asking.set(true);
        } else {
            on_close.run(());
        }
    });
    // On a phone the sections stand in a row that is longer than the screen.
    let nav = NodeRef::<leptos::html::Nav>::new();
    Effect::new(move |_| {
        current.track();
        let Some(nav) = nav.get() else { return };
        // Once the new one is marked.
        request_animation_frame(move || {
            if let Ok(Some(item)) = nav.query_selector("[aria-current]") {
                let left = item.get_bounding_client_rect().left() - nav.get_bounding_client_rect().left();
                // Whole pixels are all that a scroll position has.
                nav.set_scroll_left(nav.scroll_left() + left as i32 - 16);
            }
        });
    });
    let sections = move || {
        let stored: &[Section] = if is_new.get() { &[] } else { &STORED };
        BASICS.iter().chain(stored).copied().collect::<Vec<_>>()
    };
    // A section that was asked for stays marked until the person scrolls on: the last ones never reach the top.
    let asked_for = StoredValue::new(false);
    let go_to = move |id: &'static str| {
        asked_for.set_value(true);
        current.set(id);
        if let Some(section) = document().get_element_by_id(id) {
            section.scroll_into_view();
        }
    };
    let follow = move |_| {
        let Some(body) = body.get_untracked() else { return };
        if asked_for.get_value() {
            return;
        }
        let top = body.get_bounding_client_rect().top();
        let above = |id: &&'static str| {
            let section = document().get_element_by_id(id);
            section.is_some_and(|section| section.get_bounding_client_rect().top() <= top + 48.0)
        };
        let ids: Vec<_> = untrack(sections).into_iter().map(|(id, ..)| id).collect();
        current.set(ids.into_iter().rfind(above).unwrap_or("manage-details"));
    };

    view! {
        <Dialog labelled_by="manage-title" class="sheet" size="wide" on_close=close>
            <header class="dialog-head">
                {move || (!is_new.get()).then(|| view! { <Vendor name=name.get()/> })}
                <div class="row-wrap">
                    <h2 id="manage-title">{title}</h2>
                    {move || {
                        draft
                            .saved
                            .get()
                            .map(|saved| {
                                view! {
                                    <span class="mono muted">{saved.code.to_string()}</span>
                                    <span class="env" data-env=saved.environment.as_str()>
                                        {if saved.environment.as_str() == "sandbox" { "Sandbox" } else { "Production" }}
                                    </span>
                                }
                            })
                    }}
                </div>
                <CloseButton on_close=close/>
            </header>
            <div class="sheet-cols">
                <nav class="sheet-nav" aria-label="Sections" node_ref=nav>
                    <For each=sections key=|section| section.0 let:section>
                        <button
                            class="menu-item"
                            type="button"
                            aria-current=move || (current.get() == section.0).then_some("true")
                            on:click=move |_| go_to(section.0)
                        >
                            <Icon name=section.1/>
                            {section.2}
                        </button>
                    </For>
                </nav>
                <div
                    class="sheet-body"
                    tabindex="0"
                    role="group"
                    aria-label=move || format!("Settings of {}", name.get())
                    node_ref=body
                    on:scroll=follow
                    on:wheel=move |_| asked_for.set_value(false)
                    on:touchmove=move |_| asked_for.set_value(false)
                    on:pointerdown=move |_| asked_for.set_value(false)
                    on:keydown=move |_| asked_for.set_value(false)
                >
                    {move || {
                        draft
                            .problem
                            .get()
                            .filter(|problem| problem.fields.is_empty())
                            .map(|problem| view! { <div class="sheet-section"><ProblemNotice problem/></div> })
                    }}
                    <DetailsSection draft/>
                    <ReceiversSection draft actions/>
                    <RoutesSection draft actions/>
                    <DestinationSection draft/>
                    <Show when=move || !is_new.get()>
                        <TestSection draft actions/>
                        <DangerSection draft actions/>
                    </Show>
                </div>
            </div>
            <SheetFoot draft actions changes on_close=close/>
            <Show when=move || asking.get()>
                <ConfirmDialog
                    title=Signal::derive(move || format!("Discard {}?", changes_words(changes.get().len())))
                    confirm=Signal::derive(move || format!("Discard {}", changes_words(changes.get().len())))
                    cancel="Keep editing"
                    on_confirm=move |()| on_close.run(())
                    on_close=move |()| asking.set(false)
                >
                    <p>{move || format!("Not saved: {}.", changes.get().join(", "))}</p>
                </ConfirmDialog>
            </Show>
        </Dialog>
    }
}

/// Whether closing would lose what somebody typed. A new connector's untouched form is nothing yet.
fn loses_something(draft: ConnectorDraft) -> bool {
    let changes = untrack(|| draft.changes());
    let is_untouched = draft.saved.with_untracked(Option::is_none) && changes == ["new receiver"];
    !changes.is_empty() && !is_untouched
}

fn changes_words(count: usize) -> String {
    counted(i64::try_from(count).unwrap_or_default(), "change", "changes")
}

#[component]
fn SheetFoot(
    draft: ConnectorDraft,
    actions: ManageActions,
    changes: Memo<Vec<String>>,
    on_close: Callback<()>,
) -> impl IntoView {
    let zone = use_zone();
    let is_new = move || draft.saved.with(Option::is_none);
    let faults = Memo::new(move |_| if draft.tried.get() { draft.own_problems().len() } else { 0 });
    // Why nothing can be saved right now, in words that stand next to the button.
    let obstacle = Memo::new(move |_| match (actions.may_change(), faults.get(), changes.get().len()) {
        (false, ..) => Some("Only an admin of the organization can change this".to_owned()),
        (_, 1, _) => Some("Fix 1 field to save".to_owned()),
        (_, faults, _) if faults > 1 => Some(format!("Fix {faults} fields to save")),
        (_, _, 0) => Some(match draft.saved_at.get() {
            Some(at) => format!("Everything is saved, {}", clock(at, zone.get())),
            None if is_new() => "Nothing to save yet".to_owned(),
            None => "Everything is saved".to_owned(),
        }),
        _ => None,
    });
    let note = move || {
        obstacle.get().unwrap_or_else(|| {
            let words = changes.get();
            if is_new() {
                String::new()
            } else {
                format!("{} not saved: {}", changes_words(words.len()), words.join(", "))
            }
        })
    };
    let label = move || match (draft.saving.get(), is_new(), changes.get().len()) {
        (true, ..) => "Saving".to_owned(),
        (_, true, _) => "Create connector".to_owned(),
        (_, _, 0) => "Save".to_owned(),
        (_, _, count) => format!("Save {}", changes_words(count)),
    };
    let is_blocked = move || obstacle.get().is_some();
    let save = move |_| {
        if actions.may_change() && (is_new() || !changes.get_untracked().is_empty()) {
            actions.save(draft);
        }
    };
    let close_label = move || if changes.get().is_empty() { "Close" } else { "Cancel" };
    view! {
        <footer class="dialog-foot">
            <span class=move || { if faults.get() > 0 { "error" } else { "hint" } } role="status">{note}</span>
            <span class="dialog-foot-end">
                <button class="btn" type="button" data-size="md" on:click=move |_| on_close.run(())>
                    {close_label}
                </button>
                <button
                    class="btn"
                    type="button"
                    data-variant="primary"
                    data-size="md"
                    aria-disabled=move || is_blocked().then_some("true")
                    aria-busy=move || draft.saving.get().then_some("true")
                    on:click=save
                >
                    {label}
                </button>
            </span>
        </footer>
    }
}
