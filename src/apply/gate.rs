//! The gates: tests that an image must pass before it is pushed, and a version before it takes
//! traffic.

use std::{collections::BTreeMap, time::Duration};

use super::{Error, Shared, harness::harness_of};
use crate::{
    model::{Action, Event, Form, Function, Secret, StepId, TestOutcome, TestResult},
    recipe::fault,
    verify::{self, SecondChance},
};

/// How long to wait after a role changed before a failed test runs once more.
///
/// IAM changes usually reach all of AWS within seconds,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>.
const SPREADING: Duration = Duration::from_secs(15);
/// Lambda's name for the unpublished code.
const LATEST: &str = "$LATEST";

impl Shared {
    pub(super) async fn test_local(&self, step: &StepId, key: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let docker = self.docker()?;
        let origin = (self.clients.run.as_str(), &self.clients.labels);
        let mut progress = self.progress(step);
        let packed = match (function.form(), function.code.recipe()) {
            (Form::Zip, Some(recipe)) => Some(self.droppable(self.packed(recipe)).await?),
            _ => None,
        };
        let file = packed.as_ref().map(|packed| packed.file.as_path());
        let made = harness_of(
            docker,
            &self.desired,
            origin,
            (function, file),
            &mut progress,
        );
        let harness = self.droppable(made).await?;
        let request = verify::Local {
            function: key,
            image: &harness.reference,
            platform: &harness.platform,
            start: function.start(),
            run: &self.clients.run,
            memory_mb: function.memory_mb(),
            timeout_s: function.timeout_s(),
            tmp_mb: function.tmp_mb(),
            snapstart: function.config.snapstart == Some(true),
            environment: container_environment(function, self.desired.aws.region.as_deref()),
            tests: &function.tests,
            hints: &function.hints,
            jit: function.jit,
        };
        let mut report = |result: TestResult| self.report_test(step, result);
        let work = async { Ok(verify::local(docker, &request, &mut report).await?) };
        let results = self.droppable(work).await?;
        judge(
            key,
            &results,
            "against the local image",
            "nothing was pushed",
        )
    }

    async fn test_remote(&self, step: &StepId, key: &str, version: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let request = remote_tests(function, (version != LATEST).then_some(version));
        let mut report = |result: TestResult| self.report_test(step, result);
        let mut once_more = |test: &str, wait: Duration| self.once_more(step, test, wait);
        let chance = self.changes_role(key).then_some(SecondChance {
            wait: SPREADING,
            on_wait: &mut once_more,
        });
        let work = async { Ok(verify::remote(self.aws()?, &request, chance, &mut report).await?) };
        let results = self.droppable(work).await?;
        let consequence = match &function.deploy.alias {
            Some(alias) => format!("the alias `{alias}` stays where it was"),
            None => "the previous code is restored".to_owned(),
        };
        judge(
            key,
            &results,
            &format!("against version {version}"),
            &consequence,
        )
    }

    /// The gate before traffic.
    ///
    /// Without an alias the new code takes traffic at once, so the previous code is put back if the
    /// gate fails.
    pub(super) async fn test_version(
        &self,
        step: &StepId,
        key: &str,
        version: &str,
    ) -> Result<String, Error> {
        let tested = self.test_remote(step, key, version).await;
        let (Err(Error::TestsFailed { .. }), Some(previous)) = (&tested, self.previous(key)) else {
            return tested;
        };
        self.put_back(key, previous).await?;
        tested
    }

    /// Whether this plan creates or changes the function's role: then parts of AWS may not know all
    /// of it yet.
    fn changes_role(&self, key: &str) -> bool {
        self.plan.steps.iter().any(|step| match &step.action {
            Action::CreateRole { function } | Action::UpdateRole { function, .. } => {
                function == key
            }
            _ => false,
        })
    }

    fn once_more(&self, step: &StepId, test: &str, wait: Duration) {
        self.send(Event::Retry {
            step: step.clone(),
            why: format!("{test}: the function answered with an error, and its role is new"),
            attempt: 1,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        });
    }

    /// The image or archive that a step of this plan replaced, if it is to be put back.
    pub(super) fn previous(&self, key: &str) -> Option<&str> {
        self.plan.steps.iter().find_map(|step| match &step.action {
            Action::UpdateCode {
                function, previous, ..
            } if function == key => previous.as_deref(),
            _ => None,
        })
    }

    fn report_test(&self, step: &StepId, result: TestResult) {
        let result = self.placed(result);
        self.send(Event::Tested {
            step: step.clone(),
            result,
        });
    }

    /// Completes the place of a result with the content of the user's files.
    pub(super) fn placed(&self, mut result: TestResult) -> TestResult {
        let function = self.desired.functions.get(&result.function);
        let recipe = function.and_then(|function| {
            let recipe = self.desired.recipes.get(function.code.recipe()?)?;
            Some((recipe, &function.hints))
        });
        if let (TestOutcome::Broken { place, .. }, Some((recipe, hints))) =
            (&mut result.outcome, recipe)
            && let Some(place) = place
            && let Some(completed) = fault::completed(place, &recipe.context, hints)
        {
            **place = completed;
        }
        result
    }
}

/// The tests of a function as calls to a version or alias; `None` means `$LATEST`.
pub fn remote_tests<'a>(function: &'a Function, qualifier: Option<&'a str>) -> verify::Remote<'a> {
    verify::Remote {
        function: &function.key,
        name: &function.name,
        qualifier,
        memory_mb: function.memory_mb(),
        timeout_s: function.timeout_s(),
        hints: &function.hints,
        tests: &function.tests,
    }
}

/// The environment of a container that runs the function: Lambda's variables and its own.
pub fn container_environment(
    function: &Function,
    region: Option<&str>,
) -> BTreeMap<String, Secret> {
    let (memory, timeout) = (function.memory_mb(), function.timeout_s());
    let mut all = verify::lambda_environment(&function.name, memory, timeout, region);
    let own = function.config.environment.iter().flatten();
    all.extend(own.filter_map(|(key, value)| Some((key.clone(), Secret::new(value.reveal()?)))));
    all
}

fn judge(
    function: &str,
    results: &[TestResult],
    stage: &str,
    consequence: &str,
) -> Result<String, Error> {
    let failed = results.iter().filter(|result| !result.passed()).count();
    if failed == 0 {
        return Ok(format!("{} passed", results.len()));
    }
    Err(Error::TestsFailed {
        function: function.to_owned(),
        failed,
        total: results.len(),
        stage: stage.to_owned(),
        consequence: consequence.to_owned(),
    })
}
