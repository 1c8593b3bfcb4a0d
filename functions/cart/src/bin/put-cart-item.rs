//! The Lambda function `put-cart-item`.

fn main() -> Result<(), edge::Error> {
    edge::serve(cart::put_cart_item)
}
