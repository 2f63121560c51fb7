//! Light or dark: the system's choice until a person makes another one. `theme.js` applies a stored choice before
//! the first paint; here it is made.

use leptos::prelude::{document, window};

use super::browser;

fn is_dark() -> bool {
    let chosen = document().document_element().and_then(|root| root.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some(theme) => theme == "dark",
        None => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}

/// Turns light into dark and dark into light, and remembers it.
pub fn switch_theme() {
    let theme = if is_dark() { "light" } else { "dark" };
    if let Some(root) = document().document_element() {
        // Setting an attribute of a valid name cannot fail.
        let _ = root.set_attribute("data-theme", theme);
    }
    browser::store("theme", theme);
}
