//! What a client may do: connect, subscribe, hear, ping, leave; and what happens to one that is silent or
//! slow.

use std::time::Duration;

use gateway::realtime::{
    HubLimits, HubStats,
    protocol::{ChannelEvent, ChannelName},
};
use serde_json::json;
use server::http::pusher::SocketLimits;
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};

use crate::harness::{KEY, Server};

fn news() -> ChannelName {
    ChannelName::parse("news").unwrap()
}

#[tokio::test]
async fn protocols_5_to_7_are_welcomed_with_a_socket_id_and_a_timeout() {
    let server = Server::start().await;
    for query in [
        "protocol=7&client=js&version=8.6.0&flash=false",
        "client=Pysher&version=1.0.8&protocol=6",
        "protocol=5",
    ] {
        let mut client = server.open(&format!("{KEY}?{query}")).await;
        let frame = client.next().await;
        assert_eq!(frame["event"], "pusher:connection_established");
        assert_eq!(frame["data"]["activity_timeout"], 120);
        let id = frame["data"]["socket_id"].as_str().unwrap();
        let (left, right) = id.split_once('.').unwrap();
        assert!(left.parse::<u64>().is_ok() && right.parse::<u64>().is_ok(), "{id}");
    }
}

#[tokio::test]
async fn a_ping_of_either_kind_is_answered() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    for data in [json!({}), json!(""), json!(null)] {
        client.send(json!({ "event": "pusher:ping", "data": data })).await;
        client.expect(json!({ "event": "pusher:pong", "data": {} })).await;
    }
    client.send_message(Message::Ping("are you there".into())).await;
    assert_eq!(client.next_message().await, Some(Message::Pong("are you there".into())));
}

