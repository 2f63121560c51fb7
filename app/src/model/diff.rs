//! The difference between two texts, line by line, as the retry dialog shows it.
//!
//! The shortest edit script by Myers' greedy algorithm (E. W. Myers, "An O(ND) Difference Algorithm and Its
//! Variations", 1986) over what is left after the common beginning and end. Texts that differ in more than
//! [`MOST_EDITS`] lines are shown as one block replaced by another: exact would cost more than it tells.

use std::ops::Range;

/// More differing lines than this are not searched for the shortest script; bounds time and memory to its square.
const MOST_EDITS: usize = 1_000;
/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// One line of the difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// This many unchanged lines are left out.
    Skip(usize),
    /// An unchanged line.
    Same {
        /// Its number in the old text, from 1.
        old: usize,
        /// Its number in the new text, from 1.
        new: usize,
        /// The line.
        text: String,
    },
    /// A line of the old text only.
    Removed {
        /// Its number in the old text, from 1.
        old: usize,
        /// The line.
        text: String,
        /// The bytes of it that its counterpart does not have; empty without a counterpart.
        mark: Range<usize>,
    },
    /// A line of the new text only.
    Added {
        /// Its number in the new text, from 1.
        new: usize,
        /// The line.
        text: String,
        /// The bytes of it that its counterpart does not have; empty without a counterpart.
        mark: Range<usize>,
    },
}

/// What differs between two texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// The lines to show, in order.
    pub rows: Vec<Row>,
    /// The lines of the new text that differ, from 1.
    pub changed_lines: Vec<usize>,
    /// How many places a person changed: lines replaced count once.
    pub changes: usize,
}

impl Diff {
    /// Compares two texts.
    pub fn between(old: &str, new: &str) -> Self {
        if old == new {
            return Self::default();
        }
        let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
        let mut diff = Self::default();
        let blocks = blocks(&old, &new);
        let mut shown = 0;
        for (index, (removed, added)) in blocks.iter().enumerate() {
            diff.changes += removed.len().max(added.len());
            diff.changed_lines.extend(added.clone().map(|line| line + 1));
            if added.is_empty() {
                // Nothing is left to mark: the line that took the place stands for it.
                diff.changed_lines.push((added.start + 1).min(new.len()));
            }
            let before = shown.max(removed.start.saturating_sub(CONTEXT));
            diff.skip(before - shown);
            let shift = |line: usize| line + added.start - removed.start;
            diff.same(&old, before..removed.start, shift);
            diff.block(&old, removed.clone(), &new, added.clone());
            let next = blocks.get(index + 1).map_or(old.len(), |(removed, _)| removed.start);
            let after = next.min(removed.end + CONTEXT);
            diff.same(&old, removed.end..after, |line| line + added.end - removed.end);
            shown = after;
        }
        diff.skip(old.len() - shown);
        diff
    }

    fn skip(&mut self, lines: usize) {
        if lines > 0 {
            self.rows.push(Row::Skip(lines));
        }
    }

    fn same(&mut self, old: &[&str], lines: Range<usize>, in_new: impl Fn(usize) -> usize) {
        for line in lines {
            let text = old[line].to_owned();
            self.rows.push(Row::Same { old: line + 1, new: in_new(line) + 1, text });
        }
    }

    fn block(&mut self, old: &[&str], removed: Range<usize>, new: &[&str], added: Range<usize>) {
        let marks: Vec<_> = removed.clone().zip(added.clone()).map(|(o, n)| marks(old[o], new[n])).collect();
        for (index, line) in removed.enumerate() {
            let mark = marks.get(index).map_or(0..0, |(mark, _)| mark.clone());
            self.rows.push(Row::Removed { old: line + 1, text: old[line].to_owned(), mark });
        }
        for (index, line) in added.enumerate() {
            let mark = marks.get(index).map_or(0..0, |(_, mark)| mark.clone());
            self.rows.push(Row::Added { new: line + 1, text: new[line].to_owned(), mark });
        }
    }
}

/// Old lines and the new lines in their place.
type Block = (Range<usize>, Range<usize>);

