//! The people of an organization.

use domain::error::Problem;
use domain::id::UserId;
use domain::page::Page;
use domain::user::{Member, NewMember, Role};
use leptos::prelude::*;

use super::panel::{Column, LastTime, Panel, PanelList, PanelTable, close_when_done};
use super::panel_form::{FormDraft, PanelForm};
use crate::lens;
use crate::model::account_forms::{MemberForm, role_words};
use crate::model::format::counted_page;
use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::form::select_field::{Choice, Select, SelectField};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::components::vendor::Vendor;
use crate::ui::form::Lens;

const COLUMNS: &[Column] = &[("name", "Name"), ("meta", "Email"), ("role", "Role"), ("last", "Last sign-in")];

/// The list, and a form for one more.
#[component]
pub fn MembersPanel(
    /// The people; `None` while they are fetched.
    #[prop(into)]
    members: Signal<Option<Result<Page<Member>, Problem>>>,
    /// Who looks: nobody takes their own role away by mistake.
    #[prop(into)]
    me: Signal<Option<UserId>>,
    /// Whether somebody is being added.
    #[prop(into)]
    busy: Signal<bool>,
    /// What became of the last addition.
    #[prop(into)]
    added: Signal<Option<Result<(), Problem>>>,
    /// Adds a person.
    #[prop(into)]
    on_add: Callback<NewMember>,
    /// Gives a person another role.
    #[prop(into)]
    on_change: Callback<(Member, Role)>,
    /// Takes a person out.
    #[prop(into)]
    on_remove: Callback<Member>,
    /// Fetches again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let leaving = RwSignal::new(None::<Member>);
    close_when_done(open, added);
    let count = move || match members.get() {
        Some(Ok(page)) => counted_page(&page, "person", "people"),
        _ => String::new(),
    };
    let close = Callback::new(move |()| open.set(false));
    let list = move |members: Vec<Member>| {
        if members.is_empty() {
            return view! {
                <div class="empty">
                    <Icon name="user"/>
                    <strong>"No people"</strong>
                    <p>"Global administrators work here without being added; everybody else needs a role."</p>
                </div>
            }
            .into_any();
        }
        let me = me.get();
        let rows = members
            .into_iter()
            .map(|member| {
                let is_me = me.as_ref() == Some(&member.user.id);
                view! { <MemberRow member is_me on_change on_remove=move |member| leaving.set(Some(member))/> }
            })
            .collect_view();
        view! { <PanelTable kind="members" label="People" columns=COLUMNS>{rows}</PanelTable> }.into_any()
    };
    view! {
        <Panel
            id="members"
            title="People"
            count=Signal::derive(count)
            add="Add person"
            open
            form=move || view! { <NewMemberForm busy added on_add on_close=close/> }
        >
            <PanelList list=members on_retry show=list/>
            {move || {
                leaving
                    .get()
                    .map(|member| {
                        let name = member.user.name.clone();
                        view! {
                            <ConfirmDialog
                                title=format!("Remove {name}?")
                                confirm="Remove person"
                                cancel="Keep them"
                                on_confirm=move |()| {
                                    leaving.set(None);
                                    on_remove.run(member.clone());
                                }
                                on_close=move |()| leaving.set(None)
                            >
                                <p>
                                    "They lose this organization at once, also in open browsers. Their account and what they did stay."
                                </p>
                            </ConfirmDialog>
                        }
                    })
            }}
        </Panel>
    }
}

/// The roles as choices.
pub fn role_choices() -> Vec<Choice<Role>> {
    Choice::each(Role::ALL, |role| {
        let (name, what) = role_words(role);
        format!("{name}: {what}")
    })
}

#[component]
fn MemberRow(
    member: Member,
    is_me: bool,
    on_change: Callback<(Member, Role)>,
    #[prop(into)] on_remove: Callback<Member>,
) -> impl IntoView {
    let user = member.user.clone();
    let changed = member.clone();
    let role = Lens::new(
        RwSignal::new(member.role),
        |role: &Role| *role,
        move |stored, role| {
            *stored = role;
            on_change.run((changed.clone(), role));
        },
    );
    let short = Choice::each(Role::ALL, |role| role_words(role).0);
    let name = user.name.clone();
    view! {
        <tr role="row">
            <td role="gridcell" data-col="name">
                <span class="cell-name">
                    <Vendor name=name.clone()/>
                    <span class="truncate">{name.clone()}</span>
                    {user.global_admin.then(|| view! { <span class="tag">"Global admin"</span> })}
                    {is_me.then(|| view! { <span class="tag">"You"</span> })}
                </span>
            </td>
            <td role="gridcell" data-col="meta" class="soft">{user.email}</td>
            <td role="gridcell" data-col="role">
                {if is_me {
                    view! { <span>{role_words(member.role).0}</span> }.into_any()
                } else {
                    view! {
                        <Select
                            choices=short
                            value=role
                            size="sm"
                            label=MaybeProp::from(Some(format!("Role of {name}")))
                        />
                    }
                        .into_any()
                }}
            </td>
            <td role="gridcell" data-col="last" class="cell-time">
                <LastTime at=user.last_login_at/>
            </td>
            <td role="gridcell" data-col="actions">
                <span class="row-actions">
                    {(!is_me)
                        .then(|| {
                            view! {
                                <button
                                    class="btn"
                                    type="button"
                                    data-size="xs"
                                    data-variant="danger-quiet"
                                    aria-label=format!("Remove {name}")
                                    on:click=move |_| on_remove.run(member.clone())
                                >
                                    "Remove"
                                </button>
                            }
                        })}
                </span>
            </td>
        </tr>
    }
}

#[component]
fn NewMemberForm(
    busy: Signal<bool>,
    added: Signal<Option<Result<(), Problem>>>,
    on_add: Callback<NewMember>,
    on_close: Callback<()>,
) -> impl IntoView {
    let draft = FormDraft::new("member", MemberForm::check, added);
    let FormDraft { form, scope, .. } = draft;
    view! {
        <PanelForm
            draft
            submit="Add person"
            submitting="Adding"
            busy
            on_submit=move |form: MemberForm| on_add.run(form.request())
            on_close
        >
            <TextField scope pointer="/email" label="Email" value=lens!(form.email) kind="email" autofocus=true/>
            <TextField scope pointer="/name" label="Name" value=lens!(form.name)/>
            <SelectField scope pointer="/role" label="Role" choices=role_choices() value=lens!(form.role)/>
            <TextField
                scope
                pointer="/password"
                label="First password"
                value=lens!(form.password)
                kind="password"
                autocomplete="new-password"
                hint="At least 12 characters; not needed when they have an account"
            />
        </PanelForm>
    }
}
