//! A DynamoDB inside this process: dynoxide, on loopback only.

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

/// A running DynamoDB. It stops when this is dropped.
pub struct DynamoDb {
    endpoint: String,
    database: Database,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
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
        let served = database.clone();
        let server = tokio::spawn(async move {
            let stopped = async {
                // A dropped sender stops it as well.
                let _ = stopped.await;
            };
            let _ = dynoxide::server::serve_with_shutdown(listener, served, stopped).await;
        });
        let endpoint = format!("http://{address}");
        Ok(Self {
            endpoint,
            database,
            stop: Some(stop),
            server: Some(server),
        })
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

    /// The database behind it, for what needs no HTTP.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Stops it and waits until requests under way are answered, at most two seconds.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            let abort = server.abort_handle();
            if tokio::time::timeout(std::time::Duration::from_secs(2), server)
                .await
                .is_err()
            {
                abort.abort();
            }
        }
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
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
