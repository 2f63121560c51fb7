//! The people of an organization.

use domain::error::Problem;
use domain::id::UserId;
use domain::page::Page;
use domain::user::{Member, NewMember, Role};
use leptos::prelude::*;

use crate::lens;
use crate::model::account_forms::{MemberForm, role_words};
use crate::model::format::counted;
use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::form::select_field::{Choice, Select, SelectField};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::time::Time;
use crate::ui::components::vendor::Vendor;
use crate::ui::form::{FormScope, Lens, focus_first_invalid, shown_problems};

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
    Effect::new(move |_| {
        if added.get() == Some(Ok(())) {
            open.set(false);
        }
    });
    let count = move || match members.get() {
        Some(Ok(page)) => {
            let more = if page.next_cursor.is_some() { "More than " } else { "" };
            format!(
                "{more}{}",
                counted(i64::try_from(page.items.len()).unwrap_or_default(), "person", "people")
            )
        }
        _ => String::new(),
    };
    let list = move || match members.get() {
        None => view! { <div class="panel-body"><span class="skel" data-w="m"></span></div> }.into_any(),
        Some(Err(problem)) => {
            view! { <div class="panel-body"><ProblemNotice problem retry=on_retry/></div> }.into_any()
        }
        Some(Ok(page)) => {
            let rows = page
                .items
                .into_iter()
                .map(|member| {
                    let is_me = me.get().as_ref() == Some(&member.user.id);
                    view! { <MemberRow member is_me on_change on_remove=move |member| leaving.set(Some(member))/> }
                })
                .collect_view();
            view! {
                <table class="grid" data-stacks="" data-kind="members" role="grid" aria-label="People">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col" data-col="name">"Name"</th>
                            <th role="columnheader" scope="col" data-col="meta">"Email"</th>
                            <th role="columnheader" scope="col" data-col="role">"Role"</th>
                            <th role="columnheader" scope="col" data-col="last">"Last sign-in"</th>
                            <th role="columnheader" scope="col" data-col="actions">
                                <span class="sr-only">"Actions"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel gridview" aria-labelledby="members-title">
            <header class="panel-head">
                <h2 id="members-title">"People"</h2>
                <span class="hint">{count}</span>
                <span class="row-end">
                    <button
                        class="btn"
                        type="button"
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        <Icon name="plus"/>
                        "Add person"
                    </button>
                </span>
            </header>
            <Show when=move || open.get()>
                <NewMemberForm busy added on_add on_close=move |()| open.set(false)/>
            </Show>
            {list}
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
        </section>
    }
}

/// The roles as choices.
pub fn role_choices() -> Vec<Choice<Role>> {
    Role::ALL
        .iter()
        .map(|role| {
            let (name, what) = role_words(*role);
            Choice::new(*role, format!("{name}: {what}"))
        })
        .collect()
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
    let short: Vec<_> = Role::ALL.iter().map(|role| Choice::new(*role, role_words(*role).0)).collect();
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
                {match user.last_login_at {
                    Some(at) => view! { <Time at=at/> }.into_any(),
                    None => view! { <span class="cell-none" aria-label="never">"–"</span> }.into_any(),
                }}
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
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let form = RwSignal::new(MemberForm::default());
    let tried = RwSignal::new(false);
    let refused = Memo::new(move |_| added.get().and_then(Result::err));
    let problems = Signal::derive(move || {
        refused.with(|server| shown_problems(tried.get(), form.with(MemberForm::check), server.as_ref()))
    });
    let scope = FormScope::new("member", problems);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if form.with_untracked(|form| !form.check().is_empty()) {
            focus_first_invalid();
        } else if !busy.get_untracked() {
            on_add.run(form.with_untracked(MemberForm::request));
        }
    };
    view! {
        <form class="panel-body stack" novalidate on:submit=submit>
            {move || refused.get().filter(|problem| problem.fields.is_empty()).map(|problem| view! { <ProblemNotice problem/> })}
            <div class="field-grid">
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
                        {move || if busy.get() { "Adding" } else { "Add person" }}
                    </button>
                </span>
            </div>
        </form>
    }
}
