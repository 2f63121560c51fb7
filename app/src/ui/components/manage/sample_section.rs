//! Ready-made commands that sign a sample and send it through the real door.

use leptos::prelude::*;

use crate::model::sample::{sample_commands, sample_title};
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::form::segmented::Segmented;
use crate::ui::state::ReceiverDraft;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Curl,
    Signalbox,
}

/// The commands.
#[component]
pub fn SampleSection(
    /// The receiver.
    receiver: ReceiverDraft,
    /// Where its senders send to.
    #[prop(into)]
    url: Signal<String>,
) -> impl IntoView {
    let tool = RwSignal::new(Tool::Curl);
    // Before that nobody would answer, and the URL may still change.
    let is_saved = Memo::new(move |_| receiver.saved.with(Option::is_some));
    let title = move || receiver.form.with(|form| sample_title(form.scheme.kind));
    let commands = Memo::new(move |_| {
        is_saved.get().then(|| receiver.form.with(|form| sample_commands(form, &url.get()))).flatten()
    });
    let command = Signal::derive(move || match (tool.get(), commands.get()) {
        (_, None) => String::new(),
        (Tool::Curl, Some(commands)) => commands.curl,
        (Tool::Signalbox, Some(commands)) => commands.signalbox,
    });
    let note = move || match commands.get() {
        Some(commands) if commands.needs_secret => {
            format!("{}; reads the secret from the shell variable SECRET", commands.event_type)
        }
        Some(commands) => commands.event_type,
        None if is_saved.get() => "once the verification is complete".to_owned(),
        None => "once the receiver is saved".to_owned(),
    };
    let tools = vec![(Tool::Curl, "curl".to_owned()), (Tool::Signalbox, "signalbox send".to_owned())];
    view! {
        <div class="form-rule stack">
            <div class="row-wrap">
                <h4>{title}</h4>
                <span class="hint">{note}</span>
                <Show when=move || commands.with(Option::is_some)>
                    <span class="row-end">
                        <Segmented
                            name=format!("sample-tool-{}", receiver.key)
                            legend="Command"
                            choices=tools.clone()
                            value=tool
                        />
                    </span>
                </Show>
            </div>
            <Show when=move || commands.with(Option::is_some)>
                <Show when=move || commands.with(|c| c.as_ref().is_some_and(|c| c.needs_secret))>
                    <p class="hint">
                        "First put the secret into the variable: " <code>"read -rs SECRET"</code>
                        ", then paste it and press Enter. It stays out of the command and of the shell's history."
                    </p>
                </Show>
                <div class="code">
                    <div class="code-head">
                        <span>
                            {move || if tool.get() == Tool::Curl { "curl" } else { "signalbox send" }}" "
                            <span class="muted">"paste into a terminal"</span>
                        </span>
                        <span class="row-end">
                            <CopyButton text=command label="Copy command"/>
                        </span>
                    </div>
                    <pre tabindex="0" role="group" data-wrap="" aria-label="Command line"><code>{command}</code></pre>
                </div>
            </Show>
        </div>
    }
}
