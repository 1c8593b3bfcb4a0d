//! The Lambda function `record-stock-movements`.

fn main() -> Result<(), edge::Error> {
    edge::serve_events(catalogue::record_stock_movements)
}
