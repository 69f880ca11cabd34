//! A manifest with its clients for AWS and Docker.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Error, Global,
    output::Print,
    patience::{PATIENCE, patient},
    references, runs,
    wanted::{desired, load, names},
};
use crate::{
    manifest::Loaded,
    model::{Desired, Observed, Plan, desired, observed},
    observe::{self, Depth},
    plan,
    remote::{
        Aws, Docker,
        aws::{Retry, RetryListener},
    },
    report::wording,
};

/// Calls that wait for the same reason within this time are noted once.
const TOGETHER: Duration = Duration::from_secs(6);

/// A manifest with its clients.
pub struct Session {
    pub loaded: Loaded,
    /// The client of AWS; it has sent no request yet.
    pub aws: Aws,
    pub print: Print,
}

impl Session {
    /// Reads the manifest and makes the clients, without a request.
    pub async fn open(global: &Global) -> Result<Self, Error> {
        Self::of(load(global)?, global).await
    }

    /// Like [`Session::open`], with a manifest that was already read.
    pub async fn of(loaded: Loaded, global: &Global) -> Result<Self, Error> {
        let print = Print::new(global);
        let aws = Aws::connect(&settings(&loaded)).await?;
        let printer = print.clone();
        let aws = aws
            .with_wait_listener(Arc::new(move |text| printer.note(text)))
            .with_retry_listener(noted(print.clone()));
        Ok(Self { loaded, aws, print })
    }

    /// The desired state of the selected functions, with hashed contexts.
    pub fn desired(&self, select: &[String]) -> Result<Arc<Desired>, Error> {
        desired(&self.loaded, Some(self.aws.region()), select)
    }

    /// Like [`Session::desired`] without images: the sources may be missing.
    pub fn names(&self, select: &[String]) -> Result<Arc<Desired>, Error> {
        let names = names(&self.loaded, Some(self.aws.region()), select)?;
        Ok(Arc::new(names))
    }

    /// One function: with its tests if they are needed, else as [`Session::names`].
    pub fn desired_or_names(&self, function: &str, tests: bool) -> Result<Arc<Desired>, Error> {
        let select = [function.to_owned()];
        if tests {
            self.desired(&select)
        } else {
            self.names(&select)
        }
    }

    /// The plan, and the client of Docker if the daemon answers.
    ///
    /// Observes the functions that the plan acts on in full, even if `depth` allows the tags to
    /// decide. Stores the referenced values in `desired`, so that the plan is executed with the
    /// values it was made with.
    pub async fn plan(
        &self,
        desired: &mut Arc<Desired>,
        depth: Depth,
    ) -> Result<(Plan, Option<Docker>), Error> {
        let (mut observed, daemon) = self.observe(desired, depth).await?;
        resolve(desired, &observed);
        references::check(&self.loaded, desired)?;
        loop {
            let plan = plan::plan(desired, &observed)?;
            let unverified = plan::unverified(&plan, &observed);
            if unverified.is_empty() {
                return Ok((plan, daemon));
            }
            observed = observe::closer(desired, observed, &self.aws, &unverified).await?;
            observed.guard(&desired.shown_values());
        }
    }

    /// Observes AWS and Docker concurrently; also returns the client of Docker, if the daemon
    /// answers.
    pub async fn observe(
        &self,
        desired: &Desired,
        depth: Depth,
    ) -> Result<(Observed, Option<Docker>), Error> {
        let mut daemon = None;
        let connect = async {
            let docker = Docker::connect().await?;
            daemon = Some(docker.clone());
            Ok(docker)
        };
        let asked = observe::observe(desired, &self.aws, connect, depth);
        // Without a terminal the note would only clutter the log.
        let observed = match self.print.err.progress {
            true => {
                let waiting = format!("Asking AWS in {} and Docker.", self.aws.region());
                patient(&self.print, &waiting, asked).await?
            }
            false => asked.await?,
        };
        let known = desired.with_values(&observed.references);
        observed.guard(&known.shown_values());
        Ok((observed, daemon))
    }
}

/// Notes on stderr which calls wait, except for short waits; simultaneous waits for the same reason
/// are noted once.
fn noted(print: Print) -> RetryListener {
    let recent: Mutex<BTreeMap<String, (String, Instant)>> = Mutex::default();
    Arc::new(move |retry| {
        if u128::from(retry.wait_ms) < PATIENCE.as_millis() {
            return;
        }
        let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
        let (why, operation) = (retry.why.clone(), retry.operation.clone());
        let last = recent.get(&why);
        if last.is_some_and(|(other, when)| *other != operation && when.elapsed() < TOGETHER) {
            return;
        }
        recent.insert(why, (operation, Instant::now()));
        let Retry {
            operation,
            why,
            attempt,
            wait_ms,
        } = retry;
        let wait = wording::duration(wait_ms);
        print.note(&format!(
            "{operation}: {why}; attempt {} in {wait}",
            attempt + 1
        ));
    })
}

/// Stores the referenced values that were read.
fn resolve(desired: &mut Arc<Desired>, observed: &Observed) {
    let resolved = match desired.with_values(&observed.references) {
        Cow::Borrowed(_) => return,
        Cow::Owned(resolved) => resolved,
    };
    *desired = Arc::new(resolved);
}

/// The project's state in the local Docker, and its client; removes containers of killed runs
/// first.
pub async fn local(project: &str) -> Result<(Docker, observed::Docker), Error> {
    let docker = Docker::connect().await?;
    runs::sweep(&docker).await;
    let found = observe::docker(std::future::ready(Ok(docker.clone())), project).await;
    Ok((docker, found))
}

pub(super) fn settings(loaded: &Loaded) -> desired::Aws {
    let aws = &loaded.manifest.aws;
    desired::Aws {
        region: aws.region.clone(),
        profile: aws.profile.clone(),
        account_id: aws.account_id.clone(),
        endpoint_url: aws.endpoint_url.clone(),
        registry: aws.registry.clone(),
        bucket: None,
        reference: None,
    }
}
