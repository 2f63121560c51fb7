//! The HTTP API for servers: trigger events, ask which channels are occupied.
//!
//! A request is checked as a whole before anything is sent: an error means that nobody has heard anything.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use gateway::realtime::protocol::{ChannelEvent, ChannelName, EventError, SocketId};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    PusherState,
    signed::{Refusal, Signed},
};

/// Channels that one event may go to.
const MAX_CHANNELS: usize = 100;

/// Events in one batch.
const MAX_BATCH: usize = 10;

#[derive(Deserialize)]
struct Trigger {
    name: String,
    data: String,
    channels: Option<Vec<String>>,
    channel: Option<String>,
    socket_id: Option<String>,
    info: Option<String>,
}

#[derive(Deserialize)]
struct Batch {
    batch: Vec<BatchEvent>,
}

#[derive(Deserialize)]
struct BatchEvent {
    name: String,
    channel: String,
    data: String,
    socket_id: Option<String>,
    info: Option<String>,
}

/// `POST /apps/{id}/events`: one event to some channels.
pub(super) async fn trigger(
    State(state): State<PusherState>,
    signed: Signed,
) -> Result<Json<Value>, Refusal> {
    let request: Trigger = signed.json()?;
    let event = parse_event(&request.name, &request.data)?;
    let except = parse_socket_id(request.socket_id.as_deref())?;
    let names = request.channels.unwrap_or_else(|| request.channel.into_iter().collect());
    if names.is_empty() || names.len() > MAX_CHANNELS {
        return Err(Refusal::bad_request(format_args!("an event goes to 1 to {MAX_CHANNELS} channels")));
    }
    let mut channels = names.iter().map(|name| parse_channel(name)).collect::<Result<Vec<_>, _>>()?;
    channels.sort();
    channels.dedup();
    for channel in &channels {
        state.hub.broadcast(channel, &event, except.as_ref());
    }
    let Some(info) = request.info.as_deref().map(Info::parse) else { return Ok(Json(json!({}))) };
    let attributes: Map<_, _> = channels
        .iter()
        .map(|channel| (channel.to_string(), info.attributes(state.hub.subscription_count(channel)).into()))
        .collect();
    Ok(Json(json!({ "channels": attributes })))
}

/// `POST /apps/{id}/batch_events`: some events, each to one channel.
pub(super) async fn trigger_batch(
    State(state): State<PusherState>,
    signed: Signed,
) -> Result<Json<Value>, Refusal> {
    let Batch { batch } = signed.json()?;
    if batch.is_empty() || batch.len() > MAX_BATCH {
        return Err(Refusal::bad_request(format_args!("a batch has 1 to {MAX_BATCH} events")));
    }
    let checked = batch
        .iter()
        .map(|item| {
            let event = parse_event(&item.name, &item.data)?;
            Ok((parse_channel(&item.channel)?, event, parse_socket_id(item.socket_id.as_deref())?))
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    for (channel, event, except) in &checked {
        state.hub.broadcast(channel, event, except.as_ref());
    }
    if batch.iter().all(|item| item.info.is_none()) {
        return Ok(Json(json!({})));
    }
    let attributes: Vec<_> = checked
        .iter()
        .zip(&batch)
        .map(|((channel, ..), item)| {
            let info = item.info.as_deref().map(Info::parse).unwrap_or_default();
            info.attributes(state.hub.subscription_count(channel))
        })
        .collect();
    Ok(Json(json!({ "batch": attributes })))
}

/// `GET /apps/{id}/channels`: the channels somebody listens to.
pub(super) async fn list_channels(
    State(state): State<PusherState>,
    signed: Signed,
) -> Result<Json<Value>, Refusal> {
    let prefix = signed.parameter("filter_by_prefix").unwrap_or_default();
    let info = signed.parameter("info").map(Info::parse).unwrap_or_default();
    if info.user_count && !prefix.starts_with("presence-") {
        return Err(Refusal::bad_request("user_count needs filter_by_prefix=presence-…"));
    }
    let channels: Map<_, _> = state
        .hub
        .channels(prefix)
        .into_iter()
        .map(|(channel, subscriptions)| (channel.into(), info.attributes(subscriptions).into()))
        .collect();
    Ok(Json(json!({ "channels": channels })))
}

/// `GET /apps/{id}/channels/{name}`: whether anybody listens to one channel.
pub(super) async fn show_channel(
    State(state): State<PusherState>,
    Path((_, name)): Path<(String, String)>,
    signed: Signed,
) -> Result<Json<Value>, Refusal> {
    let channel = ChannelName::parse(&name).map_err(Refusal::bad_request)?;
    let info = signed.parameter("info").map(Info::parse).unwrap_or_default();
    let subscriptions = state.hub.subscription_count(&channel);
    let mut attributes = info.attributes(subscriptions);
    attributes.insert("occupied".into(), (subscriptions > 0).into());
    Ok(Json(attributes.into()))
}

/// The attributes a caller asked for. Those that a channel does not have are left out of the answer, as the
/// protocol does it; unknown ones likewise.
#[derive(Default)]
struct Info {
    user_count: bool,
    subscription_count: bool,
}

impl Info {
    fn parse(list: &str) -> Self {
        let has = |name| list.split(',').any(|item| item.trim() == name);
        Self { user_count: has("user_count"), subscription_count: has("subscription_count") }
    }

    fn attributes(&self, subscriptions: usize) -> Map<String, Value> {
        let mut attributes = Map::new();
        if self.subscription_count {
            attributes.insert("subscription_count".into(), subscriptions.into());
        }
        attributes
    }
}

fn parse_event<'a>(name: &'a str, data: &'a str) -> Result<ChannelEvent<'a>, Refusal> {
    ChannelEvent::new(name, data).map_err(|error| match error {
        EventError::DataTooLarge(_) => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, error),
        _ => Refusal::bad_request(error),
    })
}

fn parse_channel(name: &str) -> Result<ChannelName, Refusal> {
    let channel = ChannelName::parse(name).map_err(Refusal::bad_request)?;
    channel.ensure_supported().map_err(Refusal::bad_request)?;
    Ok(channel)
}

fn parse_socket_id(id: Option<&str>) -> Result<Option<SocketId>, Refusal> {
    id.map(SocketId::parse).transpose().map_err(Refusal::bad_request)
}
