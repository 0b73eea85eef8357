//! Parses arguments, runs, and exits with the code that says what came of it.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(pactum::cli::main())
}
