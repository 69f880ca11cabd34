//! `jot bench --remote`.

use std::{collections::BTreeSet, process::ExitCode};

use super::{
    super::{Error, output::Print, runs, session::Session, signals::Signals, wanted},
    Bench,
    entrants::{Outcome, began, entrants},
    variant::Variant,
};
use crate::{
    bench::{self, Copied, CopiedCode},
    model::{
        Desired, Function,
        observed::{FunctionState, ZipState},
    },
    recipe::archive::LARGEST_SENT,
    remote::{self, aws::ZipCode},
};

/// Measures copies of the deployed functions.
pub async fn measure(
    session: &Session,
    variants: &[Variant],
    arguments: &Bench,
    signals: &Signals,
) -> Result<Outcome, Error> {
    let (aws, print): (_, &Print) = (&session.aws, &session.print);
    let contenders = enter(session, variants, arguments).await?;
    let project = &session.loaded.manifest.project.name;
    if let Err(error) = bench::sweep(aws, project).await {
        tracing::warn!(%error, "copies of an earlier benchmark may remain");
    }
    signals.mind();
    let run = runs::Run::begin(project, None);
    let rounds = arguments.rounds();
    let mut on_round = |round| began(print, round, rounds);
    let of = (project.as_str(), run.id());
    let stop = signals.stop.clone();
    match bench::lambda(aws, of, &contenders, rounds, stop, &mut on_round).await {
        Ok(measured) => Ok(Ok(measured)),
        Err(bench::Error::Interrupted) => Ok(Err(signals.exit_code().unwrap_or(ExitCode::SUCCESS))),
        Err(error) => Err(error.into()),
    }
}

/// Creates the contenders: copies of the versions that take traffic, with the images of the
/// variants.
async fn enter(
    session: &Session,
    variants: &[Variant],
    arguments: &Bench,
) -> Result<Vec<Copied>, Error> {
    let mut contenders = Vec::new();
    for variant in variants {
        let (region, select) = (session.aws.region(), &arguments.select.functions);
        let desired = wanted::desired(&variant.loaded, Some(region), select)?;
        for function in desired.functions.values() {
            let entrants = entrants(function, variant, arguments)?;
            let like = deployed(session, function).await?;
            let code = match &like.zip {
                Some(zip) => CopiedCode::Archive(archive(session, function, variant, zip).await?),
                None => {
                    CopiedCode::Image(image_uri(session, &desired, function, variant, &like).await?)
                }
            };
            contenders.extend(entrants.into_iter().map(|entrant| Copied {
                entrant,
                original: function.name.clone(),
                like: like.clone(),
                code: code.clone(),
                log_group: function.writes_to().to_owned(),
            }));
        }
    }
    // Keep the contenders of one function together across variants.
    contenders.sort_by(|one, other| one.entrant.function.cmp(&other.entrant.function));
    Ok(contenders)
}

/// The state that takes traffic: the version behind the alias, or `$LATEST` for a function without
/// one.
async fn deployed(session: &Session, function: &Function) -> Result<FunctionState, Error> {
    let alias = function.deploy.alias.as_deref();
    let found = session.aws.function(&function.name, alias).await?;
    found.ok_or_else(|| Error::Absent {
        what: match alias {
            Some(alias) => format!("function {}, or `{alias}` of it,", function.name),
            None => format!("function {}", function.name),
        },
        help: format!(
            "run `jot apply {}` to deploy it, or leave out --remote to measure the local image",
            function.key
        ),
    })
}

/// The deployed archive, ready to send.
///
/// Lambda stores it; the address that Lambda returns for it is a credential.
async fn archive(
    session: &Session,
    function: &Function,
    variant: &Variant,
    zip: &ZipState,
) -> Result<ZipCode, Error> {
    let name = &function.name;
    if let Some(label) = &variant.label {
        return Err(Error::Usage {
            message: format!(
                "function {name} runs a zip archive, and its variant `{label}` is not in Lambda"
            ),
            help: "leave out --remote to measure variants here, or choose a target that runs it"
                .to_owned(),
        });
    }
    if zip.size > LARGEST_SENT {
        return Err(Error::Usage {
            message: format!("the archive of function {name} is over 50 MB, too large to copy"),
            help: "leave out --remote to measure it on this machine".to_owned(),
        });
    }
    let gone = || Error::Absent {
        what: format!("the archive of function {name}"),
        help: format!("`jot plan {}` shows what it runs", function.key),
    };
    let location = session.aws.code_location(name).await?.ok_or_else(gone)?;
    let code = zip.code.as_ref().ok_or_else(gone)?;
    let profile = session.loaded.manifest.aws.profile.as_deref();
    let bytes = remote::fetch(location.reveal(), code.hex(), profile).await;
    Ok(ZipCode::Bytes(bytes.map_err(|_| gone())?))
}

/// The deployed image, or the image of a variant in ECR.
async fn image_uri(
    session: &Session,
    desired: &Desired,
    function: &Function,
    variant: &Variant,
    like: &FunctionState,
) -> Result<String, Error> {
    let deployed = like.image_uri.as_deref().zip(like.digest.as_ref());
    let (uri, digest) = deployed.ok_or_else(|| Error::Usage {
        message: format!("function {} does not run an image", function.name),
        help: format!("`jot plan {}` shows what it runs", function.key),
    })?;
    let repository = repository(uri);
    let Some(label) = &variant.label else {
        return Ok(format!("{repository}@{}", digest.as_str()));
    };
    let tag = function.code.tag();
    let held = session
        .aws
        .images(&desired.repository.name, &BTreeSet::from([tag]))
        .await?;
    let held = held.get(tag).ok_or_else(|| Error::Usage {
        message: format!("ECR has no image of `{}` for `{label}`", function.key),
        help: "apply that variant once, for example to another target, or leave out --remote to \
            measure it on this machine"
            .to_owned(),
    })?;
    Ok(format!("{repository}@{}", held.digest.as_str()))
}

/// The `host/repository` part of an image URI.
fn repository(uri: &str) -> &str {
    let uri = uri.split('@').next().unwrap_or(uri);
    let name = uri.rfind('/').map_or(0, |slash| slash + 1);
    match uri[name..].find(':') {
        Some(colon) => &uri[..name + colon],
        None => uri,
    }
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn a_port_is_no_tag() {
        for uri in [
            "127.0.0.1:4566/numerics@sha256:00",
            "127.0.0.1:4566/numerics:1a2b",
            "127.0.0.1:4566/numerics:1a2b@sha256:00",
            "127.0.0.1:4566/numerics",
        ] {
            assert_eq!(repository(uri), "127.0.0.1:4566/numerics");
        }
    }
}