#[tokio::test]
async fn a_public_channel_needs_no_signature() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.subscribe("news", "").await;
    client.expect_subscribed("news").await;
    client.send(json!({ "event": "pusher:subscribe", "data": { "channel": "sport" } })).await;
    client.expect_subscribed("sport").await;
    // `data` as a string, as some libraries send it.
    client.send(json!({ "event": "pusher:subscribe", "data": r#"{"channel":"weather"}"# })).await;
    client.expect_subscribed("weather").await;
    server.mark("sport").await;
    client.expect_marker("sport").await;
}

#[tokio::test]
async fn a_private_channel_opens_to_its_signature_and_carries_events() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    let auth = server.auth(&client, "private-org-1");
    client.subscribe("private-org-1", &auth).await;
    client.expect_subscribed("private-org-1").await;
    let channel = ChannelName::parse("private-org-1").unwrap();
    let event = ChannelEvent::new("rows", r#"{"text":"\"ä\n"}"#).unwrap();
    assert_eq!(server.hub.broadcast(&channel, &event, None), 1);
    client.expect(json!({ "event": "rows", "channel": "private-org-1", "data": { "text": "\"ä\n" } })).await;
}

#[tokio::test]
async fn after_unsubscribing_nothing_comes() {
    let server = Server::start().await;
    let mut client = server.listen("news").await;
    client.subscribe("sport", "").await;
    client.expect_subscribed("sport").await;
    for channel in ["news", "never-joined", "no:name"] {
        client.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": channel } })).await;
    }
    client.expect_still_open().await;
    server.mark("news").await;
    server.mark("sport").await;
    client.expect_marker("sport").await;
    assert_eq!(server.hub.stats(), HubStats { connections: 1, channels: 1, subscriptions: 1 });
}

#[tokio::test]
async fn an_event_that_nobody_knows_is_ignored() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.send(json!({ "event": "pusher:something_newer", "data": {} })).await;
    client.send(json!({ "event": "pusher:pong", "data": {} })).await;
    client.expect_still_open().await;
}

#[tokio::test]
async fn a_silent_client_is_pinged_and_closed_with_4201_unless_it_answers() {
    let limits = SocketLimits {
        activity_timeout: Duration::from_millis(100),
        pong_timeout: Duration::from_secs(2),
        ..SocketLimits::default()
    };
    let server = Server::with(HubLimits::default(), limits).await;
    let mut client = server.connect().await;
    let ping = json!({ "event": "pusher:ping", "data": {} });
    client.expect(ping.clone()).await;
    client.send(json!({ "event": "pusher:pong", "data": {} })).await;
    client.expect(ping.clone()).await;
    client.send_message(Message::Pong("any frame counts".into())).await;
    client.expect(ping).await;
    client.expect_closed(4201).await;
    assert_eq!(server.hub.stats(), HubStats::default());
}

#[tokio::test]
async fn a_client_that_reads_too_slowly_is_closed_with_4100_and_the_others_are_not() {
    let hub_limits = HubLimits { queued_frames: 8, ..HubLimits::default() };
    let server = Server::with(hub_limits, SocketLimits::default()).await;
    let mut slow = server.listen("news").await;
    let mut quick = server.connect().await;
    quick.subscribe("sport", "").await;
    quick.expect_subscribed("sport").await;
    let data = "x".repeat(10_000);
    let event = ChannelEvent::new("flood", &data).unwrap();
    while server.hub.broadcast(&news(), &event, None) == 1 {}
    assert_eq!(server.hub.stats(), HubStats { connections: 1, channels: 1, subscriptions: 1 });
    server.mark("sport").await;
    quick.expect_marker("sport").await;
    // What was sent before is still there to read; then the reason.
    loop {
        let message = slow.next_message().await.expect("an end without a reason");
        let text = message.to_text().unwrap();
        if text.contains("pusher:error") {
            assert!(text.contains("4100"), "{text}");
            break;
        }
        assert!(text.contains("flood"), "{text}");
    }
    let Some(Message::Close(Some(close))) = slow.next_message().await else { panic!("no close frame") };
    assert_eq!(u16::from(close.code), 4100);
}

#[tokio::test]
async fn a_client_that_stops_reading_altogether_is_dropped() {
    let limits = SocketLimits { close_grace: Duration::from_millis(50), ..SocketLimits::default() };
    let server = Server::with(HubLimits { queued_frames: 8, ..HubLimits::default() }, limits).await;
    let _stuck = server.listen("news").await;
    let data = "x".repeat(10_000);
    let event = ChannelEvent::new("flood", &data).unwrap();
    // Lets the socket's task write until the network is full, and only then the queue fills up.
    while server.hub.broadcast(&news(), &event, None) == 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.hub.stats(), HubStats::default());
    assert_eq!(server.hub.shutdown(Duration::from_secs(20)).await, 0, "its socket is still held");
}

#[tokio::test]
async fn a_shutdown_sends_everyone_away_with_4200_and_lets_newcomers_wait() {
    let server = Server::start().await;
    let mut client = server.listen("news").await;
    let shutdown = tokio::spawn({
        let hub = server.hub.clone();
        async move { hub.shutdown(Duration::from_secs(20)).await }
    });
    client.expect_closed(4200).await;
    assert_eq!(shutdown.await.unwrap(), 0);
    let mut late = server.open(&format!("{KEY}?protocol=7")).await;
    late.expect_closed(4100).await;
}

#[tokio::test]
async fn a_client_that_leaves_is_forgotten() {
    let server = Server::start().await;
    let mut polite = server.listen("private-a").await;
    let rude = server.listen("private-b").await;
    assert_eq!(server.hub.stats(), HubStats { connections: 2, channels: 2, subscriptions: 2 });
    polite.send_message(Message::Close(Some(CloseFrame { code: 1000.into(), reason: "bye".into() }))).await;
    polite.expect_close_frame(1000, "bye").await;
    assert_eq!(server.hub.stats(), HubStats { connections: 1, channels: 1, subscriptions: 1 });
    drop(rude);
    server.until_connections(0).await;
    assert_eq!(server.hub.stats(), HubStats::default());
}
