// The editor in the console's tokens. Custom properties cross the shadow root, so light, dark and contrast follow
// the page. No colour is named here; base themes of the parts that bring pictures are overruled.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const highlighting = syntaxHighlighting(HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.bool, tags.null], color: "var(--code-atom)" },
  { tag: [tags.separator, tags.brace, tags.squareBracket], color: "var(--code-punct)" },
]));

const tint = (token, share) => `color-mix(in oklch, var(${token}) ${share}%, transparent)`;
const underline = (token) => ({
  backgroundImage: "none", paddingBottom: "0", textDecoration: `underline wavy var(${token}) 1px`, textUnderlineOffset: "3px",
});

export const theme = EditorView.theme({
  "&": { blockSize: "100%", color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "var(--text-xs)" },
  "&.cm-focused": { outline: "none" },
  // The ring lies over the gutter as well.
  "&.cm-focused::after": {
    content: "''", position: "absolute", inset: "0", zIndex: "300", border: "2px solid var(--focus)", pointerEvents: "none",
  },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.25rem", fontVariantLigatures: "none", scrollbarWidth: "thin" },
  ".cm-content": { padding: "var(--s-4) 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 var(--s-5)" },
  "& ::selection, & .cm-line::selection": { backgroundColor: "var(--selection)" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-soft)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent-line)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--fail-soft)" },

  ".cm-gutters": { color: "var(--ink-3)", backgroundColor: "var(--surface-sunken)", border: "0", borderInlineEnd: "1px solid var(--line)" },
  ".cm-lineNumbers .cm-gutterElement": { position: "relative", minWidth: "2.5rem", padding: "0 var(--s-2) 0 1.25rem" },
  ".cm-foldGutter .cm-gutterElement": { inlineSize: "1rem", textAlign: "center", cursor: "pointer" },
  ".cm-foldPlaceholder": {
    margin: "0 0.5ch", padding: "0 0.5ch", border: "1px solid var(--line-strong)", borderRadius: "var(--r-1)",
    color: "var(--ink-2)", backgroundColor: "var(--surface-hover)",
  },
  ".cm-lineNumbers .sb-gutter-changed::before": {
    content: "''", position: "absolute", inset: "1px auto 1px 3px", inlineSize: "3px", borderRadius: "2px", backgroundColor: "var(--info-ink)",
  },
  ".sb-gutter-error": { color: "var(--fail-ink)", fontWeight: "var(--weight-bold)" },
  ".sb-gutter-warning": { color: "var(--warn-ink)", fontWeight: "var(--weight-bold)" },
  ".cm-lineNumbers :is(.sb-gutter-error, .sb-gutter-warning)::after": {
    content: "'!'", position: "absolute", inset: "0 auto 0 0.5rem", inlineSize: "0.75rem", textAlign: "center",
  },
  ".sb-line-changed": { backgroundColor: tint("--info-soft", 55) },
  ".sb-line-error": { backgroundColor: tint("--fail-soft", 65) },
  ".sb-lens": { marginInlineStart: "2ch", fontFamily: "var(--font-ui)", fontSize: "var(--text-2xs)" },
  ".sb-lens-error": { color: "var(--fail-ink)" },
  ".sb-lens-warning": { color: "var(--warn-ink)" },
  ".cm-lintRange-error": underline("--fail-ink"),
  ".cm-lintRange-warning": underline("--warn-ink"),
  ".cm-lintRange-active": { backgroundColor: "var(--surface-press)" },
  ".cm-lintPoint::after": { borderBottomColor: "var(--fail-ink)" },

  ".cm-tooltip": {
    color: "var(--ink)", backgroundColor: "var(--surface-raised)", border: "1px solid var(--line-strong)",
    borderRadius: "var(--r-2)", boxShadow: "var(--shadow-2)", fontFamily: "var(--font-ui)",
  },
  ".cm-diagnostic": { padding: "var(--s-2) var(--s-4)", border: "0", maxWidth: "30rem" },

  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--surface-sunken)", fontFamily: "var(--font-ui)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search, .cm-panel.cm-panel-lint": { padding: "var(--s-3) var(--s-9) var(--s-3) var(--s-4)" },
  ".cm-panel.cm-search label": { fontSize: "var(--text-xs)", color: "var(--ink-2)" },
  ".cm-panel.cm-search [name=close], .cm-panel.cm-panel-lint [name=close]": {
    inlineSize: "var(--control-xs)", blockSize: "var(--control-xs)", fontSize: "var(--text-md)", cursor: "pointer",
  },
  ".cm-textfield": {
    blockSize: "var(--control-xs)", padding: "0 var(--s-3)", border: "1px solid var(--line-control)", borderRadius: "var(--r-2)",
    color: "var(--ink)", backgroundColor: "var(--surface-raised)", fontFamily: "inherit", fontSize: "var(--text-xs)",
  },
  ".cm-button": {
    blockSize: "var(--control-xs)", padding: "0 var(--s-4)", border: "1px solid var(--line-strong)", borderRadius: "var(--r-2)",
    color: "var(--ink)", backgroundColor: "var(--surface-raised)", backgroundImage: "none", fontFamily: "inherit", fontSize: "var(--text-xs)",
    "&:hover": { backgroundColor: "var(--surface-hover)" },
    "&:active": { backgroundColor: "var(--surface-press)", backgroundImage: "none" },
  },
  ".cm-panels :focus-visible": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn-line)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--selection)" },
});
