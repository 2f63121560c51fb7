//! A question before something that cannot be taken back.

use leptos::prelude::*;

use super::dialog::{Dialog, DialogHead};

/// Asks once. What is at stake stands in the children; the button says what it does.
#[component]
pub fn ConfirmDialog(
    /// The question, for example "Discard 2 changes?".
    #[prop(into)]
    title: Signal<String>,
    /// A verb and an object, for example "Discard 2 changes".
    #[prop(into)]
    confirm: Signal<String>,
    /// The way back, for example "Keep editing".
    #[prop(default = "Cancel")]
    cancel: &'static str,
    /// A word that has to be typed first, for what destroys things for good.
    #[prop(optional, into)]
    typed: Option<String>,
    /// Why it cannot be done as things are; said beside the button, which then does nothing.
    #[prop(optional, into)]
    obstacle: MaybeProp<String>,
    /// The person agreed.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// The person did not.
    #[prop(into)]
    on_close: Callback<()>,
    /// What would happen.
    children: Children,
) -> impl IntoView {
    let entered = RwSignal::new(String::new());
    let typed = StoredValue::new(typed);
    let is_ready = move || {
        obstacle.with(Option::is_none)
            && typed.with_value(|word| word.as_ref().is_none_or(|word| *word == entered.get().trim()))
    };
    let agree = move || {
        if is_ready() {
            on_confirm.run(());
        }
    };
    // Enter does nothing that cannot be taken back: the way back has the focus, or the word to type.
    let is_plain = typed.with_value(Option::is_none);
    let field = typed.get_value().map(|word| {
        view! {
            <div class="field">
                <label for="confirm-word">"Type "<code>{word}</code>" to confirm"</label>
                <input
                    class="input"
                    id="confirm-word"
                    autocomplete="off"
                    spellcheck="false"
                    autofocus
                    prop:value=entered
                    on:input:target=move |event| entered.set(event.target().value())
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            agree();
                        }
                    }
                />
            </div>
        }
    });
    view! {
        <Dialog labelled_by="confirm-title" on_close>
            <DialogHead id="confirm-title" title on_close/>
            <div class="dialog-body stack">{children()} {field}</div>
            <footer class="dialog-foot">
                {move || obstacle.get().map(|why| view! { <span class="hint" role="status">{why}</span> })}
                <span class="dialog-foot-end">
                    <button
                        class="btn"
                        type="button"
                        data-size="md"
                        autofocus=is_plain
                        on:click=move |_| on_close.run(())
                    >
                        {cancel}
                    </button>
                    <button
                        class="btn"
                        type="button"
                        data-variant="danger"
                        data-size="md"
                        aria-disabled=move || (!is_ready()).to_string()
                        on:click=move |_| agree()
                    >
                        {confirm}
                    </button>
                </span>
            </footer>
        </Dialog>
    }
}
