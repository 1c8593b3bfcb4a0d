//! The Lambda function `merge-cart`.

fn main() -> Result<(), edge::Error> {
    edge::serve(cart::merge_cart)
}
