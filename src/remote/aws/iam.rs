//! IAM: execution roles.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{AttachedPermissionsBoundary, EntityType, RoleDetail, Tag};

use super::{
    Aws,
    call::{absent, gone},
    incomplete,
    service::{Call, Service},
    unbuildable,
};
use crate::{
    model::{
        desired::{self, INLINE_POLICY},
        observed::Role,
    },
    remote::Error,
};

/// The largest page of roles that IAM returns.
const PAGE: i32 = 1000;

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Iam,
        operation,
        resource,
    }
}

impl Aws {
    /// The role of this name: ARN, trust and tags; [`Aws::attached_policies`] returns the rest.
    pub async fn role(&self, name: &str) -> Result<Option<Role>, Error> {
        let what = format!("role {name}");
        let request = self.shared.iam().get_role().role_name(name);
        let answer = self.call(call("GetRole", &what), || request.clone().send());
        let Some(role) = absent(answer.await)?.and_then(|answer| answer.role) else {
            return Ok(None);
        };
        Ok(Some(Role {
            arn: role.arn,
            trust: document(role.assume_role_policy_document),
            policies: Vec::new(),
            inline: None,
            boundary: boundary(role.permissions_boundary),
            tags: pairs(role.tags),
        }))
    }

    /// Names of the roles below a path such as `/jot/numerics/`, in IAM's order.
    pub async fn roles_below(&self, path: &str) -> Result<Vec<String>, Error> {
        let what = format!("roles below {path}");
        let mut request = self.shared.iam().list_roles().path_prefix(path);
        let mut all = Vec::new();
        loop {
            let page = self
                .call(call("ListRoles", &what), || request.clone().send())
                .await?;
            all.extend(page.roles.into_iter().map(|role| role.role_name));
            match page.marker.filter(|_| page.is_truncated) {
                Some(marker) => request = request.marker(marker),
                None => return Ok(all),
            }
        }
    }

    /// ARNs of the managed policies that the role has, sorted.
    pub async fn attached_policies(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let what = format!("role {name}");
        let client = self.shared.iam();
        let mut request = client.list_attached_role_policies().role_name(name);
        let mut all = Vec::new();
        loop {
            let page = self.call(call("ListAttachedRolePolicies", &what), || {
                request.clone().send()
            });
            let Some(page) = absent(page.await)? else {
                return Ok(None);
            };
            let attached = page.attached_policies.unwrap_or_default();
            all.extend(attached.into_iter().filter_map(|policy| policy.policy_arn));
            match page.marker.filter(|_| page.is_truncated) {
                Some(marker) => request = request.marker(marker),
                None => break,
            }
        }
        all.sort();
        Ok(Some(all))
    }

    /// The roles of these names, by name, including policies.
    ///
    /// IAM lists all roles of the account, up to 1,000 per page; paging ends once the last of
    /// `names` was found.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>
    pub async fn roles(&self, names: &BTreeSet<&str>) -> Result<BTreeMap<String, Role>, Error> {
        let client = self.shared.iam();
        let mut request = client
            .get_account_authorization_details()
            .filter(EntityType::Role)
            .max_items(PAGE);
        let mut found = BTreeMap::new();
        while found.len() < names.len() {
            let page = self.call(call("GetAccountAuthorizationDetails", "roles"), || {
                request.clone().send()
            });
            let page = page.await?;
            for one in page.role_detail_list.unwrap_or_default() {
                let Some(name) = one.role_name.clone() else {
                    continue;
                };
                if names.contains(name.as_str()) {
                    found.insert(name, listed(one));
                }
            }
            match page.marker.filter(|_| page.is_truncated) {
                Some(marker) => request = request.marker(marker),
                None => break,
            }
        }
        Ok(found)
    }

