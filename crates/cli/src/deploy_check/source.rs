//! A copy of the workspace, as Git sees it: what is built, deployed and changed is the copy, so that neither the sources nor
//! what was built of them are touched.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::tool::Tool;
use crate::error::Failure;

/// The copy.
pub struct Source {
    /// Its root folder.
    pub root: PathBuf,
}

impl Source {
    /// Brings the copy in `folder` in step with the workspace at `root`. A file that is as it was keeps its time, so that
    /// Cargo compiles nothing again.
    pub async fn copy(root: &Path, folder: PathBuf, log: PathBuf) -> Result<Self, Failure> {
        let listed = Tool::new("git ls-files", "git", log)
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .within(root)
            .run(|_| ())
            .await?;
        let listed = listed
            .trim_end()
            .split('\0')
            .filter(|name| !name.is_empty());
        // What was deleted is listed until that is committed.
        let listed: BTreeSet<PathBuf> = listed
            .map(PathBuf::from)
            .filter(|name| root.join(name).is_file())
            .collect();
        std::fs::create_dir_all(&folder).map_err(Failure::at(&folder))?;
        // First, since what was a folder may be a file now, or the other way round.
        remove_others(&folder, Path::new(""), &listed)?;
        for name in &listed {
            let (from, to) = (root.join(name), folder.join(name));
            let wanted = std::fs::read(&from).map_err(Failure::at(&from))?;
            if std::fs::read(&to).is_ok_and(|there| there == wanted) {
                continue;
            }
            if let Some(parent) = to.parent() {
                std::fs::create_dir_all(parent).map_err(Failure::at(parent))?;
            }
            std::fs::copy(&from, &to).map_err(Failure::at(&to))?;
        }
        Ok(Self { root: folder })
    }

    /// Puts `new` in the place of `old` in a file, where it stands once.
    pub fn change(&self, file: &str, old: &str, new: &str) -> Result<(), Failure> {
        let file = self.root.join(file);
        let text = std::fs::read_to_string(&file).map_err(Failure::at(&file))?;
        if text.matches(old).count() != 1 {
            let reason = format!("{old} does not stand there once");
            return Err(Failure::Malformed { file, reason });
        }
        std::fs::write(&file, text.replace(old, new)).map_err(Failure::at(&file))
    }
}

/// What SAM builds stays where it is.
const BUILT: &str = ".aws-sam";

fn remove_others(root: &Path, within: &Path, wanted: &BTreeSet<PathBuf>) -> Result<(), Failure> {
    let folder = root.join(within);
    let entries = std::fs::read_dir(&folder).map_err(Failure::at(&folder))?;
    for entry in entries {
        let entry = entry.map_err(Failure::at(&folder))?;
        let name = within.join(entry.file_name());
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && name != Path::new(BUILT) {
            remove_others(root, &name, wanted)?;
            // It stays when something is left in it.
            let _ = std::fs::remove_dir(entry.path());
        } else if !is_folder && !wanted.contains(&name) {
            std::fs::remove_file(entry.path()).map_err(Failure::at(entry.path()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that Git knows, with these files.
    async fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Tool::new("git init", "git", folder.path().join("log"))
            .args(["init", "--quiet"])
            .within(folder.path())
            .run(|_| ())
            .await
            .unwrap();
        folder
    }

    async fn copy(from: &Path, to: &Path) -> Source {
        let log = from.join("log");
        Source::copy(from, to.to_owned(), log).await.unwrap()
    }

    #[tokio::test]
    async fn the_copy_follows_the_workspace_but_for_what_git_ignores() {
        let files = [("a", "1"), ("b", "2"), ("secret", "3")];
        let from = repository(&files).await;
        std::fs::write(from.path().join(".gitignore"), "secret\nlog\n").unwrap();
        let to = tempfile::tempdir().unwrap();
        let source = copy(from.path(), to.path()).await;
        let time = |name: &str| to.path().join(name).metadata().unwrap().modified().unwrap();
        let before = time("a");
        assert!(!to.path().join("secret").exists());

        source.change("b", "2", "changed").unwrap();
        std::fs::write(from.path().join("c"), "new").unwrap();
        copy(from.path(), to.path()).await;
        let read = |name: &str| std::fs::read_to_string(to.path().join(name)).unwrap();
        assert_eq!((read("b"), read("c")), ("2".into(), "new".into()));
        assert_eq!(time("a"), before);

        std::fs::remove_file(from.path().join("c")).unwrap();
        std::fs::create_dir(from.path().join("c")).unwrap();
        std::fs::write(from.path().join("c/d"), "below").unwrap();
        copy(from.path(), to.path()).await;
        assert_eq!(read("c/d"), "below");

        std::fs::remove_dir_all(from.path().join("c")).unwrap();
        std::fs::write(from.path().join("c"), "a file again").unwrap();
        copy(from.path(), to.path()).await;
        assert_eq!(read("c"), "a file again");
    }

    #[tokio::test]
    async fn a_change_that_does_not_apply_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "xx").unwrap();
        let source = Source {
            root: folder.path().to_owned(),
        };
        assert!(source.change("a", "x", "y").is_err());
        assert!(source.change("a", "z", "y").is_err());
        assert!(source.change("nothing", "z", "y").is_err());
    }
}
