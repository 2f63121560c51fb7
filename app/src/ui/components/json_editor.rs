//! A text as an editor: coloured, folded, searchable, with issues and changed lines; a plain field when that cannot
//! be loaded.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::icon::Icon;
use crate::model::line_ends;
use crate::model::payload_draft::Language;
use crate::ui::editor::{Editor, EditorOptions};

/// Where the owner of an editor finds it, once it is there.
#[derive(Clone, Copy)]
pub struct EditorSlot {
    editor: StoredValue<Option<Editor>, LocalStorage>,
    rich: RwSignal<bool>,
}

impl EditorSlot {
    /// Empty.
    pub fn new() -> Self {
        Self { editor: StoredValue::new_local(None), rich: RwSignal::new(false) }
    }

    /// Whether the editor is there and more than a text field; reactive.
    pub fn is_rich(self) -> bool {
        self.rich.get()
    }

    /// Does something with the editor, when it is there.
    pub fn with<T>(self, act: impl FnOnce(&Editor) -> T) -> Option<T> {
        self.editor.try_with_value(|editor| editor.as_ref().map(act)).flatten()
    }

    /// False when the owner is gone and nobody wants the editor any more.
    fn fill(self, editor: Editor) -> bool {
        let rich = editor.is_rich();
        self.editor.try_set_value(Some(editor)).is_none() && self.rich.try_set(rich).is_none()
    }

    fn clear(self) {
        // When the owner is gone the editor went with it.
        let _ = self.editor.try_set_value(None);
        let _ = self.rich.try_set(false);
    }
}

impl Default for EditorSlot {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Loading,
    Rich,
    Plain,
}

/// An editor that fills its frame.
#[component]
pub fn JsonEditor(
    /// What it opens with; later changes come from the person in front of it.
    text: String,
    /// Its name for assistive technology.
    label: &'static str,
    /// How it is coloured.
    language: Language,
    /// Whether it can only be read.
    #[prop(optional)]
    read_only: bool,
    /// Whether long lines are broken.
    #[prop(optional)]
    wrap: bool,
    /// Whether it takes the focus when it is there.
    #[prop(optional)]
    autofocus: bool,
    /// The text after every change, exactly.
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
    /// Issues, see [`crate::model::payload_draft::Reading::marks`].
    #[prop(optional, into)]
    marks: Option<Signal<String>>,
    /// Lines (from 1) that differ from the original.
    #[prop(optional, into)]
    changed_lines: Option<Signal<Vec<usize>>>,
    /// Filled with the open editor, for undo, layout and the way to an issue.
    #[prop(optional)]
    handle: Option<EditorSlot>,
) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let field = NodeRef::<html::Textarea>::new();
    let stage = RwSignal::new(Stage::Loading);
    let slot = handle.unwrap_or_default();
    let original = StoredValue::new(text);
    let say = move |text: String| {
        if let Some(on_change) = on_change {
            on_change.run(text);
        }
    };
    // The owner may be gone by the time an editor has come; then the editor goes as well.
    let arrived = move |editor: Editor, as_stage: Stage| {
        if autofocus {
            editor.focus();
        }
        if slot.fill(editor) {
            let _ = stage.try_set(as_stage);
        }
    };

    Effect::new(move |_| {
        let Some(host) = host.get() else { return };
        let text = original.get_value();
        spawn_local(async move {
            let options = EditorOptions { text, label, language, read_only, wrap };
            match Editor::mount(host.unchecked_ref(), options, say).await {
                Ok(editor) => arrived(editor, Stage::Rich),
                Err(error) => {
                    leptos::logging::warn!("the editor could not be loaded: {error:?}");
                    let _ = stage.try_set(Stage::Plain);
                }
            }
        });
    });
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            arrived(Editor::Plain(field), Stage::Plain);
        }
    });
    Effect::new(move |_| {
        let marks = marks.map(|marks| marks.get());
        let lines = changed_lines.map(|lines| lines.get());
        if stage.get() != Stage::Loading {
            slot.with(|editor| {
                if let Some(marks) = marks {
                    editor.set_issues(&marks);
                }
                if let Some(lines) = lines {
                    editor.set_changed_lines(&lines);
                }
            });
        }
    });
    on_cleanup(move || slot.clear());

    view! {
        <div class="editor-host" node_ref=host hidden=move || stage.get() == Stage::Plain></div>
        {move || (stage.get() == Stage::Loading).then(|| view! { <div class="editor-wait"><EditorSkeleton/></div> })}
        <Show when=move || stage.get() == Stage::Plain>
            <div class="editor-plain">
                <p class="hint"><Icon name="info" size="sm"/>"The editor could not be loaded. This plain field does the same."</p>
                <textarea
                    node_ref=field
                    aria-label=label
                    readonly=read_only
                    spellcheck="false"
                    autocapitalize="off"
                    autocomplete="off"
                    wrap=if wrap { "soft" } else { "off" }
                    prop:value=original.get_value()
                    on:input:target=move |event| {
                        say(original.with_value(|original| line_ends::from_field(&event.target().value(), original)));
                    }
                ></textarea>
            </div>
        </Show>
    }
}

#[component]
fn EditorSkeleton() -> impl IntoView {
    view! {
        <div class="stack" aria-busy="true" aria-label="Loading the editor">
            <span class="skel" data-w="s"></span>
            <span class="skel" data-w="m"></span>
            <span class="skel" data-w="l"></span>
            <span class="skel" data-w="m"></span>
        </div>
    }
}
