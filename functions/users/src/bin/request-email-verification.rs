//! The Lambda function `request-email-verification`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::request_email_verification)
}
