//! Readers in Python: released tables are ordinary Delta tables.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{output, root};

/// The Python of the tests' environment; says so and gives nothing where `tests/run` did not run.
pub fn interpreter() -> Option<PathBuf> {
    let python = std::env::var_os("PACTUM_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: readers in Python need tests/run, which sets PACTUM_TEST_PYTHON");
    }
    python
}

/// The rows of a Delta table's head, sorted by their first column.
pub fn read_delta(python: &Path, table: &Path) -> Value {
    let script = root().join("tests/python/read_delta.py");
    let output = output(Command::new(python).arg(script).arg(table));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_example_trains_publishes_and_reads_back() {
    let Some(python) = interpreter() else { return };
    let folder = tempfile::tempdir().unwrap();
    let output = output(
        Command::new(python)
            .arg(root().join("examples/python/train_and_publish.py"))
            .arg("--pactum")
            .arg(env!("CARGO_BIN_EXE_pactum"))
            .arg("--folder")
            .arg(folder.path()),
    );
    let text = String::from_utf8_lossy(&output.stdout);
    // Each failure ends the script before its last line. (Its exit status is the interpreter's, whose
    // shutdown the reader's threads may abort.)
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("release 1") && text.contains("read back"), "{text}\n{errors}");
    assert!(text.ends_with("a score of 1.5 was rejected; release 1 stays\n"), "{text}\n{errors}");
}
