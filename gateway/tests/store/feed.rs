//! What consoles are told: newest state only, numbered, never too large, and never somebody else's.

use std::sync::{Arc, Mutex};

use domain::id::NodeId;
use domain::live::{CHANGES, LiveBatch, channel_of};
use domain::status::DeliveryStatus;
use domain::time::{MINUTE, SECOND, Timestamp};
use gateway::feed::{self, Feed};
use gateway::realtime::protocol::ChannelName;
use gateway::realtime::{PublishError, RealtimePublisher};
use gateway::store::rollups::Deltas;
use tokio_util::sync::CancellationToken;

use super::fixture::Place;

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

fn new_feed() -> Feed {
    Feed::new(&NodeId::new(NOW), NOW)
}

fn row(place: &Place, key: &str) -> domain::delivery::Delivery {
    place.delivery(&place.event(NOW, key), "record").delivery
}

fn deltas(place: &Place, rows: &[domain::delivery::Delivery], by: i64) -> Deltas {
    let mut deltas = Deltas::default();
    for row in rows {
        let event_type = Some(&row.event_type);
        deltas.add(&place.organization, row.created_at, &place.connector, event_type, row.status.into(), by);
    }
    deltas
}

#[test]
fn only_the_newest_state_of_a_row_is_told_and_counts_are_summed() {
    let (feed, place) = (new_feed(), Place::new(NOW));
    let mut one = row(&place, "a");
    feed.record([one.clone()], deltas(&place, std::slice::from_ref(&one), 1));
    one.status = DeliveryStatus::Delivered;
    feed.record([one.clone()], deltas(&place, std::slice::from_ref(&one), 1));
    let drained = feed.drain();
    assert_eq!(drained.len(), 1);
    let (organization, batch) = &drained[0];
    assert_eq!(organization, &place.organization);
    assert_eq!(batch.rows, [one]);
    assert_eq!(batch.deltas.len(), 2);
    assert!(batch.deltas.iter().all(|delta| delta.by == 1 && delta.at == NOW.bucket(MINUTE)));
    assert!(!batch.refetch);
    assert!(feed.drain().is_empty(), "nothing is told twice");
}

#[test]
fn messages_are_numbered_per_organization_without_gaps() {
    let (feed, first, second) = (new_feed(), Place::new(NOW), Place::new(NOW));
    for round in 1..=3 {
        feed.record([row(&first, "a")], Deltas::default());
        if round == 2 {
            feed.record([row(&second, "b")], Deltas::default());
        }
        for (organization, batch) in feed.drain() {
            let expected = if organization == first.organization { round } else { 1 };
            assert_eq!(batch.seq, expected);
            assert!(
                batch.rows.iter().all(|row| row.organization_id == organization),
                "nobody hears of others"
            );
        }
    }
    assert_ne!(
        Feed::new(&NodeId::new(NOW), NOW).drain().len(),
        1,
        "a feed that was just made has nothing to say"
    );
}

#[test]
fn more_than_fits_says_refetch_and_stays_within_the_protocols_limit() {
    let (feed, place) = (new_feed(), Place::new(NOW));
    let rows: Vec<_> = (0..500)
        .map(|n| {
            let mut one = row(&place, &n.to_string());
            one.error = Some("e".repeat(300));
            one
        })
        .collect();
    feed.record(rows.clone(), deltas(&place, &rows, 1));
    let batch = feed.drain().remove(0).1;
    assert!(batch.refetch);
    assert!(serde_json::to_string(&batch).unwrap().len() <= 10_000);
    assert_eq!(batch.deltas.iter().map(|delta| delta.by).sum::<i64>(), 500, "counts are told all the same");
    feed.record([row(&place, "next")], Deltas::default());
    assert!(!feed.drain()[0].1.refetch, "the next one is a fresh start");
}

#[derive(Default)]
struct Recorder {
    heard: Mutex<Vec<(String, String, LiveBatch)>>,
    once: tokio::sync::Notify,
}

impl RealtimePublisher for Recorder {
    fn publish(&self, channel: &ChannelName, event: &str, data: &str) -> Result<(), PublishError> {
        let batch = serde_json::from_str(data).expect("the message is a batch");
        self.heard.lock().unwrap().push((channel.to_string(), event.to_owned(), batch));
        self.once.notify_one();
        Ok(())
    }
}

#[tokio::test]
async fn running_publishes_on_the_organizations_channel_until_it_is_stopped() {
    let (feed, place) = (new_feed(), Place::new(NOW));
    let recorder = Arc::new(Recorder::default());
    let stop = CancellationToken::new();
    let running = tokio::spawn(feed::run(feed.clone(), recorder.clone(), stop.clone()));
    feed.record([row(&place, "a")], Deltas::default());
    recorder.once.notified().await;
    stop.cancel();
    running.await.unwrap();
    let heard = recorder.heard.lock().unwrap();
    assert_eq!(
        (heard[0].0.as_str(), heard[0].1.as_str()),
        (channel_of(&place.organization).as_str(), CHANGES)
    );
    assert_eq!(heard[0].2.rows.len(), 1);
}
