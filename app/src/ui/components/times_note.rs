//! Whose clock times are written by, at the foot of the sidebar.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;

use crate::ui::zone::use_zone;

/// The menu in the topbar that holds the choice.
pub const DISPLAY_MENU: &str = "display";

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
            if let Ok(Some(summary)) = menu.query_selector("summary") {
                // A summary can always take the focus.
                let _ = summary.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    };
    let words = move || format!("All times {}", zone.get().name());
    view! {
        <button class="linkish only-wide" type="button" title="Choose theme and times" on:click=open>{words}</button>
    }
}
