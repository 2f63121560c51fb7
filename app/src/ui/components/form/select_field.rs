//! One of several values, from a list that opens.

use leptos::prelude::*;

use super::field_note::{FieldNote, note_id};
use crate::ui::components::icon::Icon;
use crate::ui::form::{FormScope, Lens};

/// A choice that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<T> {
    /// What is chosen.
    pub value: T,
    /// Its name for people.
    pub name: String,
    /// The heading it stands under; choices of one group follow each other.
    pub group: Option<&'static str>,
}

impl<T> Choice<T> {
    /// A choice without a group.
    pub fn new(value: T, name: impl Into<String>) -> Self {
        Self { value, name: name.into(), group: None }
    }

    /// A choice for each of the values, by the name that `name` gives it.
    pub fn each<N: Into<String>>(values: &[T], name: impl Fn(T) -> N) -> Vec<Self>
    where
        T: Copy,
    {
        values.iter().map(|value| Self::new(*value, name(*value))).collect()
    }

    /// A choice under a heading.
    pub fn in_group(group: &'static str, value: T, name: impl Into<String>) -> Self {
        Self { value, name: name.into(), group: Some(group) }
    }
}

/// A bare select: its label stands elsewhere.
#[component]
pub fn Select<T: Clone + PartialEq + Send + Sync + 'static>(
    /// What can be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice<T>>>,
    /// What is chosen.
    #[prop(into)]
    value: Lens<T>,
    /// The element's id.
    #[prop(optional, into)]
    id: Option<String>,
    /// Its name for assistive technology, when no label names it.
    #[prop(optional, into)]
    label: MaybeProp<String>,
    /// `sm`; the usual height without.
    #[prop(optional)]
    size: Option<&'static str>,
    /// The id of the note that describes it.
    #[prop(optional, into)]
    described_by: Option<String>,
    /// Whether what is chosen is wrong.
    #[prop(optional, into)]
    invalid: Signal<bool>,
) -> impl IntoView {
    let choose = move |index: String| {
        let chosen = index.parse::<usize>().ok();
        let chosen =
            chosen.and_then(|index| choices.with_untracked(|all| all.get(index).map(|c| c.value.clone())));
        if let Some(chosen) = chosen {
            value.set(chosen);
        }
    };
    let options = move || {
        let chosen = value.get();
        let all = choices.get();
        let mut views = Vec::new();
        let mut index = 0;
        while index < all.len() {
            let group = all[index].group;
            let length = all[index..].iter().take_while(|choice| choice.group == group).count();
            let members: Vec<_> = all[index..index + length]
                .iter()
                .enumerate()
                .map(|(offset, choice)| {
                    let is_chosen = choice.value == chosen;
                    let name = choice.name.clone();
                    view! { <option value=(index + offset).to_string() selected=is_chosen>{name}</option> }
                })
                .collect();
            views.push(match group {
                Some(group) => view! { <optgroup label=group>{members}</optgroup> }.into_any(),
                None => members.into_any(),
            });
            index += length;
        }
        views
    };
    view! {
        <span class="select">
            <select
                class="input"
                id=id
                data-size=size
                aria-label=move || label.get()
                aria-describedby=described_by
                aria-invalid=move || invalid.get().then_some("true")
                on:change:target=move |event| choose(event.target().value())
            >
                {options}
            </select>
            <Icon name="chev-down" size="sm"/>
        </span>
    }
}

/// A labelled select with a hint, or what is wrong in its place.
#[component]
pub fn SelectField<T: Clone + PartialEq + Send + Sync + 'static>(
    /// The form.
    scope: FormScope,
    /// The field's pointer in the request.
    pointer: &'static str,
    /// The label.
    label: &'static str,
    /// What can be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice<T>>>,
    /// What is chosen.
    #[prop(into)]
    value: Lens<T>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
) -> impl IntoView {
    let id = scope.field_id(pointer);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <Select
                choices
                value
                id
                described_by=note_id(scope, pointer)
                invalid=Signal::derive(move || scope.problem(pointer).is_some())
            />
            <FieldNote scope pointer=pointer hint/>
        </div>
    }
}
