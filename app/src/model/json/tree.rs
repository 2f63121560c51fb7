//! JSON as a tree of places in its text, for showing it folded. Nothing is turned into values, so numbers, escapes,
//! doubled keys and their order are shown as they are written.
//!
//! A megabyte of JSON can be half a million values. So a tree is built in steps, between which the browser draws and
//! listens; and values live in one list in the order of the text, where each knows its parent and the first value
//! after it: no nesting is too deep to build, to walk or to drop.

use std::sync::Arc;

use super::grammar::{Next, Part};
use super::lex::{self, Kind, Span};

/// A value and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The member's key with its quotes.
    pub key: Option<Span>,
    /// The whole value, brackets included.
    pub value: Span,
    /// What the value begins with.
    pub kind: Kind,
    /// The object or list it is in; the outermost is in itself.
    pub parent: usize,
    /// Which of its parent's values it is, from 0.
    pub place: usize,
    /// How many objects and lists it is in.
    pub level: usize,
    /// How many values are directly in it.
    pub kids: usize,
    /// The first value that is not in it: the ones after it, up to there, are.
    pub end: usize,
    /// Whether a comma follows.
    pub comma: bool,
}

impl Node {
    /// Whether there is something in it to fold.
    pub fn folds(&self) -> bool {
        self.kids > 0
    }
}

/// All values of a text; the outermost is the first, outer ones come before inner ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The text.
    pub text: Arc<str>,
    /// The values.
    pub nodes: Vec<Node>,
}

impl Tree {
    /// A piece of the text.
    pub fn part(&self, span: &Span) -> &str {
        &self.text[span.clone()]
    }

    /// Whether a value is a member or an item of `of`.
    pub fn is_item(&self, node: usize) -> bool {
        let parent = self.nodes[node].parent;
        parent != node && self.nodes[parent].kind == Kind::ArrayOpen
    }

    /// Where a value is, as a JSON pointer (RFC 6901); empty for the outermost.
    pub fn pointer(&self, node: usize) -> String {
        let mut names = Vec::new();
        let mut at = node;
        while self.nodes[at].parent != at {
            let here = &self.nodes[at];
            names.push(match &here.key {
                Some(key) => self.said(key).replace('~', "~0").replace('/', "~1"),
                None => here.place.to_string(),
            });
            at = here.parent;
        }
        names.iter().rev().flat_map(|name| ["/", name]).collect()
    }

    /// A value to paste elsewhere: a text without its quotes and escapes, everything else as it is written.
    pub fn value(&self, node: usize) -> String {
        let here = &self.nodes[node];
        if here.kind == Kind::String { self.said(&here.value) } else { self.part(&here.value).to_owned() }
    }

    /// What a text in quotes says. One that no reader takes (half of a surrogate pair) stays as it is written.
    fn said(&self, span: &Span) -> String {
        let written = self.part(span);
        serde_json::from_str(written).unwrap_or_else(|_| written[1..written.len() - 1].to_owned())
    }
}

/// A container that is not closed yet.
#[derive(Debug)]
struct Open {
    node: usize,
    next: Next,
}

/// Builds a [`Tree`], some tokens at a time.
#[derive(Debug)]
pub struct Builder {
    tree: Tree,
    at: usize,
    open: Vec<Open>,
    key: Option<Span>,
    last: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Going,
    Done,
    NotJson,
}

impl Builder {
    /// Nothing of `text` is read yet.
    pub fn new(text: Arc<str>) -> Self {
        let tree = Tree { text, nodes: Vec::new() };
        Self { tree, at: 0, open: Vec::new(), key: None, last: 0, state: State::Going }
    }

    /// Reads up to `tokens` more; whether there is nothing left to read.
    pub fn step(&mut self, tokens: usize) -> bool {
        for _ in 0..tokens {
            if self.state != State::Going {
                break;
            }
            self.state = self.token();
        }
        self.state != State::Going
    }

    /// The tree; `None` when the text is not JSON, and for an empty one.
    pub fn finish(mut self) -> Option<Tree> {
        self.step(usize::MAX);
        (self.state == State::Done).then_some(self.tree)
    }

    fn token(&mut self) -> State {
        let Some(token) = lex::next(&self.tree.text, self.at) else {
            let whole = self.open.is_empty() && !self.tree.nodes.is_empty();
            return if whole { State::Done } else { State::NotJson };
        };
        self.at = token.end;
        if token.fault.is_some() {
            return State::NotJson;
        }
        let part = match self.open.last_mut() {
            Some(open) => open.next.take(token.kind),
            // One text is one value.
            None if self.tree.nodes.is_empty() && token.kind.begins_value() => Ok(Part::Value),
            None => Err("nothing"),
        };
        match part {
            Ok(Part::Key) => self.key = Some(token.span()),
            Ok(Part::Value) => self.value(token.kind, token.span()),
            Ok(Part::Close) => self.close(token.end),
            Ok(Part::Mark) if token.kind == Kind::Comma => self.tree.nodes[self.last].comma = true,
            Ok(Part::Mark) => {}
            Err(_) => return State::NotJson,
        }
        State::Going
    }

