//! When a route's deliveries are tried again.

use domain::retry::{Backoff, RetryPolicy};
use leptos::prelude::*;

use super::retry_schedule::RetrySchedule;
use crate::lens;
use crate::model::route_form::RetryForm;
use crate::model::schedule::Schedule;
use crate::ui::components::form::affix_field::AffixField;
use crate::ui::components::form::segmented::SegmentedField;
use crate::ui::form::FormScope;
use crate::ui::state::RouteDraft;

/// Strategy, delays, jitter, and the schedule they lead to.
#[component]
pub fn RetryFields(
    /// The route's fields.
    scope: FormScope,
    /// The route.
    route: RouteDraft,
) -> impl IntoView {
    let form = route.form;
    let jitter = lens!(form.retry.jitter);
    let jitters = Signal::derive(move || {
        let mut choices: Vec<(f64, String)> =
            [0.0, 0.1, 0.2, 0.5].into_iter().map(|share| (share, jitter_words(share))).collect();
        let chosen = jitter.get();
        // A policy that was made elsewhere may have another one.
        if !choices.iter().any(|(share, _)| *share == chosen) {
            choices.push((chosen, jitter_words(chosen)));
        }
        choices
    });
    let schedule = Memo::new(move |_| {
        form.with(|form| form.retry.policy().ok().map(|policy| (Schedule::of(&policy), policy.jitter)))
    });
    view! {
        <div class="stack">
            <Strategies route/>
            <div class="field-grid" data-cols="narrow">
                <AffixField
                    scope
                    pointer="/retry/max_retries"
                    label="Max retries"
                    value=lens!(form.retry.max_retries)
                    unit="times"
                    hint="0 to 10"
                />
                <AffixField
                    scope
                    pointer="/retry/initial_delay_ms"
                    label="Initial delay"
                    value=lens!(form.retry.initial_s)
                    unit="s"
                />
                <AffixField
                    scope
                    pointer="/retry/max_delay_ms"
                    label="Max delay"
                    value=lens!(form.retry.max_s)
                    unit="s"
                    hint="no wait is longer"
                />
            </div>
            <SegmentedField
                name=format!("jitter-{}", route.key)
                legend="Jitter"
                choices=jitters
                value=jitter
                hint="Spreads retries, so that they do not hit a recovering system all at once"
            />
            {move || schedule.get().map(|(schedule, jitter)| view! { <RetrySchedule schedule jitter/> })}
        </div>
    }
}

fn jitter_words(share: f64) -> String {
    if share == 0.0 { "None".to_owned() } else { format!("±{:.0}%", share * 100.0) }
}

#[component]
fn Strategies(route: RouteDraft) -> impl IntoView {
    let form = route.form;
    let backoff = lens!(form.retry.backoff);
    let choices = Backoff::ALL
        .iter()
        .map(|choice| {
            let choice = *choice;
            let (name, hint) = match choice {
                Backoff::Exponential => ("Exponential", "Each wait is twice the last"),
                Backoff::Linear => ("Linear", "Each wait is longer by the initial delay"),
                Backoff::Fixed => ("Fixed", "Every wait is the same"),
            };
            view! {
                <label class="choice">
                    <input
                        class="check"
                        type="radio"
                        name=format!("backoff-{}", route.key)
                        prop:checked=move || backoff.get() == choice
                        on:change=move |_| backoff.set(choice)
                    />
                    <b>
                        {name}
                        {(choice == Backoff::Exponential)
                            .then(|| view! { " "<span class="tag">"Recommended"</span> })}
                    </b>
                    <span class="hint">{hint}</span>
                    <Waits form=Signal::derive(move || form.with(|form| form.retry.clone())) backoff=choice/>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field plain">
            <legend class="sr-only">"Strategy"</legend>
            <div class="choices">{choices}</div>
        </fieldset>
    }
}

/// A sketch: eight waits of a strategy with the delays that are typed.
#[component]
fn Waits(form: Signal<RetryForm>, backoff: Backoff) -> impl IntoView {
    let bars = move || {
        let typed = form.get().policy().unwrap_or_default();
        let policy = RetryPolicy { backoff, ..typed };
        let waits: Vec<f64> =
            (1..=8_i32).map(|retry| policy.base_delay_ms(i64::from(retry)) as f64).collect();
        let longest = waits.iter().copied().fold(1.0, f64::max);
        waits
            .into_iter()
            .enumerate()
            .map(|(index, wait)| {
                let height = (wait / longest * 30.0).max(0.8);
                view! {
                    <rect
                        class="bar"
                        x=(index * 15).to_string()
                        y=format!("{:.1}", 30.0 - height)
                        width="11"
                        height=format!("{height:.1}")
                    ></rect>
                }
            })
            .collect_view()
    };
    view! {
        <svg class="chart" viewBox="0 0 118 30" preserveAspectRatio="none" aria-hidden="true">
            {bars}
        </svg>
    }
}
