//! The Lambda function `delete-user`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::delete_user)
}
