//! A product as clients see it.

use domain::{Caller, Money, Product, ProductId, Role, Timestamp};
use edge::Response;
use schemars::JsonSchema;
use serde::Serialize;
use store::catalogue::product::Listed;

/// A product's JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Product")]
pub struct ProductView {
    id: ProductId,
    title: String,
    description: Option<String>,
    category: Option<String>,
    price: Money,
    image_url: Option<String>,
    active: bool,
    /// Alone; it may lag by seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<i64>,
    /// In a list; it may lag by seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_stock: Option<bool>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    stock_buckets: Option<u8>,
}

impl ProductView {
    /// The product by itself.
    pub(crate) fn alone(product: Product, to: Option<&Caller>) -> Self {
        let available = Some(product.available);
        Self {
            available,
            ..Self::new(product, to)
        }
    }

    /// The product in a list.
    pub(crate) fn listed(listed: Listed, to: Option<&Caller>) -> Self {
        Self {
            in_stock: Some(listed.in_stock),
            ..Self::new(listed.product, to)
        }
    }

    fn new(product: Product, to: Option<&Caller>) -> Self {
        Self {
            stock_buckets: is_staff(to).then_some(product.buckets),
            id: product.id,
            title: product.title,
            description: product.description,
            category: product.category,
            price: product.price,
            image_url: product.image_url,
            active: product.active,
            available: None,
            in_stock: None,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

/// Whether somebody is one of the shop's people, who see inactive products too.
pub(crate) fn is_staff(caller: Option<&Caller>) -> bool {
    caller.is_some_and(|caller| caller.role == Role::Staff)
}

/// Lets everybody's caches keep for five seconds what is the same for everybody without a session.
pub(crate) fn for_caches<T>(answer: Response<T>, caller: Option<&Caller>) -> Response<T> {
    match caller {
        None => answer.public_for(5),
        Some(_) => answer,
    }
}
