//! Parses arguments, runs, and exits with the code of the outcome.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(pactum::cli::main())
}
