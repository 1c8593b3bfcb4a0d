//! A copy of the workspace to plant bugs in. It has a target folder of its own: Cargo takes two workspaces for one when
//! their members have the same places in them, and the shop itself would be built with a bug in it.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use local_shop::{Workspace, functions::BuildError};

use super::same;

/// The copy.
pub struct WorkspaceCopy {
    root: PathBuf,
    target: PathBuf,
    /// Held, so that nobody else plants bugs in it meanwhile.
    _lock: File,
}

/// A copy can't be made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum NotCopied {
    #[error(transparent)]
    Workspace(#[from] BuildError),
    #[error("{}: {source}", file.display())]
    File { file: PathBuf, source: io::Error },
    #[error("bugs are being planted in it already; wait until that is over")]
    Taken,
}

/// What of the workspace is not copied: what Git ignores, and Git's own.
const LEFT_OUT: [&str; 4] = ["target", ".shop", ".git", ".aws-sam"];

impl WorkspaceCopy {
    /// A fresh copy of the workspace around the current folder, in its `.shop/planted`.
    pub fn make() -> Result<Self, NotCopied> {
        let here = PathBuf::from(".");
        let workspace = Workspace::find(&here)?;
        let root = workspace.state().join("planted");
        let at = |source| NotCopied::File {
            file: root.clone(),
            source,
        };
        std::fs::create_dir_all(workspace.state()).map_err(at)?;
        let lock = File::create(root.with_extension("lock")).map_err(at)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NotCopied::Taken),
            Err(TryLockError::Error(source)) => return Err(at(source)),
        }
        if root.exists() {
            std::fs::remove_dir_all(&root).map_err(at)?;
        }
        copy(&workspace.root, &root, &workspace.target)?;
        let target = workspace.target.join("planted");
        Ok(Self {
            root,
            target,
            _lock: lock,
        })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where Cargo builds.
    pub fn target(&self) -> &Path {
        &self.target
    }
}

fn copy(from: &Path, to: &Path, target: &Path) -> Result<(), NotCopied> {
    let at = |file: &Path| {
        let file = file.to_owned();
        move |source| NotCopied::File { file, source }
    };
    std::fs::create_dir_all(to).map_err(at(to))?;
    for entry in std::fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (name, path) = (entry.file_name(), entry.path());
        if LEFT_OUT.iter().any(|left_out| name == *left_out) || same(&path, target) {
            continue;
        }
        let copied = to.join(&name);
        if path.is_dir() {
            copy(&path, &copied, target)?;
        } else {
            std::fs::copy(&path, &copied).map_err(at(&path))?;
        }
    }
    Ok(())
}
