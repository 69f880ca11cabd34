//! Zip functions: an archive on one of AWS's runtimes.

use std::collections::BTreeMap;

use aws_sdk_lambda::{
    primitives::Blob,
    types::{
        Architecture, FunctionCode, FunctionConfiguration, LoggingConfig, PackageType,
        UpdateRuntimeOn,
    },
};

use super::{
    call,
    function::{Common, configuration},
    settings, state,
};
use crate::{
    model::{
        Config, Digest, RuntimeUpdate, Secret,
        observed::{FunctionState, ZipState},
    },
    remote::{Aws, Error, aws::call::absent},
};

/// Where Lambda reads an archive.
#[derive(Clone, Debug)]
pub enum ZipCode {
    /// In the request itself, up to 50 MB.
    Bytes(Vec<u8>),
    /// An object in a bucket of the function's region.
    Bucket {
        /// Name of the bucket.
        bucket: String,
        /// Key of the object, as [`CodeObject::key`](crate::remote::aws::CodeObject::key) makes it.
        key: String,
    },
}

impl ZipCode {
    /// Size of the request: base64 makes four bytes of three.
    fn sent(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64 * 4 / 3,
            Self::Bucket { .. } => 0,
        }
    }
}

/// What Lambda needs to create a function from an archive.
#[derive(Clone, Debug)]
pub struct NewZip<'a> {
    /// The function's name in Lambda.
    pub name: &'a str,
    /// The archive itself, or its place in S3.
    pub code: &'a ZipCode,
    /// ARN of the execution role.
    pub role: &'a str,
    /// Lambda's name of the architecture: `x86_64` or `arm64`.
    pub architecture: &'a str,
    /// Settings; absent memory and timeout get jot's defaults for creation.
    pub config: &'a Config,
    /// Tags by key, set at creation.
    pub tags: &'a BTreeMap<String, String>,
}

impl Aws {
    /// As [`Aws::create_function`], with an archive.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_zip_function(&self, wanted: &NewZip<'_>) -> Result<FunctionState, Error> {
        self.create_zip(wanted, settings::logging(wanted.name, wanted.config, None))
            .await
    }

    /// As [`Aws::create_copy`], with an archive.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_zip_copy(
        &self,
        wanted: &NewZip<'_>,
        log_group: &str,
    ) -> Result<FunctionState, Error> {
        let logging = settings::logging_to(wanted.config, log_group);
        self.create_zip(wanted, Some(logging)).await
    }

    async fn create_zip(
        &self,
        wanted: &NewZip<'_>,
        logging: Option<LoggingConfig>,
    ) -> Result<FunctionState, Error> {
        let what = format!("function {}", wanted.name);
        let common = Common {
            name: wanted.name,
            role: wanted.role,
            architecture: wanted.architecture,
            config: wanted.config,
            tags: wanted.tags,
        };
        let code = FunctionCode::builder();
        let code = match wanted.code.clone() {
            ZipCode::Bytes(bytes) => code.zip_file(Blob::new(bytes)),
            ZipCode::Bucket { bucket, key } => code.s3_bucket(bucket).s3_key(key),
        };
        let request = self
            .creation(&common, logging)?
            .package_type(PackageType::Zip)
            .code(code.build());
        let sent = || request.clone().send();
        let call = call("CreateFunction", &what);
        let answer = self.sending(call, wanted.code.sent(), sent).await?;
        let mut state = state::of_configuration(configuration!(answer), &what)?;
        state.tags = wanted.tags.clone();
        Ok(state)
    }

    /// As [`Aws::update_code`], with an archive.
    ///
    /// # Errors
    /// [`Error::Changed`] where its revision is no longer `revision`.
    pub async fn update_zip_code(
        &self,
        name: &str,
        code: &ZipCode,
        architecture: &str,
        revision: &str,
    ) -> Result<FunctionState, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .update_function_code()
            .function_name(name)
            .architectures(Architecture::from(architecture))
            .revision_id(revision);
        let request = match code.clone() {
            ZipCode::Bytes(bytes) => request.zip_file(Blob::new(bytes)),
            ZipCode::Bucket { bucket, key } => request.s3_bucket(bucket).s3_key(key),
        };
        let sent = || request.clone().send();
        let call = call("UpdateFunctionCode", &what);
        let answer = self.sending(call, code.sent(), sent).await?;
        state::of_configuration(configuration!(answer), &what)
    }

    /// Address of the function's archive, valid for ten minutes without credentials: the address is
    /// one.
    ///
    /// `None` where the function does not exist.
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html>
    pub async fn code_location(&self, name: &str) -> Result<Option<Secret>, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client.get_function().function_name(name);
        let answer = self.call(call("GetFunction", &what), || request.clone().send());
        let code = absent(answer.await)?.and_then(|answer| answer.code);
        Ok(code.and_then(|code| code.location).map(Secret::new))
    }

    /// When Lambda moves the function, or a published version of it, to a newer runtime version;
    /// `None` where it does not exist.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html>
    pub async fn runtime_update(
        &self,
        name: &str,
        version: Option<&str>,
    ) -> Result<Option<RuntimeUpdate>, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .get_runtime_management_config()
            .function_name(name)
            .set_qualifier(version.map(str::to_owned));
        let answer = self.call(call("GetRuntimeManagementConfig", &what), || {
            request.clone().send()
        });
        let Some(answer) = absent(answer.await)? else {
            return Ok(None);
        };
        let mode = answer.update_runtime_on.as_ref();
        Ok(Some(
            match (mode.map(|mode| mode.as_str()), answer.runtime_version_arn) {
                (Some("FunctionUpdate"), _) => RuntimeUpdate::FunctionUpdate,
                (Some("Manual"), Some(arn)) => RuntimeUpdate::Manual(arn),
                _ => RuntimeUpdate::Auto,
            },
        ))
    }

    /// Sets when Lambda moves the function, or a published version of it, to a newer runtime
    /// version.
    pub async fn set_runtime_update(
        &self,
        name: &str,
        version: Option<&str>,
        wanted: &RuntimeUpdate,
    ) -> Result<(), Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .put_runtime_management_config()
            .function_name(name)
            .set_qualifier(version.map(str::to_owned));
        let request = match wanted {
            RuntimeUpdate::Auto => request.update_runtime_on(UpdateRuntimeOn::Auto),
            RuntimeUpdate::FunctionUpdate => {
                request.update_runtime_on(UpdateRuntimeOn::FunctionUpdate)
            }
            RuntimeUpdate::Manual(arn) => request
                .update_runtime_on(UpdateRuntimeOn::Manual)
                .runtime_version_arn(arn),
        };
        let sent = || request.clone().send();
        self.call(call("PutRuntimeManagementConfig", &what), sent)
            .await?;
        Ok(())
    }
}

/// What only a function with an archive has.
pub(super) fn state(configuration: &FunctionConfiguration) -> Option<ZipState> {
    if configuration.package_type == Some(PackageType::Image) {
        return None;
    }
    let version = configuration.runtime_version_config.as_ref();
    let version = version.and_then(|version| version.runtime_version_arn.clone());
    let hash = configuration.code_sha256.as_deref();
    Some(ZipState {
        code: hash.and_then(Digest::of_code_sha256),
        size: configuration.code_size.try_into().unwrap_or_default(),
        runtime_version: version.filter(|arn| !arn.is_empty()),
        update: None,
    })
}
