//! Enough of Rust's lexical grammar to tell code, comments and strings apart, and to find test modules.

use std::ops::Range;

/// The text with comments and the contents of strings and characters replaced by spaces: same length, same lines.
pub fn code(text: &str) -> String {
    mask(text, &regions(text), false)
}

/// The contents of string literals, everything else replaced by spaces: same length, same lines.
pub fn strings(text: &str) -> String {
    let strings: Vec<_> = regions(text).into_iter().filter(|region| region.string).collect();
    mask(text, &strings, true)
}

/// The number, from 1, of the line at a byte offset.
pub fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Where `word` stands as a word of its own.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

/// The line, from 0, on which the trailing `#[cfg(test)] mod tests {` of a file begins; the number of lines without.
pub fn tests_begin(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let begin = (0..lines.len().saturating_sub(1)).find(|at| {
        lines[*at] == "#[cfg(test)]"
            && lines[at + 1].starts_with("mod tests {")
            && ends_with_block(&lines[*at..])
    });
    begin.unwrap_or(lines.len())
}

/// The part of a Rust file that is test code, with its line numbers kept.
pub fn test_part(text: &str, whole: bool) -> String {
    let begin = if whole { 0 } else { tests_begin(text) };
    text.lines()
        .enumerate()
        .map(|(at, line)| if at < begin { "\n".into() } else { format!("{line}\n") })
        .collect()
}

/// Whether the first block of these (formatted) lines is the last thing in them.
fn ends_with_block(lines: &[&str]) -> bool {
    let Some(close) = lines.iter().position(|line| *line == "}") else { return false };
    lines[close + 1..].iter().all(|line| line.trim().is_empty())
}

struct Region {
    bytes: Range<usize>,
    string: bool,
}

/// Comments, and the insides of literals.
fn regions(text: &str) -> Vec<Region> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let inside = |from: usize, to: usize, string| Region { bytes: at + from..at + to, string };
        let (region, length) = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            (Some(inside(0, end, false)), end)
        } else if rest.starts_with("/*") {
            let end = block_comment(rest);
            (Some(inside(0, end, false)), end)
        } else if let Some(hashes) = raw_string(text, at) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = 1 + hashes + 1;
            let end = rest[open..].find(&close).map_or(rest.len(), |end| open + end);
            (Some(inside(open, end, true)), (end + close.len()).min(rest.len()))
        } else if rest.starts_with('"') {
            let end = closing(rest, '"');
            (Some(inside(1, end, true)), (end + 1).min(rest.len()))
        } else if rest.starts_with('\'') {
            match character(rest) {
                Some(end) => (Some(inside(1, end, false)), end + 1),
                None => (None, 1),
            }
        } else {
            (None, rest.chars().next().map_or(1, char::len_utf8))
        };
        found.extend(region);
        at += length;
    }
    found
}

/// The length of a block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The number of `#` when a raw string begins here with its `r`.
fn raw_string(text: &str, at: usize) -> Option<usize> {
    let after = text[at..].strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let before = text[..at].trim_end_matches(['b', 'c']).chars().next_back();
    let own_word = !before.is_some_and(|character| character.is_alphanumeric() || character == '_');
    (own_word && after[hashes..].starts_with('"')).then_some(hashes)
}

/// Where the quote that closes a literal stands.
fn closing(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at,
            _ => {}
        }
    }
    rest.len()
}

/// The closing quote of a character literal; a lifetime has none.
fn character(rest: &str) -> Option<usize> {
    let first = rest[1..].chars().next()?;
    let end = 1 + first.len_utf8();
    if first == '\\' {
        return Some(closing(rest, '\'').min(rest.len() - 1));
    }
    rest[end..].starts_with('\'').then_some(end)
}

fn mask(text: &str, regions: &[Region], keep_inside: bool) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut regions = regions.iter().peekable();
    for (at, byte) in bytes.iter_mut().enumerate() {
        while regions.next_if(|region| region.bytes.end <= at).is_some() {}
        let inside = regions.peek().is_some_and(|region| region.bytes.contains(&at));
        if inside != keep_inside && *byte != b'\n' {
            *byte = b' ';
        }
    }
    String::from_utf8(bytes).expect("whole characters are replaced")
}

#[test]
fn code_is_told_from_comments_and_strings() {
    let text = r##"let a = "x // y"; // dbg!
/* a /* nested */ comment */ let b = r#"raw "quoted" todo!"#; let c = '"'; let d = '\''; fn e<'a>() {}"##;
    let code = code(text);
    assert_eq!(code.len(), text.len());
    assert!(code.contains("let a = \"") && code.contains("fn e<'a>() {}"), "{code}");
    for gone in ["x // y", "dbg!", "nested", "comment", "quoted", "todo!"] {
        assert!(!code.contains(gone), "{gone} in {code}");
    }
    let strings = strings(text);
    assert!(strings.contains("x // y") && strings.contains("raw \"quoted\" todo!"), "{strings}");
    assert!(!strings.contains("let") && !strings.contains("nested"), "{strings}");
}

#[test]
fn words_are_whole() {
    assert_eq!(words("sleep(); asleep(); sleep_until(); time::sleep", "sleep").collect::<Vec<_>>(), [0, 40]);
}

#[test]
fn only_a_trailing_test_module_is_left_out() {
    assert_eq!(tests_begin("fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n"), 2);
    assert_eq!(tests_begin("#[cfg(test)]\nmod tests {\n}\n\nfn after() {}\n"), 5);
    assert_eq!(
        test_part("fn a() {}\n#[cfg(test)]\nmod tests {\n}\n", false),
        "\n#[cfg(test)]\nmod tests {\n}\n"
    );
}
