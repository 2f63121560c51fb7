//! What happens in the demo's organizations: bodies in the form of the providers, different each time.

use domain::signature::{Preset, VerificationScheme};
use serde_json::{Value, json};

use super::Dice;

/// Who tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// A shop's orders, in Shopify's form.
    Orders,
    /// Payments, in Stripe's form.
    Payments,
    /// Work on code, in GitHub's form.
    Code,
    /// Parcels, in the form of a carrier that nobody has heard of.
    Parcels,
}

/// Something that happened.
pub struct Telling {
    /// What.
    pub event_type: &'static str,
    /// The same, whole.
    pub body: Value,
}

const NAMES: &[&str] =
    &["Ada", "Grace", "Linus", "Margaret", "Edsger", "Barbara", "Tim", "Radia", "Ken", "Frances"];
const GOODS: &[&str] =
    &["Lantern", "Signal lamp", "Lever frame", "Track gauge", "Whistle", "Semaphore arm", "Bell"];
const CITIES: &[&str] = &["Rotterdam", "Trieste", "Porto", "Gdańsk", "Malmö", "Cork", "Antwerp"];
const TITLES: &[&str] =
    &["Signal stays at danger", "Points do not lock", "Bell rings twice", "Train described wrongly"];

impl Story {
    /// How its sender proves who it is.
    pub fn scheme(self) -> VerificationScheme {
        match self {
            Self::Orders => Preset::Shopify.scheme(),
            Self::Payments => Preset::Stripe.scheme(),
            Self::Code => Preset::Github.scheme(),
            Self::Parcels => Preset::StandardWebhooks.scheme(),
        }
    }

    /// The next thing that happens; with a `mistake`, something is missing that its destination needs: that is what
    /// the demo is for mending.
    pub fn tell(self, dice: &Dice, number: u64, mistake: bool) -> Telling {
        let name = dice.pick(NAMES);
        let unless_mistaken = |text: &str| if mistake { Value::Null } else { json!(text) };
        match self {
            Self::Orders => order(dice, number, name, unless_mistaken(dice.pick(CITIES))),
            Self::Payments => {
                payment(dice, number, unless_mistaken(dice.pick(&["eur", "eur", "usd", "sek"])))
            }
            Self::Code => code(dice, number, name, unless_mistaken(dice.pick(TITLES))),
            Self::Parcels => parcel(dice, number, unless_mistaken(dice.pick(CITIES))),
        }
    }
}

fn order(dice: &Dice, number: u64, name: &str, city: Value) -> Telling {
    let event_type =
        dice.pick(&["orders/create", "orders/create", "orders/paid", "orders/updated", "orders/cancelled"]);
    let lines: Vec<Value> = (0..=dice.roll(3))
        .map(|line| {
            let price = format!("{}.{:02}", 4 + dice.roll(90), dice.roll(100));
            json!({ "id": 866_550_311_000_000_000_u64 + number * 10 + u64::from(line), "title": dice.pick(GOODS),
                    "quantity": 1 + dice.roll(4), "price": price })
        })
        .collect();
    let body = json!({
        "id": 820_982_911_946_000_000_u64 + number,
        "name": format!("#{}", 1001 + number),
        "email": format!("{}@example.com", name.to_lowercase()),
        "currency": "EUR",
        "total_price": format!("{}.{:02}", 20 + dice.roll(400), dice.roll(100)),
        "line_items": lines,
        "shipping_address": { "name": name, "city": city },
    });
    Telling { event_type, body }
}

fn payment(dice: &Dice, number: u64, currency: Value) -> Telling {
    let event_type =
        dice.pick(&["invoice.paid", "invoice.paid", "charge.refunded", "customer.subscription.updated"]);
    let body = json!({
        "id": format!("evt_1QDemo{number:018}"),
        "object": "event",
        "type": event_type,
        "created": dice.0.now().as_seconds(),
        "livemode": false,
        "data": { "object": {
            "id": format!("in_1QDemo{number:018}"),
            "object": "invoice",
            "customer": format!("cus_Demo{:04}", dice.roll(200)),
            "amount_paid": 900 + dice.roll(90_000),
            "currency": currency,
            "status": "paid",
        } },
    });
    Telling { event_type, body }
}

fn code(dice: &Dice, number: u64, name: &str, title: Value) -> Telling {
    let event_type = dice.pick(&["push", "issues", "pull_request", "issue_comment"]);
    let repository = json!({ "id": 1_296_269, "full_name": "fieldnote/interlocking", "private": true });
    let sender = json!({ "login": name.to_lowercase(), "id": 1 + dice.roll(500) });
    let body = match event_type {
        "push" => json!({
            "ref": "refs/heads/main",
            "head_commit": { "id": format!("{:040x}", u128::from(number) * 0x9e37_79b9_7f4a_7c15), "message": title },
            "repository": repository, "sender": sender,
        }),
        "pull_request" => json!({
            "action": dice.pick(&["opened", "synchronize", "closed"]), "number": 40 + number,
            "pull_request": { "id": 88_000_000 + number, "title": title, "merged": dice.once_in(2) },
            "repository": repository, "sender": sender,
        }),
        _ => json!({
            "action": dice.pick(&["opened", "edited", "closed"]),
            "issue": { "id": 73_464_000 + number, "number": 1_347 + number, "title": title, "state": "open" },
            "repository": repository, "sender": sender,
        }),
    };
    Telling { event_type, body }
}

fn parcel(dice: &Dice, number: u64, to: Value) -> Telling {
    let event_type =
        dice.pick(&["parcel.collected", "parcel.in_transit", "parcel.delivered", "parcel.delayed"]);
    let body = json!({
        "type": event_type,
        "timestamp": dice.0.now(),
        "data": {
            "id": format!("PCL-{:07}", 400_000 + number),
            "from": dice.pick(CITIES), "to": to,
            "weight_g": 120 + dice.roll(9_000),
        },
    });
    Telling { event_type, body }
}
