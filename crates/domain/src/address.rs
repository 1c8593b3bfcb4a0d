//! Where an order is sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{FieldError, LINE, line};

const FIELD: usize = 100;

/// A postal address. Each field has at most 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with the members of an address"
)]
pub struct Address {
    /// Who receives it.
    #[schemars(length(min = 1, max = FIELD), regex(pattern = LINE))]
    pub name: String,
    /// Street and number.
    #[schemars(length(min = 1, max = FIELD), regex(pattern = LINE))]
    pub line1: String,
    /// Anything more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = FIELD), regex(pattern = LINE))]
    pub line2: Option<String>,
    /// Town.
    #[schemars(length(min = 1, max = FIELD), regex(pattern = LINE))]
    pub city: String,
    /// State, county or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = FIELD), regex(pattern = LINE))]
    pub region: Option<String>,
    /// Postal code.
    #[schemars(length(min = 1, max = FIELD), regex(pattern = LINE))]
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code.
    #[schemars(regex(pattern = "^[A-Z]{2}$"), example = &"DE")]
    pub country: String,
}

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A field is empty, too long or holds control characters.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The country is none.
    #[error(
        "the member shipping_address.country must be an upper-case ISO 3166-1 alpha-2 code such as DE"
    )]
    Country,
}

impl Address {
    /// The address, if every field is within its limits.
    pub fn validated(self) -> Result<Self, AddressError> {
        let optional =
            |name, text: Option<String>| text.map(|text| line(name, text, FIELD)).transpose();
        let country = self.country;
        if country.len() != 2
            || rust_iso3166::from_alpha2(&country).is_none_or(|known| known.alpha2 != country)
        {
            return Err(AddressError::Country);
        }
        Ok(Self {
            name: line("shipping_address.name", self.name, FIELD)?,
            line1: line("shipping_address.line1", self.line1, FIELD)?,
            line2: optional("shipping_address.line2", self.line2)?,
            city: line("shipping_address.city", self.city, FIELD)?,
            region: optional("shipping_address.region", self.region)?,
            postal_code: line("shipping_address.postal_code", self.postal_code, FIELD)?,
            country,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextError;

    fn address() -> Address {
        Address {
            name: "Ann".into(),
            line1: "1 Main St".into(),
            line2: None,
            city: "Springfield".into(),
            region: None,
            postal_code: "12345".into(),
            country: "US".into(),
        }
    }

    #[test]
    fn a_plain_address_is_accepted() {
        assert_eq!(address().validated(), Ok(address()));
    }

    #[test]
    fn bad_fields_are_named() {
        let long = Address {
            city: "x".repeat(101),
            ..address()
        };
        assert_eq!(
            long.validated(),
            Err(AddressError::Field(FieldError {
                field: "shipping_address.city",
                reason: TextError::TooLong { max: 100 }
            }))
        );
        for country in ["", "us", "USA", "XX", "ü"] {
            let bad = Address {
                country: country.into(),
                ..address()
            };
            assert_eq!(bad.validated(), Err(AddressError::Country), "{country}");
        }
    }
}
