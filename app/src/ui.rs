//! The user interface, compiled for the browser only.
//!
//! [`App`] holds what outlives pages (session, toasts, clock) and the routes; `Shell` is everything around a page
//! of a signed-in person and gives it its organization, live feed and shared state. Pages fetch; components below
//! them only show. Look and markup follow the style sheets in `style/`: `class` names the component, `data-*` its
//! variant or state.

pub mod app;
pub mod browser;
pub mod clock;
pub mod components;
pub mod editor;
pub mod form;
pub mod pages;
pub mod parts;
pub mod pieces;
pub mod preferences;
pub mod realtime;
pub mod session;
pub mod shell_keys;
pub mod state;
pub mod theme;
pub mod zone;

pub use app::App;
