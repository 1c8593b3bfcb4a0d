//! What the operations that move an order on have in common.

use domain::{Caller, OrderId, Role};
use edge::{HttpRequest, Problem, path_id};
use store::orders::{
    OrderNotFound,
    advance::{Actor, Advance, Change},
};

/// The order named in the path. What can't be an id names none.
pub(crate) fn order_id(request: &HttpRequest) -> Result<OrderId, Problem> {
    Ok(OrderId::parse(path_id(request, "order_id")).ok_or(OrderNotFound)?)
}

/// The caller's part towards an order.
pub(crate) fn actor(caller: &Caller) -> Actor {
    match caller.role {
        // A guest has no orders, so they own none.
        Role::Customer | Role::Guest => Actor::Customer(caller.id.clone()),
        Role::Staff => Actor::Staff(caller.id.clone()),
    }
}

/// `change` as this caller brings it about.
pub(crate) fn advance(change: Change, caller: &Caller) -> Advance {
    let by = actor(caller);
    Advance { change, by }
}
