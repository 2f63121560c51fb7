//! Secrets at rest: XChaCha20-Poly1305 under a 32-byte master key that is not in the database.
//!
//! Sealed bytes are `version (1) | key id (4) | nonce (24) | ciphertext and tag`. The purpose and the row's id are
//! authenticated with them, so that a sealed value copied into another row does not open. Several keys can open,
//! the newest seals: that is how a key is replaced. A [`Secret`] never prints and is wiped when dropped.

use std::path::Path;

use base64::Engine;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// What a sealed value is for; part of what is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A connector's credentials.
    ConnectorCredentials,
    /// A receiver's verification secret.
    ReceiverSecret,
    /// The realtime application's secret.
    RealtimeApp,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectorCredentials => "connector-credentials",
            Self::ReceiverSecret => "receiver-secret",
            Self::RealtimeApp => "realtime-app",
        }
    }
}

/// Why a value could not be sealed or opened, or a key not be used.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key's text is not 32 bytes in base64 or hex.
    #[error("a key is 32 bytes in base64 or hex; make one with `openssl rand -base64 32`")]
    MalformedKey,
    /// Others may read the key file.
    #[error("{path} can be read by others: run `chmod 600 {path}`")]
    KeyFileReadable {
        /// The file.
        path: String,
    },
    /// The key file could not be read or made.
    #[error("key file {path}: {source}")]
    KeyFile {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Entropy(getrandom::Error),
    /// It was sealed with a key that is not here.
    #[error(
        "sealed with another key: give the key it was sealed with (SIGNALBOX_KEY, or the key file of that time)"
    )]
    UnknownKey,
    /// It is not what was sealed, or not for this row.
    #[error("the sealed value is damaged or belongs to another row")]
    Damaged,
}

/// A value in the open, for as long as it is needed.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes a value into care.
    pub fn new(value: Vec<u8>) -> Self {
        Self(Zeroizing::new(value))
    }
    /// The value. Never log or return it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[sealed]")
    }
}

/// One master key.
pub struct MasterKey {
    id: [u8; KEY_ID_BYTES],
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey([sealed])")
    }
}

impl MasterKey {
    fn new(mut bytes: [u8; 32]) -> Self {
        // The id only tells keys apart; four bytes of a hash say nothing useful about 32 random ones.
        let digest = Sha256::digest([b"signalbox key id".as_slice(), &bytes].concat());
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest[..KEY_ID_BYTES]);
        let cipher = XChaCha20Poly1305::new((&bytes).into());
        bytes.zeroize();
        Self { id, cipher }
    }

    /// From 32 bytes in base64 or hex.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.trim();
        let decoded = hex::decode(text)
            .ok()
            .or_else(|| base64::engine::general_purpose::STANDARD.decode(text).ok())
            .map(Zeroizing::new)
            .ok_or(SealError::MalformedKey)?;
        let bytes: [u8; 32] = decoded.as_slice().try_into().map_err(|_| SealError::MalformedKey)?;
        Ok(Self::new(bytes))
    }

    /// From a file that only its owner may read, one key in base64. Made, with a fresh key, when it is not there.
    pub fn from_file(path: &Path) -> Result<Self, SealError> {
        let failed = |source| SealError::KeyFile { path: path.display().to_string(), source };
        if !path.exists() {
            make_key_file(path)?;
        }
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if readable_by_others(&metadata) {
            return Err(SealError::KeyFileReadable { path: path.display().to_string() });
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
        Self::parse(&text)
    }
}

#[cfg(unix)]
fn readable_by_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

fn make_key_file(path: &Path) -> Result<(), SealError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let failed = |source| SealError::KeyFile { path: path.display().to_string(), source };
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut_slice()).map_err(SealError::Entropy)?;
    let text = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(key.as_slice()));
    // `create_new` with the right mode at once: at no moment can somebody else read it, and two processes that
    // start together cannot each write a key of their own.
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    file.write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

/// Seals and opens.
#[derive(Debug)]
pub struct Sealer {
    /// The newest first: it seals, all open.
    keys: Vec<MasterKey>,
}

