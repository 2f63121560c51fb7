//! What fields of a form need: a view of one part of the form, and what is wrong with it.
//!
//! A form is a plain struct in one signal; a [`Lens`] reads and writes one part of it, made by [`lens!`](crate::lens).
//! A [`FormScope`] says which problem belongs to which field, by the JSON pointer that the server uses as well.

use domain::error::{FieldProblem, Problem};
use leptos::prelude::*;

/// One part of a form: readable and writable.
pub struct Lens<T: Send + Sync + 'static> {
    value: Signal<T>,
    write: Callback<T>,
}

// Not derived, because that would ask for a `T` that is `Copy`.
impl<T: Send + Sync + 'static> Clone for Lens<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Lens<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Lens<T> {
    /// The part of `form` that `read` and `write` agree on.
    pub fn new<F: Send + Sync + 'static>(
        form: RwSignal<F>,
        read: impl Fn(&F) -> T + Send + Sync + 'static,
        write: impl Fn(&mut F, T) + Send + Sync + 'static,
    ) -> Self {
        Self {
            value: Memo::new(move |_| form.with(&read)).into(),
            write: Callback::new(move |value| form.update(|form| write(form, value))),
        }
    }

    /// What is read from one place and written to another.
    pub fn of(value: Signal<T>, write: Callback<T>) -> Self {
        Self { value, write }
    }

    /// The value; reactive.
    pub fn get(self) -> T {
        self.value.get()
    }

    /// Writes the value.
    pub fn set(self, value: T) {
        self.write.run(value);
    }

    /// The value as a signal.
    pub fn signal(self) -> Signal<T> {
        self.value
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> From<RwSignal<T>> for Lens<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self { value: signal.into(), write: Callback::new(move |value| signal.set(value)) }
    }
}

/// A [`Lens`] on a field of a form: `lens!(form.destination.path)`.
#[macro_export]
macro_rules! lens {
    ($form:ident . $($field:ident).+) => {
        $crate::ui::form::Lens::new(
            $form,
            |form| form.$($field).+.clone(),
            |form, value| form.$($field).+ = value,
        )
    };
}

/// The fields of one form: their ids, and what is wrong with each.
#[derive(Clone, Copy)]
pub struct FormScope {
    id: StoredValue<String>,
    problems: Signal<Vec<FieldProblem>>,
}

impl FormScope {
    /// The fields of the form with that id; `problems` by the pointer into the request.
    pub fn new(id: impl Into<String>, problems: impl Into<Signal<Vec<FieldProblem>>>) -> Self {
        Self { id: StoredValue::new(id.into()), problems: problems.into() }
    }

    /// The id of the field with that pointer.
    pub fn field_id(self, pointer: &str) -> String {
        format!("{}{}", self.id.get_value(), pointer.replace('/', "-"))
    }

    /// What is wrong with the field or with a part of it; reactive.
    pub fn problem(self, pointer: &str) -> Option<String> {
        self.problems.with(|problems| {
            let here = |problem: &&FieldProblem| {
                problem
                    .pointer
                    .strip_prefix(pointer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            problems.iter().find(here).map(|problem| problem.detail.clone())
        })
    }
}

/// What fields show: what the form itself finds once somebody has tried to save it, else what the server said.
pub fn shown_problems(tried: bool, own: Vec<FieldProblem>, server: Option<&Problem>) -> Vec<FieldProblem> {
    match server {
        _ if !tried => Vec::new(),
        Some(problem) if own.is_empty() => problem.fields.clone(),
        _ => own,
    }
}

/// Moves the focus to the first field at fault, once it is marked.
pub fn focus_first_invalid() {
    request_animation_frame(|| {
        let found = document().query_selector("[aria-invalid=\"true\"]").ok().flatten();
        if let Some(field) = found {
            use wasm_bindgen::JsCast;
            // Sections may be folded: what holds the field is opened first.
            if let Ok(Some(fold)) = field.closest("details:not([open])") {
                fold.unchecked_ref::<web_sys::HtmlDetailsElement>().set_open(true);
            }
            let _ = field.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
}