    fn value(&mut self, kind: Kind, value: Span) {
        let nodes = &mut self.tree.nodes;
        let node = nodes.len();
        let (parent, place, level) = match self.open.last() {
            Some(open) => {
                let parent = &mut nodes[open.node];
                parent.kids += 1;
                (open.node, parent.kids - 1, self.open.len())
            }
            None => (node, 0, 0),
        };
        let key = self.key.take();
        nodes.push(Node { key, value, kind, parent, place, level, kids: 0, end: node + 1, comma: false });
        if kind.opens() {
            self.open.push(Open { node, next: Next::inside(kind) });
        }
        self.last = node;
    }

    fn close(&mut self, end: usize) {
        if let Some(Open { node, .. }) = self.open.pop() {
            let after = self.tree.nodes.len();
            let closed = &mut self.tree.nodes[node];
            closed.value.end = end;
            closed.end = after;
            self.last = node;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{check, lex, locate::locate};
    use super::*;

    pub(crate) fn tree(text: &str) -> Option<Tree> {
        Builder::new(text.into()).finish()
    }

    #[test]
    fn values_stay_as_they_are_written() {
        let tree = tree(r#"{"a": 9007199254740993, "a": [1.10, {"b": null}], "c": "x"}"#).unwrap();
        let root = &tree.nodes[0];
        assert_eq!((root.kind, root.kids, root.end, root.parent), (Kind::ObjectOpen, 3, 7, 0));
        let keys: Vec<_> =
            tree.nodes.iter().map(|node| node.key.as_ref().map(|key| tree.part(key))).collect();
        let (a, b, c) = (Some(r#""a""#), Some(r#""b""#), Some(r#""c""#));
        assert_eq!(keys, [None, a, a, None, None, b, c]);
        let values: Vec<_> = tree.nodes[1..].iter().map(|node| tree.part(&node.value)).collect();
        let list = r#"[1.10, {"b": null}]"#;
        assert_eq!(values, ["9007199254740993", list, "1.10", r#"{"b": null}"#, "null", r#""x""#]);
        assert_eq!(tree.nodes.iter().map(|node| node.level).collect::<Vec<_>>(), [0, 1, 1, 2, 2, 3, 1]);
        assert_eq!(tree.nodes.iter().map(|node| node.place).collect::<Vec<_>>(), [0, 0, 1, 0, 1, 0, 2]);
        let commas: Vec<_> = tree.nodes.iter().map(|node| node.comma).collect();
        assert_eq!(commas, [false, true, true, true, false, false, false]);
        assert!(tree.is_item(3) && !tree.is_item(1) && !tree.is_item(0));
    }

    #[test]
    fn pointers_are_found_again_and_values_are_ready_to_paste() {
        let text = r#"{"data": {"lines": [{"qty": "1\u00e92"}, {}], "a/b": null, "x~y": true, "": 7, "caf\u00e9": []}}"#;
        let tree = tree(text).unwrap();
        let pointers: Vec<_> = (0..tree.nodes.len()).map(|node| tree.pointer(node)).collect();
        let lines = ["/data/lines", "/data/lines/0", "/data/lines/0/qty", "/data/lines/1"];
        assert_eq!(pointers[..2], ["", "/data"]);
        assert_eq!(pointers[2..6], lines);
        assert_eq!(pointers[6..], ["/data/a~1b", "/data/x~0y", "/data/", "/data/café"]);
        for (node, pointer) in pointers.iter().enumerate() {
            let place = locate(text, &lex(text), pointer).unwrap();
            assert_eq!(place.value.start, tree.nodes[node].value.start, "{pointer}");
        }
        assert_eq!(tree.value(4), "1é2");
        assert_eq!(tree.value(3), r#"{"qty": "1\u00e92"}"#);
        assert_eq!(tree.value(8), "7");
    }

    #[test]
    fn half_of_a_pair_is_copied_as_it_is_written() {
        assert_eq!(tree(r#""\ud83d""#).unwrap().value(0), r"\ud83d");
    }

    #[test]
    fn it_takes_as_many_tokens_as_it_may() {
        let mut builder = Builder::new("[1, 2, 3]".into());
        assert!(!builder.step(3));
        assert_eq!(builder.tree.nodes.len(), 2);
        assert!(!builder.step(4));
        assert!(builder.step(1), "nothing is left");
        assert_eq!(builder.finish().unwrap().nodes.len(), 4);
    }

    #[test]
    fn what_is_not_json_has_no_tree() {
        for text in
            ["", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "1 2", "]", "a=1&b=2", "<a/>", "[1}", "\"x"]
        {
            assert_eq!(tree(text), None, "{text:?}");
        }
    }

    #[test]
    fn no_nesting_is_too_deep() {
        let tree = tree(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))).unwrap();
        assert_eq!(tree.nodes.len(), 100_000);
        assert_eq!(tree.pointer(99_999).len(), 2 * 99_999);
    }

    proptest! {
        #[test]
        fn agrees_with_the_check(text in r#"[\[\]{}:,"a1 .e\-tru\\n]{0,24}"#) {
            prop_assert_eq!(tree(&text).is_some(), check(&text, &lex(&text)).fault.is_none(), "{}", text);
        }
    }
}
