//! Checks of AWS: region, credentials, clock, permissions.

use miette::Diagnostic;

use super::permissions;
use crate::{
    manifest::Loaded,
    model::{Problem, desired, doctor::Check},
    remote::{Aws, Error, registry::Registry},
};

/// Largest clock difference that AWS accepts, in seconds.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html>
const MOST_S: i64 = 300;
/// Clock difference that deserves a warning, in seconds.
const MUCH_S: i64 = 60;

/// All checks of AWS, with these settings.
pub async fn checks(settings: &desired::Aws, loaded: Option<&Loaded>) -> Vec<Check> {
    let aws = match Aws::connect(settings).await {
        Ok(aws) => aws,
        Err(error) => {
            let name = match error {
                Error::NoRegion => "region",
                _ => "credentials",
            };
            let unknown = ["credentials", "clock", "rights"].into_iter();
            let unknown = unknown.filter(|other| *other != name);
            let why = "AWS was not asked";
            let unknown = unknown.map(|name| Check::unknown(name, why));
            return std::iter::once(failed(name, &error))
                .chain(unknown)
                .collect();
        }
    };
    let mut checks = vec![Check::good("region", aws.region())];
    let caller = aws.caller().await;
    checks.push(match &caller {
        Ok(caller) => credentials(&caller.account, settings.account_id.as_deref()),
        Err(error) => failed("credentials", error),
    });
    checks.push(clock(aws.clock_ahead_s().await));
    match &caller {
        Ok(caller) => {
            checks.push(rights(&aws, loaded).await);
            if let Some(loaded) = loaded {
                checks.push(permissions::check(&aws, caller, loaded).await);
            }
            checks.extend(registry(&aws, settings, loaded).await);
        }
        Err(_) => checks.push(Check::unknown(
            "rights",
            "the credentials could not be verified",
        )),
    }
    checks
}

/// Checks the registry that images are pushed to: the host of the project's repository, or
/// `aws.registry`.
///
/// Without a manifest the project is unknown, and the check is left out.
async fn registry(aws: &Aws, settings: &desired::Aws, loaded: Option<&Loaded>) -> Option<Check> {
    const NAME: &str = "registry";
    let project = &loaded?.manifest.project.name;
    let uri = match (aws.repository(project).await, &settings.registry) {
        (Ok(Some(repository)), _) => settings.pushed_to(&repository.uri),
        (_, Some(registry)) => format!("{registry}/{project}"),
        (Ok(None), None) => {
            let why = "the host is known once the first apply has created the repository";
            return Some(Check::unknown(NAME, why));
        }
        (Err(_), None) => return Some(Check::unknown(NAME, "ECR did not return its host")),
    };
    let host = uri.split('/').next().unwrap_or_default();
    let origin = match settings.registry {
        Some(_) => ", from aws.registry",
        None => "",
    };
    let answered = async {
        let login = aws.registry_login(&uri).await?;
        Registry::new(aws, &uri, &login).check().await
    };
    Some(match answered.await {
        Ok(()) => Check::good(NAME, format!("{host} accepts the login{origin}")),
        Err(error) => {
            let mut problem = Problem::from_diagnostic(&error);
            if settings.registry.is_some() {
                let help =
                    "check that the registry runs, and that aws.registry has its host and port";
                problem.help = Some(help.to_owned());
            }
            Check::failed(NAME, &problem)
        }
    })
}

fn failed(name: &str, error: &dyn Diagnostic) -> Check {
    Check::failed(name, &Problem::from_diagnostic(error))
}

fn credentials(account: &str, wanted: Option<&str>) -> Check {
    match wanted {
        Some(wanted) if wanted != account => Check::broken(
            "credentials",
            format!("they belong to account {account}, but aws.account_id is {wanted}"),
            "choose other credentials with AWS_PROFILE or `aws.profile`",
        ),
        _ => Check::good("credentials", format!("account {account}")),
    }
}

fn clock(ahead_s: Option<i64>) -> Check {
    let Some(ahead) = ahead_s else {
        return Check::unknown("clock", "AWS did not return its time");
    };
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    let message = format!("{} s {way} AWS", ahead.abs());
    let help = "set the clock: AWS rejects requests more than 5 minutes off";
    match ahead.abs() {
        MOST_S.. => Check::broken("clock", message, help),
        MUCH_S..MOST_S => Check::doubtful("clock", message, help),
        _ => Check::good("clock", "agrees with AWS"),
    }
}

/// Checks the permissions that a plan needs; only an apply shows those that it needs.
async fn rights(aws: &Aws, loaded: Option<&Loaded>) -> Check {
    let project = loaded.map_or("jot", |loaded| loaded.manifest.project.name.as_str());
    let function = loaded.and_then(|loaded| loaded.manifest.functions.iter().next());
    let function = function.map(|(key, function)| function.name.as_ref().unwrap_or(key));
    let function = function.map_or(project, String::as_str);
    let group = format!("/aws/lambda/{function}");
    let asked = [
        aws.function(function, None).await.map(drop),
        aws.repository(project).await.map(drop),
        aws.role(function).await.map(drop),
        aws.log_group(&group).await.map(drop),
    ];
    match asked.into_iter().find_map(Result::err) {
        Some(error) => failed("rights", &error),
        None => Check::good(
            "rights",
            "Lambda, ECR, IAM and CloudWatch Logs can be read; `jot iam-policy` prints what an \
                apply needs",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::Health;

    #[test]
    fn a_clock_that_is_off_is_reported_before_aws_refuses() {
        assert_eq!(clock(Some(3)).health, Health::Good);
        assert_eq!(clock(Some(-90)).health, Health::Doubtful);
        let wrong = clock(Some(900));
        assert_eq!(wrong.health, Health::Broken);
        assert_eq!(wrong.message, "900 s ahead of AWS");
        assert_eq!(clock(None).health, Health::Unknown);
    }

    #[test]
    fn credentials_of_another_account_are_reported() {
        assert_eq!(credentials("111122223333", None).health, Health::Good);
        let other = credentials("111122223333", Some("444455556666"));
        assert_eq!(other.health, Health::Broken);
    }
}
