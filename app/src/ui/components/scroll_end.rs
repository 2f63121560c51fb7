//! An invisible line that says when it comes into view: older rows load before a person reaches the end.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// Calls `on_reach` each time the line comes within a screen of the window.
#[component]
pub fn ScrollEnd(
    /// The end is near.
    #[prop(into)]
    on_reach: Callback<()>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let heard = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let near = entries
                .iter()
                .any(|entry| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting());
            if near {
                on_reach.try_run(());
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin("600px");
        // It fails only for a margin that cannot be read.
        if let Ok(observer) = IntersectionObserver::new_with_options(heard.as_ref().unchecked_ref(), &options)
        {
            observer.observe(&element);
            let kept = StoredValue::new_local((observer, heard));
            on_cleanup(move || {
                kept.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
    view! { <div node_ref=node aria-hidden="true"></div> }
}
