//! Amounts of money: whole minor units and a currency, never a float.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::schema::text_schema;

/// An ISO 4217 currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with this upper-case, three-letter code.
    pub fn parse(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code).map(Self)
    }

    /// Its three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many of an amount's digits are minor units: 2 for USD, 0 for JPY.
    fn decimals(self) -> usize {
        self.0.exponent().map_or(0, usize::from)
    }
}

text_schema!(Currency, "pattern": "^[A-Z]{3}$", "examples": ["USD"]);

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| D::Error::custom("not an ISO 4217 currency code"))
    }
}

/// An amount in whole minor units (cents of USD, yen of JPY).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units.
    pub amount: i64,
    /// Which currency's.
    pub currency: Currency,
}

impl Money {
    /// The highest price of one piece, in minor units.
    pub const MAX_PRICE: i64 = 100_000_000_000;

    /// This price times `quantity`; `None` on overflow.
    pub fn times(self, quantity: u32) -> Option<Self> {
        let amount = self.amount.checked_mul(i64::from(quantity))?;
        Some(Self { amount, ..self })
    }

    /// The sum of two amounts; `None` on overflow or when the currencies differ.
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        let amount = self.amount.checked_add(other.amount)?;
        Some(Self { amount, ..self })
    }
}

/// For people: `14.50 USD`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let sign = if self.amount < 0 { "-" } else { "" };
        let digits = format!("{:0>1$}", self.amount.unsigned_abs(), decimals + 1);
        let (major, minor) = digits.split_at(digits.len() - decimals);
        let point = if minor.is_empty() { "" } else { "." };
        write!(f, "{sign}{major}{point}{minor} {}", self.currency.code())
    }
}

/// Money as a client writes it, not yet known to make sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with amount and currency")]
pub struct MoneyBody {
    /// Minor units.
    #[schemars(range(min = 0, max = Money::MAX_PRICE))]
    pub amount: i64,
    /// An ISO 4217 code.
    #[schemars(regex(pattern = "^[A-Z]{3}$"), example = &"USD")]
    pub currency: String,
}

impl MoneyBody {
    /// The price it states.
    pub fn price(&self) -> Result<Money, PriceError> {
        let currency = Currency::parse(&self.currency).ok_or(PriceError::Currency)?;
        if !(0..=Money::MAX_PRICE).contains(&self.amount) {
            return Err(PriceError::Amount);
        }
        Ok(Money {
            amount: self.amount,
            currency,
        })
    }
}

/// Why something is no price: the rule that a member of it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The code names no currency.
    #[error("currency must be an upper-case ISO 4217 code such as USD")]
    Currency,
    /// Negative, or over [`Money::MAX_PRICE`].
    #[error("amount must be between 0 and 100000000000 minor units")]
    Amount,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(amount: i64) -> Money {
        Money {
            amount,
            currency: Currency::parse("USD").unwrap(),
        }
    }

    #[test]
    fn people_read_money_with_its_currencys_point() {
        let shown = |amount, code| {
            let currency = Currency::parse(code).unwrap();
            Money { amount, currency }.to_string()
        };
        assert_eq!(shown(1450, "USD"), "14.50 USD");
        assert_eq!(shown(5, "USD"), "0.05 USD");
        assert_eq!(shown(-105, "USD"), "-1.05 USD");
        assert_eq!(shown(0, "JPY"), "0 JPY");
        assert_eq!(shown(12345, "KWD"), "12.345 KWD");
        assert_eq!(shown(i64::MIN, "JPY"), "-9223372036854775808 JPY");
    }

    #[test]
    fn sums_and_products_are_checked() {
        assert_eq!(usd(1999).times(3), Some(usd(5997)));
        assert_eq!(usd(i64::MAX).times(2), None);
        assert_eq!(usd(i64::MAX).plus(usd(1)), None);
        let yen = Money {
            amount: 1,
            currency: Currency::parse("JPY").unwrap(),
        };
        assert_eq!(usd(1).plus(yen), None);
    }

    #[test]
    fn a_price_has_a_known_currency_and_lies_within_its_limits() {
        let body = |amount, currency: &str| {
            MoneyBody {
                amount,
                currency: currency.into(),
            }
            .price()
        };
        assert_eq!(body(0, "USD"), Ok(usd(0)));
        assert_eq!(body(Money::MAX_PRICE, "USD"), Ok(usd(Money::MAX_PRICE)));
        assert_eq!(body(Money::MAX_PRICE + 1, "USD"), Err(PriceError::Amount));
        assert_eq!(body(-1, "USD"), Err(PriceError::Amount));
        for code in ["usd", "ZZZ", "", "US", "USDX"] {
            assert_eq!(body(1, code), Err(PriceError::Currency), "{code}");
        }
    }
}
