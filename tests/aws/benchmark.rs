//! Rounds in Lambda of a zip function, on a copy of the archive that Lambda has.

use std::collections::BTreeSet;

use jot::{
    bench::{self, Copied, CopiedCode, Entrant},
    model::{Expected, Rounds, Test},
    remote::{self, aws::ZipCode},
};
use tokio::sync::watch;

use crate::{
    Ground,
    archives::{create, package},
    stack,
};

#[tokio::test]
async fn a_copy_of_an_archive_is_called_and_deleted() {
    let ground = Ground::of(stack::ministack(), false).await;
    let aws = &ground.aws;
    let folder = tempfile::tempdir().unwrap();
    let (archive, bytes) = package(folder.path(), "event * 2");
    create(aws, &ZipCode::Bytes(bytes.clone())).await.unwrap();
    let like = aws.settled("double", None).await.unwrap();
    let location = aws.code_location("double").await.unwrap().unwrap();
    let other = remote::fetch(location.reveal(), &"0".repeat(64), None).await;
    assert!(other.is_err(), "other bytes are refused");
    let fetched = remote::fetch(location.reveal(), archive.digest.hex(), None).await;
    assert_eq!(fetched.unwrap(), bytes);

    let entrant = Entrant {
        function: "double".to_owned(),
        test: Test {
            name: "doubles".to_owned(),
            argument: "21".to_owned(),
            expected: Expected::Json("42".to_owned()),
            tolerance: None,
            exemplar: false,
        },
        variant: None,
        memory_mb: 512,
        timeout_s: 10,
        architecture: "x86_64".into(),
    };
    let copied = Copied {
        entrant,
        original: "double".to_owned(),
        like,
        code: CopiedCode::Archive(ZipCode::Bytes(bytes)),
        log_group: "/aws/lambda/double".to_owned(),
    };
    let rounds = Rounds {
        runs: 2,
        warmup: 0,
        calls: 1,
    };
    let (_stop, stop) = watch::channel(false);
    let of = ("numerics", "run");
    let measured = bench::lambda(aws, of, &[copied], rounds, stop, &mut |_| {}).await;
    // The copy answered: what is missing is the line that Lambda logs for a call, which ministack
    // writes for images alone.
    let unreported = matches!(measured, Err(bench::Error::NoReport { .. }));
    assert!(unreported, "{measured:?}");
    let tagged = aws.tagged("jot:bench", "numerics").await.unwrap();
    assert!(tagged.is_empty(), "{tagged:?}");
    let all = aws.functions(&BTreeSet::from(["double"])).await.unwrap();
    assert_eq!(all.len(), 1);
}
