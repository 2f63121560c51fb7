//! Which part of a line of JSON has which colour.

use super::lex::{Kind, Span, lex};

/// The pieces of `line` in order, without gaps, each with the class the style sheets colour it by.
/// A line is enough: no token of JSON goes beyond one.
pub fn pieces(line: &str) -> Vec<(Span, Option<&'static str>)> {
    let tokens = lex(line);
    let mut pieces = Vec::with_capacity(tokens.len() * 2);
    let mut at = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.start > at {
            pieces.push((at..token.start, None));
        }
        let is_key = tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Colon);
        let class = match token.kind {
            Kind::String if is_key => Some("j-key"),
            Kind::String => Some("j-str"),
            Kind::Number => Some("j-num"),
            Kind::Atom => Some("j-atom"),
            Kind::Unknown => None,
            _ => Some("j-punct"),
        };
        pieces.push((token.span(), class));
        at = token.end;
    }
    if at < line.len() {
        pieces.push((at..line.len(), None));
    }
    pieces
}

/// `piece` as what lies before, inside and after `mark`; any of the three may be empty.
pub fn split(piece: &Span, mark: &Span) -> [Span; 3] {
    let start = mark.start.clamp(piece.start, piece.end);
    let end = mark.end.clamp(start, piece.end);
    [piece.start..start, start..end, end..piece.end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_line_and_keys_differ_from_text() {
        let line = "  \"total\": [1.10, \"x\", null] ,é";
        let pieces = pieces(line);
        let whole: String = pieces.iter().map(|(span, _)| &line[span.clone()]).collect();
        assert_eq!(whole, line);
        let class =
            |text: &str| pieces.iter().find(|(span, _)| &line[span.clone()] == text).and_then(|(_, c)| *c);
        assert_eq!(
            ["\"total\"", "\"x\"", "1.10", "null", "["].map(class),
            [Some("j-key"), Some("j-str"), Some("j-num"), Some("j-atom"), Some("j-punct")]
        );
    }

    #[test]
    fn a_mark_cuts_a_piece_in_three() {
        assert_eq!(split(&(4..10), &(5..9)), [4..5, 5..9, 9..10]);
        assert_eq!(split(&(4..10), &(0..5)), [4..4, 4..5, 5..10]);
        assert_eq!(split(&(4..10), &(20..30)), [4..10, 10..10, 10..10]);
        assert_eq!(split(&(4..10), &(0..0)), [4..4, 4..4, 4..10]);
    }
}
