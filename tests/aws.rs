//! Every remote call to AWS against two emulators, and against a server with answers that no
//! emulator gives. Each scenario runs on both emulators. A comment says where one of them is left
//! out: moto takes no RevisionId, forgets the logging configuration, reads wildcards of mutable
//! tags as a regular expression, and has no repositories among the tagged resources; ministack
//! returns no hash of an image's code. What moto cannot do at all needs Docker and is only in
//! tests/docker.rs and tests/e2e: it has no registry to push to, and runs no image, so nothing can
//! be invoked.
//! Needs `--features e2e` and the emulators: run scripts/test.

#[path = "aws/answers.rs"]
mod answers;
#[path = "aws/archives.rs"]
mod archives;
#[path = "aws/artifacts.rs"]
mod artifacts;
#[path = "aws/benchmark.rs"]
mod benchmark;
#[path = "aws/bulk.rs"]
mod bulk;
#[path = "aws/carried.rs"]
mod carried;
#[path = "aws/converge.rs"]
mod converge;
#[path = "support/crowd.rs"]
mod crowd;
#[path = "aws/faults.rs"]
mod faults;
#[path = "aws/function.rs"]
mod function;
#[path = "aws/images.rs"]
mod images;
#[path = "aws/leftovers.rs"]
mod leftovers;
#[path = "aws/log_group.rs"]
mod log_group;
#[path = "aws/observe.rs"]
mod observe;
#[allow(dead_code)] // each target uses a part of it
#[path = "support/proxy.rs"]
mod proxy;
#[path = "aws/reach.rs"]
mod reach;
#[path = "aws/references.rs"]
mod references;
#[path = "aws/repository.rs"]
mod repository;
#[path = "aws/role.rs"]
mod role;
#[path = "aws/runtime_update.rs"]
mod runtime_update;
#[path = "support/same.rs"]
mod same;
#[path = "aws/schedules.rs"]
mod schedules;
#[path = "aws/script.rs"]
mod script;
#[path = "aws/settings.rs"]
mod settings;
#[path = "support/stack.rs"]
mod stack;
#[path = "support/world/mod.rs"]
mod world;
#[path = "aws/zip_settings.rs"]
mod zip_settings;

use std::{collections::BTreeMap, sync::Once};

use jot::{model::desired, remote::Aws};
use stack::Emulator;

/// The region of all tests.
const REGION: &str = "eu-west-1";

/// Runs a scenario against ministack and against moto, each instance its own.
macro_rules! on_both {
    ($scenario:ident) => {
        mod $scenario {
            #[tokio::test]
            async fn ministack() {
                let emulator = crate::stack::ministack();
                super::$scenario(crate::Ground::of(emulator, false).await).await;
            }

            #[tokio::test]
            async fn moto() {
                let emulator = crate::stack::moto();
                super::$scenario(crate::Ground::of(emulator, true).await).await;
            }
        }
    };
}
pub(crate) use on_both;

/// The emulator and clients of a scenario.
struct Ground {
    aws: Aws,
    settings: desired::Aws,
    /// Whether this is moto; ministack otherwise.
    moto: bool,
    emulator: Emulator,
}

impl Ground {
    async fn of(emulator: Emulator, moto: bool) -> Self {
        let settings = settings(&emulator.endpoint());
        Self {
            aws: connect(&settings).await,
            settings,
            moto,
            emulator,
        }
    }

    fn endpoint(&self) -> String {
        self.emulator.endpoint()
    }

    fn account(&self) -> &'static str {
        if self.moto {
            "123456789012"
        } else {
            "000000000000"
        }
    }
}

fn settings(endpoint: &str) -> desired::Aws {
    desired::Aws {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        ..desired::Aws::default()
    }
}

async fn connect(settings: &desired::Aws) -> Aws {
    static KEYS: Once = Once::new();
    KEYS.call_once(|| {
        // SAFETY: every connection of this process is made after this call, and nothing here reads
        // the environment except through the standard library, which locks it.
        #[allow(unsafe_code)]
        unsafe {
            std::env::set_var("AWS_ACCESS_KEY_ID", "test");
            std::env::set_var("AWS_SECRET_ACCESS_KEY", "test");
            std::env::remove_var("AWS_SESSION_TOKEN");
        }
    });
    Aws::connect(settings).await.expect("a region is given")
}

fn tags<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    pairs.into_iter().map(owned).collect()
}

on_both!(the_caller_s_account_is_told);
async fn the_caller_s_account_is_told(ground: Ground) {
    assert_eq!(ground.aws.account().await.unwrap(), ground.account());
    assert_eq!(ground.aws.region(), REGION);
    assert_eq!(ground.aws.requests(), 1);
}
