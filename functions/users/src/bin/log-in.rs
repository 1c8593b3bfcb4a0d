//! The Lambda function `log-in`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::log_in)
}
