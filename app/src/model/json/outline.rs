//! Which lines of a tree are to be seen: what is folded is one line, what is open ends with its closing bracket.

use std::ops::Range;

use super::tree::Tree;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// A value, or the beginning of one.
    Value(usize),
    /// The closing bracket of one.
    Close(usize),
}

/// A way to go from a line to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The line above.
    Up,
    /// The line below.
    Down,
    /// The first line.
    First,
    /// The last line.
    Last,
    /// Out of what the value is in.
    Out,
    /// Into what is in the value.
    In,
}

/// What is open, and the lines that follow from it.
#[derive(Debug, Clone)]
pub struct Outline {
    is_open: Vec<bool>,
    lines: Vec<Line>,
}

impl Outline {
    /// `levels` levels of `tree` are open.
    pub fn new(tree: &Tree, levels: usize) -> Self {
        let is_open = tree.nodes.iter().map(|node| node.level < levels).collect();
        let mut outline = Self { is_open, lines: Vec::new() };
        outline.draw(tree);
        outline
    }

    /// The lines, from the top.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether a value shows what is in it.
    pub fn is_open(&self, node: usize) -> bool {
        self.is_open[node]
    }

    /// Opens what is folded, and folds what is open.
    pub fn toggle(&mut self, tree: &Tree, node: usize) {
        if tree.nodes[node].folds() {
            self.is_open[node] = !self.is_open[node];
            self.draw(tree);
        }
    }

    /// Opens everything, or folds everything that is in the outermost value.
    pub fn open_all(&mut self, tree: &Tree, open: bool) {
        self.is_open.fill(open);
        self.is_open[0] = true;
        self.draw(tree);
    }

    /// Opens what `node` is in.
    pub fn reveal(&mut self, tree: &Tree, node: usize) {
        let mut at = node;
        let mut changed = false;
        while tree.nodes[at].parent != at {
            at = tree.nodes[at].parent;
            changed |= !self.is_open[at];
            self.is_open[at] = true;
        }
        if changed {
            self.draw(tree);
        }
    }

    /// On which line a value is; none while it is in something folded.
    pub fn line_of(&self, node: usize) -> Option<usize> {
        self.lines.iter().position(|line| *line == Line::Value(node))
    }

    /// The innermost value that is to be seen and that `node` is in, or is.
    pub fn visible(&self, tree: &Tree, node: usize) -> usize {
        let mut seen = node;
        let mut at = node;
        while tree.nodes[at].parent != at {
            at = tree.nodes[at].parent;
            if !self.is_open[at] {
                seen = at;
            }
        }
        seen
    }

    /// Where a move leads from a visible value; the value itself at an end.
    pub fn moved(&self, tree: &Tree, node: usize, by: Move) -> usize {
        let value = |line: &Line| if let Line::Value(node) = line { Some(*node) } else { None };
        let at = self.line_of(node).unwrap_or(0);
        let found = match by {
            Move::Up => self.lines[..at].iter().rev().find_map(value),
            Move::Down => self.lines[(at + 1).min(self.lines.len())..].iter().find_map(value),
            Move::First => self.lines.iter().find_map(value),
            Move::Last => self.lines.iter().rev().find_map(value),
            Move::Out => Some(tree.nodes[node].parent),
            Move::In => (tree.nodes[node].folds() && self.is_open[node]).then_some(node + 1),
        };
        found.unwrap_or(node)
    }

    fn draw(&mut self, tree: &Tree) {
        self.lines.clear();
        let mut open: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < tree.nodes.len() {
            while let Some(node) = open.pop_if(|node| tree.nodes[*node].end <= at) {
                self.lines.push(Line::Close(node));
            }
            self.lines.push(Line::Value(at));
            let node = &tree.nodes[at];
            if node.folds() && self.is_open[at] {
                open.push(at);
                at += 1;
            } else {
                at = node.end;
            }
        }
        self.lines.extend(open.into_iter().rev().map(Line::Close));
    }
}

