//! The types of every operation that has a route. Written by `cargo shop sync` from infra/.

use crate::types::{Schemas, Types};

/// The types of the operation with this name.
pub(crate) fn types(operation: &str, schemas: &mut Schemas) -> Option<Types> {
    let types = match operation {
        "register-user" => schemas.types(users::register_user),
        "log-in" => schemas.types(users::log_in),
        "refresh-session" => schemas.types(users::refresh_session),
        "log-out" => schemas.types(users::log_out),
        "start-guest-session" => schemas.types(users::start_guest_session),
        "get-profile" => schemas.types(users::get_profile),
        "change-password" => schemas.types(users::change_password),
        "delete-user" => schemas.types(users::delete_user),
        "get-jwks" => schemas.types(users::get_jwks),
        "request-email-verification" => schemas.types(users::request_email_verification),
        "verify-email" => schemas.types(users::verify_email),
        "request-password-reset" => schemas.types(users::request_password_reset),
        "reset-password" => schemas.types(users::reset_password),
        "list-products" => schemas.types(catalogue::list_products),
        "get-product" => schemas.types(catalogue::get_product),
        "put-product" => schemas.types(catalogue::put_product),
        "get-stock" => schemas.types(catalogue::get_stock),
        "adjust-stock" => schemas.types(catalogue::adjust_stock),
        "list-stock-movements" => schemas.types(catalogue::list_stock_movements),
        "buy-product" => schemas.types(catalogue::buy_product),
        "get-cart" => schemas.types(cart::get_cart),
        "put-cart-item" => schemas.types(cart::put_cart_item),
        "remove-cart-item" => schemas.types(cart::remove_cart_item),
        "merge-cart" => schemas.types(cart::merge_cart),
        "place-order" => schemas.types(orders::place_order),
        "get-order" => schemas.types(orders::get_order),
        "list-orders" => schemas.types(orders::list_orders),
        "pay-order" => schemas.types(orders::pay_order),
        "cancel-order" => schemas.types(orders::cancel_order),
        "ship-order" => schemas.types(orders::ship_order),
        "deliver-order" => schemas.types(orders::deliver_order),
        "refund-order" => schemas.types(orders::refund_order),
        "get-openapi" => schemas.types(contract::get_openapi),
        _ => return None,
    };
    Some(types)
}
