//! x
use wasm_bindgen::prelude::*;
#[wasm_bindgen(module = "/src/ui/editor/load.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load(address: &str) -> Result<JsValue, JsValue>;
    /// h
    pub type Handle;
    #[wasm_bindgen(method)]
    fn text(this: &Handle) -> String;
}
/// y
pub async fn go() -> Result<(), JsValue> {
    load("x").await?;
    Ok(())
}
