// The console's JSON editor as one ES module.
//
// It edits text and nothing else: what `text()` returns is exactly what was given plus what was typed. It never
// parses and writes JSON again, so numbers, key order, escapes and line ends stay as they are. Checking and
// formatting are the caller's (Rust): issues come in through `setIssues`, formatting as whitespace edits through
// `applyEdits`. Lives in a shadow root: its style sheets are constructed, so the page's `style-src 'self'` holds.
// Positions are UTF-16 code units from the start of the text.

import { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintKeymap, nextDiagnostic, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorSelection, EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";

import { changedLines, marks, setChanged } from "./marks.js";
import { highlighting, theme } from "./theme.js";

// The dialog around the editor has its own meaning for these.
const TAKEN = new Set(["Mod-Enter"]);

// Only "\n" ends a line here: a "\r" stays a character of its line, so positions count what the text holds.
const LINE_END = "\n";

// The search panel's words in the console's style.
const WORDS = {
  next: "Next", previous: "Previous", all: "Select all", replace: "Replace", "replace all": "Replace all",
  "match case": "Match case", regexp: "Regular expression", "by word": "Whole word",
};

/**
 * Typing over a selection of several lines: left to itself the browser joins the lines and writes a style attribute
 * into them, which `style-src 'self'` refuses and reports.
 */
function typeOverLines(event, view) {
  const { from, to } = view.state.selection.main;
  if (event.inputType !== "insertText" || !event.data || !view.state.sliceDoc(from, to).includes(LINE_END)) return false;
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  event.preventDefault();
  return true;
}

/**
 * Puts an editor into `host` and returns the handle the console works with.
 *
 * options: text, label (accessible name), language ("json" or "text"), readOnly, wrap,
 * onChange(text) after every change by a person or by `applyEdits`.
 */
export function mount(host, options) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const invalid = new Compartment();
  const attributes = (isInvalid) => EditorView.contentAttributes.of({
    "aria-label": options.label,
    tabindex: "0",
    ...(options.readOnly ? { "aria-readonly": "true" } : {}),
    ...(isInvalid ? { "aria-invalid": "true" } : {}),
  });

  const extensions = [
    EditorState.lineSeparator.of(LINE_END),
    EditorState.tabSize.of(2),
    EditorState.phrases.of(WORDS),
    EditorView.clipboardInputFilter.of((text) => text.replaceAll("\r\n", "\n")),
    indentUnit.of("  "),
    lineNumbers(),
    foldGutter({ openText: "⌄", closedText: "›" }),
    codeFolding(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    theme,
    highlighting,
    marks,
    invalid.of(attributes(false)),
    keymap.of([
      ...lintKeymap,
      ...searchKeymap,
      ...foldKeymap,
      ...historyKeymap,
      ...defaultKeymap.filter((binding) => !TAKEN.has(binding.key)),
    ]),
  ];
  if (options.language === "json") extensions.push(json());
  if (options.wrap) extensions.push(EditorView.lineWrapping);
  if (options.readOnly) {
    extensions.push(EditorState.readOnly.of(true), EditorView.editable.of(false));
  } else {
    extensions.push(history(), indentOnInput(), highlightActiveLine(), EditorView.domEventHandlers({ beforeinput: typeOverLines }));
    extensions.push(EditorView.updateListener.of((update) => {
      if (update.docChanged) options.onChange?.(update.state.sliceDoc());
    }));
  }

  const view = new EditorView({ root, parent: root, state: EditorState.create({ doc: options.text, extensions }) });
  const within = (at) => Math.min(Math.max(at, 0), view.state.doc.length);

  return {
    text: () => view.state.sliceDoc(),
    focus: () => view.focus(),
    undo: () => undo(view),
    redo: () => redo(view),
    search: () => openSearchPanel(view),
    nextIssue: () => nextDiagnostic(view),

    /** One undoable change out of `[[from, to, insert], …]`; the cursor and folds stay where they mean the same. */
    applyEdits(edits) {
      view.dispatch({
        changes: JSON.parse(edits).map(([from, to, insert]) => ({ from, to, insert })),
        userEvent: "input.format",
        scrollIntoView: true,
      });
    },

    /** Replaces all the text by `text`, undoable, changing no more than differs. */
    setText(text) {
      const now = view.state.sliceDoc();
      let start = 0;
      while (start < now.length && start < text.length && now[start] === text[start]) start += 1;
      let end = 0;
      while (end < now.length - start && end < text.length - start && now.at(-1 - end) === text.at(-1 - end)) end += 1;
      if (now.length === text.length && start === now.length) return;
      view.dispatch({ changes: { from: start, to: now.length - end, insert: text.slice(start, text.length - end) } });
    },

    /** Shows `[{from, to, severity: "error" | "warning", message}, …]` in place of the issues before. */
    setIssues(issues) {
      const found = JSON.parse(issues)
        .map((issue) => ({ ...issue, from: within(issue.from), to: within(issue.to) }))
        .sort((a, b) => a.from - b.from || a.to - b.to);
      view.dispatch(setDiagnostics(view.state, found), {
        effects: invalid.reconfigure(attributes(found.some((issue) => issue.severity === "error"))),
      });
    },

    /** Marks the lines (from 1) that differ from the original. */
    setChangedLines(lines) {
      view.dispatch({ effects: setChanged.of(changedLines(view.state, JSON.parse(lines))) });
    },

    /** Selects `from`–`to`, brings it into the middle and focuses the editor. */
    reveal(from, to) {
      const selection = EditorSelection.single(within(from), within(to));
      view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.main, { y: "center" }) });
      view.focus();
    },

    destroy: () => view.destroy(),
  };
}