impl Sealer {
    /// `newest` seals; `older` ones only open what they sealed.
    pub fn new(newest: MasterKey, older: Vec<MasterKey>) -> Self {
        let mut keys = vec![newest];
        keys.extend(older);
        Self { keys }
    }

    /// Seals `value` for one row.
    pub fn seal(&self, purpose: Purpose, row: &str, value: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(SealError::Entropy)?;
        let key = self.keys.first().ok_or(SealError::UnknownKey)?;
        let aad = associated_data(purpose, row);
        let payload = Payload { msg: value, aad: &aad };
        let ciphertext = key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Damaged)?;
        let mut sealed = Vec::with_capacity(HEADER_BYTES + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&key.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Opens what was sealed for the same purpose and row.
    pub fn open(&self, purpose: Purpose, row: &str, sealed: &[u8]) -> Result<Secret, SealError> {
        let (header, ciphertext) = sealed.split_at_checked(HEADER_BYTES).ok_or(SealError::Damaged)?;
        if header[0] != VERSION {
            return Err(SealError::Damaged);
        }
        let (id, nonce) = header[1..].split_at(KEY_ID_BYTES);
        let key = self.keys.iter().find(|key| key.id == id).ok_or(SealError::UnknownKey)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| SealError::Damaged)?;
        let aad = associated_data(purpose, row);
        let payload = Payload { msg: ciphertext, aad: &aad };
        let value = key.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Damaged)?;
        Ok(Secret::new(value))
    }
}

fn associated_data(purpose: Purpose, row: &str) -> Vec<u8> {
    [purpose.as_str().as_bytes(), b"\0", row.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(key: u8) -> Sealer {
        Sealer::new(MasterKey::new([key; 32]), Vec::new())
    }

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let sealer = sealer(1);
        let sealed = sealer.seal(Purpose::ReceiverSecret, "sec_1", b"hush").unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"hush"));
        assert_eq!(sealer.open(Purpose::ReceiverSecret, "sec_1", &sealed).unwrap().expose(), b"hush");
        for (purpose, row) in [(Purpose::ReceiverSecret, "sec_2"), (Purpose::RealtimeApp, "sec_1")] {
            assert!(matches!(sealer.open(purpose, row, &sealed), Err(SealError::Damaged)));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_noticed() {
        let sealer = sealer(1);
        let sealed = sealer.seal(Purpose::RealtimeApp, "app", b"hush").unwrap();
        for index in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[index] ^= 1;
            assert!(sealer.open(Purpose::RealtimeApp, "app", &bad).is_err(), "byte {index}");
            assert!(sealer.open(Purpose::RealtimeApp, "app", &sealed[..index]).is_err(), "length {index}");
        }
    }

    #[test]
    fn an_older_key_still_opens_and_a_foreign_one_says_so() {
        let sealed = sealer(1).seal(Purpose::RealtimeApp, "app", b"hush").unwrap();
        let rotated = Sealer::new(MasterKey::new([2; 32]), vec![MasterKey::new([1; 32])]);
        assert_eq!(rotated.open(Purpose::RealtimeApp, "app", &sealed).unwrap().expose(), b"hush");
        assert!(matches!(sealer(2).open(Purpose::RealtimeApp, "app", &sealed), Err(SealError::UnknownKey)));
    }

    #[test]
    fn a_key_file_is_made_once_for_its_owner_and_refused_when_others_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signalbox.key");
        let first = MasterKey::from_file(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(MasterKey::from_file(&path).unwrap().id, first.id);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(MasterKey::from_file(&path), Err(SealError::KeyFileReadable { .. })));
    }

    #[test]
    fn keys_are_32_bytes_in_base64_or_hex() {
        assert_eq!(MasterKey::parse(&"ab".repeat(32)).unwrap().id, MasterKey::new([0xab; 32]).id);
        for bad in ["", "short", &"ab".repeat(31), "not a key at all, not even close"] {
            assert!(matches!(MasterKey::parse(bad), Err(SealError::MalformedKey)), "{bad}");
        }
    }

    #[test]
    fn secrets_and_keys_do_not_print() {
        assert_eq!(format!("{:?}", Secret::new(b"hush".to_vec())), "[sealed]");
        assert!(!format!("{:?}", sealer(1)).contains('\u{1}'));
    }
}
