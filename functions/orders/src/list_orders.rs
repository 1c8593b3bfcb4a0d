use domain::{Order, OrderStatus, Role};
use edge::{CursorScope, Problem, Query, Request, Response, Slug, ok};
use serde::Serialize;

use crate::OrderLists;

#[derive(Serialize)]
struct Body {
    items: Vec<Order>,
    next_cursor: Option<String>,
}

/// `GET /orders?status=`: the caller's orders, or everybody's for staff, newest first.
///
/// 200 list of orders · 400 invalid-parameter, invalid-cursor
pub async fn list_orders(shop: &OrderLists, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.caller(&request)?;
    let query = Query::of(&request);
    let limit = query.limit()? as usize;
    let status = status(&query)?;
    let scope = CursorScope::new("list-orders", Some(&caller))
        .with("status", status.map(OrderStatus::as_str));
    let after = query
        .cursor()?
        .map(|cursor| shop.cursor_key.open(&scope, cursor))
        .transpose()?;
    let part = match caller.role {
        Role::Customer => {
            shop.orders
                .of_customer(&caller.id, status, limit, after)
                .await?
        }
        Role::Staff => shop.orders.of_everybody(status, limit, after).await?,
    };
    let next = part
        .next
        .map(|next| shop.cursor_key.seal(&scope, &next))
        .transpose()?;
    ok(&Body {
        items: part.items,
        next_cursor: next,
    })
}

fn status(query: &Query) -> Result<Option<OrderStatus>, Problem> {
    let parse = |name| {
        OrderStatus::parse(name).ok_or_else(|| {
            Problem::new(Slug::InvalidParameter)
                .detail(
                    "The parameter status must be one of placed, paid, shipped, delivered, expired, cancelled, \
                     refunded.",
                )
        })
    };
    query.text("status")?.map(parse).transpose()
}
