//! Whether the credentials last as long as the traffic steps of a plan.

use std::time::SystemTime;

use crate::{
    cli::{Error, environment},
    model::{Action, Desired, Plan, Step},
    remote::Aws,
    report::wording,
};

/// Nothing, unless the credentials are known to end while traffic is divided: then nothing could
/// return it.
///
/// # Errors
/// [`Error::Usage`], which names the function with the longest steps.
pub async fn check(plan: &Plan, desired: &Desired, aws: &Aws) -> Result<(), Error> {
    let steps = plan.steps.iter().filter_map(|step| minutes(step, desired));
    let Some((minutes, key)) = steps.max() else {
        return Ok(());
    };
    let Some(end) = aws.credentials_end().await else {
        return Ok(());
    };
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    if environment::minute() * minutes <= left {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!(
            "the traffic steps of `{key}` take {} at least, and the AWS credentials end in {}",
            wording::count(minutes as usize, "minute"),
            wording::count(
                usize::try_from(left.as_secs() / 60).unwrap_or(usize::MAX),
                "minute"
            ),
        ),
        help: "use credentials that last longer, or shorten `deploy.traffic`: without credentials \
            nothing can return the traffic"
            .to_owned(),
    })
}

/// The minutes of a step that divides traffic, and the key of its function.
fn minutes<'a>(step: &'a Step, desired: &Desired) -> Option<(u32, &'a str)> {
    let Action::SetAlias {
        function,
        traffic: Some(traffic),
        ..
    } = &step.action
    else {
        return None;
    };
    let wanted = desired.functions.get(function)?;
    Some((traffic.minutes(wanted.timeout_s()), function))
}
