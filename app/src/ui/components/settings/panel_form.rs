//! The form of a panel: what is typed, what is wrong with it, and the buttons below.

use domain::error::{FieldProblem, Problem};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::ui::components::problem_notice::FormProblem;
use crate::ui::form::{FormScope, focus_first_invalid, shown_problems};

/// A form while it is filled in.
pub struct FormDraft<F: 'static> {
    /// What is typed.
    pub form: RwSignal<F>,
    /// Its fields.
    pub scope: FormScope,
    check: fn(&F) -> Vec<FieldProblem>,
    tried: RwSignal<bool>,
    refused: Memo<Option<Problem>>,
}

// Not derived, because that would ask for an `F` that is `Copy`.
impl<F> Clone for FormDraft<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for FormDraft<F> {}

impl<F: Default + Send + Sync + 'static> FormDraft<F> {
    /// An empty form; `check` finds what is wrong with it, `answer` is the server's to the last try.
    pub fn new<T: Clone + Send + Sync + 'static>(
        id: &'static str,
        check: fn(&F) -> Vec<FieldProblem>,
        answer: Signal<Option<Result<T, Problem>>>,
    ) -> Self {
        let form = RwSignal::new(F::default());
        let tried = RwSignal::new(false);
        let refused = Memo::new(move |_| answer.get().and_then(Result::err));
        let problems = Signal::derive(move || {
            refused.with(|server| shown_problems(tried.get(), form.with(check), server.as_ref()))
        });
        Self { form, scope: FormScope::new(id, problems), check, tried, refused }
    }

    /// Sends what is typed; leads to the first fault instead when there is one.
    fn submit(self, send: Callback<F>)
    where
        F: Clone,
    {
        self.tried.set(true);
        let form = self.form.get_untracked();
        if (self.check)(&form).is_empty() {
            send.run(form);
        } else {
            focus_first_invalid();
        }
    }
}

/// The fields, which stand in the children, and the buttons.
#[component]
pub fn PanelForm<F: Clone + Default + Send + Sync + 'static>(
    /// The form.
    draft: FormDraft<F>,
    /// What the button says: a verb and its object.
    submit: &'static str,
    /// What it says while an answer is awaited.
    submitting: &'static str,
    /// Whether one is.
    busy: Signal<bool>,
    /// Asks the server.
    #[prop(into)]
    on_submit: Callback<F>,
    /// Closes the form.
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    // The attribute alone counts only while a page or a dialog opens.
    let node = NodeRef::<leptos::html::Form>::new();
    Effect::new(move |_| {
        let first = node.get().and_then(|form| form.query_selector("[autofocus]").ok().flatten());
        if let Some(first) = first {
            let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !busy.get_untracked() {
            draft.submit(on_submit);
        }
    };
    view! {
        <form class="panel-body stack" novalidate node_ref=node on:submit=send>
            <FormProblem problem=draft.refused/>
            <div class="field-grid">{children()}</div>
            <div class="row">
                <span class="row-end row">
                    <button class="btn" type="button" on:click=move |_| on_close.run(())>"Cancel"</button>
                    <button
                        class="btn"
                        type="submit"
                        data-variant="primary"
                        aria-busy=move || busy.get().then_some("true")
                    >
                        {move || if busy.get() { submitting } else { submit }}
                    </button>
                </span>
            </div>
        </form>
    }
}
