//! The Lambda function `deliver-order`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::deliver_order)
}
