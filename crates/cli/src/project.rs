//! The clone that a command runs in, and the state it keeps in `.shop/`, which Git ignores.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use local_shop::{Keys, Shop, Workspace};
use serde::{Deserialize, Serialize};

use crate::error::Failure;

/// The local shop's name: prefix of its tables, audience of its tokens.
pub const SHOP: &str = "oxcart-local";

const BY_ADDRESS_OFF: &str = "log-ins-per-address=off,registrations-per-address=off,messages-per-address=off,declined-per-address=off";

/// The clone around the current folder.
pub struct Project {
    pub workspace: Workspace,
}

/// A running shop, as other commands find it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    /// The command that runs it.
    pub command: String,
    /// Its process.
    pub pid: u32,
    /// Where the shop answers, if it does.
    pub url: Option<String>,
    /// Where its DynamoDB is.
    pub dynamodb: Option<String>,
}

/// The right to be the one running shop of this clone; given back when dropped or when the process ends.
pub struct Lock {
    _file: File,
    running: PathBuf,
}

impl Project {
    /// Finds it.
    pub fn find() -> Result<Self, Failure> {
        let here = std::env::current_dir().map_err(Failure::at("."))?;
        Ok(Self {
            workspace: Workspace::find(&here)?,
        })
    }

    /// A file or folder of the state.
    pub fn state(&self, name: &str) -> PathBuf {
        self.workspace.state().join(name)
    }

    /// The keys of the local shop, made at the first call.
    pub fn keys(&self) -> Result<Keys, Failure> {
        Ok(Keys::load_or_make(&self.state("keys.json"))?)
    }

    /// What the templates say, with these keys. Everybody here has one address, so it is not counted by address.
    pub fn shop(&self, keys: &Keys) -> Result<Shop, Failure> {
        let mut parameters = keys.parameters(SHOP);
        parameters.insert("Limits".to_owned(), BY_ADDRESS_OFF.to_owned());
        Ok(Shop::load(&self.workspace.infra(), &parameters)?)
    }

    /// Takes the lock, or says who has it.
    pub fn lock(&self, command: &str) -> Result<Lock, Failure> {
        let folder = self.workspace.state();
        std::fs::create_dir_all(&folder).map_err(Failure::at(&folder))?;
        let file = folder.join("lock");
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file);
        let opened = opened.map_err(Failure::at(&file))?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.taken()),
            Err(TryLockError::Error(source)) => return Err(Failure::File { file, source }),
        }
        let lock = Lock {
            _file: opened,
            running: folder.join("running.json"),
        };
        lock.announce(command, None, None)?;
        Ok(lock)
    }

    fn taken(&self) -> Failure {
        // Whoever has the lock may not have said more yet.
        let Some(running) = read(&self.state("running.json")) else {
            let (command, at) = Default::default();
            return Failure::AlreadyRunning { command, at };
        };
        let url = running.url.map(|url| format!(" at {url}"));
        Failure::AlreadyRunning {
            command: format!(" {}", running.command),
            at: format!(", as process {}{}", running.pid, url.unwrap_or_default()),
        }
    }

    /// The shop that runs here now, as it was announced.
    pub fn running(&self) -> Option<Running> {
        // A killed command leaves its file behind, but not its lock.
        let lock = File::open(self.state("lock")).ok()?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read(&self.state("running.json")),
            _ => None,
        }
    }
}

fn read(file: &Path) -> Option<Running> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

impl Lock {
    /// Writes down where the shop is, for other commands.
    pub fn announce(
        &self,
        command: &str,
        url: Option<&str>,
        dynamodb: Option<&str>,
    ) -> Result<(), Failure> {
        let running = Running {
            command: command.to_owned(),
            pid: std::process::id(),
            url: url.map(str::to_owned),
            dynamodb: dynamodb.map(str::to_owned),
        };
        let text = serde_json::to_string_pretty(&running).unwrap_or_default();
        std::fs::write(&self.running, text).map_err(Failure::at(&self.running))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = std::fs::remove_file(&self.running);
    }
}
