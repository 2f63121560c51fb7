//! TLS for destinations: rustls with ring, the roots of the web, and the installation's own when it has some.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::ClientError;

/// A file of extra roots that can not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtraRootError {
    /// It is not PEM.
    #[error("the file of extra root certificates is not PEM: {0}")]
    NotPem(String),
    /// It is PEM without a certificate.
    #[error("the file of extra root certificates holds no certificate (BEGIN CERTIFICATE)")]
    Empty,
    /// A certificate in it can not be a root.
    #[error("certificate {number} in the file of extra root certificates cannot be used: {why}")]
    Unusable {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// The configuration. HTTP/2 is spoken when both sides agree on it in the handshake.
pub(super) fn config(extra_roots: Option<&[u8]>) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_roots {
        add(&mut roots, pem)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), ExtraRootError> {
    let mut number = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| ExtraRootError::NotPem(error.to_string()))?;
        number += 1;
        roots
            .add(certificate)
            .map_err(|error| ExtraRootError::Unusable { number, why: error.to_string() })?;
    }
    if number == 0 { Err(ExtraRootError::Empty) } else { Ok(()) }
}
