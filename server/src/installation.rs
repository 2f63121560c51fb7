//! The installation on this machine: its data folder, its key, its database, and who this process is.
//!
//! Invariants: one process at a time per data folder (a lock that ends with the process, however it ends); the key
//! file is made with the folder and readable by its owner only; nothing is opened with a key that cannot be read.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::id::NodeId;
use gateway::clock::Clock;
use gateway::seal::{MasterKey, SealError, Sealer};
use gateway::store::{Store, StoreError};

use crate::config::{Config, KeyOrigin};

/// Why the installation cannot be used; every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The folder cannot be made or written.
    #[error("data folder {}: {reason}. Make it writable for this user, or choose another with --data-dir", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Another process uses the folder.
    #[error(
        "data folder {} is in use by another signalbox. Stop that one, or choose another folder with --data-dir",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The key cannot be used.
    #[error("{origin}: {reason}")]
    Key {
        /// Where it comes from.
        origin: String,
        /// What is wrong.
        reason: SealError,
    },
    /// The database cannot be opened or brought up to date.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The file with this process's id is damaged.
    #[error("{} does not hold an id. Delete the file: a new id is made", path.display())]
    NodeId {
        /// The file.
        path: PathBuf,
    },
}

/// The data folder, for as long as this process has it for itself.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder when it is not there, and takes it for this process.
    pub fn take(path: &Path) -> Result<Self, InstallationError> {
        let failed = |reason| InstallationError::Folder { path: path.to_owned(), reason };
        make_private(path).map_err(failed)?;
        let lock_path = path.join("lock");
        let lock =
            OpenOptions::new().create(true).write(true).truncate(false).open(lock_path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(InstallationError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(reason)) => Err(failed(reason)),
        }
    }

    /// This process's id: the same after a restart, so that its leases and counts stay its own.
    pub fn node_id(&self, clock: &dyn Clock) -> Result<NodeId, InstallationError> {
        let path = self.path.join("node-id");
        let failed = |reason| InstallationError::Folder { path: path.clone(), reason };
        match std::fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().map_err(|_| InstallationError::NodeId { path }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let id = NodeId::new(clock.now());
                std::fs::write(&path, format!("{id}\n")).map_err(failed)?;
                Ok(id)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

/// A folder that only its owner may look into; what is there already keeps its permissions.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The keys that seal and open secrets. The folder of a key file must be there.
pub fn sealer(config: &Config) -> Result<Sealer, InstallationError> {
    let failed = |origin: &str, reason| InstallationError::Key { origin: origin.to_owned(), reason };
    let newest = match &config.key {
        KeyOrigin::Given(text) => MasterKey::parse(text).map_err(|reason| failed("SIGNALBOX_KEY", reason))?,
        KeyOrigin::File(path) => MasterKey::from_file(path)
            .map_err(|reason| failed(&format!("key file {}", path.display()), reason))?,
    };
    let older = config
        .old_keys
        .iter()
        .map(|text| MasterKey::parse(text).map_err(|reason| failed("SIGNALBOX_OLD_KEYS", reason)))
        .collect::<Result<_, _>>()?;
    Ok(Sealer::new(newest, older))
}

/// Everything of an installation that is open.
#[derive(Debug)]
pub struct Installation {
    /// The database, up to date.
    pub store: Store,
    /// The keys.
    pub sealer: Arc<Sealer>,
    /// Who this process is.
    pub node: NodeId,
    /// Keeps others out; `None` when a server has the folder and this process only visits.
    pub folder: Option<DataFolder>,
}

impl Installation {
    /// For a server: takes the data folder, reads the key, opens the database and brings it up to date.
    pub async fn open(config: &Config, clock: &dyn Clock) -> Result<Self, InstallationError> {
        let folder = DataFolder::take(&config.data_dir)?;
        let sealer = Arc::new(sealer(config)?);
        let node = folder.node_id(clock)?;
        let store = Store::open(&config.database).await?;
        store.migrate().await?;
        Ok(Self { store, sealer, node, folder: Some(folder) })
    }

    /// For a command beside a server that may be running: then the schema is the server's to change.
    pub async fn visit(config: &Config, clock: &dyn Clock) -> Result<Self, InstallationError> {
        match Self::open(config, clock).await {
            Err(InstallationError::InUse { .. }) => {
                let sealer = Arc::new(sealer(config)?);
                let store = Store::open(&config.database).await?;
                Ok(Self { store, sealer, node: NodeId::new(clock.now()), folder: None })
            }
            other => other,
        }
    }
}
