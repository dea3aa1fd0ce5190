//! The Content-Security-Policy of the page: nothing runs, loads or connects unless it came with the page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The `<meta>` element for the site: everything comes from the site's own origin, but for exactly these inline scripts and
/// this style.
pub(super) fn for_site(scripts: &[&str], style: &str) -> String {
    meta(&[
        "default-src 'none'",
        &format!("script-src 'self' {} 'wasm-unsafe-eval'", sources(scripts)),
        &format!("style-src {}", source(style)),
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
    ])
}

/// The `<meta>` element for the single file: exactly these inline scripts and this style, and no connection at all.
pub(super) fn for_single(scripts: &[&str], style: &str) -> String {
    meta(&[
        "default-src 'none'",
        &format!("script-src {} 'wasm-unsafe-eval'", sources(scripts)),
        &format!("style-src {}", source(style)),
        "img-src data: blob:",
        "worker-src blob:",
    ])
}

/// The source expressions that allow exactly these inline texts.
fn sources(texts: &[&str]) -> String {
    let all: Vec<String> = texts.iter().map(|text| source(text)).collect();
    all.join(" ")
}

/// The source expression that allows exactly this inline text.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

fn meta(directives: &[&str]) -> String {
    let mut all = directives.to_vec();
    all.extend(["base-uri 'none'", "form-action 'none'", "object-src 'none'"]);
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">",
        all.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_text_is_allowed_by_its_hash() {
        // The digest of the empty text, as FIPS 180-4 test vectors give it.
        assert_eq!(
            source(""),
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
        );
    }

    #[test]
    fn neither_policy_allows_inline_or_eval() {
        for policy in [for_site(&["a"], "c"), for_single(&["a", "b"], "c")] {
            assert!(
                !policy.contains("unsafe-inline") && !policy.contains(" 'unsafe-eval'"),
                "{policy}"
            );
        }
    }
}
