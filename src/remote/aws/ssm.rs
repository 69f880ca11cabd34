//! Parameter Store: values of environment variables.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::{
    Aws,
    service::{Call, Service},
};
use crate::{
    model::{Secret, observed::Parameter},
    remote::Error,
};

/// The most names of one question,
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>.
const BATCH: usize = 10;

impl Aws {
    /// What Parameter Store has under these names, decrypted, by name. One that may not be read is an answer and no error: the
    /// plan says it of the key that needs it.
    pub async fn parameters(&self, names: &[&str]) -> Result<BTreeMap<String, Parameter>, Error> {
        let batches = names.chunks(BATCH).map(|names| self.batch(names));
        let batches = try_join_all(batches).await?;
        Ok(batches.into_iter().flatten().collect())
    }

    /// One batch. It is refused as a whole where one of its names may not be read, so then each is asked for by itself.
    async fn batch(&self, names: &[&str]) -> Result<Vec<(String, Parameter)>, Error> {
        match self.get_parameters(names).await {
            Err(Error::AccessDenied { .. }) if names.len() > 1 => {
                let each = names.iter().map(|name| self.one(name));
                try_join_all(each).await
            }
            Err(Error::AccessDenied { message, .. }) => Ok(denied(names, &message)),
            answer => answer,
        }
    }

    async fn one(&self, name: &str) -> Result<(String, Parameter), Error> {
        let parameter = match self.get_parameters(&[name]).await {
            Err(Error::AccessDenied { message, .. }) => Parameter::Denied(message),
            answer => answer?.pop().map_or(Parameter::Missing, |(_, found)| found),
        };
        Ok((name.to_owned(), parameter))
    }

    async fn get_parameters(&self, names: &[&str]) -> Result<Vec<(String, Parameter)>, Error> {
        let what = format!("parameters {}", names.join(", "));
        let call = Call {
            service: Service::Ssm,
            operation: "GetParameters",
            resource: &what,
        };
        let request = self
            .shared
            .ssm()
            .get_parameters()
            .set_names(Some(names.iter().map(|&name| name.to_owned()).collect()))
            .with_decryption(true);
        let answer = self.call(call, || request.clone().send()).await?;
        let mut values = BTreeMap::new();
        for parameter in answer.parameters.unwrap_or_default() {
            // A name with a version or label is told in two parts.
            let name = parameter.name.unwrap_or_default();
            let name = name + parameter.selector.as_deref().unwrap_or_default();
            let value = parameter.value.map(Secret::new);
            value.iter().for_each(Secret::guard);
            values.extend(value.map(|value| (name, value)));
        }
        let found = |name: &&str| {
            let value = values.get(*name).cloned();
            let parameter = value.map_or(Parameter::Missing, Parameter::Value);
            ((*name).to_owned(), parameter)
        };
        Ok(names.iter().map(found).collect())
    }
}

fn denied(names: &[&str], why: &str) -> Vec<(String, Parameter)> {
    let denied = |name: &&str| ((*name).to_owned(), Parameter::Denied(why.to_owned()));
    names.iter().map(denied).collect()
}
