//! What a command is given: on the command line, from a file or from standard input.

use std::fs;
use std::io::{self, Read};

use crate::failure::Failure;

/// A value from the command line; `-` stands for all of standard input.
pub(crate) fn value_or_stdin(value: String) -> Result<Vec<u8>, Failure> {
    if value == "-" { stdin() } else { Ok(value.into_bytes()) }
}

/// The content of a file; `-` stands for standard input.
pub(crate) fn file_or_stdin(path: &str) -> Result<Vec<u8>, Failure> {
    if path == "-" {
        return stdin();
    }
    fs::read(path).map_err(|error| Failure::local(format!("cannot read {path}: {error}")))
}

fn stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::local(format!("cannot read standard input: {error}"))),
    }
}
