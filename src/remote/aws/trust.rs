//! Trusted certificates: those of the system, or of a bundle set as for the AWS CLI,
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html>.

use std::{fs, path::Path};

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::profile::{Profile, variable};
use crate::remote::Error;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates of trusted authorities.
#[derive(Clone, Debug, Default)]
pub(in crate::remote) struct Trust {
    /// Certificates in PEM format; `None`: the system's.
    bundle: Option<String>,
}

impl Trust {
    /// The bundle that `AWS_CA_BUNDLE` names, else the profile's `ca_bundle`, else the system's
    /// certificates, which `SSL_CERT_FILE` may replace.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`] for a bundle that cannot be read or contains no certificate.
    pub fn of(profile: Option<&Profile>) -> Result<Self, Error> {
        let named = variable("AWS_CA_BUNDLE").map(|path| (path, "AWS_CA_BUNDLE".to_owned()));
        let own = || {
            let path = profile?.get("ca_bundle")?.to_owned();
            let by = format!("`ca_bundle` of the profile `{}`", profile?.name);
            Some((path, by))
        };
        let Some((path, by)) = named.or_else(own) else {
            return Ok(Self::default());
        };
        let bundle = read(Path::new(&path)).map_err(|reason| Error::Failed {
            resource: format!("the certificates in {path}, which {by} names"),
            reason,
            help: Some("name a file of certificates in PEM format, or unset it".to_owned()),
        })?;
        Ok(Self {
            bundle: Some(bundle),
        })
    }

    /// These certificates, in PEM format.
    #[cfg(test)]
    pub fn in_bundle(pem: String) -> Self {
        Self { bundle: Some(pem) }
    }

    /// For AWS: the bundle instead of the system's certificates, as the AWS CLI does.
    pub fn for_aws(&self) -> Option<TlsContext> {
        self.context(self.bundle.is_none())
    }

    /// For other hosts, with downloads that are checked against a hash: the bundle in addition to
    /// the system's certificates.
    pub fn for_others(&self) -> Option<TlsContext> {
        self.context(true)
    }

    fn context(&self, native: bool) -> Option<TlsContext> {
        let mut store = TrustStore::empty().with_native_roots(native);
        let bundle = self.bundle.iter().flat_map(|text| certificates(text));
        // The client would panic at an unusable certificate.
        for certificate in bundle.filter(|one| is_usable(one)) {
            store.add_pem_certificate(certificate);
        }
        TlsContext::builder().with_trust_store(store).build().ok()
    }
}

/// The content of a file with at least one usable certificate.
fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|cause| format!("cannot be read: {cause}"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if certificates(&text).any(|one| is_usable(&one)) {
        return Ok(text);
    }
    Err("it contains no usable certificate".to_owned())
}

fn certificates(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(BEGIN).skip(1).filter_map(|rest| {
        let (body, _) = rest.split_once(END)?;
        Some(format!("{BEGIN}{body}{END}\n"))
    })
}

/// Whether it can be used.
fn is_usable(pem: &str) -> bool {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused_before_a_client_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.pem");
        assert!(read(&path).unwrap_err().starts_with("cannot be read"));
        for text in ["", "hello", &format!("{BEGIN}\nAAAA\n{END}\n")] {
            fs::write(&path, text).unwrap();
            assert!(read(&path).unwrap_err().contains("no usable certificate"));
        }
    }

    #[test]
    fn certificates_are_separated_from_the_text_between_them() {
        let text = format!("# one\n{BEGIN}\na\n{END}\n# two\n{BEGIN}\nb\n{END}\n{BEGIN}\nc");
        let found: Vec<String> = certificates(&text).collect();
        assert_eq!(
            found,
            [
                format!("{BEGIN}\na\n{END}\n"),
                format!("{BEGIN}\nb\n{END}\n")
            ]
        );
    }
}
