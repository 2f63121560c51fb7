//! The organizations of the installation, for global administrators.

use domain::error::Problem;
use domain::id::OrganizationId;
use domain::user::{NewOrganization, OrganizationAccess};
use leptos::prelude::*;

use super::panel::{Column, Panel, PanelTable, close_when_done};
use super::panel_form::{FormDraft, PanelForm};
use crate::model::account_forms::OrganizationForm;
use crate::model::connector_form::suggest_code;
use crate::model::format::{counted, day, exact};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::vendor::Vendor;
use crate::ui::form::Lens;
use crate::ui::zone::use_zone;

const COLUMNS: &[Column] = &[("name", "Name"), ("meta", "Short name"), ("last", "Created")];

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
    let zone = use_zone();
    let open = RwSignal::new(false);
    close_when_done(open, created);
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
                        <td role="gridcell" data-col="last" class="cell-time" title=exact(organization.created_at)>
                            {day(organization.created_at, zone.get())}
                        </td>
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
    let close = Callback::new(move |()| open.set(false));
    view! {
        <Panel
            id="organizations"
            title="Organizations"
            count=Signal::derive(count)
            add="Create organization"
            open
            form=move || view! { <NewOrganizationForm busy created on_create on_close=close/> }
        >
            <PanelTable kind="organizations" label="Organizations" columns=COLUMNS>{rows}</PanelTable>
        </Panel>
    }
}

#[component]
fn NewOrganizationForm(
    busy: Signal<bool>,
    created: Signal<Option<Result<(), Problem>>>,
    on_create: Callback<NewOrganization>,
    on_close: Callback<()>,
) -> impl IntoView {
    let draft = FormDraft::new("organization", OrganizationForm::check, created);
    let FormDraft { form, scope, .. } = draft;
    let slug_typed = RwSignal::new(false);
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
    let typed_slug = Lens::new(
        form,
        |form: &OrganizationForm| form.slug.clone(),
        move |form, slug| {
            slug_typed.set(true);
            form.slug = slug;
        },
    );
    view! {
        <PanelForm
            draft
            submit="Create organization"
            submitting="Creating"
            busy
            on_submit=move |form: OrganizationForm| on_create.run(form.request())
            on_close
        >
            <TextField scope pointer="/name" label="Name" value=name autofocus=true/>
            <TextField scope pointer="/slug" label="Short name" value=typed_slug mono=true hint="In addresses; cannot change later"/>
        </PanelForm>
    }
}
