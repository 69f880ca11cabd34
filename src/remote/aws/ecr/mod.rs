//! ECR: the project's repository and the login to push to it.
//!
//! Images are in `images`.

mod artifacts;
mod images;
mod repository;
mod stored;

use aws_smithy_types::base64;

use super::{
    Aws, incomplete,
    service::{Call, Service},
};
use crate::{
    model::{Secret, recipe::RegistryLogin},
    remote::Error,
};

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Ecr,
        operation,
        resource,
    }
}

impl Aws {
    /// User and password for a push, valid for 12 hours.
    ///
    /// The host is that of `repository`, which is `host/name`.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html>
    pub async fn registry_login(&self, repository: &str) -> Result<RegistryLogin, Error> {
        let what = "the registry";
        let request = self.shared.ecr().get_authorization_token();
        let answer = self
            .call(call("GetAuthorizationToken", what), || {
                request.clone().send()
            })
            .await?;
        let mut data = answer.authorization_data.unwrap_or_default();
        let data = data.pop().ok_or_else(|| incomplete(what, "token"))?;
        let (user, password) = data
            .authorization_token
            .as_deref()
            .and_then(user_and_password)
            .ok_or_else(|| incomplete(what, "token"))?;
        password.guard();
        let host = repository.split('/').next().unwrap_or_default();
        Ok(RegistryLogin {
            host: host.to_owned(),
            user,
            password,
        })
    }
}

/// User and password for `docker login`: the token is the base64 of `user:password`.
fn user_and_password(token: &str) -> Option<(String, Secret)> {
    let text = String::from_utf8(base64::decode(token).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_user_and_password() {
        let token = base64::encode("AWS:pass:word");
        let (user, password) = user_and_password(&token).unwrap();
        assert_eq!((user.as_str(), password.reveal()), ("AWS", "pass:word"));
        assert!(user_and_password("!").is_none());
        assert!(user_and_password(&base64::encode("nothing")).is_none());
    }
}
