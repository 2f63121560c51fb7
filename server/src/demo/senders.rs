//! The demo's third parties: they sign what happened and send it, first a burst and then a few a second, bounded.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::Dice;
use super::world::Door;
use crate::cli::send::sign_request;

/// Sent at once at the beginning, so that the first screen is alive.
const BURST: u64 = 160;
/// How many of the burst travel at the same time.
const AT_ONCE: usize = 8;
/// How long it is quiet between two later events, milliseconds, at least; at most four times that.
const PAUSE_MS: u32 = 150;
/// After so many the senders rest: a demo that is forgotten must not fill a disk.
const MOST: u64 = 50_000;
/// What is wrong comes by the number at its door, so that the first burst has some of everything everywhere: of so many
/// events one has a mistake in it that its destination minds,
const MISTAKE: u32 = 6;
/// and of so many one is changed on the way and one breaks off; both are refused at the door.
const SPOILED: u32 = 24;

/// What senders need.
pub struct Senders {
    /// The doors they knock at.
    pub doors: Vec<Door>,
    /// Where Signalbox listens, as a URL.
    pub url: String,
    /// Chance and time.
    pub dice: Dice,
}

impl Senders {
    /// Sends until `shutdown`, or until enough was sent.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let me = Arc::new(self);
        let burst =
            stream::iter(0..BURST).for_each_concurrent(AT_ONCE, |number| me.send_one(&client, number));
        tokio::select! {
            () = burst => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        for number in BURST..MOST {
            let pause = Duration::from_millis(u64::from(PAUSE_MS + me.dice.roll(PAUSE_MS * 3)));
            tokio::select! {
                () = tokio::time::sleep(pause) => me.send_one(&client, number).await,
                () = shutdown.cancelled() => return Ok(()),
            }
        }
        tracing::info!(sent = MOST, "the demo's senders rest; start it again for more");
        Ok(())
    }

    async fn send_one(&self, client: &reqwest::Client, number: u64) {
        if let Err(error) = self.try_send(client, number).await {
            // As with any sender: what did not arrive is sent no second time here, and the next one follows.
            tracing::warn!(%error, "a demo event was not sent");
        }
    }

    async fn try_send(&self, client: &reqwest::Client, number: u64) -> anyhow::Result<()> {
        let index = match number {
            // One after the other, so that none is empty.
            0..BURST => usize::try_from(number)? % self.doors.len().max(1),
            _ => self.dice.roll(u32::try_from(self.doors.len())?) as usize,
        };
        let Some(door) = self.doors.get(index) else { return Ok(()) };
        let nth = door.sent.fetch_add(1, Ordering::Relaxed);
        let telling = door.story.tell(&self.dice, number, nth % MISTAKE == 3);
        let mut body = serde_json::to_vec(&telling.body)?;
        if nth % SPOILED == 13 {
            body.truncate(body.len() / 2);
        }
        let mut signed = sign_request(
            &door.story.scheme(),
            door.secret.as_bytes(),
            Some(telling.event_type),
            Some(body),
            self.dice.0.now(),
        )?;
        if nth % SPOILED == 5 {
            // After it was signed.
            signed.body.extend_from_slice(b"\n");
        }
        let url = format!("{}/api/v1/integration/webhooks/{}/receive", self.url, door.code);
        let mut request = client.post(url).body(signed.body);
        for (name, value) in signed.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await?;
        tracing::debug!(status = answer.status().as_u16(), code = door.code, "a demo event was answered");
        Ok(())
    }
}
