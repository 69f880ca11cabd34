//! Referenced values: each is requested once, all concurrently.
//!
//! What AWS has under names that are such values is requested after them.

use std::{collections::BTreeMap, io::ErrorKind, path::Path};

use futures_util::future::try_join_all;

use super::{
    function,
    pushes::{self, Answers, Pushes},
    terraform,
};
use crate::{
    model::{
        Desired, Origin, RoleChoice,
        observed::{self, Reading, Role},
        reach::Found,
    },
    remote::{Aws, Error},
};

/// Values by the description of their origin.
type Readings = BTreeMap<String, Reading>;

/// Places of wanted values, grouped by source.
#[derive(Default)]
struct Wanted<'a> {
    parameters: Vec<&'a str>,
    /// Keys by the secret's name or ARN; `None`: the secret is taken whole.
    secrets: BTreeMap<&'a str, Vec<Option<&'a str>>>,
    /// Output keys by stack.
    stacks: BTreeMap<&'a str, Vec<&'a str>>,
    exports: Vec<&'a str>,
    /// Names of outputs, by the state's path or `s3://` address.
    states: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Wanted<'a> {
    fn of(desired: &'a Desired) -> Self {
        let mut all = Self::default();
        for origin in desired.origins() {
            match origin {
                Origin::Env(_) => {}
                Origin::Ssm(path) => all.parameters.push(path),
                Origin::Secret { name, key } => {
                    all.secrets.entry(name).or_default().push(key.as_deref());
                }
                Origin::Output { stack, key } => all.stacks.entry(stack).or_default().push(key),
                Origin::Export(name) => all.exports.push(name),
                Origin::Terraform { output, file } => {
                    all.states.entry(file).or_default().push(output);
                }
            }
        }
        all
    }
}

/// Reads the values that the manifest refers to.
///
/// A value that cannot be read is an answer: the plan reports it for its key.
pub(super) async fn read(desired: &Desired, aws: &Aws) -> Result<Readings, Error> {
    let wanted = Wanted::of(desired);
    let (parameters, secrets, stacks, exports, states) = tokio::try_join!(
        parameters(&wanted, aws),
        secrets(&wanted, aws),
        stacks(&wanted, aws),
        exports(&wanted, aws),
        states(&wanted, &desired.root, aws),
    )?;
    let all = [parameters, secrets, stacks, exports, states];
    Ok(all.into_iter().flatten().collect())
}

async fn parameters(wanted: &Wanted<'_>, aws: &Aws) -> Result<Readings, Error> {
    let found = aws.parameters(&wanted.parameters).await?;
    let by_origin = |(path, reading)| (Origin::Ssm(path).to_string(), reading);
    Ok(found.into_iter().map(by_origin).collect())
}

async fn secrets(wanted: &Wanted<'_>, aws: &Aws) -> Result<Readings, Error> {
    let each = wanted.secrets.iter().map(async |(name, keys)| {
        let readings = aws.secret(name, keys).await?.into_iter();
        let by_origin = readings.zip(keys).map(|(reading, key)| {
            let (name, key) = ((*name).to_owned(), key.map(str::to_owned));
            (Origin::Secret { name, key }.to_string(), reading)
        });
        Ok::<_, Error>(by_origin.collect())
    });
    together(try_join_all(each).await)
}

async fn stacks(wanted: &Wanted<'_>, aws: &Aws) -> Result<Readings, Error> {
    let each = wanted.stacks.iter().map(async |(stack, keys)| {
        let outputs = aws.stack_outputs(stack).await?;
        let by_origin = keys.iter().map(|key| {
            let (stack, key) = ((*stack).to_owned(), (*key).to_owned());
            let reading = shown(&outputs, &key);
            (Origin::Output { stack, key }.to_string(), reading)
        });
        Ok::<_, Error>(by_origin.collect())
    });
    together(try_join_all(each).await)
}

async fn exports(wanted: &Wanted<'_>, aws: &Aws) -> Result<Readings, Error> {
    if wanted.exports.is_empty() {
        return Ok(Readings::new());
    }
    let found = aws.exports().await?;
    let by_origin = wanted.exports.iter().map(|name| {
        let reading = shown(&found, name);
        (Origin::Export((*name).to_owned()).to_string(), reading)
    });
    Ok(by_origin.collect())
}

async fn states(wanted: &Wanted<'_>, root: &Path, aws: &Aws) -> Result<Readings, Error> {
    let each = wanted.states.iter().map(async |(file, names)| {
        let readings = match state(file, root, aws).await? {
            Ok(bytes) => terraform::outputs(&bytes, names),
            Err(reading) => names.iter().map(|_| reading.clone()).collect(),
        };
        let by_origin = names.iter().zip(readings).map(|(output, reading)| {
            let (output, file) = ((*output).to_owned(), (*file).to_owned());
            (Origin::Terraform { output, file }.to_string(), reading)
        });
        Ok::<_, Error>(by_origin.collect())
    });
    together(try_join_all(each).await)
}

/// The bytes of a state, or why it cannot be read.
async fn state(file: &str, root: &Path, aws: &Aws) -> Result<Result<Vec<u8>, Reading>, Error> {
    let object = file.strip_prefix("s3://");
    if let Some((bucket, key)) = object.and_then(|object| object.split_once('/')) {
        return aws.object(bucket, key).await;
    }
    let read = tokio::fs::read(root.join(file)).await;
    Ok(read.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Reading::Unreadable(format!("the file {file} does not exist")),
        kind => Reading::Unreadable(format!("the file {file} cannot be read: {kind}")),
    }))
}

fn shown(found: &Result<BTreeMap<String, String>, Reading>, name: &str) -> Reading {
    match found {
        Ok(all) => all
            .get(name)
            .map_or(Reading::Missing, |value| Reading::Shown(value.clone())),
        Err(reading) => reading.clone(),
    }
}

fn together(each: Result<Vec<Readings>, Error>) -> Result<Readings, Error> {
    Ok(each?.into_iter().flatten().collect())
}

/// The roles that have references for names or ARNs, by function: the only roles that are requested
/// after the first wave.
pub(super) async fn roles(
    desired: &Desired,
    read: &Readings,
    aws: &Aws,
) -> Result<Vec<(String, Option<Role>)>, Error> {
    let known = desired.with_values(read);
    let taken = known.functions.iter().filter(|(key, _)| {
        let wanted = desired.functions.get(*key);
        wanted.is_some_and(|wanted| matches!(wanted.role, RoleChoice::From(_)))
    });
    let asked = taken.map(async |(key, wanted)| {
        let role = function::role(&wanted.role, aws).await?;
        Ok::<_, Error>((key.clone(), role))
    });
    try_join_all(asked).await
}

/// The event sources at buckets and topics that have references for names, by function.
pub(super) async fn pushes(
    desired: &Desired,
    read: &Readings,
    found: &BTreeMap<String, observed::Function>,
    (aws, answers): (&Aws, &Answers),
) -> Result<Vec<(String, Pushes)>, Error> {
    let known = desired.with_values(read);
    let functions = desired.functions.iter();
    let waiting = functions.filter(|(key, before)| {
        let from_tags = found.get(*key).is_some_and(|one| one.from_tags);
        !from_tags && before.unknown_triggers().next().is_some()
    });
    let asked = waiting.filter_map(|(key, before)| {
        let (wanted, nothing) = (known.functions.get(key)?, Found::default());
        Some(async move {
            let found = found.get(key).map_or(&nothing, |one| &one.reach);
            let late = pushes::late((wanted, before), found, (aws, answers));
            Ok::<_, Error>((key.clone(), late.await?))
        })
    });
    try_join_all(asked).await
}
