//! Plain data that every other module speaks: what is wanted, what is there, the plan between the two, and
//! the events of carrying it out. Nothing here reads a file, a clock or the network.

pub mod artifact;
pub mod bench;
pub mod checkout;
pub mod code;
pub mod config;
pub mod desired;
pub mod event;
pub mod fault;
pub mod fingerprint;
pub mod hints;
pub mod lifecycle;
pub mod observed;
pub mod plan;
pub mod problem;
pub mod recipe;
pub mod runtime_update;
pub mod secret;
pub mod settings;
pub mod step;
pub mod test;
pub mod value;
pub mod words;

pub use artifact::ZipArtifact;
pub use bench::{Bench, Contender, Knee, Measure, Prices, Quantity, Rounds, Site, Spread};
pub use checkout::{Checkout, Checkouts, GitSource};
pub use code::Code;
pub use config::Config;
pub use desired::{Deploy, Desired, Function, LogGroup, RoleChoice};
pub use event::{Event, Summary};
pub use fault::Fault;
pub use fingerprint::{Digest, Fingerprint};
pub use hints::Hints;
pub use observed::Observed;
pub use plan::{Action, Cause, Change, Plan, Step};
pub use problem::{Excerpt, Place, Problem};
pub use recipe::{Content, ContextFile, Form, Recipe, RecipeRole};
pub use runtime_update::RuntimeUpdate;
pub use secret::{Secret, redacted};
pub use settings::{FileSystem, ImageOverrides, Vpc};
pub use step::StepId;
pub use test::{Expected, Test, TestOutcome, TestResult};
pub use words::{Architecture, LastUpdate, Mutability, PackageType, State};
