//! The Lambda function `request-password-reset`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::request_password_reset)
}
