//! The Lambda function `list-stock-movements`.

fn main() -> Result<(), edge::Error> {
    edge::serve(catalogue::list_stock_movements)
}
