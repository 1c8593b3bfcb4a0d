use domain::{Order, OrderStatus, Role};
use edge::{CursorScope, Page, Problem, Query, Request, Response, Slug, ok};

use crate::OrderLists;

/// `GET /orders?status=`: the caller's orders, or everybody's for staff, newest first.
///
/// 200 list of orders
pub async fn list_orders(
    shop: &OrderLists,
    request: Request,
) -> Result<Response<Page<Order>>, Problem> {
    let caller = shop.sessions.account(&request)?;
    let query = Query::of(&request);
    let (limit, status) = (query.limit()?, status(&query)?);
    let scope = CursorScope::new("list-orders", Some(&caller))
        .with("status", status.map(OrderStatus::as_str));
    let after = shop.cursor_key.after(&scope, &query)?;
    let orders = &shop.orders;
    let part = match caller.role {
        Role::Customer | Role::Guest => {
            orders.of_customer(&caller.id, status, limit, after).await?
        }
        Role::Staff => orders.of_everybody(status, limit, after).await?,
    };
    ok(&shop.cursor_key.page(&scope, part.items, part.next)?)
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
