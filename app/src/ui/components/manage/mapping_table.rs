//! A field mapping: one row per target field, editable in place.

use leptos::prelude::*;

use crate::model::mapping_form::{MappingRow, SourceKind};
use crate::ui::components::form::select_field::{Choice, Select};
use crate::ui::components::icon::Icon;
use crate::ui::form::{FormScope, Lens};

/// The table and a button for one more row.
#[component]
pub fn MappingTable(
    /// The route's fields.
    scope: FormScope,
    /// The rows.
    #[prop(into)]
    rows: Lens<Vec<MappingRow>>,
    /// What is said about versions.
    #[prop(into)]
    note: Signal<String>,
) -> impl IntoView {
    let count = Memo::new(move |_| rows.get().len());
    let add = move |_| {
        let mut all = rows.signal().get_untracked();
        all.push(MappingRow::default());
        rows.set(all);
    };
    view! {
        <Show
            when=move || { count.get() > 0 }
            fallback=|| {
                view! {
                    <p class="soft">
                        "No mapping: the payload is passed on byte for byte. Add a field to build the body from its parts."
                    </p>
                }
            }
        >
            <table class="mapping" aria-label=move || format!("Field mapping, {} fields", count.get())>
                <thead>
                    <tr>
                        <th scope="col" data-col="target">"Target"</th>
                        <th scope="col" data-col="kind">"Source"</th>
                        <th scope="col" data-col="source"><span class="sr-only">"Expression"</span></th>
                        <th scope="col" data-col="default">"If missing"</th>
                        <th scope="col" data-col="required">"Required"</th>
                        <th scope="col" data-col="actions"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {move || (0..count.get()).map(|index| view! { <Row scope rows index/> }).collect_view()}
                </tbody>
            </table>
        </Show>
        <div class="row-wrap">
            <button class="btn" type="button" data-variant="ghost" data-size="xs" on:click=add>
                <Icon name="plus"/>
                "Add field"
            </button>
            <span class="row-end hint">{note}</span>
        </div>
    }
}

#[component]
fn Row(scope: FormScope, rows: Lens<Vec<MappingRow>>, index: usize) -> impl IntoView {
    let row = Memo::new(move |_| rows.signal().with(|rows| rows.get(index).cloned().unwrap_or_default()));
    let change = move |change: &dyn Fn(&mut MappingRow)| {
        let mut all = rows.signal().get_untracked();
        if let Some(row) = all.get_mut(index) {
            change(row);
            rows.set(all);
        }
    };
    let remove = move |_| {
        let mut all = rows.signal().get_untracked();
        all.remove(index);
        rows.set(all);
    };
    let kind = Lens::new(
        RwSignal::new(()),
        move |()| row.get().kind,
        move |(), kind| change(&|row| row.kind = kind),
    );
    let kinds = Choice::each(&SourceKind::ALL, SourceKind::name);
    let pointer = format!("/mapping/fields/{index}");
    let problem = Memo::new(move |_| scope.problem(&pointer));
    let note_id = scope.field_id(&format!("/mapping/fields/{index}-note"));
    let described_by = note_id.clone();
    let name = move || match row.get().target {
        target if target.is_empty() => format!("field {}", index + 1),
        target => target,
    };
    let placeholder = move || match row.get().kind {
        SourceKind::Path => "data.id",
        SourceKind::Template => "{{ payload.first }} {{ payload.last }}",
        SourceKind::Constant => "a text, or JSON",
    };
    view! {
        <tr data-issue=move || problem.get().map(|_| "")>
            <td data-col="target">
                <input
                    class="input"
                    data-size="sm"
                    data-quiet=""
                    spellcheck="false"
                    placeholder="customer.name"
                    aria-label="Target"
                    aria-invalid=move || problem.get().map(|_| "true")
                    aria-describedby=described_by
                    prop:value=move || row.get().target
                    on:input:target=move |event| {
                        let text = event.target().value();
                        change(&|row| row.target = text.clone());
                    }
                />
            </td>
            <td data-col="kind">
                <Select
                    choices=kinds
                    value=kind
                    size="sm"
                    label=MaybeProp::derive(move || Some(format!("Kind of source for {}", name())))
                />
            </td>
            <td data-col="source">
                <input
                    class="input"
                    data-size="sm"
                    data-quiet=""
                    spellcheck="false"
                    placeholder=placeholder
                    aria-label=move || format!("Source of {}", name())
                    prop:value=move || row.get().source
                    on:input:target=move |event| {
                        let text = event.target().value();
                        change(&|row| row.source = text.clone());
                    }
                />
            </td>
            <td data-col="default">
                <input
                    class="input"
                    data-size="sm"
                    data-quiet=""
                    spellcheck="false"
                    placeholder="none"
                    aria-label=move || format!("Default of {}", name())
                    prop:value=move || row.get().default
                    on:input:target=move |event| {
                        let text = event.target().value();
                        change(&|row| row.default = text.clone());
                    }
                />
            </td>
            <td data-col="required">
                <input
                    class="check"
                    type="checkbox"
                    aria-label=move || format!("{} required", name())
                    prop:checked=move || row.get().required
                    on:change:target=move |event| {
                        let required = event.target().checked();
                        change(&|row| row.required = required);
                    }
                />
            </td>
            <td data-col="actions">
                <button
                    class="icon-btn"
                    data-size="xs"
                    type="button"
                    aria-label=move || format!("Remove {}", name())
                    title="Remove"
                    on:click=remove
                >
                    <Icon name="x"/>
                </button>
            </td>
        </tr>
        {move || {
            problem
                .get()
                .map(|detail| {
                    view! {
                        <tr data-issue="">
                            <td colspan="6" data-col="source">
                                <span class="error" id=note_id.clone()>
                                    <Icon name="alert" size="sm"/>
                                    <span>{detail}</span>
                                </span>
                            </td>
                        </tr>
                    }
                })
        }}
    }
}
