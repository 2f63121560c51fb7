//! JSON as a tree of places in its text, for showing it folded. Nothing is turned into values, so numbers, escapes,
//! doubled keys and their order are shown as they are written.

use super::lex::{Kind, Span, Token};

/// A value and what belongs to it. Nodes live in one list and name each other by index, so that no nesting is too
/// deep to build or to drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The member's key with its quotes.
    pub key: Option<Span>,
    /// The value; for an object or a list its opening bracket.
    pub value: Span,
    /// What the value is.
    pub kind: Kind,
    /// The values inside, by index.
    pub kids: Vec<usize>,
    /// Whether a comma follows.
    pub comma: bool,
}

/// All values of a text; the outermost is the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The values, outer before inner.
    pub nodes: Vec<Node>,
}

/// Builds the tree of a text that [`super::check()`] found to be JSON; `None` for an empty one.
pub fn tree(tokens: &[Token]) -> Option<Tree> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut key: Option<Span> = None;
    let mut last: Option<usize> = None;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind.closes() {
            last = open.pop();
            continue;
        }
        if token.kind == Kind::Comma {
            if let Some(last) = last {
                nodes[last].comma = true;
            }
            continue;
        }
        if token.kind == Kind::String && tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Colon) {
            key = Some(token.span());
            continue;
        }
        if !token.kind.begins_value() {
            continue;
        }
        let node = nodes.len();
        nodes.push(Node {
            key: key.take(),
            value: token.span(),
            kind: token.kind,
            kids: Vec::new(),
            comma: false,
        });
        if let Some(parent) = open.last() {
            nodes[*parent].kids.push(node);
        }
        if token.kind.opens() {
            open.push(node);
        }
        last = Some(node);
    }
    (!nodes.is_empty()).then_some(Tree { nodes })
}

#[cfg(test)]
mod tests {
    use super::super::lex;
    use super::*;

    #[test]
    fn values_stay_as_they_are_written() {
        let text = r#"{"a": 9007199254740993, "a": [1.10, {"b": null}], "c": "x"}"#;
        let tree = tree(&lex(text)).unwrap();
        let part = |span: &Span| &text[span.clone()];
        let root = &tree.nodes[0];
        assert_eq!(root.kind, Kind::ObjectOpen);
        let kids: Vec<_> = root.kids.iter().map(|kid| &tree.nodes[*kid]).collect();
        let keys: Vec<_> = kids.iter().map(|kid| part(kid.key.as_ref().unwrap())).collect();
        assert_eq!(keys, [r#""a""#, r#""a""#, r#""c""#]);
        assert_eq!(part(&kids[0].value), "9007199254740993");
        assert_eq!(kids[1].kids.len(), 2);
        assert_eq!(part(&tree.nodes[kids[1].kids[0]].value), "1.10");
        assert_eq!(kids.iter().map(|kid| kid.comma).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn no_nesting_is_too_deep() {
        let text = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        let tree = tree(&lex(&text)).unwrap();
        assert_eq!(tree.nodes.len(), 50_000);
        assert!(super::tree(&[]).is_none());
    }
}
