//! The right to change a shop's keys.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use super::KeysError;

/// The right to change the keys in a file, from the look at them until what follows is written: two who read the same keys and
/// write other ones would lose what one of them did. Given back when dropped or when the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the right to change the keys in `keys`, or says that somebody else has it.
    pub fn take(keys: &Path) -> Result<Self, KeysError> {
        // Not on the file itself, in whose place another one is put.
        let file = keys.with_extension("lock");
        let wrong = |source| KeysError::File {
            file: file.clone(),
            source,
        };
        let opened = open(&file).map_err(wrong)?;
        match opened.try_lock() {
            Ok(()) => Ok(Self { _file: opened }),
            Err(TryLockError::WouldBlock) => Err(KeysError::Busy {
                file: PathBuf::from(keys),
            }),
            Err(TryLockError::Error(source)) => Err(wrong(source)),
        }
    }
}

fn open(file: &Path) -> std::io::Result<File> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // As all that lies beside it.
        options.mode(0o600);
    }
    options.open(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_may_change_the_keys_of_a_shop() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|shop| folder.path().join(shop).join("keys.json"));
        let lock = Lock::take(&one).unwrap();
        let busy = Lock::take(&one).unwrap_err();
        assert!(matches!(&busy, KeysError::Busy { file } if *file == one));
        Lock::take(&other).unwrap();
        drop(lock);
        Lock::take(&one).unwrap();
    }
}
