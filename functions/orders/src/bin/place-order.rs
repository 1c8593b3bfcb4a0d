//! The Lambda function `place-order`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::place_order)
}
