//! Results of single actions, in the corner, for six seconds.

use std::time::Duration;

use domain::error::Problem;
use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use super::problem_notice::RequestId;

/// How long a toast stays, unless the pointer or the focus is on it.
const LIFE: Duration = Duration::from_secs(6);

/// A button on a toast.
#[derive(Clone)]
pub struct ToastAction {
    /// A verb and an object, for example "View".
    pub label: String,
    /// What it does; the toast goes away.
    pub run: Callback<()>,
}

#[derive(Clone)]
struct Toast {
    id: u32,
    tone: &'static str,
    icon: &'static str,
    text: String,
    detail: String,
    problem: Option<Problem>,
    action: Option<ToastAction>,
}

/// Where toasts are said; a context of the whole console.
#[derive(Clone, Copy)]
pub struct ToastQueue {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
    held: RwSignal<bool>,
}

/// Provides the queue; [`Toasts`] shows it.
pub fn provide_toasts() -> ToastQueue {
    let queue = ToastQueue {
        shown: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
        held: RwSignal::new(false),
    };
    provide_context(queue);
    queue
}

/// The queue.
pub fn use_toasts() -> ToastQueue {
    expect_context()
}

impl ToastQueue {
    /// Something was done.
    pub fn done(self, text: impl Into<String>, detail: impl Into<String>) {
        self.push("tone-ok", "st-delivered", text.into(), detail.into(), None, None);
    }
    /// Something was done, and there is somewhere to look.
    pub fn done_with(self, text: impl Into<String>, detail: impl Into<String>, action: ToastAction) {
        self.push("tone-ok", "st-delivered", text.into(), detail.into(), None, Some(action));
    }
    /// Something was not done, and nothing is broken.
    pub fn warn(self, text: impl Into<String>, detail: impl Into<String>) {
        self.push("tone-warn", "alert", text.into(), detail.into(), None, None);
    }
    /// The server refused; `what` was not done.
    pub fn problem(self, what: impl Into<String>, problem: &Problem) {
        self.push("tone-fail", "st-failed", what.into(), problem.detail.clone(), Some(problem.clone()), None);
    }

    fn push(
        self,
        tone: &'static str,
        icon: &'static str,
        text: String,
        detail: String,
        problem: Option<Problem>,
        action: Option<ToastAction>,
    ) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|toasts| {
            toasts.push(Toast { id, tone, icon, text, detail, problem, action });
            // More than three cover what they talk about.
            let over = toasts.len().saturating_sub(3);
            toasts.drain(..over);
        });
        self.expire(id);
    }

    fn expire(self, id: u32) {
        set_timeout(move || if self.held.get_untracked() { self.expire(id) } else { self.remove(id) }, LIFE);
    }

    fn remove(self, id: u32) {
        self.shown.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// The corner itself; once, at the root.
#[component]
pub fn Toasts() -> impl IntoView {
    let queue = use_toasts();
    let hold = move |held: bool| move |_| queue.held.set(held);
    let node = NodeRef::<html::Div>::new();
    // A modal dialog covers everything below it: shown anew, the corner stands above the dialog as well.
    Effect::new(move |_| {
        let Some(corner) = node.get() else { return };
        // Either fails only when nothing has to be done.
        let _ = corner.hide_popover();
        if queue.shown.with(|toasts| !toasts.is_empty()) {
            let _ = corner.show_popover();
        }
    });
    view! {
        <div class="toasts" popover="manual" node_ref=node on:pointerenter=hold(true) on:pointerleave=move |_| queue.held.set(false)>
            <For each=move || queue.shown.get() key=|toast| toast.id let:toast>
                <ToastView toast queue/>
            </For>
        </div>
    }
}

#[component]
fn ToastView(toast: Toast, queue: ToastQueue) -> impl IntoView {
    let id = toast.id;
    let action = toast.action.map(|action| {
        let run = move |_| {
            action.run.run(());
            queue.remove(id);
        };
        view! { <button class="btn" type="button" data-size="xs" on:click=run>{action.label}</button> }
    });
    let detail = (!toast.detail.is_empty()).then(|| view! { <small>{toast.detail}</small> });
    view! {
        <div class="toast" role="status">
            <span class=format!("{} row", toast.tone)><Icon name=toast.icon/></span>
            <span class="toast-text">
                {toast.text}
                {detail}
                {toast.problem.map(|problem| view! { <RequestId problem/> })}
            </span>
            {action}
            <button
                class="icon-btn"
                data-size="xs"
                type="button"
                aria-label="Dismiss"
                title="Dismiss"
                on:click=move |_| queue.remove(id)
            >
                <Icon name="x"/>
            </button>
        </div>
    }
}
