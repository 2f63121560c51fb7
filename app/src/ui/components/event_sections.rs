//! What the event drawer tells below its head: attempts, payload, mapping, verification, headers, and what belongs to
//! it.

use domain::delivery::{Delivery, DeliveryDetail};
use domain::event::PayloadView;
use leptos::prelude::*;

use super::attempt_timeline::AttemptTimeline;
use super::check_list::CheckList;
use super::drawer_section::DrawerSection;
use super::header_list::HeaderList;
use super::mapping_result::MappingResult;
use super::payload_section::PayloadSection;
use super::problem_notice::ProblemNotice;
use super::related_list::RelatedList;
use crate::model::format;
use crate::ui::clock::use_clock;
use crate::ui::state::Load;
use crate::ui::zone::use_zone;

/// All sections of a delivery.
#[component]
pub fn EventSections(
    /// The delivery in its newest state.
    row: Signal<Delivery>,
    /// Everything about it.
    detail: Signal<Load<DeliveryDetail>>,
    /// The bytes it sends.
    payload: Signal<Load<PayloadView>>,
    /// Another delivery is to be opened.
    on_open: Callback<Delivery>,
    /// Fetch again.
    on_retry: Callback<()>,
) -> impl IntoView {
    let (clock, zone) = (use_clock(), use_zone());
    let expires_at = Signal::derive(move || Some(row.with(|row| row.payload_expires_at)));
    let expired = Memo::new(move |_| row.with(|row| row.payload_expires_at) <= clock.get());
    let kept = Signal::derive(move || {
        let until = format::day(row.with(|row| row.payload_expires_at), zone.get());
        match (expired.get(), payload.with(|load| load.data.as_ref().map(|view| view.bytes))) {
            (true, _) => Some(format!("expired {until}")),
            (false, Some(bytes)) => Some(format!("{}, kept until {until}", format::bytes(bytes))),
            (false, None) => Some(format!("kept until {until}")),
        }
    });
    let attempts = Signal::derive(move || {
        let (made, allowed) = row.with(|row| (row.attempts, row.max_attempts));
        let span = detail.with(|load| {
            let attempts = &load.data.as_ref()?.attempts;
            let (first, last) = (attempts.first()?, attempts.last()?);
            Some(last.started_at.plus(last.duration_us).since(first.started_at))
        });
        let span = span.filter(|_| made > 1).map(|span| format!(", {} in all", format::duration(span)));
        Some(format!("{made} of {allowed}{}", span.unwrap_or_default()))
    });
    let what = Signal::derive(move || {
        if row.with(|row| row.edited) {
            "Edited for this replay; the original is kept"
        } else {
            "Original, as received"
        }
    });
    let file_name = Signal::derive(move || row.with(|row| row.event_id.to_string()));
    let data = Memo::new(move |_| detail.with(|load| load.data.clone()));
    let problem = move || detail.with(|load| load.problem.clone());
    let timeline = move || match data.get() {
        // The list keeps its folds while newer facts come in.
        Some(first) => {
            let detail = Signal::derive(move || data.get().unwrap_or_else(|| first.clone()));
            view! { <AttemptTimeline detail/> }.into_any()
        }
        None => view! { <Waiting/> }.into_any(),
    };
    let has_data = Memo::new(move |_| data.with(Option::is_some));
    let timeline = move || {
        has_data.get();
        untrack(timeline)
    };
    view! {
        {move || problem().map(|problem| view! { <ProblemNotice problem retry=on_retry/> })}
        <DrawerSection title="Attempts" about=attempts open=true>{timeline}</DrawerSection>
        <DrawerSection title="Payload" about=kept open=true>
            <PayloadSection payload what expires_at file_name on_retry/>
        </DrawerSection>
        {move || data.get().map(|detail| view! { <Facets detail on_open/> })}
    }
}

#[component]
fn Facets(detail: DeliveryDetail, on_open: Callback<Delivery>) -> impl IntoView {
    let DeliveryDetail { delivery, event, attempts, mapping, lineage, related } = detail;
    let mapped = attempts.into_iter().next_back().map(|attempt| {
        let about = mapping.as_ref().map_or_else(
            || "none".to_owned(),
            |it| {
                format!(
                    "v{}, {}",
                    it.version,
                    format::counted(it.mapping.fields.len() as i64, "rule", "rules")
                )
            },
        );
        view! { <DrawerSection title="Mapping" about=about><MappingResult mapping attempt/></DrawerSection> }
    });
    let failed = event.checks.iter().filter(|check| !check.passed).count();
    let passed = event.checks.len() - failed;
    let verification =
        if failed == 0 { format!("{passed} passed") } else { format!("{passed} passed, {failed} failed") };
    let headers = event.headers.len().to_string();
    let chain = (lineage.len() > 1).then(|| {
        let about = lineage.len().to_string();
        let current = delivery.id.clone();
        view! {
            <DrawerSection title="Replays" about=about open=true>
                <RelatedList deliveries=lineage current lineage=true on_open/>
            </DrawerSection>
        }
    });
    let others = (!related.is_empty()).then(|| {
        let about = related.len().to_string();
        let current = delivery.id.clone();
        view! {
            <DrawerSection title="Related deliveries" about=about open=true>
                <RelatedList deliveries=related current on_open/>
            </DrawerSection>
        }
    });
    let from = event.remote_addr.clone().map(|addr| view! { <p class="hint">"Sent from "{addr}</p> });
    view! {
        {mapped}
        <DrawerSection title="Verification" about=verification open=true>
            <CheckList checks=event.checks schema=event.schema_verdict/>
        </DrawerSection>
        <DrawerSection title="Headers" about=headers>
            {from}
            <HeaderList headers=event.headers/>
        </DrawerSection>
        {chain}
        {others}
    }
}

#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="stack-tight" role="status" aria-label="Loading attempts">
            <span class="skel" data-w="l"></span>
            <span class="skel" data-w="m"></span>
        </div>
    }
}
