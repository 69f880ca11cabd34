//! One look at the world: what Docker, ECR, IAM, Logs and Lambda report about what a manifest declares, everything asked at
//! once. A second question follows only where the first answer names something that it does not explain.

mod error;
mod function;
mod repository;

use std::{collections::BTreeMap, future::Future};

use futures_util::future::try_join_all;

pub use self::error::Error;
use crate::{
    model::{
        Desired, Observed,
        desired::{TAG_FUNCTION, TAG_PROJECT, TAG_TARGET},
        observed::{self, Other},
    },
    remote::{self, Aws, Docker, aws::Tagged},
};

/// What is there of all that is wanted, and what else the project has in Lambda.
///
/// `docker` is the connection to Docker, still to be made, so that it is made alongside: `Docker::connect()`. That nobody
/// answers there is part of the observation.
///
/// # Errors
/// [`Error::WrongAccount`] before anything else that may have gone wrong; else what AWS answered first in the order of
/// repository, functions, tags.
pub async fn observe(
    desired: &Desired,
    aws: &Aws,
    docker: impl Future<Output = Result<Docker, remote::Error>>,
) -> Result<Observed, Error> {
    let (account, docker, repository, functions, tagged) = tokio::join!(
        aws.account(),
        self::docker(docker, &desired.project),
        repository::observe(desired, aws),
        functions(desired, aws),
        aws.tagged(TAG_PROJECT, &desired.project),
    );
    let account = account?;
    guard(desired, &account)?;
    let (repository, images) = repository?;
    let functions = functions?;
    let tagged = tagged?;
    Ok(Observed {
        account,
        region: aws.region().to_owned(),
        docker,
        repository: repository::with_tags(repository, &tagged, aws).await?,
        images,
        functions,
        others: others(desired, &tagged),
    })
}

/// Nothing is believed of an account that the manifest does not mean.
fn guard(desired: &Desired, account: &str) -> Result<(), Error> {
    match &desired.aws.account_id {
        Some(meant) if meant != account => Err(Error::WrongAccount {
            meant: meant.clone(),
            account: account.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What Docker has of the project; that nobody answers is part of the observation.
pub async fn docker(
    docker: impl Future<Output = Result<Docker, remote::Error>>,
    project: &str,
) -> observed::Docker {
    let asked = async {
        let docker = docker.await?;
        let (platform, images) = tokio::try_join!(docker.platform(), docker.images(project))?;
        Ok::<_, remote::Error>(observed::Docker::Present { platform, images })
    };
    match asked.await {
        Ok(present) => present,
        Err(error) => observed::Docker::Absent(error.to_string()),
    }
}

async fn functions(
    desired: &Desired,
    aws: &Aws,
) -> Result<BTreeMap<String, observed::Function>, remote::Error> {
    let each = desired.functions.iter().map(async |(key, wanted)| {
        let found = function::observe(wanted, aws).await?;
        Ok((key.clone(), found))
    });
    Ok(try_join_all(each).await?.into_iter().collect())
}

/// Functions with the project's tag that `desired` does not name.
fn others(desired: &Desired, tagged: &[Tagged]) -> Vec<Other> {
    let declared = |name: &str| desired.functions.values().any(|one| one.name == name);
    let other = |resource: &Tagged| {
        let name = function_name(&resource.arn).filter(|name| !declared(name))?;
        let tag = |key| resource.tags.get(key).cloned().unwrap_or_default();
        Some(Other {
            name: name.to_owned(),
            arn: resource.arn.clone(),
            target: tag(TAG_TARGET),
            function: tag(TAG_FUNCTION),
        })
    };
    let mut others: Vec<Other> = tagged.iter().filter_map(other).collect();
    others.sort_by(|one, another| one.arn.cmp(&another.arn));
    others
}

/// The name in `arn:aws:lambda:<region>:<account>:function:<name>`.
fn function_name(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':').skip(2);
    if parts.next()? != "lambda" {
        return None;
    }
    let mut parts = parts.skip(2);
    if parts.next()? != "function" {
        return None;
    }
    parts.next()
}

#[cfg(test)]
mod tests {
    use super::function_name;

    #[test]
    fn only_functions_have_a_function_name() {
        let name = |arn| function_name(arn);
        assert_eq!(
            name("arn:aws:lambda:eu-west-1:1:function:double"),
            Some("double")
        );
        assert_eq!(name("arn:aws:ecr:eu-west-1:1:repository/function"), None);
        assert_eq!(name("arn:aws:lambda:eu-west-1:1:layer:double"), None);
        assert_eq!(name("nonsense"), None);
    }
}
