//! The Lambda function `send-account-mail`.

fn main() -> Result<(), edge::Error> {
    edge::serve_events(users::send_account_mail)
}
