//! The hub without sockets: who receives what, who is dropped, and that nothing is left behind.

use super::*;

fn hub(limits: HubLimits) -> Arc<Hub> {
    Arc::new(Hub::new(limits))
}

fn channel(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

fn event(data: &str) -> ChannelEvent<'_> {
    ChannelEvent::new("changed", data).unwrap()
}

fn joined(hub: &Arc<Hub>, name: &ChannelName) -> Session {
    let session = hub.connect().unwrap();
    session.subscribe(name).unwrap();
    session
}

/// What waits for a session now, without waiting for more.
async fn waiting(session: &mut Session) -> Vec<Outgoing> {
    let mut all = Vec::new();
    loop {
        tokio::select! {
            biased;
            outgoing = session.next() => {
                let closes = matches!(outgoing, Outgoing::Close(_));
                all.push(outgoing);
                if closes {
                    return all;
                }
            }
            () = std::future::ready(()) => return all,
        }
    }
}

fn confirmed(name: &ChannelName) -> Outgoing {
    Outgoing::Frame(Frame::subscription_succeeded(name))
}

#[tokio::test]
async fn subscribers_hear_the_confirmation_first_and_then_every_event_in_order() {
    let hub = hub(HubLimits::default());
    let (a, b) = (channel("private-a"), channel("b"));
    let mut listener = joined(&hub, &a);
    let mut other = joined(&hub, &b);
    assert_eq!(hub.broadcast(&a, &event("1"), None), 1);
    assert_eq!(hub.broadcast(&a, &event("2"), None), 1);
    assert_eq!(
        waiting(&mut listener).await,
        [
            confirmed(&a),
            Outgoing::Frame(Frame::event(&a, &event("1"))),
            Outgoing::Frame(Frame::event(&a, &event("2"))),
        ]
    );
    assert_eq!(waiting(&mut other).await, [confirmed(&b)]);
    assert_eq!(hub.broadcast(&channel("nobody"), &event("3"), None), 0);
}

#[tokio::test]
async fn the_excepted_connection_and_those_that_left_hear_nothing() {
    let hub = hub(HubLimits::default());
    let name = channel("a");
    let (mut sender, mut left) = (joined(&hub, &name), joined(&hub, &name));
    left.unsubscribe(&name);
    left.unsubscribe(&name);
    assert_eq!(hub.broadcast(&name, &event("1"), Some(&sender.socket_id().clone())), 0);
    assert_eq!(waiting(&mut sender).await, [confirmed(&name)]);
    assert_eq!(waiting(&mut left).await, [confirmed(&name)]);
}

#[tokio::test]
async fn a_message_is_serialized_once_for_all() {
    let hub = hub(HubLimits::default());
    let name = channel("a");
    let (mut one, mut two) = (joined(&hub, &name), joined(&hub, &name));
    hub.broadcast(&name, &event("1"), None);
    let mut addresses = Vec::new();
    for session in [&mut one, &mut two] {
        let Some(Outgoing::Frame(frame)) = waiting(session).await.pop() else { panic!("no frame") };
        addresses.push(frame.into_bytes().as_ptr());
    }
    assert_eq!(addresses[0], addresses[1]);
}

#[tokio::test]
async fn joining_twice_confirms_twice_and_counts_once() {
    let hub = hub(HubLimits::default());
    let name = channel("a");
    let mut session = joined(&hub, &name);
    session.subscribe(&name).unwrap();
    assert_eq!(hub.stats(), HubStats { connections: 1, channels: 1, subscriptions: 1 });
    assert_eq!(waiting(&mut session).await, [confirmed(&name), confirmed(&name)]);
}