    /// An inline policy of the role, by name.
    pub async fn inline_policy(
        &self,
        role: &str,
        policy: &str,
    ) -> Result<Option<serde_json::Value>, Error> {
        let what = format!("role {role} with policy {policy}");
        let client = self.shared.iam();
        let request = client.get_role_policy().role_name(role).policy_name(policy);
        let answer = self.call(call("GetRolePolicy", &what), || request.clone().send());
        let answer = absent(answer.await)?;
        Ok(answer.map(|answer| document(Some(answer.policy_document))))
    }

    /// Writes an inline policy of the role.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
    pub async fn put_inline_policy(
        &self,
        role: &str,
        policy: &str,
        content: &serde_json::Value,
    ) -> Result<(), Error> {
        let what = format!("role {role} with policy {policy}");
        let client = self.shared.iam();
        let request = client
            .put_role_policy()
            .role_name(role)
            .policy_name(policy)
            .policy_document(content.to_string());
        self.call(call("PutRolePolicy", &what), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Creates the role with its tags, attaches its policies, and returns its ARN.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_role(&self, wanted: &desired::Role) -> Result<String, Error> {
        let what = format!("role {}", wanted.name);
        let client = self.shared.iam();
        let request = client
            .create_role()
            .role_name(&wanted.name)
            .path(&wanted.path)
            .assume_role_policy_document(wanted.trust.to_string())
            .set_permissions_boundary(wanted.boundary.clone())
            .set_tags(Some(tags(&wanted.tags)?));
        let answer = self
            .call(call("CreateRole", &what), || request.clone().send())
            .await?;
        for policy in &wanted.policies {
            self.attach_policy(&wanted.name, policy).await?;
        }
        if let Some(policy) = &wanted.inline {
            self.put_inline_policy(&wanted.name, INLINE_POLICY, policy)
                .await?;
        }
        let role = answer.role.ok_or_else(|| incomplete(&what, "role"))?;
        Ok(role.arn)
    }

    /// Sets the trust policy.
    pub async fn update_trust(&self, wanted: &desired::Role) -> Result<(), Error> {
        let what = format!("role {}", wanted.name);
        let client = self.shared.iam();
        let request = client
            .update_assume_role_policy()
            .role_name(&wanted.name)
            .policy_document(wanted.trust.to_string());
        self.call(call("UpdateAssumeRolePolicy", &what), || {
            request.clone().send()
        })
        .await?;
        Ok(())
    }

    /// Sets the permissions boundary of the role, if it has one.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html>
    pub async fn put_boundary(&self, wanted: &desired::Role) -> Result<(), Error> {
        let Some(arn) = &wanted.boundary else {
            return Ok(());
        };
        let what = format!("role {} with boundary {arn}", wanted.name);
        let client = self.shared.iam();
        let request = client
            .put_role_permissions_boundary()
            .role_name(&wanted.name)
            .permissions_boundary(arn);
        self.call(call("PutRolePermissionsBoundary", &what), || {
            request.clone().send()
        })
        .await?;
        Ok(())
    }

    /// Removes the role's permissions boundary.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html>
    pub async fn delete_boundary(&self, role: &str) -> Result<(), Error> {
        let what = format!("role {role}");
        let client = self.shared.iam();
        let request = client.delete_role_permissions_boundary().role_name(role);
        gone(
            self.call(call("DeleteRolePermissionsBoundary", &what), || {
                request.clone().send()
            })
            .await,
        )
    }

    /// Attaches a managed policy, by ARN.
    pub async fn attach_policy(&self, role: &str, policy: &str) -> Result<(), Error> {
        let what = format!("role {role} with policy {policy}");
        let client = self.shared.iam();
        let request = client
            .attach_role_policy()
            .role_name(role)
            .policy_arn(policy);
        self.call(call("AttachRolePolicy", &what), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Detaches a managed policy, by ARN.
    pub async fn detach_policy(&self, role: &str, policy: &str) -> Result<(), Error> {
        let what = format!("role {role} with policy {policy}");
        let client = self.shared.iam();
        let request = client
            .detach_role_policy()
            .role_name(role)
            .policy_arn(policy);
        gone(
            self.call(call("DetachRolePolicy", &what), || request.clone().send())
                .await,
        )
    }

    /// Sets these tags; others stay.
    pub async fn tag_role(&self, role: &str, set: &BTreeMap<String, String>) -> Result<(), Error> {
        let what = format!("role {role}");
        let client = self.shared.iam();
        let request = client.tag_role().role_name(role).set_tags(Some(tags(set)?));
        self.call(call("TagRole", &what), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Deletes the role, after its policies, both attached and inline.
    pub async fn delete_role(&self, name: &str) -> Result<(), Error> {
        let Some(attached) = self.attached_policies(name).await? else {
            return Ok(());
        };
        for policy in &attached {
            self.detach_policy(name, policy).await?;
        }
        for policy in self.inline_policies(name).await? {
            self.delete_inline_policy(name, &policy).await?;
        }
        let what = format!("role {name}");
        let request = self.shared.iam().delete_role().role_name(name);
        gone(
            self.call(call("DeleteRole", &what), || request.clone().send())
                .await,
        )
    }

    async fn inline_policies(&self, role: &str) -> Result<Vec<String>, Error> {
        let what = format!("role {role}");
        let mut request = self.shared.iam().list_role_policies().role_name(role);
        let mut all = Vec::new();
        loop {
            let page = self.call(call("ListRolePolicies", &what), || request.clone().send());
            let Some(page) = absent(page.await)? else {
                return Ok(all);
            };
            all.extend(page.policy_names);
            match page.marker.filter(|_| page.is_truncated) {
                Some(marker) => request = request.marker(marker),
                None => return Ok(all),
            }
        }
    }

    /// Deletes an inline policy, by name.
    pub async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<(), Error> {
        let what = format!("role {role} with policy {policy}");
        let client = self.shared.iam();
        let request = client
            .delete_role_policy()
            .role_name(role)
            .policy_name(policy);
        gone(
            self.call(call("DeleteRolePolicy", &what), || request.clone().send())
                .await,
        )
    }
}

/// A role as it is in the list of all roles.
fn listed(role: RoleDetail) -> Role {
    let attached = role.attached_managed_policies.unwrap_or_default();
    let policies = attached.into_iter().filter_map(|policy| policy.policy_arn);
    let mut policies: Vec<String> = policies.collect();
    policies.sort();
    let inline = role.role_policy_list.unwrap_or_default().into_iter();
    let inline = inline
        .filter(|policy| policy.policy_name.as_deref() == Some(INLINE_POLICY))
        .map(|policy| document(policy.policy_document))
        .next();
    Role {
        arn: role.arn.unwrap_or_default(),
        trust: document(role.assume_role_policy_document),
        policies,
        inline,
        boundary: boundary(role.permissions_boundary),
        tags: pairs(role.tags),
    }
}

fn boundary(attached: Option<AttachedPermissionsBoundary>) -> Option<String> {
    attached?.permissions_boundary_arn
}

/// A policy document as IAM returns it.
fn document(encoded: Option<String>) -> serde_json::Value {
    let encoded = encoded.unwrap_or_default();
    serde_json::from_str(&percent_decoded(&encoded)).unwrap_or_default()
}

fn pairs(tags: Option<Vec<Tag>>) -> BTreeMap<String, String> {
    let tags = tags.unwrap_or_default();
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

fn tags(set: &BTreeMap<String, String>) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    set.iter()
        .map(tag)
        .collect::<Result<_, _>>()
        .map_err(|cause| unbuildable("the role's tags", &cause))
}

/// Decodes `%XX`, which IAM uses in policy documents; text that is not encoded stays unchanged.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html>
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = code.and_then(|hex| hex::decode(hex).ok()?.pop());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn policy_documents_are_decoded() {
        assert_eq!(
            percent_decoded("%7B%22a%22%3A%20%22%C3%A9+%22%7D"),
            "{\"a\": \"é+\"}"
        );
        assert_eq!(percent_decoded("{\"a\": \"100%\"}"), "{\"a\": \"100%\"}");
        assert_eq!(percent_decoded("%+1%2"), "%+1%2");
    }
}
