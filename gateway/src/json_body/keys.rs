//! Finds duplicate keys while objects are being read.
//!
//! The keys of all open objects lie on one stack, so that small objects, which are nearly all, cost no
//! allocation of their own. A long object gets a hash set (with a random seed: the keys are the sender's), so
//! that a body of many keys costs linear, not quadratic, time.

use std::borrow::Cow;
use std::collections::HashSet;

/// Up to this many keys, comparing each with each is faster than hashing.
const LINEAR: usize = 16;

/// The keys of the objects that are open.
#[derive(Default)]
pub(super) struct Keys<'a> {
    stack: Vec<Cow<'a, str>>,
}

/// The keys of one object.
pub(super) struct ObjectKeys<'a> {
    start: usize,
    hashed: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Keys<'a> {
    /// Opens an object.
    pub(super) fn open(&self) -> ObjectKeys<'a> {
        ObjectKeys { start: self.stack.len(), hashed: None }
    }

    /// Adds a key to the innermost object; `false` when it is already there.
    pub(super) fn insert(&mut self, object: &mut ObjectKeys<'a>, key: Cow<'a, str>) -> bool {
        if let Some(hashed) = &mut object.hashed {
            return hashed.insert(key);
        }
        let known = &self.stack[object.start..];
        if known.contains(&key) {
            return false;
        }
        if known.len() < LINEAR {
            self.stack.push(key);
        } else {
            let mut hashed: HashSet<_> = self.stack.drain(object.start..).collect();
            hashed.insert(key);
            object.hashed = Some(hashed);
        }
        true
    }

    /// Closes the innermost object.
    pub(super) fn close(&mut self, object: ObjectKeys<'a>) {
        self.stack.truncate(object.start);
    }
}