#[tokio::test]
async fn a_slow_consumer_is_closed_with_4100_and_the_others_are_not() {
    let hub = hub(HubLimits { queued_frames: 3, ..HubLimits::default() });
    let name = channel("a");
    let (mut slow, mut quick) = (joined(&hub, &name), joined(&hub, &name));
    assert_eq!(waiting(&mut quick).await.len(), 1);
    assert_eq!(hub.broadcast(&name, &event("1"), None), 2);
    assert_eq!(hub.broadcast(&name, &event("2"), None), 2);
    assert_eq!(hub.broadcast(&name, &event("3"), None), 1);
    assert_eq!(hub.stats(), HubStats { connections: 1, channels: 1, subscriptions: 1 });
    assert_eq!(waiting(&mut slow).await, [Outgoing::Close(ErrorCode::OverCapacity)]);
    assert_eq!(slow.subscribe(&name), Err(SubscribeError::Gone));
    assert_eq!(waiting(&mut quick).await.len(), 3);
    drop(slow);
    assert_eq!(hub.stats().connections, 1);
}

#[tokio::test]
async fn a_confirmation_that_does_not_fit_closes_as_well() {
    let hub = hub(HubLimits { queued_frames: 1, ..HubLimits::default() });
    let mut session = joined(&hub, &channel("a"));
    assert_eq!(session.subscribe(&channel("b")), Err(SubscribeError::Gone));
    assert_eq!(session.closing().await, ErrorCode::OverCapacity);
    assert_eq!(hub.stats(), HubStats::default());
}

#[tokio::test]
async fn limits_hold_and_freed_places_are_free() {
    let hub = hub(HubLimits { connections: 2, subscriptions_per_connection: 2, ..HubLimits::default() });
    let (one, two) = (joined(&hub, &channel("a")), hub.connect().unwrap());
    assert_eq!(hub.connect().unwrap_err(), ErrorCode::OverConnectionQuota);
    one.subscribe(&channel("b")).unwrap();
    assert_eq!(one.subscribe(&channel("c")), Err(SubscribeError::TooMany(2)));
    one.subscribe(&channel("a")).unwrap();
    one.unsubscribe(&channel("a"));
    one.subscribe(&channel("c")).unwrap();
    drop(two);
    assert!(hub.connect().is_ok());
}

#[tokio::test]
async fn nothing_is_left_of_connections_that_are_gone() {
    let hub = hub(HubLimits::default());
    for round in 0..50 {
        let sessions: Vec<_> = (0..20).map(|_| joined(&hub, &channel("shared"))).collect();
        for (number, session) in sessions.iter().enumerate() {
            session.subscribe(&channel(&format!("own-{round}-{number}"))).unwrap();
        }
        assert_eq!(hub.stats(), HubStats { connections: 20, channels: 21, subscriptions: 40 });
        for session in &sessions[..10] {
            session.unsubscribe(&channel("shared"));
        }
        assert_eq!(hub.subscription_count(&channel("shared")), 10);
    }
    assert_eq!(hub.stats(), HubStats::default());
    let state = hub.state();
    assert!(state.connections.is_empty() && state.channels.is_empty());
}

#[tokio::test]
async fn channels_are_listed_by_prefix_with_their_counts() {
    let hub = hub(HubLimits::default());
    let _one = joined(&hub, &channel("private-b"));
    let two = joined(&hub, &channel("private-a"));
    two.subscribe(&channel("private-b")).unwrap();
    two.subscribe(&channel("news")).unwrap();
    assert_eq!(hub.channels("private-"), [(channel("private-a"), 1), (channel("private-b"), 2)]);
    assert_eq!(hub.channels("").len(), 3);
    assert_eq!(hub.channels("presence-"), []);
}

#[tokio::test]
async fn a_shutdown_closes_everyone_with_4200_refuses_newcomers_and_waits() {
    let hub = hub(HubLimits::default());
    let mut session = joined(&hub, &channel("a"));
    assert_eq!(hub.shutdown(Duration::ZERO).await, 1);
    assert_eq!(session.next().await, Outgoing::Close(ErrorCode::ReconnectNow));
    assert_eq!(hub.connect().unwrap_err(), ErrorCode::OverCapacity);
    let shutdown = tokio::spawn({
        let hub = Arc::clone(&hub);
        async move { hub.shutdown(Duration::from_secs(60)).await }
    });
    drop(session);
    assert_eq!(shutdown.await.unwrap(), 0);
    assert_eq!(hub.stats(), HubStats::default());
}
