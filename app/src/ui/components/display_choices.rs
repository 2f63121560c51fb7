//! How the console looks and whose clock its times are written by: chosen in the topbar, on phones in the menu.

use domain::preferences::{PreferencesPatch, Theme, Times};
use leptos::prelude::*;

use super::form::segmented::SegmentedField;
use crate::ui::form::Lens;
use crate::ui::preferences::use_preferences;
use crate::ui::zone::local_name;

/// Theme and times.
#[component]
pub fn DisplayChoices(
    /// Where it stands; unique on the screen.
    name: &'static str,
) -> impl IntoView {
    let preferences = use_preferences();
    let theme = Lens::of(
        Signal::derive(move || preferences.with(|chosen| chosen.theme)),
        Callback::new(move |theme| {
            preferences.change(PreferencesPatch { theme: Some(theme), ..PreferencesPatch::default() });
        }),
    );
    let times = Lens::of(
        Signal::derive(move || preferences.with(|chosen| chosen.times)),
        Callback::new(move |times| {
            preferences.change(PreferencesPatch { times: Some(times), ..PreferencesPatch::default() });
        }),
    );
    let themes: Vec<(Theme, String)> = Theme::ALL
        .iter()
        .map(|theme| {
            let word = match theme {
                Theme::System => "System",
                Theme::Light => "Light",
                Theme::Dark => "Dark",
            };
            (*theme, word.to_owned())
        })
        .collect();
    let clocks = vec![(Times::Local, "Local".to_owned()), (Times::Utc, "UTC".to_owned())];
    view! {
        <div class="stack display-choices">
            <SegmentedField name=format!("{name}-theme") legend="Theme" choices=Signal::stored(themes) value=theme/>
            <SegmentedField name=format!("{name}-times") legend="Times" choices=Signal::stored(clocks) value=times hint=local_name()/>
        </div>
    }
}
