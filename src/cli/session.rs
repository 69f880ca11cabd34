//! What most commands begin with: the manifest, what it asks for, and the clients.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, sync::Arc};

use super::{Color, Error, FAILED, Format, Global};
use crate::{
    manifest::{self, Loaded},
    model::{Desired, Observed, Secret, desired},
    observe, recipe,
    remote::{Aws, Docker},
    report::{self, Style},
};

/// A manifest and the clients that it leads to.
pub struct Session {
    /// The manifest.
    pub loaded: Loaded,
    /// AWS; nothing was asked yet.
    pub aws: Aws,
    /// How to print.
    pub style: Style,
}

impl Session {
    /// Reads the manifest and makes the clients, without a request.
    pub async fn open(global: &Global) -> Result<Self, Error> {
        let loaded = load(global)?;
        let aws = Aws::connect(&settings(&loaded)).await?;
        Ok(Self { loaded, aws, style: style(global) })
    }

    /// What the manifest asks for of the selected functions, contexts hashed.
    pub fn desired(&self, select: &[String]) -> Result<Arc<Desired>, Error> {
        desired(&self.loaded, Some(self.aws.region()), select)
    }

    /// The same without images: the responders' sources need not be there.
    pub fn names(&self, select: &[String]) -> Result<Arc<Desired>, Error> {
        let environment = environment();
        let request = request(&self.loaded, Some(self.aws.region()), select, &environment);
        Ok(Arc::new(recipe::desired_names(&request)?))
    }

    /// One look at the world, Docker alongside; also the daemon, where one answers.
    pub async fn observe(&self, desired: &Desired) -> Result<(Observed, Option<Docker>), Error> {
        let docker = Docker::connect().await;
        let observed = observe::observe(desired, &self.aws, docker.as_ref()).await?;
        Ok((observed, docker.ok()))
    }
}

/// Finds and reads the manifest.
pub fn load(global: &Global) -> Result<Loaded, Error> {
    let path = match &global.manifest {
        Some(path) => path.clone(),
        None => manifest::find(&here()?).map_err(Box::new)?,
    };
    Ok(manifest::load(&path, global.target.as_deref()).map_err(Box::new)?)
}

/// The current folder.
pub fn here() -> Result<PathBuf, Error> {
    std::env::current_dir().map_err(|cause| Error::File { what: "find", path: PathBuf::from("."), cause })
}

/// What the manifest asks for, without any client.
pub fn desired(loaded: &Loaded, region: Option<&str>, select: &[String]) -> Result<Arc<Desired>, Error> {
    let environment = environment();
    Ok(Arc::new(recipe::desired(&request(loaded, region, select, &environment))?))
}

fn request<'a>(
    loaded: &'a Loaded,
    region: Option<&'a str>,
    select: &'a [String],
    environment: &'a BTreeMap<String, Secret>,
) -> recipe::Request<'a> {
    recipe::Request { loaded, region, select, environment }
}

/// This process's environment. Values count as secret: some are.
fn environment() -> BTreeMap<String, Secret> {
    let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((key.into_string().ok()?, Secret::new(value.into_string().ok()?)))
    };
    std::env::vars_os().filter_map(text).collect()
}

fn settings(loaded: &Loaded) -> desired::Aws {
    let aws = &loaded.manifest.aws;
    desired::Aws {
        region: aws.region.clone(),
        profile: aws.profile.clone(),
        account_id: aws.account_id.clone(),
        endpoint_url: aws.endpoint_url.clone(),
        registry: aws.registry.clone(),
    }
}
