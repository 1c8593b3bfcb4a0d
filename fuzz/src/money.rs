//! Sums, products and prices are what wide integers say, and are written so that they can be read.

use domain::{Currency, Money, cart::CartItemBody, money::MoneyBody, new_order};

use crate::{gateway::with_body, input::Input};

/// What a fuzzer hardly finds by itself.
pub const WORDS: &[&str] = &[
    r#"{"amount":"#,
    r#","currency":""#,
    r#""}"#,
    "USD",
    "JPY",
    "KWD",
    "XAU",
    "100000000000",
    "9223372036854775807",
];

/// Currencies of every number of digits after the point, some of them of none that ISO 4217 names.
const CODES: [&str; 8] = ["USD", "EUR", "JPY", "KWD", "CLF", "MRU", "XAU", "ISK"];

/// Two amounts of eight bytes, a quantity of four, a byte for each one's currency, then a price in JSON.
pub fn money(bytes: &[u8]) -> bool {
    let mut input = Input::new(bytes);
    let [one, other] = [(); 2].map(|()| i64::from_le_bytes(input.bytes()));
    let quantity = u32::from_le_bytes(input.bytes());
    let [currency, others] = input.bytes::<2>().map(currency);
    let one = Money {
        amount: one,
        currency,
    };
    let other = Money {
        amount: other,
        currency: others,
    };
    multiplied(one, quantity);
    added(one, other);
    written(one);
    priced(&input.text())
}

fn currency(byte: u8) -> Currency {
    let code = CODES[usize::from(byte) % CODES.len()];
    Currency::parse(code).unwrap_or_else(|| panic!("{code} is a currency"))
}

/// What `money` would be with this amount, if an amount can be so large.
fn of(money: Money, amount: i128) -> Option<Money> {
    let amount = i64::try_from(amount).ok()?;
    Some(Money { amount, ..money })
}

fn multiplied(price: Money, quantity: u32) {
    let exact = i128::from(price.amount) * i128::from(quantity);
    assert_eq!(price.times(quantity), of(price, exact));
}

fn added(one: Money, other: Money) {
    let exact = i128::from(one.amount) + i128::from(other.amount);
    let sum = of(one, exact).filter(|_| one.currency == other.currency);
    assert_eq!(one.plus(other), sum);
    assert_eq!(other.plus(one), sum);
}

/// What people and programs read is the amount.
fn written(money: Money) {
    let json = serde_json::to_string(&money).expect("money is written as JSON");
    let read: Money = serde_json::from_str(&json).expect("and read again");
    assert_eq!(read, money);

    let text = money.to_string();
    let (number, code) = text.split_once(' ').expect("a number and a code");
    assert_eq!(code, money.currency.code());
    let zero = Money { amount: 0, ..money }.to_string();
    let digits = |number: &str| number.split_once('.').map_or(0, |(_, minor)| minor.len());
    assert_eq!(digits(number), digits(zero.split(' ').next().unwrap_or("")));
    let major = number.trim_start_matches('-').split('.').next();
    let major = major.unwrap_or_default();
    assert!(major == "0" || !major.is_empty() && !major.starts_with('0'));
    let amount: i64 = number.replace('.', "").parse().expect("whole minor units");
    assert_eq!(amount, money.amount, "{text}");
}

/// A price is stated exactly if its currency is one and its amount within the limits, and no order of it is too large.
fn priced(text: &str) -> bool {
    pieces(text);
    let Ok(body) = edge::body(&with_body::<MoneyBody>(text)) else {
        return false;
    };
    let json = serde_json::to_string(&body).expect("a price is written as JSON");
    let again: MoneyBody = serde_json::from_str(&json).expect("and read again");
    assert_eq!(again, body);

    let known = Currency::parse(&body.currency);
    let within = (0..=Money::MAX_PRICE).contains(&body.amount);
    let Ok(price) = body.price() else {
        assert!(known.is_none() || !within, "{body:?} is a price");
        return false;
    };
    assert!(within, "{body:?} is none");
    assert_eq!((price.amount, Some(price.currency)), (body.amount, known));
    assert_eq!(price.currency.code(), body.currency);
    let line = price.times(new_order::MAX_QUANTITY);
    let line = line.expect("a full line of anything has a total");
    assert!(i128::from(line.amount) * (new_order::MAX_LINES as i128) <= i128::from(i64::MAX));
    true
}

/// The same for a quantity.
fn pieces(text: &str) {
    if let Ok(body) = edge::body(&with_body::<CartItemBody>(text)) {
        let within = (1..=i64::from(new_order::MAX_QUANTITY)).contains(&body.quantity);
        let pieces = body.pieces().ok().map(i64::from);
        assert_eq!(pieces, within.then_some(body.quantity));
    }
}
