//! The Lambda function `get-cart`.

fn main() -> Result<(), edge::Error> {
    edge::serve(cart::get_cart)
}
