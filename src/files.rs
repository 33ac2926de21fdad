//! Files of the user's own: readable by nobody else whatever the umask, and written whole or not at all.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempPath;

/// Writes a file that is not there yet. Until it is whole it stands beside its place under a name that begins with a dot, so
/// that its beginning is never taken for the whole, not even when the program is killed.
///
/// # Errors
/// When the file is there already, which it stays as it is, or cannot be written: nothing is left of it then.
pub fn write_new<T>(path: &Path, write: T) -> io::Result<()>
where
    T: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    // Said before all is written for nothing; what comes meanwhile is found by `persist_noclobber`.
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let (beside, file) = loop {
        let beside = beside(path)?;
        match own(OpenOptions::new().write(true).create_new(true)).open(&beside) {
            // Left there by a process with our number that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            file => break (beside, file?),
        }
    };
    // It goes when anything below fails.
    let beside = TempPath::try_from_path(beside)?;
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    drop(file);
    beside.persist_noclobber(path).map_err(|error| error.error)
}

/// The options, for a file that only its owner reads.
pub fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes the folder of a file, where it is not there: the user's own as well, as XDG asks.
///
/// # Errors
/// When it cannot be made.
pub fn folder_of(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| match error.kind() {
        // A file has its name, which is not the file that was to be written.
        io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
        _ => error,
    })
}

/// What can be done about a file that cannot be written.
#[must_use]
pub fn advice(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => "make room, or choose another place",
        Kind::NotFound => "its folder must be there first",
        Kind::NotADirectory => "a file stands where its folder should be",
        Kind::PermissionDenied => "choose a place that you may write to",
        Kind::ReadOnlyFilesystem => "that disk can only be read: choose another place",
        Kind::IsADirectory => "that is a folder: a file's name is missing",
        _ => "choose another place",
    }
}

/// A name in the same folder that no other qwatch takes, and not longer than the folder's disk allows.
fn beside(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".qwatch-{}-{count}.part", std::process::id())))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A container's first process has the same number each time.
    #[test]
    fn what_a_killed_process_left_is_in_nobodys_way() {
        let folder = tempfile::tempdir().expect("a folder");
        for count in 0..100 {
            let left = format!(".qwatch-{}-{count}.part", std::process::id());
            std::fs::write(folder.path().join(left), "left").expect("written");
        }
        let place = folder.path().join("all.ndjson");
        write_new(&place, |out| out.write_all(b"whole")).expect("written");
        assert_eq!(std::fs::read(&place).expect("read"), b"whole");
    }

    #[test]
    fn the_name_stands_for_the_whole_file_or_for_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("export.csv");
        let half = write_new(&path, |out| {
            out.write_all(&b"x".repeat(1 << 20))?;
            // Whoever looks, or kills us, now finds no half file under the name.
            assert!(!path.exists());
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(half.map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
        assert_eq!(folder.path().read_dir().expect("entries").count(), 0);
        write_new(&path, |out| out.write_all(b"whole")).expect("written");
        assert_eq!(std::fs::read(&path).expect("read"), b"whole");
    }

    #[test]
    fn a_file_that_is_there_stays_even_if_it_came_while_the_other_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("export.csv");
        let late = write_new(&path, |out| {
            std::fs::write(&path, "somebody else's")?;
            out.write_all(b"ours")
        });
        let again = write_new(&path, |_| panic!("nothing is written for nothing"));
        for refused in [late, again] {
            assert_eq!(refused.map_err(|error| error.kind()), Err(io::ErrorKind::AlreadyExists));
        }
        assert_eq!(std::fs::read(&path).expect("read"), b"somebody else's");
        assert_eq!(folder.path().read_dir().expect("entries").count(), 1);
    }
}
