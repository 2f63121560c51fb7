//! What a person sees of a JSON tree: what is open, which line is the current one, and where the searched words are.

use std::ops::Range;
use std::sync::Arc;

use leptos::prelude::*;

use crate::model::json::outline::{Line, Move, Outline, window_around};
use crate::model::json::search::{Hit, find, neighbour};
use crate::model::json::tree::Tree;
use crate::ui::browser;

/// Levels that are open at first.
const OPEN_LEVELS: usize = 3;
/// Lines that are built at first, and more at a time.
pub const STEP: usize = 100;

/// The state of one tree.
#[derive(Clone, Copy)]
pub struct JsonView {
    /// The current value.
    pub current: RwSignal<Option<usize>>,
    /// What is searched.
    pub words: RwSignal<String>,
    /// Where it is.
    pub hits: Memo<Arc<Vec<Hit>>>,
    /// Which of those places was gone to last.
    pub hit: RwSignal<Option<usize>>,
    tree: StoredValue<Arc<Tree>>,
    outline: RwSignal<Outline>,
    window: RwSignal<Range<usize>>,
}

impl JsonView {
    /// The first levels are open.
    pub fn new(tree: Arc<Tree>) -> Self {
        let outline = RwSignal::new(Outline::new(&tree, OPEN_LEVELS));
        let tree = StoredValue::new(tree);
        let words = RwSignal::new(String::new());
        let hits = Memo::new(move |_| words.with(|words| Arc::new(find(&tree.get_value(), words))));
        Self {
            current: RwSignal::new(None),
            words,
            hits,
            hit: RwSignal::new(None),
            tree,
            outline,
            window: RwSignal::new(0..STEP),
        }
    }

    /// The tree.
    pub fn tree(self) -> Arc<Tree> {
        self.tree.get_value()
    }

    /// The lines that are built, each with whether it is open; reactive.
    pub fn lines(self) -> Vec<(Line, bool)> {
        let window = self.window.get();
        self.outline.with(|outline| {
            let lines = outline.lines();
            let end = window.end.min(lines.len());
            let open = |line: &Line| matches!(line, Line::Value(node) if outline.is_open(*node));
            lines[window.start.min(end)..end].iter().map(|line| (*line, open(line))).collect()
        })
    }

    /// How many lines there are above and below those that are built; reactive.
    pub fn rest(self) -> (usize, usize) {
        let window = self.window.get();
        let all = self.outline.with(|outline| outline.lines().len());
        (window.start.min(all), all.saturating_sub(window.end))
    }

    /// Builds more lines above (`false`) or below.
    pub fn show_more(self, below: bool) {
        self.window.update(|window| match below {
            true => window.end += STEP,
            false => window.start = window.start.saturating_sub(STEP),
        });
    }

    /// Opens or folds a value.
    pub fn toggle(self, node: usize) {
        self.outline.update(|outline| outline.toggle(&self.tree(), node));
    }

    /// Opens or folds everything; the current line stays in sight.
    pub fn open_all(self, open: bool) {
        self.outline.update(|outline| outline.open_all(&self.tree(), open));
        self.window.set(0..STEP);
        let tree = self.tree();
        let current = self.current.get_untracked();
        if let Some(node) =
            current.map(|node| self.outline.with_untracked(|outline| outline.visible(&tree, node)))
        {
            self.go_to(node);
        }
    }

    /// Makes a visible value the current one, and brings it into sight.
    pub fn go_to(self, node: usize) {
        let Some(line) = self.outline.with_untracked(|outline| outline.line_of(node)) else { return };
        let window = self.window.get_untracked();
        let wanted = window_around(window.clone(), line, STEP);
        if wanted != window {
            self.window.set(wanted);
        }
        self.current.set(Some(node));
        // The line may have to be built first.
        request_animation_frame(move || browser::bring_into_view(&format!("#{}", row_id(node))));
    }

    /// Moves the current line, or opens and folds there: what an arrow key does in a tree.
    pub fn step(self, by: Move) {
        let tree = self.tree();
        let here = self.current.get_untracked().unwrap_or(0);
        let open = self.outline.with_untracked(|outline| outline.is_open(here)) && tree.nodes[here].folds();
        match by {
            Move::In if !open => self.toggle(here),
            Move::Out if open => self.toggle(here),
            by => {
                let there = self.outline.with_untracked(|outline| outline.moved(&tree, here, by));
                self.go_to(there);
            }
        }
    }

    /// Searches; the first place is gone to.
    pub fn search(self, words: String) {
        self.words.set(words);
        self.hit.set(None);
        self.next_hit(true);
    }

    /// Goes to the next or the previous place, and opens what it is in.
    pub fn next_hit(self, forward: bool) {
        let hits = self.hits.get_untracked();
        let Some(at) = neighbour(self.hit.get_untracked(), hits.len(), forward) else { return };
        let node = hits[at].node;
        self.outline.update(|outline| outline.reveal(&self.tree(), node));
        self.hit.set(Some(at));
        self.go_to(node);
    }

    /// The place that was gone to last, when it is in this value; reactive.
    pub fn hit_in(self, node: usize) -> Option<Hit> {
        let at = self.hit.get()?;
        self.hits.with(|hits| hits.get(at).filter(|hit| hit.node == node).cloned())
    }
}

/// The id of a value's line.
pub fn row_id(node: usize) -> String {
    format!("json-{node}")
}
