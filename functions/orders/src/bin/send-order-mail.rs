//! The Lambda function `send-order-mail`.

fn main() -> Result<(), edge::Error> {
    edge::serve_events(orders::send_order_mail)
}
