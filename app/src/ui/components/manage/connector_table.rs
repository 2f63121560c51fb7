//! Connectors as a table: how each does, and the way to its sheet.

use domain::connector::{Connector, Environment};
use domain::id::ConnectorId;
use domain::usage::HOURS;
use leptos::prelude::*;

use crate::model::connector_health::bars_of;
use crate::model::connector_list::ConnectorLine;
use crate::model::format::{UNKNOWN, count, share};
use crate::ui::components::status_chip::StateChip;
use crate::ui::components::time::Time;
use crate::ui::components::vendor::Vendor;

/// The table.
#[component]
pub fn ConnectorTable(
    /// The lines, in their order.
    #[prop(into)]
    lines: Signal<Vec<ConnectorLine>>,
    /// Whether the person may switch connectors on and off.
    may_change: bool,
    /// Opens the sheet of one.
    #[prop(into)]
    on_open: Callback<ConnectorId>,
    /// Switches one on or off.
    #[prop(into)]
    on_toggle: Callback<(Connector, bool)>,
) -> impl IntoView {
    let heads = [
        ("name", "Connector", false),
        ("env", "Environment", false),
        ("health", "Health", false),
        ("events", "Events, 24 h", true),
        ("share", "Failed", true),
        ("last", "Last received", false),
        ("auth", "Verification", false),
        ("active", "Active", false),
    ]
    .map(|(column, name, is_number)| {
        view! {
            <th
                role="columnheader"
                scope="col"
                data-col=column
                class=is_number.then_some("num")
                aria-sort=(column == "health").then_some("descending")
            >
                {name}
            </th>
        }
    });
    let numbered = move || lines.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <table
            class="grid"
            data-stacks=""
            data-kind="connectors"
            role="grid"
            aria-rowcount=move || lines.with(|lines| (lines.len() + 1).to_string())
            aria-label="Connectors, worst health first"
        >
            <thead role="rowgroup">
                <tr role="row">
                    {heads.collect_view()} <th role="columnheader" scope="col" data-col="actions">
                        <span class="sr-only">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                <For
                    each=numbered
                    // A line is drawn anew when anything about it changes.
                    key=|(index, line)| (*index, format!("{line:?}"))
                    let:item
                >
                    <ConnectorRow index=item.0 line=item.1 may_change on_open on_toggle/>
                </For>
            </tbody>
        </table>
    }
}

#[component]
fn ConnectorRow(
    index: usize,
    line: ConnectorLine,
    may_change: bool,
    on_open: Callback<ConnectorId>,
    on_toggle: Callback<(Connector, bool)>,
) -> impl IntoView {
    let failed = line.failed_share();
    let is_bad = failed.is_some_and(|share| share >= 0.01);
    let schemes = match line.schemes.len() {
        0 => "No receiver".to_owned(),
        _ => line.schemes.join(", "),
    };
    let connector = line.connector.clone();
    let open = {
        let id = connector.id.clone();
        move |_| on_open.run(id.clone())
    };
    let open_too = open.clone();
    let toggled = connector.clone();
    let name = connector.name.clone();
    let code = connector.code.to_string();
    let is_sandbox = connector.environment == Environment::Sandbox;
    view! {
        <tr role="row" aria-rowindex=(index + 2).to_string()>
            <td role="gridcell" data-col="name">
                <span class="cell-name">
                    <Vendor name=name.clone()/>
                    <span class="truncate">
                        <button class="linkish" type="button" on:click=open>{name.clone()}</button>
                        " "
                        <span class="mono muted">{code.clone()}</span>
                    </span>
                </span>
            </td>
            <td role="gridcell" data-col="env">
                <span class="env" data-env=connector.environment.as_str()>
                    {if is_sandbox { "Sandbox" } else { "Production" }}
                </span>
            </td>
            <td role="gridcell" data-col="health">
                <StateChip
                    state=line.health.as_str()
                    icon=line.health.icon()
                    label=line.health.label().to_owned()
                    note=line.share.map(share)
                />
            </td>
            <td role="gridcell" data-col="events"><DayBars line=line.clone()/></td>
            <td role="gridcell" data-col="share" class=if is_bad { "num tone-fail strong" } else { "num soft" }>
                {failed.map_or(UNKNOWN.to_owned(), share)}
            </td>
            <td role="gridcell" data-col="last" class="cell-time">
                {match line.last_received {
                    Some(at) => view! { <Time at=at/> }.into_any(),
                    None => view! { <span class="cell-none" aria-label="never">{UNKNOWN}</span> }.into_any(),
                }}
            </td>
            <td role="gridcell" data-col="auth" class="soft">{schemes}</td>
            <td role="gridcell" data-col="active">
                <input
                    class="switch"
                    type="checkbox"
                    role="switch"
                    checked=connector.active
                    disabled=!may_change
                    aria-label=format!("{name} {code} active")
                    on:change:target=move |event| on_toggle.run((toggled.clone(), event.target().checked()))
                />
            </td>
            <td role="gridcell" data-col="actions">
                <span class="row-actions">
                    <button
                        class="btn"
                        type="button"
                        data-size="xs"
                        aria-label=format!("Manage {name}")
                        on:click=open_too
                    >
                        "Manage"
                    </button>
                </span>
            </td>
        </tr>
    }
}

/// Bars of the last day, failures from the floor, and the number of events.
#[component]
fn DayBars(line: ConnectorLine) -> impl IntoView {
    const STEP: f64 = 4.0;
    const HEIGHT: f64 = 18.0;
    let day = line.day();
    let (events, failed) = (day.deliveries(), day.failed);
    let bars = bars_of(&line.hours)
        .into_iter()
        .map(|bar| {
            let x = format!("{}", bar.column as f64 * STEP);
            let (height, red) = (bar.height * HEIGHT, bar.failed * HEIGHT);
            view! {
                <rect
                    class="bar"
                    x=x.clone()
                    y=format!("{:.1}", HEIGHT - height)
                    width="3"
                    height=format!("{:.1}", height - red)
                ></rect>
                {(red > 0.0)
                    .then(|| {
                        view! {
                            <rect
                                class="bar-fail"
                                x=x
                                y=format!("{:.1}", HEIGHT - red)
                                width="3"
                                height=format!("{red:.1}")
                            ></rect>
                        }
                    })}
            }
        })
        .collect_view();
    view! {
        <span class="cell-bar">
            <svg
                class="chart"
                data-size="mini"
                viewBox=format!("0 0 {} 18", HOURS as f64 * STEP - 1.0)
                preserveAspectRatio="none"
                role="img"
                aria-label=format!("{} events in 24 h, {} failed", count(events), count(failed))
            >
                {bars}
            </svg>
            <span class="num">{count(events)}</span>
        </span>
    }
}
