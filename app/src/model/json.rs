//! JSON as text: tokens with their places, and what can be said and done without ever writing a value again.
//!
//! The editor shows and sends exactly the text a person sees. So nothing here turns JSON into values and back:
//! numbers beyond 2^53, `1.10`, escapes and the order of keys stay as they are written. Everything works on the
//! tokens of [`lex`], without recursion, so that no nesting is too deep.
//! Places are byte offsets into the text; [`utf16`] turns them into what a browser counts.

pub mod check;
pub mod format;
pub mod grammar;
pub mod lex;
pub mod locate;
pub mod outline;
pub mod paint;
pub mod search;
pub mod tree;
pub mod utf16;

pub use check::{Finding, check};
pub use lex::{Kind, Span, Token, lex};
