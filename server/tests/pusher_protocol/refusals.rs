//! What a client may not do, and how it is told: a close code where the connection has no future, an error
//! event where only one message is wrong.

use gateway::realtime::HubLimits;
use serde_json::json;
use server::http::pusher::SocketLimits;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, KEY, Server};

/// `pusher:error` and `pusher:subscription_error`, and then an open connection that is not subscribed.
async fn expect_refused(
    server: &Server,
    client: &mut Client,
    channel: &str,
    code: Option<u16>,
    kind: &str,
    status: u16,
) {
    let message = client.expect_error(code).await;
    let data = json!({ "type": kind, "error": message, "status": status });
    client.expect(json!({ "event": "pusher:subscription_error", "channel": channel, "data": data })).await;
    client.expect_still_open().await;
    assert_eq!(server.hub.stats().subscriptions, 0, "{channel}");
}

#[tokio::test]
async fn a_client_that_cannot_be_served_is_told_why_and_closed() {
    let server = Server::start().await;
    let long_version = format!("{KEY}?protocol=7&version={}", "1".repeat(65));
    for (path, code) in [
        ("unknown-key?protocol=7", 4001),
        ("unknown-key", 4001),
        (&format!("{KEY}?protocol=7&version=8.6.0%20or%20so"), 4006),
        (&long_version, 4006),
        (&format!("{KEY}?protocol=8"), 4007),
        (&format!("{KEY}?protocol=4"), 4007),
        (&format!("{KEY}?protocol=seven"), 4007),
        (&format!("{KEY}?protocol=-7"), 4007),
        (KEY, 4008),
        (&format!("{KEY}?protocol=&client=js"), 4008),
    ] {
        let mut client = server.open(path).await;
        client.expect_closed(code).await;
    }
    assert_eq!(server.hub.stats().connections, 0);
}

#[tokio::test]
async fn the_connection_quota_is_4004_until_somebody_leaves() {
    let server =
        Server::with(HubLimits { connections: 1, ..HubLimits::default() }, SocketLimits::default()).await;
    let mut first = server.connect().await;
    let mut second = server.open(&format!("{KEY}?protocol=7")).await;
    second.expect_closed(4004).await;
    first.expect_still_open().await;
    first.send_message(Message::Close(None)).await;
    assert!(matches!(first.next_message().await, Some(Message::Close(_))));
    assert!(first.next_message().await.is_none());
    server.connect().await.expect_still_open().await;
}

#[tokio::test]
async fn a_private_channel_stays_shut_without_its_own_signature() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    let other = server.connect().await;
    let channel = "private-org-1";
    let good = server.auth(&client, channel);
    let signature = good.split_once(':').unwrap().1.to_owned();
    for auth in [
        String::new(),
        "nonsense".into(),
        format!("{KEY}:"),
        format!("{KEY}:{}", "0".repeat(64)),
        format!("other-key:{signature}"),
        signature,
        good[..good.len() - 1].to_owned(),
        server.auth(&client, "private-org-2"),
        server.auth(&other, channel),
    ] {
        client.subscribe(channel, &auth).await;
        expect_refused(&server, &mut client, channel, Some(4009), "AuthError", 401).await;
    }
    client.send(json!({ "event": "pusher:subscribe", "data": { "channel": channel } })).await;
    expect_refused(&server, &mut client, channel, Some(4009), "AuthError", 401).await;

    server.mark(channel).await;
    client.expect_still_open().await;
    client.subscribe(channel, &good).await;
    client.expect_subscribed(channel).await;
}

#[tokio::test]
async fn channels_that_are_not_offered_are_refused_even_with_a_signature() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    for channel in [
        "presence-room",
        "private-encrypted-org-1",
        "cache-news",
        "private-cache-org-1",
        "presence-cache-room",
        "private-encrypted-cache-org-1",
    ] {
        let auth = server.auth(&client, channel);
        client.subscribe(channel, &auth).await;
        expect_refused(&server, &mut client, channel, None, "UnsupportedChannel", 501).await;
    }
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    for channel in ["", "a b", "a:b", "#server-to-user-1", "ä", "\u{0}", &"c".repeat(165)] {
        client.subscribe(channel, "").await;
        expect_refused(&server, &mut client, channel, None, "InvalidChannel", 400).await;
    }
}

#[tokio::test]
async fn a_connection_has_a_limited_number_of_subscriptions() {
    let hub_limits = HubLimits { subscriptions_per_connection: 2, ..HubLimits::default() };
    let server = Server::with(hub_limits, SocketLimits::default()).await;
    let mut client = server.listen("one").await;
    client.subscribe("two", "").await;
    client.expect_subscribed("two").await;
    client.subscribe("three", "").await;
    let message = client.expect_error(None).await;
    let data = json!({ "type": "LimitExceeded", "error": message, "status": 429 });
    client.expect(json!({ "event": "pusher:subscription_error", "channel": "three", "data": data })).await;
    client.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": "one" } })).await;
    client.subscribe("three", "").await;
    client.expect_subscribed("three").await;
}

#[tokio::test]
async fn what_this_server_does_not_do_is_said_and_closes_nothing() {
    let server = Server::start().await;
    let mut client = server.listen("private-a").await;
    client.send(json!({ "event": "client-typing", "channel": "private-a", "data": {} })).await;
    client.expect_error(Some(4301)).await;
    client.send(json!({ "event": "pusher:signin", "data": { "auth": "x:y", "user_data": "{}" } })).await;
    assert!(client.expect_error(None).await.contains("sign-in"));
    client.expect_still_open().await;
}

#[tokio::test]
async fn a_malformed_message_is_an_error_and_closes_nothing() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    let deep = "[".repeat(10_000);
    for text in ["", "hello", "{}", "[]", r#"{"event":1}"#, r#"{"event":"pusher:subscribe"}"#, &deep] {
        client.send_message(Message::text(text)).await;
        client.expect_error(None).await;
    }
    client.send_message(Message::binary(&br#"{"event":"pusher:ping","data":{}}"#[..])).await;
    client.expect_error(None).await;
    client.expect_still_open().await;
}

#[tokio::test]
async fn a_message_above_the_limit_ends_the_connection() {
    let limits = SocketLimits { message_bytes: 1024, ..SocketLimits::default() };
    let server = Server::with(HubLimits::default(), limits).await;
    let mut client = server.connect().await;
    let padding = " ".repeat(1024 - r#"{"event":"pusher:ping"}"#.len());
    client.send_message(Message::text(format!(r#"{{"event":"pusher:ping"}}{padding}"#))).await;
    client.expect(json!({ "event": "pusher:pong", "data": {} })).await;
    client.send_message(Message::text(format!(r#"{{"event":"pusher:ping"}}{padding} "#))).await;
    let message = client.expect_error(None).await;
    assert!(message.contains("1024 bytes"), "{message}");
    client.expect_close_frame(1008, &message).await;
    assert_eq!(server.hub.stats().connections, 0);
}
