//! The Lambda function `get-stock`.

fn main() -> Result<(), edge::Error> {
    edge::serve(catalogue::get_stock)
}
