//! The way to the JSON editor: the module is fetched when the first editor opens, and a plain text field does the
//! same work when it cannot be.
//!
//! Either way what a person sees is what `on_change` says, to the byte. Places are UTF-16 code units.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::model::payload_draft::{Language, layout_edits};

/// Where the server has the module; `frontend/editor/` is copied there.
const ADDRESS: &str = "/editor/editor.js";

#[wasm_bindgen(module = "/src/ui/editor/load.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load(address: &str) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    type Module;
    #[wasm_bindgen(method, catch)]
    fn mount(this: &Module, host: &web_sys::Element, options: &JsValue) -> Result<Handle, JsValue>;

    type Handle;
    #[wasm_bindgen(method)]
    fn focus(this: &Handle);
    #[wasm_bindgen(method)]
    fn undo(this: &Handle);
    #[wasm_bindgen(method)]
    fn search(this: &Handle);
    #[wasm_bindgen(method, js_name = nextIssue)]
    fn next_issue(this: &Handle);
    #[wasm_bindgen(method, js_name = applyEdits)]
    fn apply_edits(this: &Handle, edits: &str);
    #[wasm_bindgen(method, js_name = setIssues)]
    fn set_issues(this: &Handle, issues: &str);
    #[wasm_bindgen(method, js_name = setChangedLines)]
    fn set_changed_lines(this: &Handle, lines: &str);
    #[wasm_bindgen(method)]
    fn reveal(this: &Handle, from: usize, to: usize);
    #[wasm_bindgen(method)]
    fn destroy(this: &Handle);
}

/// What an editor opens with.
pub struct EditorOptions {
    /// The text.
    pub text: String,
    /// Its name for assistive technology.
    pub label: &'static str,
    /// How it is coloured.
    pub language: Language,
    /// Whether it can only be read.
    pub read_only: bool,
    /// Whether long lines are broken.
    pub wrap: bool,
}

/// An open editor.
#[derive(Clone)]
pub enum Editor {
    /// The module's.
    Rich(Rc<RichEditor>),
    /// The text field in its place.
    Plain(web_sys::HtmlTextAreaElement),
}

/// The module's editor and the closure it calls.
pub struct RichEditor {
    handle: Handle,
    _on_change: Closure<dyn FnMut(String)>,
}

impl Drop for RichEditor {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}

impl Editor {
    /// Puts the module's editor into `host`; an error when the module cannot be fetched or does not start.
    pub async fn mount(
        host: &web_sys::Element,
        options: EditorOptions,
        on_change: impl FnMut(String) + 'static,
    ) -> Result<Self, JsValue> {
        let module: Module = load(ADDRESS).await?.unchecked_into();
        let on_change = Closure::<dyn FnMut(String)>::new(on_change);
        let given = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&given, &name.into(), value);
        set("text", &options.text.into())?;
        set("label", &options.label.into())?;
        set("language", &options.language.as_str().into())?;
        set("readOnly", &options.read_only.into())?;
        set("wrap", &options.wrap.into())?;
        set("onChange", on_change.as_ref())?;
        let handle = module.mount(host, &given)?;
        Ok(Self::Rich(Rc::new(RichEditor { handle, _on_change: on_change })))
    }

    /// Whether it colours, folds, searches and undoes by itself.
    pub fn is_rich(&self) -> bool {
        matches!(self, Self::Rich(_))
    }

    /// Gives it the focus.
    pub fn focus(&self) {
        match self {
            Self::Rich(rich) => rich.handle.focus(),
            // A field that is not shown cannot take it, and then nobody wants to type.
            Self::Plain(field) => _ = field.focus(),
        }
    }

    /// Takes the last change back. A text field has only the browser's own way (⌘Z).
    pub fn undo(&self) {
        if let Self::Rich(rich) = self {
            rich.handle.undo();
        }
    }

    /// Opens the search panel. For a text field the browser's own search has to do.
    pub fn search(&self) {
        if let Self::Rich(rich) = self {
            rich.handle.search();
        }
    }

    /// Goes to the next issue.
    pub fn next_issue(&self) {
        if let Self::Rich(rich) = self {
            rich.handle.next_issue();
        }
    }

    /// Lays `text`, which it holds, out over lines. White space only; nothing happens when it is not JSON.
    /// Says the new text when nobody else will: a field that is changed by a program tells no one.
    pub fn lay_out(&self, text: &str) -> Option<String> {
        match self {
            Self::Rich(rich) => {
                rich.handle.apply_edits(&layout_edits(text)?);
                None
            }
            Self::Plain(field) => {
                let tokens = crate::model::json::lex(text);
                layout_edits(text)?;
                let text = crate::model::json::format::formatted(text, &tokens);
                field.set_value(&text);
                Some(text)
            }
        }
    }

    /// Shows issues, see [`crate::model::payload_draft::Reading::marks`].
    pub fn set_issues(&self, marks: &str) {
        match self {
            Self::Rich(rich) => rich.handle.set_issues(marks),
            Self::Plain(field) => {
                let invalid = marks.contains("\"error\"");
                // It can only fail for a malformed attribute name.
                let _ = field.set_attribute("aria-invalid", if invalid { "true" } else { "false" });
            }
        }
    }

    /// Marks the lines (from 1) that a person changed.
    pub fn set_changed_lines(&self, lines: &[usize]) {
        if let Self::Rich(rich) = self {
            let lines: Vec<_> = lines.iter().map(usize::to_string).collect();
            rich.handle.set_changed_lines(&format!("[{}]", lines.join(",")));
        }
    }

    /// Selects a place, shows it and takes the focus there.
    pub fn reveal(&self, from: usize, to: usize) {
        match self {
            Self::Rich(rich) => rich.handle.reveal(from, to),
            Self::Plain(field) => {
                let at = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
                // Both fail only for fields that have no text, which a text area always has.
                let _ = field.set_selection_range(at(from), at(to));
                let _ = field.focus();
            }
        }
    }
}
