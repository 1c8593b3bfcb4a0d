//! The Lambda function `log-out`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::log_out)
}
