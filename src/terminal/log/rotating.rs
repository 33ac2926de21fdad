//! A log of bounded size: when a file is full it is kept as the older part, and another begins.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files;

/// A file, `qwatch.log`, and the part before it, `qwatch.log.1`. Writing to it never fails: whoever logs could do nothing
/// about it, and would say so on top of the screen.
pub(super) struct Rotating {
    path: PathBuf,
    file: Option<File>,
    /// Bytes of one file: half of what both may hold.
    largest: u64,
    /// Entries that could not be written since the last one that could.
    lost: u64,
    tell: Box<dyn Fn(String) + Send>,
}

impl Rotating {
    /// Goes on where the log ends. `largest` is in bytes and of both parts together.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(super) fn open(path: PathBuf, largest: u64, tell: Box<dyn Fn(String) + Send>) -> io::Result<Self> {
        files::folder_of(&path)?;
        let file = Some(open(&path)?);
        Ok(Self { path, file, largest: largest / 2, lost: 0, tell })
    }

    fn append(&mut self, entry: &[u8]) -> io::Result<()> {
        let gap = if self.lost > 0 {
            format!("\n{} entries are missing here, which could not be written\n", self.lost)
        } else {
            String::new()
        };
        // An entry that is larger than a file is cut.
        let entry =
            &entry[..entry.len().min(usize::try_from(self.largest).unwrap_or(usize::MAX) - gap.len())];
        let mut file = self.with_room_for((gap.len() + entry.len()) as u64)?;
        file.write_all(gap.as_bytes())?;
        file.write_all(entry)
    }

    /// The file, or a new one where it is full. Its length is asked for, since another qwatch may write to it as well.
    fn with_room_for(&mut self, bytes: u64) -> io::Result<&File> {
        let file = self.file.take().map_or_else(|| open(&self.path), Ok)?;
        let full = file.metadata()?.len().saturating_add(bytes) > self.largest;
        let file = if full { self.rotate(file)? } else { file };
        Ok(self.file.insert(file))
    }

    fn rotate(&self, full: File) -> io::Result<File> {
        // Where another qwatch was first, the log is a new one already, and must not push out the part just kept.
        if is_at(&full, &self.path) {
            drop(full);
            std::fs::rename(&self.path, older(&self.path))?;
        }
        open(&self.path)
    }
}

impl Write for Rotating {
    /// Takes an entry, which tracing writes in one piece.
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        match self.append(entry) {
            Ok(()) => self.lost = 0,
            Err(error) => {
                self.lost += 1;
                // Told once: the telling is logged as well.
                if self.lost == 1 {
                    let (shown, advice) = (self.path.display(), files::advice(&error));
                    (self.tell)(format!(
                        "cannot write to the log {shown}: {error}; watching goes on without ({advice})"
                    ));
                }
            }
        }
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// It names endpoints and may hold what faults said, so it is the user's own.
fn open(path: &Path) -> io::Result<File> {
    files::own(OpenOptions::new().create(true).append(true)).open(path)
}

fn older(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".1");
    name.into()
}

/// Whether this is still the file at that place.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = |ours: std::fs::Metadata, found: std::fs::Metadata| {
        (ours.dev(), ours.ino()) == (found.dev(), found.ino())
    };
    file.metadata().ok().zip(path.metadata().ok()).is_some_and(|(ours, found)| same(ours, found))
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const LARGEST: u64 = 2_000;

    struct Kept {
        folder: tempfile::TempDir,
        told: Arc<Mutex<Vec<String>>>,
    }

    impl Kept {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().expect("a folder"), told: Arc::default() }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("state/qwatch.log")
        }

        fn log(&self) -> Rotating {
            let told = Arc::clone(&self.told);
            let tell = move |what| told.lock().expect("told").push(what);
            Rotating::open(self.path(), LARGEST, Box::new(tell)).expect("a log")
        }

        /// The older part and then the newer one.
        fn text(&self) -> String {
            let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
            read(&older(&self.path())) + &read(&self.path())
        }

        fn told(&self) -> Vec<String> {
            self.told.lock().expect("told").clone()
        }
    }

    fn entry(number: usize) -> String {
        format!("entry {number:04} of a log that says something\n")
    }

    #[test]
    fn the_newest_entries_are_kept_in_order_and_both_parts_hold_no_more_than_they_may() {
        let kept = Kept::new();
        let mut log = kept.log();
        for number in 0..500 {
            log.write_all(entry(number).as_bytes()).expect("written");
            let text = kept.text();
            assert!(text.len() as u64 <= LARGEST, "{}", text.len());
            // All of the older part is there: what is in hand reaches back by a whole file, once there was one.
            let held = text.lines().count();
            assert!(held > 20.min(number), "{held} entries after {number}");
            let expected: String = (number + 1 - held..=number).map(entry).collect();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_later_start_goes_on_in_the_same_file() {
        let kept = Kept::new();
        kept.log().write_all(b"first\n").expect("written");
        kept.log().write_all(b"second\n").expect("written");
        assert_eq!(kept.text(), "first\nsecond\n");
    }

    #[test]
    fn two_that_write_the_same_log_lose_nothing_of_each_other_by_rotating() {
        let kept = Kept::new();
        let mut logs = [kept.log(), kept.log()];
        for number in 0..40 {
            logs[number % 2].write_all(entry(number).as_bytes()).expect("written");
        }
        assert_eq!(kept.text(), (0..40).map(entry).collect::<String>());
    }

    #[test]
    fn an_entry_larger_than_a_file_is_cut() {
        let kept = Kept::new();
        kept.log().write_all(&[b'x'; 10_000]).expect("written");
        assert_eq!(kept.text().len() as u64, LARGEST / 2);
    }

    #[test]
    fn a_log_that_cannot_be_written_is_told_once_and_says_what_is_missing_when_it_can_again() {
        let kept = Kept::new();
        let mut log = kept.log();
        log.write_all(&[b'x'; 990]).expect("written");
        // A folder stands where the full file would be kept.
        std::fs::create_dir_all(older(&kept.path()).join("in the way")).expect("made");
        for _ in 0..3 {
            assert!(log.write_all(entry(0).as_bytes()).is_ok(), "whoever logs is not told");
        }
        assert_eq!(kept.told().len(), 1, "{:?}", kept.told());
        assert!(kept.told()[0].starts_with("cannot write to the log "), "{:?}", kept.told());
        std::fs::remove_dir_all(older(&kept.path())).expect("removed");
        log.write_all(b"well again\n").expect("written");
        assert!(
            kept.text().ends_with("\n3 entries are missing here, which could not be written\nwell again\n")
        );
    }
}
