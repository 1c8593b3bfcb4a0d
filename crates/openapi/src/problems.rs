//! Problems as the document has them: each is a schema of its own, whole.

use domain::{
    OrderId, OrderStatus,
    new_order::{PriceChange, Shortage},
};
use edge::Slug;
use serde_json::{Value, json};

use crate::types::Schemas;

/// The reference to a problem's schema.
pub(crate) fn reference(slug: Slug) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", name(slug))})
}

/// Adds the schema of a problem.
pub(crate) fn add(slug: Slug, schemas: &mut Schemas) {
    let mut schema = json!({
        "description": slug.detail(),
        "type": "object",
        "properties": {
            "type": {"const": format!("/problems/{}", slug.as_str())},
            "title": {"const": slug.title()},
            "status": {"const": slug.status().as_u16()},
            "detail": {"type": "string", "description": "What is wrong and what to do, for people."},
            "instance": {"type": "string", "description": "The request's id."},
        },
        "required": ["type", "title", "status", "detail", "instance"],
    });
    for Member {
        name,
        is_always_there,
        value,
    } in members(slug, schemas)
    {
        schema["properties"][name] = value;
        if is_always_there && let Some(required) = schema["required"].as_array_mut() {
            required.push(json!(name));
        }
    }
    schemas.add(name(slug), schema);
}

struct Member {
    name: &'static str,
    is_always_there: bool,
    value: Value,
}

/// The members that a problem has beside the standard ones. Where problems are made, in `edge::problem`, they are put in;
/// that both say the same is shown by the tests over HTTP, which hold every answer against the document.
fn members(slug: Slug, schemas: &mut Schemas) -> Vec<Member> {
    let always = |name, value| Member {
        name,
        is_always_there: true,
        value,
    };
    match slug {
        Slug::OutOfStock => vec![always("items", schemas.answered::<Vec<Shortage>>())],
        Slug::PriceChanged => vec![always("items", schemas.answered::<Vec<PriceChange>>())],
        Slug::ProductUnavailable => vec![always("product_ids", schemas.answered::<Vec<String>>())],
        Slug::OpenOrders => vec![always("order_ids", schemas.answered::<Vec<OrderId>>())],
        Slug::InvalidTransition => vec![always("order_status", schemas.answered::<OrderStatus>())],
        Slug::InsufficientStock => vec![always("available", schemas.answered::<i64>())],
        Slug::CartChanged => vec![
            always("cart_version", schemas.answered::<u64>()),
            Member {
                name: "order_id",
                is_always_there: false,
                value: schemas.answered::<OrderId>(),
            },
        ],
        _ => Vec::new(),
    }
}

/// `out-of-stock` is `OutOfStockProblem`.
fn name(slug: Slug) -> String {
    let words = slug.as_str().split('-');
    let words: String = words.map(crate::comment::capitalised).collect();
    words + "Problem"
}
