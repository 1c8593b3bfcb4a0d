//! Standard output, which somebody may stop reading.

use std::io::{ErrorKind, Write};

use crate::error::Failure;

/// Prints a text. Whoever stops reading it, as `head` does, has seen enough, and still learns the end from the exit code.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match printed {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(Failure::at("standard output")),
    }
}
