//! One figure of the summary.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::summary::Change;

/// What a figure says about itself below its value.
#[derive(Clone, Debug, PartialEq)]
pub struct StatNote {
    /// An icon's name before the words.
    pub icon: Option<&'static str>,
    /// The words.
    pub text: String,
}

impl StatNote {
    /// Words alone.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { icon: None, text: text.into() }
    }

    /// How the figure compares with the range before, which is called `before`.
    pub fn change(change: Change, before: &str) -> Self {
        match change {
            Change::Unknown => Self::plain(format!("none in {before}")),
            Change::Same => Self::plain(format!("as in {before}")),
            Change::Up(by) => Self { icon: Some("up"), text: format!("{by} on {before}") },
            Change::Down(by) => Self { icon: Some("down"), text: format!("{by} on {before}") },
        }
    }
}

/// A label, a value and a note; a link when it leads somewhere.
#[component]
pub fn Stat(
    /// What is counted.
    label: &'static str,
    /// The icon before the label.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// `ok` paints the icon, `fail` label, value and note.
    #[prop(into)]
    tone: Signal<Option<&'static str>>,
    /// The value; `None` is unknown and shows as "–".
    #[prop(into)]
    value: Signal<Option<String>>,
    /// The unit behind the value.
    #[prop(optional, into)]
    unit: MaybeProp<String>,
    /// The line below.
    #[prop(into)]
    note: Signal<Option<StatNote>>,
    /// Where a click leads.
    #[prop(optional, into)]
    href: Option<Signal<String>>,
    /// What the figure means, or what the link does.
    #[prop(optional, into)]
    title: MaybeProp<String>,
) -> impl IntoView {
    let failing = move || tone.get() == Some("fail");
    // More failures than before are alarming; fewer, or nothing to compare with, are not.
    let alarming = move || failing() && note.get().is_some_and(|note| note.icon == Some("up"));
    let content = move || {
        view! {
            <span class="stat-label" class:tone-fail=failing>
                {icon
                    .map(|icon| {
                        view! {
                            <span class="row" class:tone-ok=move || tone.get() == Some("ok")>
                                <Icon name=icon/>
                            </span>
                        }
                    })}
                {label}
            </span>
            <span class="stat-value" class:tone-fail=failing>
                {move || value.get().unwrap_or_else(|| "–".into())}
                {move || value.get().and(unit.get()).map(|unit| view! { <small>{unit}</small> })}
            </span>
            <span class="stat-note" class:tone-fail=alarming>
                {move || {
                    note.get().map(|note| view! { {note.icon.map(|icon| view! { <Icon name=icon/> })} {note.text} })
                }}
            </span>
        }
    };
    match href {
        Some(href) => {
            view! { <a class="stat" href=href title=move || title.get()>{content()}</a> }.into_any()
        }
        None => view! { <div class="stat" title=move || title.get()>{content()}</div> }.into_any(),
    }
}
