//! Files that hold secrets.

use std::{io::Write, path::Path};

use tempfile::NamedTempFile;

/// Writes a file that only its owner can read: all of it, or nothing.
pub fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    // It is its owner's alone from the start, and in the same folder, so that it can take the other's place at once.
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        std::fs::create_dir_all(taken.join("by a folder")).unwrap();
        assert!(write_private(&taken, "secret").is_err());
        let left = std::fs::read_dir(folder.path()).unwrap();
        assert_eq!(left.count(), 1);
    }
}
