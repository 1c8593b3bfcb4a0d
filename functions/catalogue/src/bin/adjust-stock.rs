//! The Lambda function `adjust-stock`.

fn main() -> Result<(), edge::Error> {
    edge::serve(catalogue::adjust_stock)
}
