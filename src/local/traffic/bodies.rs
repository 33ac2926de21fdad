//! What the messages say: orders and payments as a shop would send them, some plain text in between.

use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _};
use serde::Serialize;

use crate::local::queue::SendMessage;
use crate::sqs::{AttributeValue, MessageAttribute, MessageAttributes};

/// What a consumer chokes on: it is in the status of every order that no consumer can handle.
pub(super) const POISON: &str = "unparseable";

const NAMES: &[&str] = &[
    "Ada Lovelace",
    "José Álvarez",
    "山田太郎",
    "שרה כהן",
    "Zoë Müller",
    "Nguyễn Thị Mai",
    "Олена Шевченко",
    "Grace Hopper",
    "محمد علي",
    "Anaïs Lefèvre",
    "김민준",
    "Sam 🎉 Taylor",
];
const CITIES: &[&str] = &["Dublin", "São Paulo", "東京", "Zürich", "Oslo", "תל אביב", "Kraków", "Boston"];
const ITEMS: &[(&str, u32)] = &[
    ("espresso-cup", 1250),
    ("notebook-a5", 690),
    ("usb-c-cable", 1499),
    ("desk-lamp", 4990),
    ("keyboard-iso-de", 12_900),
    ("headphones", 19_900),
    ("plant-pot", 2275),
];
const STATUSES: &[&str] = &["placed", "placed", "paid", "paid", "packed", "shipped", "failed"];
const METHODS: &[&str] = &["card", "card", "sepa", "paypal", "invoice"];
const CURRENCIES: &[&str] = &["EUR", "EUR", "USD", "GBP", "JPY"];
/// Regions, which are also the groups of the FIFO queue.
pub(super) const REGIONS: &[&str] = &["eu", "us", "ap"];
const TENANTS: &[&str] = &["acme", "globex", "initech", "umbrella"];
const NOTES: &[&str] = &[
    "nightly reconciliation finished: 4,211 rows, 0 mismatches",
    "cache warmed in 812 ms",
    "retrying invoice export, attempt 2 of 5\nlast error: connection reset by peer",
    "heartbeat",
    "inventory snapshot 🗃️ written",
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the keys are those of the JSON")]
struct Order<'a> {
    order_id: String,
    status: &'a str,
    total: f64,
    currency: &'a str,
    customer: Customer<'a>,
    items: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Customer<'a> {
    name: &'a str,
    city: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    sku: &'a str,
    quantity: u32,
    price: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the keys are those of the JSON")]
struct Payment<'a> {
    payment_id: String,
    order_id: String,
    method: &'a str,
    amount: f64,
    currency: &'a str,
    payer: &'a str,
    authorised: bool,
}

fn pick<'a, T: ?Sized>(rng: &mut impl Rng, from: &[&'a T]) -> &'a T {
    from.choose(rng).copied().unwrap_or(from[0])
}

/// Cents as a JSON number with at most two digits after the point.
fn money(cents: u32) -> f64 {
    f64::from(cents) / 100.0
}

/// The `number`-th order; one that is poison fails for every consumer.
pub(super) fn order(rng: &mut impl Rng, number: u64, poison: bool) -> SendMessage {
    let items: Vec<_> = (0..rng.random_range(1..=4)).map(|_| item(rng)).collect();
    let cents: f64 = items.iter().map(|item| item.price * f64::from(item.quantity)).sum();
    let status = if poison { POISON } else { pick(rng, STATUSES) };
    let error = match status {
        "failed" => Some(pick(rng, &["card_declined", "address_unknown", "out_of_stock"])),
        POISON => Some("schema v7 is newer than this consumer understands (v6)"),
        _ => None,
    };
    let order = Order {
        order_id: format!("A-{}", 1000 + number),
        status,
        total: (cents * 100.0).round() / 100.0,
        currency: pick(rng, CURRENCIES),
        customer: Customer { name: pick(rng, NAMES), city: pick(rng, CITIES) },
        items,
        error,
    };
    message(rng, "order", json(&order))
}

fn item<'a>(rng: &mut impl Rng) -> Item<'a> {
    let (sku, cents) = ITEMS.choose(rng).copied().unwrap_or(ITEMS[0]);
    Item { sku, quantity: rng.random_range(1..=3), price: money(cents) }
}

/// The `number`-th message of the payments queue: a payment, or now and then a line of plain text.
pub(super) fn payment(rng: &mut impl Rng, number: u64) -> SendMessage {
    if rng.random_bool(0.08) {
        let note = pick(rng, NOTES);
        return message(rng, "note", note.to_owned());
    }
    let payment = Payment {
        payment_id: format!("P-{}", 50_000 + number),
        order_id: format!("A-{}", 1000 + number),
        method: pick(rng, METHODS),
        amount: money(rng.random_range(500..60_000)),
        currency: pick(rng, CURRENCIES),
        payer: pick(rng, NAMES),
        authorised: rng.random_bool(0.95),
    };
    message(rng, "payment", json(&payment))
}

/// Strings, numbers and maps of strings: nothing here that JSON could not carry.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn message(rng: &mut impl Rng, kind: &str, body: String) -> SendMessage {
    SendMessage {
        message_attributes: message_attributes(rng, kind),
        sender_id: Some(
            format!("AROAEXAMPLE7QWATCH{kind}:producer-{}", rng.random_range(1..=3)).to_uppercase(),
        ),
        aws_trace_header: rng.random_bool(0.2).then(|| {
            format!("Root=1-{:08x}-{:024x};Sampled=1", rng.random::<u32>(), rng.random::<u128>() >> 32)
        }),
        body,
        ..SendMessage::default()
    }
}

fn message_attributes(rng: &mut impl Rng, kind: &str) -> MessageAttributes {
    let mut attributes = MessageAttributes::default();
    let text = |data_type: &str, value: String| MessageAttribute {
        data_type: data_type.into(),
        value: AttributeValue::String(value),
    };
    attributes.push("kind", text("String", kind.to_owned()));
    attributes.push("tenant", text("String", pick(rng, TENANTS).to_owned()));
    attributes.push("region", text("String", pick(rng, REGIONS).to_owned()));
    if rng.random_bool(0.5) {
        attributes.push("priority", text("Number", rng.random_range(1..=9).to_string()));
    }
    if rng.random_bool(0.1) {
        let trace = AttributeValue::Binary(rng.random::<[u8; 16]>().to_vec());
        attributes.push("trace", MessageAttribute { data_type: "Binary".into(), value: trace });
    }
    attributes
}
