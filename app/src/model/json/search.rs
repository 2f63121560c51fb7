//! Finds words in the keys and values of a tree, as they are written there.

use super::lex::Span;
use super::tree::Tree;

/// A place where the words are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The value whose key or text has them.
    pub node: usize,
    /// Which bytes of the tree's text.
    pub span: Span,
}

/// Every place of `words`, in order. Letters from a to z are the same in either case.
pub fn find(tree: &Tree, words: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    if words.is_empty() {
        return hits;
    }
    for (node, here) in tree.nodes.iter().enumerate() {
        let own = (!here.kind.opens()).then_some(&here.value);
        for span in here.key.as_ref().into_iter().chain(own) {
            hits.extend(places(tree.part(span), words).map(|at| {
                let start = span.start + at;
                Hit { node, span: start..start + words.len() }
            }));
        }
    }
    hits
}

/// Where `words` begin in `text`; places do not overlap.
pub fn places<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = usize> + 'a {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    let mut from = 0;
    std::iter::from_fn(move || {
        let first = words.first()?;
        let at = text
            .get(from..)?
            .windows(words.len())
            .position(|window| window[0].eq_ignore_ascii_case(first) && window.eq_ignore_ascii_case(words))?;
        let found = from + at;
        from = found + words.len();
        Some(found)
    })
}

/// What to show of a text that is longer than `most` bytes: its beginning, or the part around the byte `at`.
pub fn excerpt(text: &str, at: Option<usize>, most: usize) -> Span {
    if text.len() <= most {
        return 0..text.len();
    }
    let start = at.filter(|at| *at + most / 4 > most).map_or(0, |at| at - most / 2);
    let start = text.floor_char_boundary(start.min(text.len() - most));
    start..text.floor_char_boundary(start + most)
}

/// Which hit comes after (or before) `current`, around the end; the first when there is none yet.
pub fn neighbour(current: Option<usize>, count: usize, forward: bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match (current, forward) {
        (Some(at), true) if at < last => at + 1,
        (Some(at), false) if at > 0 => at - 1,
        (Some(_), true) | (None, true) => 0,
        (Some(_), false) | (None, false) => last,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::Builder;
    use super::*;

    #[test]
    fn keys_and_values_are_searched_not_the_marks_between_them() {
        let text = r#"{"Total": "total 1, TOTAL", "b": [1310, true, "é"], "total": 1}"#;
        let tree = Builder::new(text.into()).finish().unwrap();
        let found = |words: &str| {
            let hits = find(&tree, words).into_iter().map(|hit| (hit.node, text[hit.span].to_owned()));
            hits.collect::<Vec<_>>()
        };
        let total = |node: usize, word: &str| (node, word.to_owned());
        let all = [total(1, "Total"), total(1, "total"), total(1, "TOTAL"), total(6, "total")];
        assert_eq!(found("total"), all);
        assert_eq!(found("31"), [total(3, "31")]);
        assert_eq!(found("É"), [], "only letters from a to z have two cases here");
        assert_eq!(found("é"), [total(5, "é")]);
        assert_eq!(found(": ["), []);
        assert_eq!(found(""), []);
    }

    #[test]
    fn places_do_not_overlap() {
        assert_eq!(places("aaaa", "aa").collect::<Vec<_>>(), [0, 2]);
        assert_eq!(places("a", "ab").count(), 0);
        assert_eq!(places("", "a").count(), 0);
    }

    #[test]
    fn of_a_long_text_the_part_around_the_hit_is_shown() {
        let text = format!("{}x{}", "é".repeat(500), "a".repeat(1_000));
        assert_eq!(excerpt("short", Some(3), 100), 0..5);
        assert_eq!(excerpt(&text, None, 101), 0..100, "no character is cut");
        assert_eq!(excerpt(&text, Some(10), 100), 0..100);
        let around = excerpt(&text, Some(1_000), 100);
        assert!(around.contains(&1_000) && around.len() == 100, "{around:?}");
        assert_eq!(excerpt(&text, Some(2_000), 100), 1_901..2_001);
    }

    #[test]
    fn next_and_previous_go_around() {
        assert_eq!(neighbour(None, 3, true), Some(0));
        assert_eq!(neighbour(None, 3, false), Some(2));
        assert_eq!(neighbour(Some(2), 3, true), Some(0));
        assert_eq!(neighbour(Some(0), 3, false), Some(2));
        assert_eq!(neighbour(Some(0), 3, true), Some(1));
        assert_eq!(neighbour(Some(0), 0, true), None);
    }
}