/// Which lines are built so that `line` is among them: `window` when it is there already, more of it when it is near,
/// or else a new one of `step` lines around it. The end may lie behind the last line.
pub fn window_around(window: Range<usize>, line: usize, step: usize) -> Range<usize> {
    if window.contains(&line) {
        return window;
    }
    if line >= window.end && line < window.end + step {
        return window.start..line + step;
    }
    if line < window.start && line + step >= window.start {
        return line.saturating_sub(step / 2)..window.end;
    }
    let start = line.saturating_sub(step / 2);
    start..start + step
}

#[cfg(test)]
mod tests {
    use super::super::tree::Builder;
    use super::*;

    /// Nodes: 0 root, 1 a, 2 b, 3 b/0, 4 b/0/c, 5 b/1, 6 d.
    const TEXT: &str = r#"{"a": {}, "b": [{"c": 1}, 2], "d": 3}"#;

    fn tree() -> Tree {
        Builder::new(TEXT.into()).finish().unwrap()
    }
    fn drawn(outline: &Outline) -> String {
        let line = |line: &Line| match line {
            Line::Value(node) => node.to_string(),
            Line::Close(node) => format!("/{node}"),
        };
        outline.lines().iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_folded_is_one_line() {
        let tree = tree();
        let mut outline = Outline::new(&tree, 1);
        assert_eq!(drawn(&outline), "0 1 2 6 /0");
        outline.toggle(&tree, 2);
        assert_eq!(drawn(&outline), "0 1 2 3 5 /2 6 /0");
        outline.toggle(&tree, 1);
        assert_eq!(drawn(&outline), "0 1 2 3 5 /2 6 /0", "an empty object has nothing to fold");
        outline.open_all(&tree, true);
        assert_eq!(drawn(&outline), "0 1 2 3 4 /3 5 /2 6 /0");
        outline.open_all(&tree, false);
        assert_eq!(drawn(&outline), "0 1 2 6 /0");
        outline.reveal(&tree, 4);
        assert_eq!(drawn(&outline), "0 1 2 3 4 /3 5 /2 6 /0");
        outline.toggle(&tree, 0);
        assert_eq!(drawn(&outline), "0");
        assert_eq!((outline.visible(&tree, 4), outline.visible(&tree, 0)), (0, 0));
    }

    #[test]
    fn moves_skip_closing_brackets_and_stop_at_the_ends() {
        let tree = tree();
        let mut outline = Outline::new(&tree, 3);
        let go = |outline: &Outline, from: usize, by| outline.moved(&tree, from, by);
        assert_eq!(go(&outline, 4, Move::Down), 5);
        assert_eq!(go(&outline, 5, Move::Up), 4);
        assert_eq!(go(&outline, 0, Move::Up), 0);
        assert_eq!(go(&outline, 6, Move::Down), 6);
        assert_eq!((go(&outline, 5, Move::First), go(&outline, 0, Move::Last)), (0, 6));
        assert_eq!((go(&outline, 4, Move::Out), go(&outline, 0, Move::Out)), (3, 0));
        assert_eq!((go(&outline, 2, Move::In), go(&outline, 1, Move::In)), (3, 1));
        outline.toggle(&tree, 2);
        assert_eq!(go(&outline, 2, Move::In), 2);
        assert_eq!(outline.visible(&tree, 4), 2);
        assert_eq!(outline.line_of(4), None);
    }

    #[test]
    fn a_window_grows_to_what_is_near_and_jumps_to_what_is_far() {
        assert_eq!(window_around(0..200, 199, 200), 0..200);
        assert_eq!(window_around(0..200, 200, 200), 0..400);
        assert_eq!(window_around(0..200, 5_000, 200), 4_900..5_100);
        assert_eq!(window_around(4_900..5_100, 4_899, 200), 4_799..5_100);
        assert_eq!(window_around(4_900..5_100, 3, 200), 0..200);
    }

    #[test]
    fn a_single_value_is_one_line() {
        let tree = Builder::new("7".into()).finish().unwrap();
        assert_eq!(drawn(&Outline::new(&tree, 3)), "0");
    }
}
