//! A sample, signed and sent through the real door: by the server at a press, or with a ready-made command.

use leptos::prelude::*;

use super::sample_sender::SampleSender;
use crate::model::receiver_form::ReceiverForm;
use crate::model::sample::{SampleCommands, sample_commands, sample_request, sample_title};
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::form::segmented::Segmented;
use crate::ui::state::{ManageActions, ReceiverDraft};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Here,
    Curl,
    Signalbox,
}

/// The section.
#[component]
pub fn SampleSection(
    /// The receiver.
    receiver: ReceiverDraft,
    /// Where its senders send to; absent while nobody would answer there.
    #[prop(into)]
    url: Signal<Option<String>>,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let tool = RwSignal::new(if actions.may_test() { Tool::Here } else { Tool::Curl });
    // As it is stored: what is only typed verifies nothing yet.
    let stored = Memo::new(move |_| receiver.saved.with(|saved| saved.as_ref().map(ReceiverForm::of)));
    let title = move || receiver.form.with(|form| sample_title(form.scheme.kind));
    let commands = Memo::new(move |_| {
        let url = url.get()?;
        stored.with(|form| sample_commands(form.as_ref()?, &url))
    });
    let request = Memo::new(move |_| stored.with(|form| sample_request(form.as_ref()?)));
    let note = move || match commands.get() {
        Some(commands) if commands.needs_secret && tool.get() != Tool::Here => {
            format!("{}; reads the secret from the shell variable SECRET", commands.event_type)
        }
        Some(commands) => commands.event_type,
        None if stored.with(Option::is_some) => "once the verification is complete".to_owned(),
        None => "once the receiver is saved".to_owned(),
    };
    let tools = [(Tool::Here, "Here"), (Tool::Curl, "curl"), (Tool::Signalbox, "signalbox send")]
        .into_iter()
        .filter(|(tool, _)| *tool != Tool::Here || actions.may_test())
        .map(|(tool, name)| (tool, name.to_owned()))
        .collect::<Vec<_>>();
    view! {
        <div class="form-rule stack">
            <div class="row-wrap">
                <h4>{title}</h4>
                <span class="hint">{note}</span>
                <Show when=move || commands.with(Option::is_some)>
                    <span class="row-end">
                        <Segmented
                            name=format!("sample-tool-{}", receiver.key)
                            legend="Send from"
                            choices=tools.clone()
                            value=tool
                        />
                    </span>
                </Show>
            </div>
            {move || {
                let commands = commands.get()?;
                Some(match tool.get() {
                    Tool::Here => view! { <SampleSender receiver request=request.get()? actions/> }.into_any(),
                    tool => view! { <SampleCommand tool commands/> }.into_any(),
                })
            }}
        </div>
    }
}

#[component]
fn SampleCommand(tool: Tool, commands: SampleCommands) -> impl IntoView {
    let (name, command) = match tool {
        Tool::Signalbox => ("signalbox send", commands.signalbox),
        Tool::Here | Tool::Curl => ("curl", commands.curl),
    };
    let text = Signal::stored(command.clone());
    view! {
        {commands
            .needs_secret
            .then(|| {
                view! {
                    <p class="hint">
                        "First put the secret into the variable: " <code>"read -rs SECRET"</code>
                        ", then paste it and press Enter. It stays out of the command and of the shell's history."
                    </p>
                }
            })}
        <div class="code">
            <div class="code-head">
                <span>{name}" "<span class="muted">"paste into a terminal"</span></span>
                <span class="row-end">
                    <CopyButton text label="Copy command"/>
                </span>
            </div>
            <pre tabindex="0" role="group" data-wrap="" aria-label="Command line"><code>{command}</code></pre>
        </div>
    }
}