fn blocks(old: &[&str], new: &[&str]) -> Vec<Block> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (rest_old, rest_new) = (&old[start..], &new[start..]);
    let end = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (inner_old, inner_new) = (&rest_old[..rest_old.len() - end], &rest_new[..rest_new.len() - end]);
    let Some(trace) = search(inner_old, inner_new) else {
        return vec![(start..old.len() - end, start..new.len() - end)];
    };
    let mut blocks: Vec<Block> = Vec::new();
    for (x, y, step) in script(&trace, inner_old.len(), inner_new.len()).into_iter().rev() {
        let (x, y) = (x + start, y + start);
        let (removed, added) = match step {
            Step::Remove => (x..x + 1, y..y),
            Step::Add => (x..x, y..y + 1),
        };
        match blocks.last_mut() {
            Some((last_old, last_new)) if last_old.end == removed.start && last_new.end == added.start => {
                last_old.end = removed.end;
                last_new.end = added.end;
            }
            _ => blocks.push((removed, added)),
        }
    }
    blocks
}

enum Step {
    Remove,
    Add,
}

/// The furthest reaching points of every round: round `d` holds them for the diagonals −d, −d+2, … d.
fn search(old: &[&str], new: &[&str]) -> Option<Vec<Vec<usize>>> {
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for round in 0..=(old.len() + new.len()).min(MOST_EDITS) {
        let mut points = Vec::with_capacity(round + 1);
        for index in 0..=round {
            let mut x = match trace.last() {
                None => 0,
                Some(before) => reach(before, round, index).0,
            };
            // On diagonal k = 2·index − round lies y = x − k; both stay within the texts or just beyond them.
            let mut y = (x + round).saturating_sub(2 * index);
            while x < old.len() && y < new.len() && old[x] == new[y] {
                x += 1;
                y += 1;
            }
            points.push(x);
            if x >= old.len() && y >= new.len() {
                trace.push(points);
                return Some(trace);
            }
        }
        trace.push(points);
    }
    None
}

/// Where round `round` begins on its `index`-th diagonal, and whether that is by adding a line.
fn reach(before: &[usize], round: usize, index: usize) -> (usize, bool) {
    // The same diagonal list one round earlier is shorter by one: its neighbours are `index - 1` and `index`.
    let by_removing = index.checked_sub(1).map(|left| before[left] + 1);
    let by_adding = (index < round).then(|| before[index]);
    match (by_removing, by_adding) {
        (Some(removed), Some(added)) if added >= removed => (added, true),
        (Some(removed), _) => (removed, false),
        (None, added) => (added.unwrap_or(0), true),
    }
}

/// The edits from the end to the beginning, each with the point it starts from.
fn script(trace: &[Vec<usize>], old: usize, new: usize) -> Vec<(usize, usize, Step)> {
    let mut steps = Vec::new();
    // The end lies on diagonal old − new.
    let Some(last) = trace.len().checked_sub(1) else { return steps };
    let mut index = (last + old - new) / 2;
    for round in (1..trace.len()).rev() {
        let (x, adding) = reach(&trace[round - 1], round, index);
        let y = (x + round) - 2 * index;
        if adding {
            steps.push((x, y - 1, Step::Add));
        } else {
            steps.push((x - 1, y, Step::Remove));
            index -= 1;
        }
    }
    steps
}

/// What two lines that stand for each other do not share: in whole words, so that a person can read it.
fn marks(old: &str, new: &str) -> (Range<usize>, Range<usize>) {
    let start: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (rest_old, rest_new) = (&old[start..], &new[start..]);
    let pairs = rest_old.chars().rev().zip(rest_new.chars().rev());
    let end: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    (to_words(old, start, old.len() - end), to_words(new, start, new.len() - end))
}

