//! The HTTP API: triggers reach subscribers, questions are answered, and nothing unsigned or oversized gets
//! in.

use serde_json::{Value, json};

use crate::harness::{Client, KEY, NOW, Server};

const DOCUMENTED_BODY: &str = r#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;

fn documented_query() -> Vec<(String, String)> {
    [
        ("auth_key", KEY),
        ("auth_timestamp", "1353088179"),
        ("auth_version", "1.0"),
        ("body_md5", "ec365a775a4cd0599faeb73354201b6f"),
        ("auth_signature", "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec()
}

async fn expect_event(client: &mut Client, channel: &str, name: &str, data: Value) {
    client.expect(json!({ "event": name, "channel": channel, "data": data })).await;
}

#[tokio::test]
async fn the_documented_request_reaches_a_subscriber() {
    let server = Server::start().await;
    let mut client = server.listen("project-3").await;
    let answer = server.raw_call("POST", "/apps/3/events", &documented_query(), DOCUMENTED_BODY).await;
    assert_eq!(answer.json(), json!({}));
    expect_event(&mut client, "project-3", "foo", json!({ "some": "data" })).await;
}

#[tokio::test]
async fn an_event_goes_to_all_its_channels_once_but_not_to_the_excluded_socket() {
    let server = Server::start().await;
    let mut one = server.listen("private-one").await;
    let mut two = server.listen("two").await;
    let event = json!({
        "name": "e", "data": "1", "channels": ["two", "private-one", "two"], "socket_id": one.id,
    });
    assert_eq!(server.trigger(event).await.json(), json!({}));
    server.mark("private-one").await;
    server.mark("two").await;
    one.expect_marker("private-one").await;
    expect_event(&mut two, "two", "e", json!(1)).await;
    two.expect_marker("two").await;
}

#[tokio::test]
async fn a_trigger_tells_the_attributes_it_is_asked_for() {
    let server = Server::start().await;
    let _listeners = (server.listen("a").await, server.listen("a").await);
    let event = |info: &str| json!({ "name": "e", "data": "1", "channels": ["a", "b"], "info": info });
    assert_eq!(
        server.trigger(event("subscription_count")).await.json(),
        json!({ "channels": { "a": { "subscription_count": 2 }, "b": { "subscription_count": 0 } } })
    );
    assert_eq!(server.trigger(event("user_count")).await.json(), json!({ "channels": { "a": {}, "b": {} } }));
}

#[tokio::test]
async fn a_batch_sends_each_event_to_its_channel() {
    let server = Server::start().await;
    let (mut one, mut two) = (server.listen("one").await, server.listen("two").await);
    let batch = |info: Value| {
        json!({ "batch": [
            { "name": "first", "channel": "one", "data": "1", "info": info },
            { "name": "second", "channel": "two", "data": "{}", "socket_id": "1.1" },
        ]})
        .to_string()
    };
    let answer = server.call("POST", "/batch_events", &[], &batch(Value::Null)).await;
    assert_eq!(answer.json(), json!({}));
    expect_event(&mut one, "one", "first", json!(1)).await;
    expect_event(&mut two, "two", "second", json!({})).await;
    let answer = server.call("POST", "/batch_events", &[], &batch(json!("subscription_count"))).await;
    assert_eq!(answer.json(), json!({ "batch": [{ "subscription_count": 1 }, {}] }));
}

#[tokio::test]
async fn a_batch_with_one_bad_event_sends_nothing() {
    let server = Server::start().await;
    let mut client = server.listen("a").await;
    let item = |channel: &str, size| json!({ "name": "e", "channel": channel, "data": "x".repeat(size) });
    for (batch, status) in [
        (vec![item("a", 1), item("a:b", 1)], 400),
        (vec![item("a", 1), item("presence-room", 1)], 400),
        (vec![item("a", 1), item("a", 10_241)], 413),
        (vec![], 400),
        (vec![item("a", 1); 11], 400),
    ] {
        let body = json!({ "batch": batch }).to_string();
        server.call("POST", "/batch_events", &[], &body).await.expect_refusal(status, "");
    }
    server.mark("a").await;
    client.expect_marker("a").await;
    let full = json!({ "batch": vec![item("b", 10_240); 10] }).to_string();
    assert_eq!(server.call("POST", "/batch_events", &[], &full).await.json(), json!({}));
}

#[tokio::test]
async fn occupied_channels_are_listed() {
    let server = Server::start().await;
    let _listeners =
        (server.listen("private-a").await, server.listen("private-a").await, server.listen("b").await);
    let list = async |query: &[(&str, &str)]| server.call("GET", "/channels", query, "").await;
    assert_eq!(list(&[]).await.json(), json!({ "channels": { "b": {}, "private-a": {} } }));
    assert_eq!(
        list(&[("filter_by_prefix", "private-"), ("info", "subscription_count")]).await.json(),
        json!({ "channels": { "private-a": { "subscription_count": 2 } } })
    );
    list(&[("info", "user_count")]).await.expect_refusal(400, "user_count");
    list(&[("info", "user_count"), ("filter_by_prefix", "private-")]).await.expect_refusal(400, "presence-");
    let presence = [("info", "user_count"), ("filter_by_prefix", "presence-")];
    assert_eq!(list(&presence).await.json(), json!({ "channels": {} }));
}

#[tokio::test]
async fn one_channel_says_whether_it_is_occupied() {
    let server = Server::start().await;
    let _listener = server.listen("private-a;b=c@d,e.f").await;
    let show = async |name: &str, query: &[(&str, &str)]| {
        server.call("GET", &format!("/channels/{name}"), query, "").await
    };
    let info = [("info", "user_count,subscription_count,cache")];
    assert_eq!(
        show("private-a;b=c@d,e.f", &info).await.json(),
        json!({ "subscription_count": 1, "occupied": true })
    );
    assert_eq!(show("private-a;b=c@d,e.f", &[]).await.json(), json!({ "occupied": true }));
    assert_eq!(show("nobody", &info).await.json(), json!({ "subscription_count": 0, "occupied": false }));
    show("a:b", &[]).await.expect_refusal(400, "channel name");
}

#[tokio::test]
async fn an_unsigned_request_is_401_and_sends_nothing() {
    let server = Server::start().await;
    let mut client = server.listen("project-3").await;
    let post = async |query: &[(String, String)], body: &str| {
        server.raw_call("POST", "/apps/3/events", query, body).await
    };
    post(&[], DOCUMENTED_BODY).await.expect_refusal(401, "auth_key");
    for name in ["auth_key", "auth_timestamp", "auth_version", "body_md5", "auth_signature"] {
        let mut query = documented_query();
        query.retain(|(key, _)| key != name);
        post(&query, DOCUMENTED_BODY).await.expect_refusal(401, name);
    }
    let early = (NOW.as_seconds() - 601).to_string();
    let late = (NOW.as_seconds() + 601).to_string();
    for (name, value) in [
        ("auth_key", "other"),
        ("auth_timestamp", early.as_str()),
        ("auth_timestamp", late.as_str()),
        ("auth_timestamp", "now"),
        ("auth_version", "2.0"),
        ("body_md5", "ec365a775a4cd0599faeb73354201b6e"),
        ("auth_signature", "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6d"),
    ] {
        let mut query = documented_query();
        query.iter_mut().find(|(key, _)| key == name).unwrap().1 = value.to_owned();
        post(&query, DOCUMENTED_BODY).await.expect_refusal(401, name);
    }
    post(&documented_query(), &DOCUMENTED_BODY.replace("data\\\"}", "DATA\\\"}"))
        .await
        .expect_refusal(401, "body_md5");
    let elsewhere =
        server.raw_call("POST", "/apps/3/batch_events", &documented_query(), DOCUMENTED_BODY).await;
    elsewhere.expect_refusal(401, "auth_signature");
    for path in ["/apps/3/channels", "/apps/3/channels/project-3"] {
        server.raw_call("GET", path, &[], "").await.expect_refusal(401, "auth_key");
    }
    server.mark("project-3").await;
    client.expect_marker("project-3").await;
}

#[tokio::test]
async fn what_is_not_there_is_404_in_plain_text() {
    let server = Server::start().await;
    for path in ["/apps/4/events", "/apps/nine/events", "/apps/4/batch_events"] {
        server
            .raw_call("POST", path, &documented_query(), DOCUMENTED_BODY)
            .await
            .expect_refusal(404, "no app");
    }
    for path in ["/apps/4/channels", "/apps/4/channels/news"] {
        server.raw_call("GET", path, &documented_query(), "").await.expect_refusal(404, "no app");
    }
    for path in ["/nothing", "/channels/presence-room/users", "/users/1/terminate_connections"] {
        server.call("GET", path, &[], "").await.expect_refusal(404, "no such resource");
    }
}

#[tokio::test]
async fn limits_of_an_event_are_exact_and_an_event_beyond_them_is_not_sent() {
    let server = Server::start().await;
    let mut client = server.listen("a").await;
    let event = |name: &str, channels: Value, data: String| json!({ "name": name, "channels": channels, "data": data });
    let many = |count| (0..count).map(|n| format!("c{n}")).collect::<Vec<_>>();
    let largest = "\u{1}".repeat(10_240);
    let longest_name = "n".repeat(200);
    for good in [
        event("e", json!(["b"]), largest.clone()),
        event(&longest_name, json!(["b"]), String::new()),
        event("e", json!(many(100)), "1".into()),
        event("e", json!(["c".repeat(164)]), "1".into()),
    ] {
        assert_eq!(server.trigger(good).await.json(), json!({}));
    }
    let channels = json!(["a"]);
    for (bad, status, words) in [
        (event("e", channels.clone(), largest + "x"), 413, "10241 bytes"),
        (event("e", channels.clone(), "x".repeat(1_048_577)), 413, "length limit"),
        (event(&(longest_name + "n"), channels.clone(), "1".into()), 400, "200 characters"),
        (event("", channels.clone(), "1".into()), 400, "empty"),
        (event("pusher:error", channels.clone(), "1".into()), 400, "reserved"),
        (event("pusher_internal:member_added", channels.clone(), "1".into()), 400, "reserved"),
        (event("e", json!([]), "1".into()), 400, "1 to 100 channels"),
        (event("e", json!(many(101)), "1".into()), 400, "1 to 100 channels"),
        (event("e", json!(["a", "a b"]), "1".into()), 400, "channel name"),
        (event("e", json!(["a", "c".repeat(165)]), "1".into()), 400, "164"),
        (event("e", json!(["a", "private-encrypted-a"]), "1".into()), 400, "encrypted channels"),
        (event("e", json!(["a", "cache-a"]), "1".into()), 400, "cache channels"),
        (json!({ "name": "e", "data": "1" }), 400, "1 to 100 channels"),
        (json!({ "name": "e", "channel": "a" }), 400, "data"),
        (json!({ "channel": "a", "data": "1" }), 400, "name"),
        (json!({ "name": "e", "channel": "a", "data": { "some": "object" } }), 400, "string"),
        (json!({ "name": "e", "channel": "a", "data": "1", "socket_id": "1.1:x" }), 400, "socket id"),
        (json!(["e"]), 400, "body"),
    ] {
        server.trigger(bad).await.expect_refusal(status, words);
    }
    for body in ["", "{", "{\"name\":\"\u{fffd}", "null"] {
        server.call("POST", "/events", &[], body).await.expect_refusal(400, "body");
    }
    server.mark("a").await;
    client.expect_marker("a").await;
}
