//! The gates: tests that an image passes before it is pushed, and a version before it takes traffic.

use super::{Error, Shared};
use crate::{
    model::{Event, StepId, TestResult, image::local_name},
    verify,
};

impl Shared {
    pub(super) async fn test_local(&self, step: &StepId, key: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let docker = self.docker()?;
        let image = format!("{}:{}", local_name(&self.desired.project), function.image.tag());
        let request = verify::Local::new(function, image, &self.clients.run);
        let mut tell = |result: &TestResult| self.tell(step, result);
        let work = async { Ok(verify::local(docker, &request, &mut tell).await?) };
        let results = self.droppable(work).await?;
        judge(key, &results, "against the local image", "nothing was pushed")
    }

    pub(super) async fn test_remote(&self, step: &StepId, key: &str, version: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let request = verify::Remote { function, qualifier: version };
        let mut tell = |result: &TestResult| self.tell(step, result);
        let work = async { Ok(verify::remote(&self.clients.aws, &request, &mut tell).await?) };
        let results = self.droppable(work).await?;
        let consequence = match &function.deploy.alias {
            Some(alias) => format!("the alias `{alias}` stays where it was"),
            None => "the code before is put back".to_owned(),
        };
        judge(key, &results, &format!("against version {version}"), &consequence)
    }

    fn tell(&self, step: &StepId, result: &TestResult) {
        self.send(Event::Tested { step: step.clone(), result: result.clone() });
    }
}

fn judge(function: &str, results: &[TestResult], stage: &str, consequence: &str) -> Result<String, Error> {
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
