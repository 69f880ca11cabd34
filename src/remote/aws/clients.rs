//! The clients of all services, each created on first use.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use aws_config::SdkConfig;
use tokio::sync::{OnceCell, Semaphore};

use super::{credentials::Keys, failure::Place, http::Http, limit::Limits, question};

/// The highest useful number of concurrent calls: more would only open more connections.
const CALLS_AT_ONCE: usize = 32;

/// State that clones of [`Aws`](super::Aws) share.
pub(super) struct Shared {
    pub region: String,
    /// Replaces AWS's endpoints, if set.
    pub endpoint: Option<String>,
    pub keys: Keys,
    pub http: Http,
    pub limits: Limits,
    pub slots: Semaphore,
    /// How long an attempt at a read-only call may take.
    pub question: Duration,
    /// `repositoryUri` of every repository that ECR reported, by name.
    pub repository_uris: Mutex<BTreeMap<String, String>>,
    /// Clients for the target that images are copied from.
    pub elsewhere: OnceCell<Arc<Shared>>,
    config: SdkConfig,
    cloudformation: OnceLock<aws_sdk_cloudformation::Client>,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    events: OnceLock<aws_sdk_eventbridge::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    metrics: OnceLock<aws_sdk_cloudwatch::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    scheduler: OnceLock<aws_sdk_scheduler::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    tagging: OnceLock<aws_sdk_resourcegroupstagging::Client>,
}

impl Shared {
    /// Settings of the clients; none is created yet.
    pub fn new(region: String, config: SdkConfig, keys: Keys, http: Http) -> Self {
        Self {
            region,
            endpoint: config.endpoint_url().map(str::to_owned),
            keys,
            http,
            limits: Limits::new(),
            slots: Semaphore::const_new(CALLS_AT_ONCE),
            question: question::limit(),
            repository_uris: Mutex::default(),
            elsewhere: OnceCell::new(),
            config,
            cloudformation: OnceLock::new(),
            ecr: OnceLock::new(),
            events: OnceLock::new(),
            iam: OnceLock::new(),
            lambda: OnceLock::new(),
            logs: OnceLock::new(),
            metrics: OnceLock::new(),
            s3: OnceLock::new(),
            scheduler: OnceLock::new(),
            secrets: OnceLock::new(),
            sns: OnceLock::new(),
            ssm: OnceLock::new(),
            sts: OnceLock::new(),
            tagging: OnceLock::new(),
        }
    }

    /// The place of requests, for errors.
    pub fn place(&self) -> Place<'_> {
        Place {
            endpoint: self.endpoint.as_deref().unwrap_or("AWS's endpoint"),
        }
    }

    pub fn cloudformation(&self) -> &aws_sdk_cloudformation::Client {
        self.cloudformation
            .get_or_init(|| aws_sdk_cloudformation::Client::new(&self.config))
    }

    pub fn ecr(&self) -> &aws_sdk_ecr::Client {
        self.ecr
            .get_or_init(|| aws_sdk_ecr::Client::new(&self.config))
    }

    pub fn events(&self) -> &aws_sdk_eventbridge::Client {
        self.events
            .get_or_init(|| aws_sdk_eventbridge::Client::new(&self.config))
    }

    pub fn iam(&self) -> &aws_sdk_iam::Client {
        self.iam
            .get_or_init(|| aws_sdk_iam::Client::new(&self.config))
    }

    pub fn lambda(&self) -> &aws_sdk_lambda::Client {
        self.lambda
            .get_or_init(|| aws_sdk_lambda::Client::new(&self.config))
    }

    pub fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        self.logs
            .get_or_init(|| aws_sdk_cloudwatchlogs::Client::new(&self.config))
    }

    pub fn metrics(&self) -> &aws_sdk_cloudwatch::Client {
        self.metrics
            .get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.config))
    }

    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.config);
            // An emulator is one host for all buckets.
            let config = config.force_path_style(self.endpoint.is_some());
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    pub fn scheduler(&self) -> &aws_sdk_scheduler::Client {
        self.scheduler
            .get_or_init(|| aws_sdk_scheduler::Client::new(&self.config))
    }

    pub fn secrets(&self) -> &aws_sdk_secretsmanager::Client {
        self.secrets
            .get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.config))
    }

    pub fn sns(&self) -> &aws_sdk_sns::Client {
        self.sns
            .get_or_init(|| aws_sdk_sns::Client::new(&self.config))
    }

    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.ssm
            .get_or_init(|| aws_sdk_ssm::Client::new(&self.config))
    }

    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.sts
            .get_or_init(|| aws_sdk_sts::Client::new(&self.config))
    }

    pub fn tagging(&self) -> &aws_sdk_resourcegroupstagging::Client {
        self.tagging
            .get_or_init(|| aws_sdk_resourcegroupstagging::Client::new(&self.config))
    }
}
