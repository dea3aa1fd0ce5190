//! What lets nodes join: tokens, of which one part stands for the swarm's root certificate and the other is secret.
//!
//! Source: swarmkit `ca/config.go`, `GenerateJoinToken` and `ParseJoinToken`.

use kernel::rng::Rng;

use super::store::base36;
use crate::api::{JoinTokens, TlsInfo};
use crate::error::{Error, Result};

const PREFIX: &str = "SWMTKN-1";

/// Makes a token for a swarm whose certificate has that digest.
pub(crate) fn token(rng: &mut Rng, digest: &str) -> String {
    format!("{PREFIX}-{digest}-{}", base36(rng, 25))
}

/// Makes both.
pub(crate) fn tokens(rng: &mut Rng) -> JoinTokens {
    let digest = base36(rng, 50);
    JoinTokens {
        worker: token(rng, &digest),
        manager: token(rng, &digest),
    }
}

/// The digest in a token.
pub(crate) fn digest(token: &str) -> Result<&str> {
    let parts: Vec<&str> = token.split('-').collect();
    match parts.as_slice() {
        ["SWMTKN", "1", digest, secret] if digest.len() == 50 && secret.len() == 25 => Ok(digest),
        _ => Err(Error::invalid("invalid join token")),
    }
}

/// Makes a key that unlocks managers. Source: swarmkit `manager/encryption`, `HumanReadableKey`.
pub(crate) fn unlock_key(rng: &mut Rng) -> String {
    format!("SWMKEY-1-{}", letters(rng, 43))
}

fn letters(rng: &mut Rng, length: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |n: u64| DIGITS.get(usize::try_from(n).unwrap_or(0)).copied();
    (0..length)
        .filter_map(|_| digit(rng.below(64)))
        .map(char::from)
        .collect()
}

/// What nodes trust: a certificate of nobody, which looks like one.
pub(crate) fn certificate(rng: &mut Rng) -> TlsInfo {
    let lines: Vec<String> = [64, 64, 64, 64, 64, 64, 64, 64, 28]
        .map(|length| letters(rng, length))
        .into();
    TlsInfo {
        trust_root: format!(
            "-----BEGIN CERTIFICATE-----\nMIIB{}\n-----END CERTIFICATE-----\n",
            lines.join("\n").get(4..).unwrap_or_default()
        ),
        // The name `swarm-ca`, as certificates hold it.
        cert_issuer_subject: "MBMxETAPBgNVBAMTCHN3YXJtLWNh".to_owned(),
        cert_issuer_public_key: format!(
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE{}",
            letters(rng, 87) + "="
        ),
    }
}
