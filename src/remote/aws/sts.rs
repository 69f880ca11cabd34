//! STS: the owner of the credentials.

use super::{
    Aws, incomplete,
    service::{Call, Service},
};
use crate::remote::Error;

/// The owner of the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account, 12 digits.
    pub account: String,
    /// The ARN of a user, of a session of a role, or of the account's root.
    pub arn: Option<String>,
}

impl Aws {
    /// The owner of the credentials.
    pub async fn caller(&self) -> Result<Caller, Error> {
        let call = Call {
            service: Service::Sts,
            operation: "GetCallerIdentity",
            resource: "the caller",
        };
        let request = self.shared.sts().get_caller_identity();
        let caller = self.call(call, || request.clone().send()).await?;
        Ok(Caller {
            account: caller
                .account
                .ok_or_else(|| incomplete("the caller", "account"))?,
            arn: caller.arn,
        })
    }

    /// The account that the credentials belong to, 12 digits.
    pub async fn account(&self) -> Result<String, Error> {
        Ok(self.caller().await?.account)
    }
}
