//! Deletion of aliases.

use super::call;
use crate::remote::{Aws, Error, aws::call::gone};

impl Aws {
    /// Deletes the alias with its policy; a missing one is no error.
    pub async fn delete_alias(&self, name: &str, alias: &str) -> Result<(), Error> {
        let what = format!("alias {name}:{alias}");
        let client = self.shared.lambda();
        let request = client.delete_alias().function_name(name).name(alias);
        let answer = self.call(call("DeleteAlias", &what), || request.clone().send());
        gone(answer.await)
    }
}
