//! The rules of this repository that a compiler does not know: sizes, documentation, what must be tested, where things
//! belong. They run with every `cargo test`.
//!
//! Each rule is a function from text to violations, so that it is tested itself, on a bad sample. A rule whose folder
//! does not exist has nothing to say; where the folder exists the rule must find something to check, or it would
//! pass because it looks in the wrong place.
//!
//! Players: [`tree`] reads the repository, [`source`] tells code from comments and strings; the rules stand in
//! [`rooms`] (files), [`store`] (database), [`console`] (server functions and looks), [`honesty`] (tests that test) and
//! [`papers`] (decisions and npm packages).

mod console;
mod honesty;
mod papers;
mod rooms;
mod source;
mod store;
mod tree;
