//! Parameter Store: values that the manifest refers to.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::ParameterType;
use futures_util::future::try_join_all;

use super::{
    Aws,
    reading::read,
    service::{Call, Service},
};
use crate::{
    model::{Secret, observed::Reading},
    remote::Error,
};

/// The highest number of names in one request,
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>.
const BATCH: usize = 10;

impl Aws {
    /// The decrypted parameters of these names, by name.
    ///
    /// One that may not be read is an answer and no error: the plan reports it for the key that
    /// needs it.
    pub async fn parameters(&self, names: &[&str]) -> Result<BTreeMap<String, Reading>, Error> {
        let batches = names.chunks(BATCH).map(|names| self.batch(names));
        let batches = try_join_all(batches).await?;
        Ok(batches.into_iter().flatten().collect())
    }

    /// One batch.
    ///
    /// AWS refuses it as a whole where one of its names may not be read; then each is requested by
    /// itself.
    async fn batch(&self, names: &[&str]) -> Result<Vec<(String, Reading)>, Error> {
        match self.get_parameters(names).await {
            Err(Error::AccessDenied { .. }) if names.len() > 1 => {
                let each = names.iter().map(|name| self.one(name));
                try_join_all(each).await
            }
            Err(Error::AccessDenied { message, .. }) => Ok(denied(names, &message)),
            answer => answer,
        }
    }

    async fn one(&self, name: &str) -> Result<(String, Reading), Error> {
        let reading = match read(self.get_parameters(&[name]).await)? {
            Ok(mut found) => found.pop().map_or(Reading::Missing, |(_, found)| found),
            Err(reading) => reading,
        };
        Ok((name.to_owned(), reading))
    }

    async fn get_parameters(&self, names: &[&str]) -> Result<Vec<(String, Reading)>, Error> {
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
            // The answer returns a version or label apart from the name.
            let name = parameter.name.unwrap_or_default();
            let name = name + parameter.selector.as_deref().unwrap_or_default();
            let is_shown = matches!(
                parameter.r#type,
                Some(ParameterType::String | ParameterType::StringList)
            );
            let value = parameter.value.map(|value| reading(value, is_shown));
            values.extend(value.map(|value| (name, value)));
        }
        let found = |name: &&str| {
            let value = values.get(*name).cloned();
            ((*name).to_owned(), value.unwrap_or(Reading::Missing))
        };
        Ok(names.iter().map(found).collect())
    }
}

fn reading(value: String, is_shown: bool) -> Reading {
    if is_shown {
        return Reading::Shown(value);
    }
    let secret = Secret::new(value);
    secret.guard();
    Reading::Secret(secret)
}

fn denied(names: &[&str], why: &str) -> Vec<(String, Reading)> {
    let denied = |name: &&str| ((*name).to_owned(), Reading::Unreadable(why.to_owned()));
    names.iter().map(denied).collect()
}
