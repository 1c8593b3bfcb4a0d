//! The Lambda function `ship-order`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::ship_order)
}
