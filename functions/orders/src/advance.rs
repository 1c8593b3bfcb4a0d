//! What the operations that move an order on have in common.

use domain::{Caller, OrderEvent, OrderId, Role};
use edge::{Problem, Request, path_id};
use store::orders::{
    OrderNotFound,
    advance::{Actor, Advance},
};

/// The order named in the path. What can't be an id names none.
pub(crate) fn order_id(request: &Request) -> Result<OrderId, Problem> {
    Ok(OrderId::parse(path_id(request, "order_id")).ok_or(OrderNotFound)?)
}

/// The caller's part towards an order.
pub(crate) fn actor(caller: &Caller) -> Actor {
    match caller.role {
        Role::Customer => Actor::Customer(caller.id.clone()),
        Role::Staff => Actor::Staff(caller.id.clone()),
    }
}

/// `event` as this caller brings it about.
pub(crate) fn advance(event: OrderEvent, caller: &Caller) -> Advance {
    Advance {
        event,
        by: actor(caller),
        shipment: None,
    }
}
