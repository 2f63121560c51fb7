//! The organizations of the installation, for global administrators.

use domain::error::Problem;
use domain::id::OrganizationId;
use domain::user::{NewOrganization, OrganizationAccess};
use leptos::prelude::*;

use crate::model::account_forms::OrganizationForm;
use crate::model::connector_form::suggest_code;
use crate::model::format::{counted, day};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::vendor::Vendor;
use crate::ui::form::{FormScope, Lens, focus_first_invalid, shown_problems};

/// The list, and a form for one more.
#[component]
pub fn OrganizationsPanel(
    /// All of them.
    #[prop(into)]
    organizations: Signal<Vec<OrganizationAccess>>,
    /// The one that is worked in.
    current: OrganizationId,
    /// Whether one is being created.
    #[prop(into)]
    busy: Signal<bool>,
    /// What became of the last creation.
    #[prop(into)]
    created: Signal<Option<Result<(), Problem>>>,
    /// Creates one.
    #[prop(into)]
    on_create: Callback<NewOrganization>,
    /// Works in another one.
    #[prop(into)]
    on_choose: Callback<OrganizationId>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if created.get() == Some(Ok(())) {
            open.set(false);
        }
    });
    let count = move || {
        let count = i64::try_from(organizations.with(Vec::len)).unwrap_or_default();
        counted(count, "organization", "organizations")
    };
    let rows = move || {
        organizations
            .get()
            .into_iter()
            .map(|access| {
                let organization = access.organization;
                let is_current = organization.id == current;
                let id = organization.id.clone();
                let name = organization.name.clone();
                view! {
                    <tr role="row" data-open=is_current.then_some("")>
                        <td role="gridcell" data-col="name">
                            <span class="cell-name">
                                <Vendor name=name.clone()/>
                                <span class="truncate">{name.clone()}</span>
                                {is_current.then(|| view! { <span class="tag">"Open"</span> })}
                            </span>
                        </td>
                        <td role="gridcell" data-col="meta"><span class="mono soft">{organization.slug}</span></td>
                        <td role="gridcell" data-col="last" class="cell-time">{day(organization.created_at)}</td>
                        <td role="gridcell" data-col="actions">
                            <span class="row-actions">
                                {(!is_current)
                                    .then(|| {
                                        view! {
                                            <button
                                                class="btn"
                                                type="button"
                                                data-size="xs"
                                                aria-label=format!("Switch to {name}")
                                                on:click=move |_| on_choose.run(id.clone())
                                            >
                                                "Switch"
                                            </button>
                                        }
                                    })}
                            </span>
                        </td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <section class="panel gridview" aria-labelledby="organizations-title">
            <header class="panel-head">
                <h2 id="organizations-title">"Organizations"</h2>
                <span class="hint">{count}</span>
                <span class="row-end">
                    <button
                        class="btn"
                        type="button"
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        <Icon name="plus"/>
                        "Create organization"
                    </button>
                </span>
            </header>
            <Show when=move || open.get()>
                <NewOrganizationForm busy created on_create on_close=move |()| open.set(false)/>
            </Show>
            <table class="grid" data-stacks="" data-kind="organizations" role="grid" aria-label="Organizations">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col" data-col="name">"Name"</th>
                        <th role="columnheader" scope="col" data-col="meta">"Short name"</th>
                        <th role="columnheader" scope="col" data-col="last">"Created"</th>
                        <th role="columnheader" scope="col" data-col="actions">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </section>
    }
}

#[component]
fn NewOrganizationForm(
    busy: Signal<bool>,
    created: Signal<Option<Result<(), Problem>>>,
    on_create: Callback<NewOrganization>,
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let form = RwSignal::new(OrganizationForm::default());
    let slug_typed = RwSignal::new(false);
    let tried = RwSignal::new(false);
    let refused = Memo::new(move |_| created.get().and_then(Result::err));
    let problems = Signal::derive(move || {
        refused
            .with(|server| shown_problems(tried.get(), form.with(OrganizationForm::check), server.as_ref()))
    });
    let scope = FormScope::new("organization", problems);
    let name = Lens::new(
        form,
        |form: &OrganizationForm| form.name.clone(),
        move |form, name: String| {
            if !slug_typed.get_untracked() {
                form.slug = suggest_code(&name);
            }
            form.name = name;
        },
    );
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if form.with_untracked(|form| !form.check().is_empty()) {
            focus_first_invalid();
        } else if !busy.get_untracked() {
            on_create.run(form.with_untracked(OrganizationForm::request));
        }
    };
    let typed_slug = Lens::new(
        form,
        |form: &OrganizationForm| form.slug.clone(),
        move |form, slug| {
            slug_typed.set(true);
            form.slug = slug;
        },
    );
    view! {
        <form class="panel-body stack" novalidate on:submit=submit>
            {move || refused.get().filter(|problem| problem.fields.is_empty()).map(|problem| view! { <ProblemNotice problem/> })}
            <div class="field-grid">
                <TextField scope pointer="/name" label="Name" value=name autofocus=true/>
                <TextField scope pointer="/slug" label="Short name" value=typed_slug mono=true hint="In addresses; cannot change later"/>
            </div>
            <div class="row">
                <span class="row-end row">
                    <button class="btn" type="button" on:click=move |_| on_close.run(())>"Cancel"</button>
                    <button
                        class="btn"
                        type="submit"
                        data-variant="primary"
                        aria-busy=move || busy.get().then_some("true")
                    >
                        {move || if busy.get() { "Creating" } else { "Create organization" }}
                    </button>
                </span>
            </div>
        </form>
    }
}
