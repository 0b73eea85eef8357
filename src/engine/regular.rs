//! Regular files, and nothing else: a pipe would block, a device would be read without end, and the
//! files under `/proc` describe this machine, not data.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};

/// Opens a regular file; never blocks on anything else.
///
/// # Errors
/// When it cannot be opened, or is something else.
pub fn open(path: &Path) -> Result<File> {
    let before = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
    refuse_special(path, &before)?;
    let file = without_waiting(path).map_err(|e| Error::io(path, e))?;
    let opened = file.metadata().map_err(|e| Error::io(path, e))?;
    refuse_special(path, &opened)?;
    Ok(file)
}

/// Opens whatever is there; does not block on a pipe in a file's place.
///
/// # Errors
/// When it cannot be opened.
pub fn without_waiting(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK);
    }
    options.open(path)
}

/// The bytes of a small regular file.
///
/// # Errors
/// When it cannot be read, is something else, or has more than `most` bytes.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    // One byte more shows that there are more, whatever its size claims.
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|e| Error::io(path, e))?;
    if bytes.len() <= most {
        return Ok(bytes);
    }
    let size = std::fs::metadata(path).map_or(most as u64 + 1, |m| m.len());
    Err(Error::mend("too-large", format!("the file has {size} bytes"))
        .at(path.display().to_string())
        .hint(format!("at most {most} bytes are read")))
}

/// Refuses what is not a regular file: pipes, devices, sockets, folders, and files of `/proc` and
/// `/sys`.
///
/// # Errors
/// Names the path and says what it is.
pub fn refuse_special(path: &Path, metadata: &Metadata) -> Result<()> {
    let what = match kind(metadata) {
        Some(what) => what,
        None if is_of_the_system(path) => "a file of the system",
        None => return Ok(()),
    };
    Err(Error::usage("not-a-file", format!("this is {what}, not a file"))
        .at(path.display().to_string())
        .hint("name a regular file; pipe data through standard input: … | pactum check … -"))
}

/// What it is, where it is not a regular file.
fn kind(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

fn is_of_the_system(path: &Path) -> bool {
    let real = std::fs::canonicalize(path);
    real.is_ok_and(|real| real.starts_with("/proc") || real.starts_with("/sys"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read_and_no_more_than_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().code(), "too-large");
        assert_eq!(read(folder.path(), 9).unwrap_err().code(), "not-a-file");
        assert_eq!(read(&folder.path().join("b"), 9).unwrap_err().code(), "not-found");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_sockets_and_files_of_the_system_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/proc/self/environ", &link).unwrap();
        for path in ["/dev/zero", "/proc/self/environ", "/sys/kernel/mm"] {
            assert_eq!(read(Path::new(path), 9).unwrap_err().code(), "not-a-file", "{path}");
        }
        for path in [&socket, &link] {
            assert_eq!(open(path).unwrap_err().code(), "not-a-file", "{}", path.display());
        }
    }
}
