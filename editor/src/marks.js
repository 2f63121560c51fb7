// What stands beside the text: changed lines, lines with issues, and the first issue's sentence at the line's end.

import { forEachDiagnostic, setDiagnosticsEffect } from "@codemirror/lint";
import { RangeSet, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, WidgetType, gutterLineClass } from "@codemirror/view";

class LineMark extends GutterMarker {
  constructor(name) {
    super();
    this.elementClass = name;
  }
  eq(other) {
    return this.elementClass === other.elementClass;
  }
}

class Lens extends WidgetType {
  constructor(severity, message) {
    super();
    this.severity = severity;
    this.message = message;
  }
  eq(other) {
    return this.severity === other.severity && this.message === other.message;
  }
  toDOM() {
    const lens = document.createElement("span");
    lens.className = `sb-lens sb-lens-${this.severity}`;
    lens.textContent = this.message;
    // The list below the editor says the same to assistive technology.
    lens.setAttribute("aria-hidden", "true");
    return lens;
  }
}

const changedGutter = new LineMark("sb-gutter-changed");
const changedLine = Decoration.line({ class: "sb-line-changed" });
const issueGutter = { error: new LineMark("sb-gutter-error"), warning: new LineMark("sb-gutter-warning") };
const issueLine = { error: Decoration.line({ class: "sb-line-error" }), warning: Decoration.line({ class: "sb-line-warning" }) };

export const setChanged = StateEffect.define();

/** The starts of the lines with these numbers (from 1); numbers beyond the text are left out. */
export function changedLines(state, numbers) {
  const known = new Set(numbers.filter((n) => n >= 1 && n <= state.doc.lines));
  return [...known].sort((a, b) => a - b).map((n) => state.doc.line(n).from);
}

const nothing = { lines: Decoration.none, gutter: RangeSet.empty };

const changed = StateField.define({
  create: () => nothing,
  update(value, transaction) {
    let next = value;
    if (transaction.docChanged) {
      next = { lines: value.lines.map(transaction.changes), gutter: value.gutter.map(transaction.changes) };
    }
    for (const effect of transaction.effects) {
      if (!effect.is(setChanged)) continue;
      next = {
        lines: Decoration.set(effect.value.map((from) => changedLine.range(from))),
        gutter: RangeSet.of(effect.value.map((from) => changedGutter.range(from))),
      };
    }
    return next;
  },
  provide: (field) => [
    EditorView.decorations.from(field, (value) => value.lines),
    gutterLineClass.from(field, (value) => value.gutter),
  ],
});

/** One entry per line: the worst severity, and the sentence of the first issue that has it. */
function worstByLine(state) {
  const byLine = new Map();
  forEachDiagnostic(state, (issue, from) => {
    const line = state.doc.lineAt(from);
    const known = byLine.get(line.from);
    if (!known || (known.severity !== "error" && issue.severity === "error")) {
      byLine.set(line.from, { to: line.to, severity: issue.severity, message: issue.message });
    }
  });
  return [...byLine].sort(([a], [b]) => a - b);
}

const issues = StateField.define({
  create: () => nothing,
  update(value, transaction) {
    if (transaction.effects.some((effect) => effect.is(setDiagnosticsEffect))) {
      const lines = new RangeSetBuilder(), gutter = new RangeSetBuilder();
      for (const [from, { to, severity, message }] of worstByLine(transaction.state)) {
        lines.add(from, from, issueLine[severity]);
        lines.add(to, to, Decoration.widget({ widget: new Lens(severity, message), side: 1 }));
        gutter.add(from, from, issueGutter[severity]);
      }
      return { lines: lines.finish(), gutter: gutter.finish() };
    }
    if (!transaction.docChanged) return value;
    return { lines: value.lines.map(transaction.changes), gutter: value.gutter.map(transaction.changes) };
  },
  provide: (field) => [
    EditorView.decorations.from(field, (value) => value.lines),
    gutterLineClass.from(field, (value) => value.gutter),
  ],
});

export const marks = [changed, issues];
