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
