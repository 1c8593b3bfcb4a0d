//! A DynamoDB on this machine: dynoxide inside this process, on loopback only, or one that somebody else runs.

use std::path::PathBuf;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use store::connection::Connection;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In memory, gone at the end.
    Memory,
    /// In a file of this folder, which is made when it is missing.
    Folder(PathBuf),
}

/// The database does not start.
#[derive(Debug, thiserror::Error)]
pub enum DynamoDbError {
    /// The port is taken.
    #[error("port {0} is taken; stop what listens there or say --port with another one")]
    PortTaken(u16),
    /// There is no listening on loopback.
    #[error("listening on 127.0.0.1 port {port} failed: {source}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The folder can't be made.
    #[error("{} can't be made: {source}; name another folder", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no database, or another process writes it.
    #[error("the data in {place} can't be opened: {reason}; name another folder or delete it")]
    Data {
        /// Where the data is.
        place: String,
        /// What the database says.
        reason: String,
    },
}

/// A running DynamoDB. If it runs inside this process, it stops when this is dropped.
pub struct DynamoDb {
    endpoint: String,
    server: Option<Server>,
}

/// What serves it inside this process.
struct Server {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl DynamoDb {
    /// Starts one on this port of 127.0.0.1; 0 is a port of the system's choice.
    pub async fn start(storage: Storage, port: u16) -> Result<Self, DynamoDbError> {
        let listener =
            TcpListener::bind(("127.0.0.1", port))
                .await
                .map_err(|source| match source.kind() {
                    std::io::ErrorKind::AddrInUse => DynamoDbError::PortTaken(port),
                    _ => DynamoDbError::Listen { port, source },
                })?;
        let address = listener
            .local_addr()
            .map_err(|source| DynamoDbError::Listen { port, source })?;
        let database = open(&storage)?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stopped = async {
                // A dropped sender stops it as well.
                let _ = stopped.await;
            };
            let _ = dynoxide::server::serve_with_shutdown(listener, database, stopped).await;
        });
        Ok(Self {
            endpoint: format!("http://{address}"),
            server: Some(Server { stop, task }),
        })
    }

    /// The one at this address, which somebody else starts and stops.
    pub fn at(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            server: None,
        }
    }

    /// Its address, as `AWS_ENDPOINT_URL_DYNAMODB` takes it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How to reach it.
    pub fn connection(&self) -> Connection {
        Connection::local(&self.endpoint)
    }

    /// A client for it.
    pub fn client(&self) -> Client {
        self.connection().client()
    }

    /// Stops it and waits until requests under way are answered, at most two seconds. Somebody else's runs on.
    pub async fn stop(mut self) {
        let Some(Server { stop, task }) = self.server.take() else {
            return;
        };
        drop(stop);
        let abort = task.abort_handle();
        if tokio::time::timeout(std::time::Duration::from_secs(2), task)
            .await
            .is_err()
        {
            abort.abort();
        }
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.task.abort();
        }
    }
}

fn open(storage: &Storage) -> Result<Database, DynamoDbError> {
    let (opened, place) = match storage {
        Storage::Memory => (Database::memory(), "memory".to_owned()),
        Storage::Folder(folder) => {
            std::fs::create_dir_all(folder).map_err(|source| DynamoDbError::Folder {
                folder: folder.clone(),
                source,
            })?;
            let file = folder.join("dynamodb.sqlite");
            (
                Database::new(&file.to_string_lossy()),
                file.display().to_string(),
            )
        }
    };
    opened.map_err(|error| DynamoDbError::Data {
        place,
        reason: error.to_string(),
    })
}
