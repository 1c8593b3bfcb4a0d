//! The Lambda function `audit-shop`.

fn main() -> Result<(), edge::Error> {
    edge::serve_events(operations::audit_shop)
}
