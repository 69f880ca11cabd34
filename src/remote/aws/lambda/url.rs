//! Function URLs.

use aws_sdk_lambda::types::{self, FunctionUrlAuthType, InvokeMode};

use super::{call, settings};
use crate::{
    model::reach::{Cors, Url, UrlAuth, UrlState},
    remote::{
        Aws, Error,
        aws::call::{absent, gone},
    },
};

impl Aws {
    /// The URL of the function's alias, or of the function itself without an alias.
    pub async fn url(&self, name: &str, alias: Option<&str>) -> Result<Option<UrlState>, Error> {
        let what = format!("URL of function {name}");
        let client = self.shared.lambda();
        let request = client
            .get_function_url_config()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned));
        let answer = self.call(call("GetFunctionUrlConfig", &what), || {
            request.clone().send()
        });
        let found = absent(answer.await)?;
        Ok(found.map(|one| UrlState {
            url: Url {
                auth: match one.auth_type {
                    FunctionUrlAuthType::None => UrlAuth::None,
                    _ => UrlAuth::Iam,
                },
                streaming: one.invoke_mode == Some(InvokeMode::ResponseStream),
                cors: one.cors.map(read).filter(|cors| *cors != Cors::default()),
            },
            address: one.function_url,
        }))
    }

    /// Creates the URL; returns its address.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_url(
        &self,
        name: &str,
        alias: Option<&str>,
        url: &Url,
    ) -> Result<String, Error> {
        let what = format!("URL of function {name}");
        let client = self.shared.lambda();
        let request = client
            .create_function_url_config()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned))
            .auth_type(auth(url.auth))
            .invoke_mode(mode(url))
            .set_cors(url.cors.as_ref().map(written));
        let answer = self.call(call("CreateFunctionUrlConfig", &what), || {
            request.clone().send()
        });
        Ok(answer.await?.function_url)
    }

    /// Sets the URL's settings; returns its address.
    pub async fn update_url(
        &self,
        name: &str,
        alias: Option<&str>,
        url: &Url,
    ) -> Result<String, Error> {
        let what = format!("URL of function {name}");
        let client = self.shared.lambda();
        // An update keeps fields that are not sent: rules to remove are sent empty.
        let cors = url.cors.clone().unwrap_or_default();
        let request = client
            .update_function_url_config()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned))
            .auth_type(auth(url.auth))
            .invoke_mode(mode(url))
            .cors(written(&cors));
        let answer = self.call(call("UpdateFunctionUrlConfig", &what), || {
            request.clone().send()
        });
        Ok(answer.await?.function_url)
    }

    /// Deletes the URL; a missing one is no error.
    pub async fn delete_url(&self, name: &str, alias: Option<&str>) -> Result<(), Error> {
        let what = format!("URL of function {name}");
        let client = self.shared.lambda();
        let request = client
            .delete_function_url_config()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned));
        let answer = self.call(call("DeleteFunctionUrlConfig", &what), || {
            request.clone().send()
        });
        gone(answer.await)
    }
}

fn auth(auth: UrlAuth) -> FunctionUrlAuthType {
    match auth {
        UrlAuth::Iam => FunctionUrlAuthType::AwsIam,
        UrlAuth::None => FunctionUrlAuthType::None,
    }
}

fn mode(url: &Url) -> InvokeMode {
    match url.streaming {
        true => InvokeMode::ResponseStream,
        false => InvokeMode::Buffered,
    }
}

fn written(cors: &Cors) -> types::Cors {
    types::Cors::builder()
        .set_allow_origins(Some(cors.origins.clone()))
        .set_allow_methods(Some(cors.methods.clone()))
        .set_allow_headers(Some(cors.headers.clone()))
        .set_expose_headers(Some(cors.expose.clone()))
        .set_max_age(settings::number(Some(cors.max_age_s)))
        .allow_credentials(cors.credentials)
        .build()
}

fn read(cors: types::Cors) -> Cors {
    Cors {
        origins: cors.allow_origins.unwrap_or_default(),
        methods: cors.allow_methods.unwrap_or_default(),
        headers: cors.allow_headers.unwrap_or_default(),
        expose: cors.expose_headers.unwrap_or_default(),
        max_age_s: cors
            .max_age
            .and_then(|age| age.try_into().ok())
            .unwrap_or(0),
        credentials: cors.allow_credentials.unwrap_or(false),
    }
}
