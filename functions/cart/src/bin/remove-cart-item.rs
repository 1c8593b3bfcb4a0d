//! The Lambda function `remove-cart-item`.

fn main() -> Result<(), edge::Error> {
    edge::serve(cart::remove_cart_item)
}
