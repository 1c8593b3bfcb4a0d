//! What is sold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Money, ProductId, Timestamp,
    money::{MoneyBody, PriceError},
    text::{FieldError, LINE, PROSE, SLUG, is_slug, line, prose},
};

/// The most buckets a product's stock may be split into.
pub const MAX_BUCKETS: u8 = 64;

/// A product as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its name, 1 to 100 characters.
    pub title: String,
    /// What it is, up to 4,000 characters.
    pub description: Option<String>,
    /// The category it is listed in.
    pub category: Option<String>,
    /// Price of one piece.
    pub price: Money,
    /// An http or https URL.
    pub image_url: Option<String>,
    /// Whether customers may see and buy it.
    pub active: bool,
    /// Raised whenever title, price or activity change; what is bought is bought at one offer.
    pub offer_version: u64,
    /// How many buckets are tried first, 1 to 64.
    pub buckets: u8,
    /// How many buckets there have ever been; none is ever removed.
    pub buckets_ever: u8,
    /// Pieces available as far as the stream has told, which may lag by seconds.
    pub available: i64,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it was last put.
    pub updated_at: Timestamp,
}

impl Product {
    /// The part of it that an order depends on.
    pub fn offer(&self) -> Offer {
        Offer {
            product_id: self.id.clone(),
            title: self.title.clone(),
            price: self.price,
            active: self.active,
            version: self.offer_version,
            buckets: self.buckets,
            buckets_ever: self.buckets_ever,
        }
    }
}

/// What a product is sold as and for, at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub title: String,
    /// Price of one piece.
    pub price: Money,
    /// Whether it is sold at all.
    pub active: bool,
    /// The offer's version.
    pub version: u64,
    /// How many buckets are tried first.
    pub buckets: u8,
    /// How many buckets may hold stock.
    pub buckets_ever: u8,
}

/// The body of `put-product`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the contract's names
pub struct ProductBody {
    #[schemars(length(min = 1, max = 100), regex(pattern = LINE))]
    pub title: String,
    #[schemars(length(min = 1, max = 4000), regex(pattern = PROSE))]
    pub description: Option<String>,
    #[schemars(regex(pattern = SLUG))]
    pub category: Option<String>,
    pub price: MoneyBody,
    #[schemars(regex(pattern = "^https?://[!-~]+$"), length(max = 2000))]
    pub image_url: Option<String>,
    pub active: Option<bool>,
    #[schemars(range(min = 1, max = MAX_BUCKETS))]
    pub stock_buckets: Option<i64>,
}

/// A product as staff want it to be, within all limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductDraft {
    /// Its id.
    pub id: ProductId,
    /// Its name.
    pub title: String,
    /// What it is.
    pub description: Option<String>,
    /// The category it is listed in.
    pub category: Option<String>,
    /// Price of one piece.
    pub price: Money,
    /// An http or https URL.
    pub image_url: Option<String>,
    /// Whether customers may see and buy it; unchanged (at first: true) when absent.
    pub active: Option<bool>,
    /// How many buckets are tried first; unchanged (at first: 1) when absent.
    pub buckets: Option<u8>,
}

/// Why a product is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProduct {
    /// The id in the path can be none.
    #[error("a product's id must be 1 to 64 characters out of a-z, 0-9 and -")]
    Id,
    /// A text breaks its rule.
    #[error(transparent)]
    Text(#[from] FieldError),
    /// The category is no slug.
    #[error("the member category must be 1 to 64 characters out of a-z, 0-9 and -")]
    Category,
    /// The price is none.
    #[error("the member price.{0}")]
    Price(PriceError),
    /// The image's address is none.
    #[error(
        "the member image_url must be an http or https URL of at most 2000 visible ASCII characters"
    )]
    ImageUrl,
    /// Too few or too many buckets.
    #[error("the member stock_buckets must be between 1 and 64")]
    Buckets,
}

