//! The browser's own services: storage, clipboard, downloads, focus. Each may be missing or forbidden, and then the
//! console goes on without it: that is said once here and not at every use.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A value kept for this browser, if there is one and storage is allowed.
pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Keeps a value for this browser.
pub fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Storage may be full or blocked; then the choice lasts until the page is closed.
        let _ = storage.set_item(key, value);
    }
}

/// Copies text; false when the browser does not allow it (no secure context, no permission).
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    // The property is missing outside secure contexts, which the binding does not know.
    let available =
        js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    available && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Offers bytes as a file to keep.
pub fn download(name: &str, content_type: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(content_type);
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    let anchor: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    web_sys::Url::revoke_object_url(&address)
}

/// The bytes of a base64 text; nothing for a text that is none.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    // `atob` answers with one character per byte.
    let binary = window().atob(text).ok()?;
    Some(binary.chars().map(|letter| u32::from(letter) as u8).collect())
}

/// Whether text is marked, for example to copy it.
pub fn has_selection() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}

/// Scrolls as far as it takes to see the first element that matches, if there is one.
pub fn bring_into_view(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// The element that has the focus.
pub fn focused() -> Option<web_sys::HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Whether keys are meant for a field right now, so that shortcuts must stay silent.
pub fn is_typing() -> bool {
    let Some(element) = document().active_element() else { return false };
    let editable =
        element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    // An editor may live in a shadow root; its host says so.
    editable.is_ok_and(|found| found.is_some()) || element.shadow_root().is_some()
}

/// Whether a modal dialog is open: shortcuts of the page below it stay silent.
pub fn dialog_is_open() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|found| found.is_some())
}
