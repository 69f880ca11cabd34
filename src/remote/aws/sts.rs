//! STS: whose credentials these are.

use super::{
    Aws, incomplete,
    service::{Call, Service},
};
use crate::remote::Error;

impl Aws {
    /// The account that the credentials belong to, 12 digits.
    pub async fn account(&self) -> Result<String, Error> {
        let call = Call {
            service: Service::Sts,
            operation: "GetCallerIdentity",
            resource: "the caller",
        };
        let request = self.shared.sts().get_caller_identity();
        let caller = self.call(call, || request.clone().send()).await?;
        caller
            .account
            .ok_or_else(|| incomplete("the caller", "account"))
    }
}
