//! The bell: what is worth a look now, and the way to it.

use std::time::Duration;

use domain::alert::Alert;
use domain::time::{SECOND, Timestamp};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::icon::Icon;
use super::problem_notice::ProblemNotice;
use crate::model::alert_words::{alert_icon, alert_numbers, alert_query, alert_title};
use crate::model::format::{day_time, exact, hour_minute};
use crate::rpc::alerts as rpc;
use crate::ui::clock::{now, use_clock};
use crate::ui::realtime::{LiveMessage, use_live};
use crate::ui::session::{use_organization, use_session};
use crate::ui::state::{Load, address_of};
use crate::ui::zone::use_zone;

/// Changes arrive all the time; the alerts are asked for this often at most.
const EVERY: i64 = 15 * SECOND;
/// And this often when nothing changes: an alert ends because time passes.
const ANYWAY: Duration = Duration::from_secs(60);

/// The button and its list.
#[component]
pub fn AlertsBell() -> impl IntoView {
    let alerts = follow_alerts();
    let menu = NodeRef::<html::Details>::new();
    let count = Memo::new(move |_| alerts.load.with(|load| load.data.as_ref().map_or(0, Vec::len)));
    let label = move || match count.get() {
        0 => "Alerts: none".to_owned(),
        count => format!("Alerts: {count} open"),
    };
    let close = Callback::new(move |()| {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    });
    view! {
        <details class="menu" node_ref=menu>
            <summary class="icon-btn" aria-label=label title="Alerts">
                <Icon name="bell"/>
                {move || {
                    let count = count.get();
                    let words = if count > 99 { "99+".to_owned() } else { count.to_string() };
                    (count > 0).then(|| view! { <span class="icon-btn-count" aria-hidden="true">{words}</span> })
                }}
            </summary>
            <div class="menu-panel alerts" data-align="end">
                <p class="alerts-head">
                    <b>"Alerts"</b>
                    <span class="muted">"Last hour"</span>
                </p>
                {move || alerts.load.with(|load| load.problem.clone()).map(|problem| {
                    view! { <ProblemNotice problem retry=move |()| alerts.fetch()/> }
                })}
                {move || {
                    let all = alerts.load.with(|load| load.data.clone())?;
                    if all.is_empty() {
                        let why = "No connector failed, refused or fell silent beyond its bound within the last hour.";
                        return Some(
                            view! { <p class="alerts-none"><b>"No alerts"</b><small>{why}</small></p> }.into_any(),
                        );
                    }
                    let items = all
                        .into_iter()
                        .map(|alert| view! { <li><AlertItem alert on_follow=close/></li> })
                        .collect_view();
                    Some(view! { <ul>{items}</ul> }.into_any())
                }}
            </div>
        </details>
    }
}

/// The alerts, and when they were asked for.
#[derive(Clone, Copy)]
struct Alerts {
    load: RwSignal<Load<Vec<Alert>>>,
    asked_at: StoredValue<Timestamp>,
    planned: StoredValue<bool>,
    turn: StoredValue<u32>,
    session: crate::ui::session::Session,
    organization: crate::ui::session::CurrentOrganization,
}

/// Asks now, and whenever something changed, for the life of the caller.
fn follow_alerts() -> Alerts {
    let alerts = Alerts {
        load: RwSignal::new(Load::default()),
        asked_at: StoredValue::new(Timestamp(0)),
        planned: StoredValue::new(false),
        turn: StoredValue::new(0),
        session: use_session(),
        organization: use_organization(),
    };
    alerts.fetch();
    use_live().listen(Callback::new(move |message: LiveMessage| match message {
        LiveMessage::Batch(batch) if batch.deltas.is_empty() && !batch.refetch => {}
        LiveMessage::Batch(_) | LiveMessage::CatchUp => alerts.fetch_soon(),
    }));
    if let Ok(timer) = set_interval_with_handle(move || alerts.fetch_soon(), ANYWAY) {
        on_cleanup(move || timer.clear());
    }
    alerts
}

impl Alerts {
    fn fetch(self) {
        self.asked_at.set_value(now());
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let turn = self.turn.get_value();
        spawn_local(async move {
            let answer = self.session.ask(rpc::list_alerts(self.organization.id())).await;
            if self.turn.try_get_value() == Some(turn) {
                self.load.update(|load| load.settle(answer));
            }
        });
    }

    fn fetch_soon(self) {
        let wait = EVERY - now().since(self.asked_at.get_value());
        if wait <= 0 {
            self.fetch();
        } else if !self.planned.get_value() {
            self.planned.set_value(true);
            let fire = move || {
                // The shell may be gone by then.
                if self.planned.try_update_value(std::mem::take) == Some(true) {
                    self.fetch();
                }
            };
            set_timeout(fire, Duration::from_micros(wait.unsigned_abs()));
        }
    }
}

#[component]
fn AlertItem(alert: Alert, on_follow: Callback<()>) -> impl IntoView {
    let (clock, zone) = (use_clock(), use_zone());
    let (icon, tone) = alert_icon(alert.kind);
    let since = alert.since;
    let href = address_of(&alert_query(&alert, now()));
    let numbers = alert_numbers(&alert).map(|numbers| format!(" · {numbers}"));
    let connector = alert.connector_name.clone();
    let title = move || alert_title(&alert, clock.get());
    // The day matters once it is another one.
    let when = move || {
        let zone = zone.get();
        if zone.same_day(clock.get(), since) { hour_minute(since, zone) } else { day_time(since, zone) }
    };
    view! {
        <A href=href attr:class="alert-item" on:click=move |_| on_follow.run(())>
            <svg class="icon" data-tone=tone aria-hidden="true"><use href=format!("#i-{icon}")/></svg>
            <span>
                <b>{title}</b>
                <small>
                    {connector} {numbers} " · since " <time datetime=since.to_rfc3339() title=exact(since)>{when}</time>
                </small>
            </span>
        </A>
    }
}
