//! How the console looks and whose clock its times are written by: chosen in the topbar, on phones in the menu.

use domain::preferences::{PreferencesPatch, Theme, Times};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;

use super::form::segmented::SegmentedField;
use crate::ui::form::Lens;
use crate::ui::preferences::use_preferences;
use crate::ui::zone::{local_name, use_zone};

/// The menu in the topbar that holds the choices.
pub const DISPLAY_MENU: &str = "display";

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

/// Says whose clock times are written by, and leads to the choice.
#[component]
pub fn TimesNote() -> impl IntoView {
    let zone = use_zone();
    let open = move |_| {
        // After the click that closes every open menu.
        request_animation_frame(|| {
            let Some(menu) = document().get_element_by_id(DISPLAY_MENU) else { return };
            let menu: HtmlDetailsElement = menu.unchecked_into();
            menu.set_open(true);
            if let Ok(Some(chosen)) = menu.query_selector("input[name=bar-times]:checked") {
                // A field that is shown can take the focus.
                let _ = chosen.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    };
    let words = move || format!("All times {}", zone.get().name());
    view! {
        <button class="linkish only-wide" type="button" title="Choose theme and times" on:click=open>{words}</button>
    }
}
