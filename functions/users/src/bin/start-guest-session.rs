//! The Lambda function `start-guest-session`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::start_guest_session)
}
