//! A registry over HTTPS with the certificate of a private authority.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use super::*;

/// A server for `localhost` with this answer to every request; returns its port and its authority's
/// certificate.
async fn serve(answer: &'static str) -> (u16, String) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let own = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let server = server.signed_by(&own, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![server.der().clone()],
            PrivateKeyDer::Pkcs8(own.serialize_der().into()),
        );
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate closes the connection.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.unwrap();
            let asked = String::from_utf8_lossy(&asked[..length]).to_lowercase();
            assert!(asked.contains("authorization: basic "), "{asked}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (port, pem)
}

async fn ask(trust: Trust, port: u16) -> Result<Option<String>, Error> {
    let login = RegistryLogin {
        host: format!("localhost:{port}"),
        user: "AWS".to_owned(),
        password: Secret::new("canary-77"),
    };
    let url = format!("https://localhost:{port}/v2/numerics/manifests/1");
    Client::new(trust, &login)
        .manifest(&url, "application/json")
        .await
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_it_is_named() {
    let (port, pem) =
        serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").await;
    let found = ask(Trust::in_bundle(pem), port).await.unwrap();
    assert_eq!(found.as_deref(), Some("{}"));
    let unknown = ask(Trust::default(), port).await.unwrap_err().to_string();
    let words = "UnknownIssuer: AWS_CA_BUNDLE may name";
    assert!(unknown.contains(words), "{unknown}");
}

#[tokio::test]
async fn what_was_asked_in_secret_is_not_asked_again_in_clear() {
    let (port, pem) = serve(
        "HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/blob\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n",
    )
    .await;
    let refused = ask(Trust::in_bundle(pem), port).await.unwrap_err();
    let words = "it redirects from https to http";
    assert!(refused.to_string().contains(words), "{refused}");
}