impl ProductDraft {
    /// The product `id` as `body` describes it.
    pub fn parse(id: &str, body: ProductBody) -> Result<Self, InvalidProduct> {
        if body
            .category
            .as_deref()
            .is_some_and(|category| !is_slug(category))
        {
            return Err(InvalidProduct::Category);
        }
        if body
            .image_url
            .as_deref()
            .is_some_and(|url| !is_web_url(url))
        {
            return Err(InvalidProduct::ImageUrl);
        }
        Ok(Self {
            id: ProductId::parse(id).ok_or(InvalidProduct::Id)?,
            title: line("title", body.title, 100)?,
            description: body
                .description
                .map(|text| prose("description", text, 4000))
                .transpose()?,
            category: body.category,
            price: body.price.price().map_err(InvalidProduct::Price)?,
            image_url: body.image_url,
            active: body.active,
            buckets: body.stock_buckets.map(buckets).transpose()?,
        })
    }
}

fn buckets(number: i64) -> Result<u8, InvalidProduct> {
    match u8::try_from(number) {
        Ok(number @ 1..=MAX_BUCKETS) => Ok(number),
        _ => Err(InvalidProduct::Buckets),
    }
}

fn is_web_url(url: &str) -> bool {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && url.len() <= 2000
        && url.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextError;

    fn body() -> ProductBody {
        serde_json::from_str(r#"{"title":"Mug","price":{"amount":1200,"currency":"EUR"}}"#).unwrap()
    }

    #[test]
    fn title_and_price_suffice() {
        let draft = ProductDraft::parse("mug", body()).unwrap();
        assert_eq!(
            (draft.active, draft.buckets, draft.category),
            (None, None, None)
        );
    }

    #[test]
    fn each_broken_rule_is_named() {
        let refused = |change: fn(&mut ProductBody)| {
            let mut body = body();
            change(&mut body);
            ProductDraft::parse("mug", body).unwrap_err()
        };
        assert_eq!(ProductDraft::parse("Mug", body()), Err(InvalidProduct::Id));
        assert_eq!(
            refused(|b| b.title = "x".repeat(101)),
            InvalidProduct::Text(FieldError {
                field: "title",
                reason: TextError::TooLong { max: 100 }
            })
        );
        assert_eq!(
            refused(|b| b.description = Some(String::new())),
            InvalidProduct::Text(FieldError {
                field: "description",
                reason: TextError::Empty
            })
        );
        assert_eq!(
            refused(|b| b.category = Some("A B".into())),
            InvalidProduct::Category
        );
        assert_eq!(
            refused(|b| b.price.amount = -1),
            InvalidProduct::Price(PriceError::Amount)
        );
        assert_eq!(
            refused(|b| b.image_url = Some("javascript:alert(1)".into())),
            InvalidProduct::ImageUrl
        );
        for buckets in [0, 65, -1, i64::MAX] {
            assert_eq!(in_buckets(buckets), Err(InvalidProduct::Buckets));
        }
    }

    fn in_buckets(number: i64) -> Result<Option<u8>, InvalidProduct> {
        let body = ProductBody {
            stock_buckets: Some(number),
            ..body()
        };
        ProductDraft::parse("mug", body).map(|draft| draft.buckets)
    }

    #[test]
    fn a_product_lies_in_1_to_64_buckets() {
        for number in [1, 64] {
            assert_eq!(in_buckets(number), Ok(u8::try_from(number).ok()));
        }
    }

    #[test]
    fn an_image_is_on_the_web() {
        let long = |length: usize| format!("https://a/{}", "x".repeat(length - 10));
        for url in ["https://a.example/mug.png", "http://a", &long(2000)] {
            assert!(is_web_url(url), "{url}");
        }
        for url in [
            "",
            "ftp://a",
            "https://",
            "https:///a",
            "https://a b",
            "http://ü",
            &long(2001),
        ] {
            assert!(!is_web_url(url), "{url}");
        }
    }

    #[test]
    fn a_body_holds_no_unknown_and_no_repeated_member() {
        for text in [
            r#"{"title":"Mug","price":{"amount":1,"currency":"EUR"},"admin":true}"#,
            r#"{"title":"Mug","title":"Cup","price":{"amount":1,"currency":"EUR"}}"#,
            r#"{"title":"Mug","price":{"amount":1.5,"currency":"EUR"}}"#,
        ] {
            assert!(serde_json::from_str::<ProductBody>(text).is_err(), "{text}");
        }
    }
}
