//! One of a few values, all in view.

use leptos::prelude::*;

use crate::ui::form::Lens;

/// Radio buttons side by side; arrow keys move between them.
#[component]
pub fn Segmented<T: Copy + PartialEq + Send + Sync + 'static>(
    /// The group's name: unique on the screen.
    #[prop(into)]
    name: String,
    /// What is chosen here, for assistive technology.
    legend: &'static str,
    /// Values and their names.
    #[prop(into)]
    choices: Signal<Vec<(T, String)>>,
    /// What is chosen.
    #[prop(into)]
    value: Lens<T>,
) -> impl IntoView {
    let labels = move || {
        choices
            .get()
            .into_iter()
            .map(|(choice, text)| {
                view! {
                    <label>
                        <input
                            type="radio"
                            name=name.clone()
                            prop:checked=move || value.get() == choice
                            on:change=move |_| value.set(choice)
                        />
                        {text}
                    </label>
                }
            })
            .collect_view()
    };
    view! { <fieldset class="segmented"><legend class="sr-only">{legend}</legend>{labels}</fieldset> }
}

/// The same as a field: its legend is seen, and words help to choose.
#[component]
pub fn SegmentedField<T: Copy + PartialEq + Send + Sync + 'static>(
    /// The group's name: unique on the screen.
    #[prop(into)]
    name: String,
    /// What is chosen here.
    legend: &'static str,
    /// Values and their names.
    #[prop(into)]
    choices: Signal<Vec<(T, String)>>,
    /// What is chosen.
    #[prop(into)]
    value: Lens<T>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: MaybeProp<&'static str>,
) -> impl IntoView {
    view! {
        <fieldset class="field plain">
            <legend>{legend}</legend>
            <span class="row-wrap">
                <Segmented name legend choices value/>
                {move || hint.get().map(|hint| view! { <span class="hint">{hint}</span> })}
            </span>
        </fieldset>
    }
}
