//! The files that follow from `infra/`, and what each ought to hold.

use std::path::Path;

use super::marks::Marks;
use crate::error::Failure;

/// What is wanted of the clone.
pub struct Wanted<'r> {
    root: &'r Path,
    files: Vec<(String, String)>,
    /// What can't be written, each a sentence with the way out.
    pub impossible: Vec<String>,
}

impl<'r> Wanted<'r> {
    /// Nothing yet, of the clone in this folder.
    pub fn of(root: &'r Path) -> Self {
        Self {
            root,
            files: Vec::new(),
            impossible: Vec::new(),
        }
    }

    /// What the file holds now, if it is there. Files are named from the clone's root on.
    pub fn now(&self, file: &str) -> Result<Option<String>, Failure> {
        let file = self.root.join(file);
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::at(file)(error)),
        }
    }

    /// A file that is written whole.
    pub fn file(&mut self, file: impl Into<String>, text: String) {
        self.files.push((file.into(), text));
    }

    /// A file that is written between its marks.
    pub fn part(&mut self, file: &str, marks: Marks, part: &str) -> Result<(), Failure> {
        let now = self.now(file)?.unwrap_or_default();
        match marks.fill(&now, part) {
            Some(text) => self.file(file, text),
            None => self.impossible.push(format!(
                "{file} has no marks to write between; put these two lines where the part belongs, then run \
                 `cargo shop sync`:\n{}{}",
                marks.begin(),
                marks.end().trim_end()
            )),
        }
        Ok(())
    }

    /// The files that are not as they ought to be.
    pub fn differing(&self) -> Result<Vec<&(String, String)>, Failure> {
        let mut differing = Vec::new();
        for wanted in &self.files {
            let (file, text) = wanted;
            if self.now(file)?.as_deref() != Some(text) {
                differing.push(wanted);
            }
        }
        Ok(differing)
    }

    /// Writes them, and says which.
    pub fn write(&self) -> Result<(), Failure> {
        for (file, text) in self.differing()? {
            let place = self.root.join(file);
            if let Some(folder) = place.parent() {
                std::fs::create_dir_all(folder).map_err(Failure::at(folder))?;
            }
            std::fs::write(&place, text).map_err(Failure::at(&place))?;
            println!("wrote {file}");
        }
        Ok(())
    }
}
