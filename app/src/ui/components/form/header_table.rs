//! HTTP headers, a row each, editable in place.

use domain::connector::Header;
use leptos::prelude::*;

use super::field_note::FieldNote;
use crate::ui::components::icon::Icon;
use crate::ui::form::{FormScope, Lens};

/// A table of headers and a button for one more.
#[component]
pub fn HeaderTable(
    /// The form.
    scope: FormScope,
    /// The list's pointer in the request, for example `/headers`.
    pointer: &'static str,
    /// The headers.
    #[prop(into)]
    value: Lens<Vec<Header>>,
    /// What they are for.
    hint: &'static str,
) -> impl IntoView {
    let count = Memo::new(move |_| value.get().len());
    let change = move |index: usize, change: &dyn Fn(&mut Header)| {
        let mut headers = value.signal().get_untracked();
        if let Some(header) = headers.get_mut(index) {
            change(header);
            value.set(headers);
        }
    };
    let remove = move |index: usize| {
        let mut headers = value.signal().get_untracked();
        headers.remove(index);
        value.set(headers);
    };
    let add = move |_| {
        let mut headers = value.signal().get_untracked();
        headers.push(Header::new("", ""));
        value.set(headers);
    };
    let row = move |index: usize| {
        let header = move || value.get().get(index).cloned().unwrap_or(Header::new("", ""));
        let row_pointer = format!("{pointer}/{index}");
        let checked = row_pointer.clone();
        let invalid = Signal::derive(move || scope.problem(&checked).is_some());
        view! {
            <tr data-issue=move || invalid.get().then_some("")>
                <td data-col="target">
                    <input
                        class="input"
                        data-size="sm"
                        data-quiet=""
                        spellcheck="false"
                        aria-label="Header name"
                        aria-invalid=move || invalid.get().then_some("true")
                        prop:value=move || header().name
                        on:input:target=move |event| {
                            let name = event.target().value();
                            change(index, &|header| header.name = name.clone());
                        }
                    />
                </td>
                <td data-col="source">
                    <input
                        class="input"
                        data-size="sm"
                        data-quiet=""
                        spellcheck="false"
                        aria-label=move || format!("Value of {}", header().name)
                        prop:value=move || header().value
                        on:input:target=move |event| {
                            let text = event.target().value();
                            change(index, &|header| header.value = text.clone());
                        }
                    />
                    <FieldNote scope pointer=row_pointer/>
                </td>
                <td data-col="actions">
                    <button
                        class="icon-btn"
                        data-size="xs"
                        type="button"
                        aria-label=move || format!("Remove {}", header().name)
                        title="Remove"
                        on:click=move |_| remove(index)
                    >
                        <Icon name="x"/>
                    </button>
                </td>
            </tr>
        }
    };
    view! {
        <div class="stack-tight">
            <div class="row">
                <h4>"Headers"</h4>
                <span class="hint">{hint}</span>
            </div>
            <Show when=move || { count.get() > 0 }>
                <table class="mapping" aria-label="Headers">
                    <thead>
                        <tr>
                            <th scope="col" data-col="target">"Name"</th>
                            <th scope="col" data-col="source">"Value"</th>
                            <th scope="col" data-col="actions"><span class="sr-only">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{move || (0..count.get()).map(row).collect_view()}</tbody>
                </table>
            </Show>
            <div class="row">
                <button class="btn" type="button" data-variant="ghost" data-size="xs" on:click=add>
                    <Icon name="plus"/>
                    "Add header"
                </button>
            </div>
        </div>
    }
}
