use super::*;
use crate::model::Secret;

const PUSH: &str = concat!(
    r#"{"status":"The push refers to repository [h/r]"}
{"status":"Preparing","progressDetail":{},"id":"aa"}
{"status":"Layer already exists","progressDetail":{},"id":"bb"}
{"status":"Pushing","progressDetail":{"current":512,"total":900},"progress":"[=>]","id":"aa"}
{"status":"Pushing","progressDetail":{"current":10,"total":20},"progress":"[=>]","id":"cc"}
{"status":"Pushing","progressDetail":{"current":1024,"total":900},"id":"aa"}
{"status":"Pushed","progressDetail":{},"id":"aa"}
{"status":"Pushed","progressDetail":{},"id":"cc"}
{"status":"t: digest: sha256:00 size: 1"}
{"progressDetail":{},"aux":{"Tag":"t","#,
    r#""Digest":"sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","Size":1}}
"#,
);

/// Result of a push, and its progress after each message.
type Ran = (Result<Option<Pushed>, Error>, Vec<(u64, u64)>);

fn run(text: &str) -> Ran {
    let (mut layers, mut seen) = (Layers::new("pushing"), vec![]);
    for line in text.lines() {
        let message = serde_json::from_str(line).unwrap();
        let taken = layers.take(message, &mut |work| {
            if let Work::Bytes { done, total, .. } = work {
                seen.push((done, total));
            }
        });
        if let Err(error) = taken {
            return (Err(error), seen);
        }
    }
    (Ok(layers.pushed()), seen)
}

#[test]
fn only_uploaded_layers_count_and_bytes_never_exceed_the_total() {
    let (pushed, seen) = run(PUSH);
    let expected = Pushed {
        layers: 2,
        bytes: 920,
        digest: Digest::parse(&format!("sha256:{}", "0a".repeat(32))),
    };
    assert_eq!(pushed.unwrap(), Some(expected));
    let sums = [(512, 900), (522, 920), (910, 920), (910, 920), (920, 920)];
    assert_eq!(seen, sums);
}

/// Podman 4.3.1's messages of a push, whatever it uploads.
#[test]
fn a_daemon_that_does_not_speak_of_layers_counts_none() {
    let text = r#"{"status":"The push refers to repository [h/r:a]"}
{"status":"a: digest: sha256:00 size: 581"}"#;
    assert_eq!(run(text).0.unwrap(), None);
    let nothing_new = r#"{"status":"Layer already exists","progressDetail":{},"id":"bb"}"#;
    assert_eq!(run(nothing_new).0.unwrap(), Some(Pushed::default()));
}

#[test]
fn an_error_within_the_stream_is_an_error() {
    for text in [
        concat!(
            r#"{"errorDetail":{"message":"denied: no such repository."},"#,
            r#""error":"denied: no such repository."}"#,
        ),
        r#"{"errorDetail":{"message":"denied: no such repository."}}"#,
        r#"{"error":"denied: no such repository."}"#,
    ] {
        let error = run(text).0.unwrap_err();
        assert_eq!(
            error.to_string(),
            "docker: pushing failed: denied: no such repository"
        );
        assert!(matches!(error, Error::Docker { .. }), "{error:?}");
    }
}

#[test]
fn temporary_failures_are_distinguished_from_permanent_ones() {
    let host = "https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/p";
    for message in [
        format!("Put \"{host}/manifests/t\": EOF"),
        format!("Patch \"{host}/blobs/uploads/x\": write: broken pipe"),
        format!("Head \"{host}/blobs/x\": read tcp 1:2->3:443: read: connection reset by peer"),
        format!("Get \"{host}\": net/http: TLS handshake timeout"),
        "received unexpected HTTP status: 503 Service Unavailable".to_owned(),
        format!("unexpected status from PUT request to {host}: 500 Internal Server Error"),
        "toomanyrequests: Rate exceeded".to_owned(),
        "unknown: injected".to_owned(),
        "blob upload unknown".to_owned(),
        "denied: Your authorization token has expired. Reauthenticate and try again.".to_owned(),
    ] {
        assert!(is_passing(&message), "{message}");
    }
    for message in [
        "denied: User: arn:aws:iam::1:user/u is not authorized to perform: ecr:PutImage",
        "no basic auth credentials",
        "name unknown: The repository with name 'p' does not exist in the registry",
        "tag invalid: The image tag 't' already exists in the 'p' repository and cannot be \
         overwritten because the repository is immutable.",
        "manifest unknown: not found",
        "dial tcp 127.0.0.1:1: connect: connection refused",
        "dial tcp: lookup nowhere.example on 1.1.1.1:53: no such host",
    ] {
        assert!(!is_passing(message), "{message}");
    }
}

#[test]
fn base64_is_that_of_rfc_4648() {
    let cases = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
    ];
    for (text, code) in cases {
        assert_eq!(base64_url(text.as_bytes()), code);
    }
    assert_eq!(base64_url(&[0xfb, 0xff]), "-_8=");
}

#[test]
fn the_login_is_not_shown() {
    let password = Secret::new("hunter2");
    let login = RegistryLogin {
        host: "h".into(),
        user: "AWS".into(),
        password,
    };
    assert_eq!(format!("{:?}", auth_header(&login)), "Ok(Sensitive)");
}
