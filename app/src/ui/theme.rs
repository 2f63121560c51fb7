//! Light or dark: the system's choice, also when it changes, until a person makes another one.
//!
//! The choice is one of the person's preferences. The last one is kept in the browser as well, where `theme.js` finds
//! it before the first paint and before anybody has signed in.

use domain::preferences::{PreferencesPatch, Theme};
use leptos::prelude::*;

use super::browser;
use super::preferences::{PreferenceKeeper, use_preferences};
use super::session::{SessionState, use_session};

/// Where the browser keeps the last choice.
const THEME_KEY: &str = "theme";

/// Shows the chosen theme for the life of the caller.
pub fn follow_theme() {
    let (session, preferences) = (use_session(), use_preferences());
    // For screenshots an address can force one, see `theme.js`.
    let forced = window().location().search().is_ok_and(|query| query.contains("theme="));
    let chosen = Memo::new(move |_| {
        // Before somebody signs in nothing is known but what the browser kept.
        let signed_in = session.with_state(|state| matches!(state, SessionState::SignedIn(_)));
        signed_in.then(|| preferences.with(|chosen| chosen.theme))
    });
    Effect::new(move |_| {
        let Some(theme) = chosen.get() else { return };
        browser::store(THEME_KEY, theme.as_str());
        let Some(root) = document().document_element().filter(|_| !forced) else { return };
        // Neither can fail for an attribute of a valid name. Without it the style sheets follow the system.
        let _ = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.as_str()),
        };
    });
}

fn is_dark(chosen: Theme) -> bool {
    match chosen {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}

/// Chooses the other one of light and dark.
pub fn switch_theme(preferences: PreferenceKeeper) {
    let chosen = untrack(|| preferences.with(|chosen| chosen.theme));
    let theme = Some(if is_dark(chosen) { Theme::Light } else { Theme::Dark });
    preferences.change(PreferencesPatch { theme, ..PreferencesPatch::default() });
}
