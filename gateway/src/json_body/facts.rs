//! Notes the values at some JSON pointers while a body is checked: one pass does both.

use std::borrow::Cow;

use super::JsonBodyError;
use super::scan::{Visitor, scan};
use super::tokens::Text;

/// As [`validate`](super::validate), and what stands at each of the pointers (RFC 6901): a string's text, or a number
/// as it is written; `None` for everything else.
///
/// # Errors
/// As there.
pub fn validate_and_read(bytes: &[u8], pointers: &[&str]) -> Result<Vec<Option<String>>, JsonBodyError> {
    let wanted = pointers.iter().map(|pointer| Wanted::new(pointer)).collect();
    let mut facts = Facts { wanted, depth: 0 };
    scan(bytes, &mut facts)?;
    Ok(facts.wanted.into_iter().map(|wanted| wanted.found).collect())
}

/// A pointer, and how much of it leads to where the scan is.
struct Wanted<'p> {
    steps: Vec<Cow<'p, str>>,
    matched: usize,
    found: Option<String>,
}

impl<'p> Wanted<'p> {
    fn new(pointer: &'p str) -> Self {
        let steps = pointer.split('/').skip(1).map(|step| match step.contains('~') {
            true => step.replace("~1", "/").replace("~0", "~").into(),
            false => step.into(),
        });
        Self { steps: steps.collect(), matched: 0, found: None }
    }
}

/// The scan is `depth` steps below the root; a pointer leads there when as many of its steps are matched.
struct Facts<'p> {
    wanted: Vec<Wanted<'p>>,
    depth: usize,
}

impl Facts<'_> {
    fn enter(&mut self, is: impl Fn(&str) -> bool) {
        for wanted in &mut self.wanted {
            if wanted.matched == self.depth && wanted.steps.get(self.depth).is_some_and(|step| is(step)) {
                wanted.matched += 1;
            }
        }
        self.depth += 1;
    }

    fn note(&mut self, value: impl Fn() -> String) {
        for wanted in &mut self.wanted {
            if wanted.matched == self.depth && wanted.steps.len() == self.depth {
                wanted.found = Some(value());
            }
        }
    }
}

impl<'a> Visitor<'a> for Facts<'_> {
    type Value = ();
    type Object = ();
    type Array = ();

    fn enter_member(&mut self, key: Text<'a>) {
        self.enter(|step| key.is(step));
    }
    fn enter_element(&mut self, index: usize) {
        // An index has no leading zero.
        self.enter(|step| (step == "0" || !step.starts_with(['0', '+'])) && step.parse() == Ok(index));
    }
    fn leave(&mut self) {
        self.depth -= 1;
        for wanted in &mut self.wanted {
            wanted.matched = wanted.matched.min(self.depth);
        }
    }

    fn number(&mut self, token: &'a str) {
        self.note(|| token.to_owned());
    }
    fn string(&mut self, text: Text<'a>) {
        self.note(|| text.decode().into_owned());
    }

    fn null(&mut self) {}
    fn bool(&mut self, _: bool) {}
    fn object(&mut self) {}
    fn member(&mut self, (): &mut (), _: Text<'a>, (): ()) {}
    fn object_end(&mut self, (): ()) {}
    fn array(&mut self) {}
    fn element(&mut self, (): &mut (), (): ()) {}
    fn array_end(&mut self, (): ()) {}
}