fn to_words(line: &str, start: usize, end: usize) -> Range<usize> {
    let word = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
    let back: usize = line[..start].chars().rev().take_while(word).map(char::len_utf8).sum();
    let on: usize = line[end..].chars().take_while(word).map(char::len_utf8).sum();
    start - back..end + on
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `-` and `+` lines with their marks in brackets, ` ` lines as they are, `…n` for what is left out.
    fn shown(old: &str, new: &str) -> Vec<String> {
        let marked = |sign: char, text: &str, mark: &Range<usize>| {
            let (a, b, c) = (&text[..mark.start], &text[mark.clone()], &text[mark.end..]);
            if b.is_empty() { format!("{sign}{text}") } else { format!("{sign}{a}[{b}]{c}") }
        };
        let row = |row: &Row| match row {
            Row::Skip(lines) => format!("…{lines}"),
            Row::Same { text, .. } => format!(" {text}"),
            Row::Removed { text, mark, .. } => marked('-', text, mark),
            Row::Added { text, mark, .. } => marked('+', text, mark),
        };
        Diff::between(old, new).rows.iter().map(row).collect()
    }

    #[test]
    fn changed_words_are_marked_and_far_lines_left_out() {
        let old = "1\n2\n3\n4\n5\n\"c\": \"gbp\",\n\"t\": \"Net 30 days\",\n8\n9\n10\n11\n12";
        let new = old.replace("gbp", "GBP").replace("Net 30 days", "NET_30");
        assert_eq!(
            shown(old, &new),
            [
                "…2",
                " 3",
                " 4",
                " 5",
                "-\"c\": \"[gbp]\",",
                "-\"t\": \"[Net 30 days]\",",
                "+\"c\": \"[GBP]\",",
                "+\"t\": \"[NET_30]\",",
                " 8",
                " 9",
                " 10",
                "…2",
            ]
        );
        let diff = Diff::between(old, &new);
        assert_eq!((diff.changes, diff.changed_lines), (2, vec![6, 7]));
    }

    #[test]
    fn line_numbers_follow_both_texts() {
        let diff = Diff::between("a\nb\nc", "a\nx\ny\nc");
        assert_eq!(diff.rows.last(), Some(&Row::Same { old: 3, new: 4, text: "c".into() }));
        assert_eq!((diff.changes, diff.changed_lines), (2, vec![2, 3]));
        let removed = Diff::between("a\nb\nc", "a\nc");
        assert_eq!((removed.changes, removed.changed_lines), (1, vec![2]));
        assert_eq!(Diff::between("a\nb", "a").changed_lines, [1]);
    }

    #[test]
    fn equal_texts_have_no_rows() {
        assert_eq!(Diff::between("a\nb", "a\nb"), Diff::default());
    }

    #[test]
    fn letters_of_several_bytes_are_never_cut() {
        assert_eq!(shown("\"ä 😀 ö\"", "\"ä 😁 ö\""), ["-\"ä [😀] ö\"", "+\"ä [😁] ö\""]);
    }

    #[test]
    fn texts_with_nothing_in_common_are_one_block() {
        let old: Vec<String> = (0..3_000).map(|n| format!("old {n}")).collect();
        let new: Vec<String> = (0..3_000).map(|n| format!("new {n}")).collect();
        let diff = Diff::between(&old.join("\n"), &new.join("\n"));
        assert_eq!((diff.changes, diff.rows.len()), (3_000, 6_000));
    }

    /// The new text, read back from the old one and the rows.
    fn applied(old: &str, diff: &Diff) -> String {
        let old: Vec<&str> = old.split('\n').collect();
        let (mut lines, mut at) = (Vec::new(), 0);
        for row in &diff.rows {
            match row {
                Row::Skip(count) => {
                    lines.extend(old[at..at + count].iter().map(|line| (*line).to_owned()));
                    at += count;
                }
                Row::Same { old: number, new, text } => {
                    assert_eq!((*number, *new), (at + 1, lines.len() + 1));
                    lines.push(text.clone());
                    at += 1;
                }
                Row::Removed { old: number, .. } => {
                    assert_eq!(*number, at + 1);
                    at += 1;
                }
                Row::Added { new, text, .. } => {
                    assert_eq!(*new, lines.len() + 1);
                    lines.push(text.clone());
                }
            }
        }
        assert_eq!(at, old.len());
        lines.join("\n")
    }

    proptest! {
        #[test]
        fn the_rows_turn_one_text_into_the_other(old in "[ab\n]{0,30}", new in "[ab\n]{0,30}") {
            prop_assume!(old != new);
            prop_assert_eq!(applied(&old, &Diff::between(&old, &new)), new);
        }
    }
}
