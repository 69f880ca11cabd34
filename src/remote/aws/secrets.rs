//! Secrets Manager: values of environment variables.

use serde_json::Value as Json;

use super::{
    Aws,
    reading::read,
    service::{Call, Service},
};
use crate::{
    model::{Secret, observed::Reading},
    remote::Error,
};

impl Aws {
    /// The values of these keys of a secret, or the whole secret for `None`, in one request.
    ///
    /// A secret that may not be read is an answer and no error.
    pub async fn secret(&self, name: &str, keys: &[Option<&str>]) -> Result<Vec<Reading>, Error> {
        let what = format!("secret {name}");
        let call = Call {
            service: Service::Secrets,
            operation: "GetSecretValue",
            resource: &what,
        };
        let request = self.shared.secrets().get_secret_value().secret_id(name);
        let answer = self.call(call, || request.clone().send()).await;
        let readings = keys.iter();
        Ok(match read(answer)? {
            Err(reading) => readings.map(|_| reading.clone()).collect(),
            Ok(answer) => {
                let text = answer.secret_string.map(Secret::new);
                readings.map(|key| picked(text.as_ref(), *key)).collect()
            }
        })
    }
}

/// One value of a secret; reasons never quote its content.
fn picked(text: Option<&Secret>, key: Option<&str>) -> Reading {
    let unreadable = |why: &str| Reading::Unreadable(why.to_owned());
    let Some(text) = text else {
        return unreadable("it contains bytes instead of text");
    };
    let value = match key {
        None => text.clone(),
        Some(key) => match member(text, key) {
            Ok(value) => value,
            Err(why) => return unreadable(&why),
        },
    };
    value.guard();
    Reading::Secret(value)
}

fn member(text: &Secret, key: &str) -> Result<Secret, String> {
    let Ok(Json::Object(members)) = serde_json::from_str(text.reveal()) else {
        return Err("it is not a JSON object, so it has no keys".to_owned());
    };
    match members.get(key) {
        Some(Json::String(value)) => Ok(Secret::new(value)),
        Some(value @ (Json::Number(_) | Json::Bool(_))) => Ok(Secret::new(value.to_string())),
        Some(_) => Err(format!("its key {key} is not text")),
        None => Err(format!("it has no key {key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_from_an_object_and_no_reason_quotes_the_secret() {
        let secret = Secret::new(r#"{"password":"canary-1","port":5432,"list":["canary-2"]}"#);
        let pick = |key| picked(Some(&secret), key);
        let is = |value: &str| Reading::Secret(Secret::new(value));
        assert_eq!(pick(Some("password")), is("canary-1"));
        assert_eq!(pick(Some("port")), is("5432"));
        assert_eq!(pick(None), Reading::Secret(secret.clone()));
        for (key, why) in [
            ("list", "its key list is not text"),
            ("absent", "it has no key absent"),
        ] {
            assert_eq!(pick(Some(key)), Reading::Unreadable(why.to_owned()));
        }
        let text = Secret::new("canary-3");
        let why = "it is not a JSON object, so it has no keys".to_owned();
        assert_eq!(picked(Some(&text), Some("a")), Reading::Unreadable(why));
    }
}
