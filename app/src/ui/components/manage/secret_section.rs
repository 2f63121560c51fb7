//! A receiver's secrets: the one of a new receiver, the ends of stored ones, a rotation, and the moment in which a
//! new one can be seen.

use domain::error::{FieldProblem, Problem};
use domain::receiver::{RotateSecret, SecretSummary};
use domain::signature::SchemeKind;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::lens;
use crate::model::format::day_time;
use crate::model::zone::Zone;
use crate::ui::components::form::new_secret::NewSecret;
use crate::ui::components::form::select_field::{Choice, Select};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::form::FormScope;
use crate::ui::state::{ManageActions, ReceiverDraft};
use crate::ui::zone::use_zone;

/// The secrets.
#[component]
pub fn SecretSection(
    /// The receiver.
    receiver: ReceiverDraft,
    /// Its fields.
    scope: FormScope,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let (form, zone) = (receiver.form, use_zone());
    let is_new = Memo::new(move |_| receiver.saved.with(Option::is_none));
    let needs_secret = Memo::new(move |_| form.with(|form| form.scheme.kind != SchemeKind::None));
    let rotating = RwSignal::new(false);
    // Verification was switched on: the first secret is set the same way.
    let has_secret = Memo::new(move |_| {
        receiver.saved.with(|saved| saved.as_ref().is_some_and(|saved| !saved.secrets.is_empty()))
    });
    let summary = move || {
        receiver.saved.with(|saved| {
            saved.as_ref().map(|saved| secrets_words(&saved.secrets, zone.get())).unwrap_or_default()
        })
    };
    view! {
        <Show when=move || needs_secret.get()>
            <div class="form-rule stack">
                <div class="row-wrap">
                    <h4>"Secret"</h4>
                    <span class="hint">{summary}</span>
                    <Show when=move || !is_new.get() && !rotating.get()>
                        <span class="row-end">
                            <button
                                class="btn"
                                type="button"
                                data-size="xs"
                                disabled=!actions.may_change()
                                on:click=move |_| rotating.set(true)
                            >
                                <Icon name="sync"/>
                                {move || if has_secret.get() { "Rotate secret" } else { "Set secret" }}
                            </button>
                        </span>
                    </Show>
                </div>
                {move || {
                    receiver
                        .new_secret
                        .get()
                        .map(|secret| view! { <NewSecret title="New secret" label="Copy new secret" secret/> })
                }}
                <Show when=move || is_new.get()>
                    <TextField
                        scope
                        pointer="/secret"
                        label="Secret of the sender"
                        value=lens!(form.secret)
                        kind="password"
                        autocomplete="new-password"
                        mono=true
                        hint="Leave it empty to have a strong one made and shown once"
                    />
                </Show>
                <Show when=move || rotating.get()>
                    <Rotation receiver actions on_done=move |()| rotating.set(false)/>
                </Show>
            </div>
        </Show>
    }
}

/// "current ends 4c1e, set 22 Nov 14:05; the former one, ending 9a0b, until 23 Nov 14:05".
fn secrets_words(secrets: &[SecretSummary], zone: Zone) -> String {
    let end = |secret: &SecretSummary| match secret.hint.as_str() {
        "" => String::new(),
        hint => format!(" ends {hint},"),
    };
    let mut words = Vec::new();
    for secret in secrets {
        words.push(match secret.expires_at {
            None => format!("current{} set {}", end(secret), day_time(secret.created_at, zone)),
            Some(until) => format!("former{} accepted until {}", end(secret), day_time(until, zone)),
        });
    }
    if words.is_empty() {
        "none: every request is refused until one is set".to_owned()
    } else {
        words.join("; ")
    }
}

/// How long the former secret is accepted, seconds, and the words for it.
const OVERLAPS: [(i64, &str); 4] =
    [(86_400, "24 hours"), (3_600, "1 hour"), (604_800, "7 days"), (0, "Not at all")];

#[component]
fn Rotation(
    receiver: ReceiverDraft,
    actions: ManageActions,
    #[prop(into)] on_done: Callback<()>,
) -> impl IntoView {
    let secret = RwSignal::new(String::new());
    let overlap = RwSignal::new(OVERLAPS[0].0);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let own_problems = Signal::derive(move || {
        let typed = secret.get();
        let scheme = receiver.form.with(|form| form.scheme.scheme().ok());
        let unusable =
            scheme.filter(|_| !typed.is_empty()).and_then(|scheme| scheme.check_secret(&typed).err());
        let detail = unusable.map(|error| format!("This secret cannot be used: {error}"));
        detail
            .map(|detail| FieldProblem { pointer: "/secret".into(), detail })
            .into_iter()
            .collect::<Vec<_>>()
    });
    let scope = FormScope::new(format!("rotate{}", receiver.key), own_problems);
    let choices: Vec<_> = OVERLAPS.iter().map(|(seconds, name)| Choice::new(*seconds, *name)).collect();
    let select_id = format!("rotate{}-overlap", receiver.key);
    let rotate = move |_| {
        if busy.get_untracked() || !own_problems.get_untracked().is_empty() {
            return;
        }
        busy.set(true);
        let typed = secret.get_untracked();
        let request = RotateSecret {
            secret: Some(typed).filter(|secret| !secret.is_empty()),
            overlap_s: overlap.get_untracked(),
        };
        spawn_local(async move {
            let answer = actions.rotate(receiver, request).await;
            // The sheet may be closed by now.
            let _ = busy.try_set(false);
            match answer {
                Ok(()) => _ = on_done.try_run(()),
                Err(refused) => _ = problem.try_set(Some(refused)),
            }
        });
    };
    view! {
        <div class="stack">
            {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
            <TextField
                scope
                pointer="/secret"
                label="New secret"
                value=secret
                kind="password"
                autocomplete="new-password"
                mono=true
                hint="Leave it empty to have a strong one made and shown once"
            />
            <div class="row-wrap">
                <label class="soft" for=select_id.clone()>"Accept the former one for"</label>
                <Select id=select_id choices value=overlap size="sm"/>
                <span class="row-end row">
                    <button class="btn" type="button" data-size="xs" on:click=move |_| on_done.run(())>"Cancel"</button>
                    <button
                        class="btn"
                        type="button"
                        data-size="xs"
                        data-variant="primary"
                        aria-busy=move || busy.get().then_some("true")
                        on:click=rotate
                    >
                        <Icon name="sync"/>
                        {move || if busy.get() { "Rotating" } else { "Rotate secret" }}
                    </button>
                </span>
            </div>
        </div>
    }
}
