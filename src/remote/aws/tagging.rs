//! Resource Groups Tagging: resources of all services by tag, in one request.

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};

use super::{
    Aws, Tagged,
    service::{Call, Service},
};
use crate::remote::Error;

/// Page size of GetResources.
///
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
const PAGE: i32 = 100;

impl Aws {
    /// Every resource in the region with this tag, with all its tags.
    ///
    /// Roles are not included: IAM has no region. A recent tag may still be missing.
    pub async fn tagged(&self, key: &str, value: &str) -> Result<Vec<Tagged>, Error> {
        let call = Call {
            service: Service::Tagging,
            operation: "GetResources",
            resource: "tagged resources",
        };
        let filter = TagFilter::builder().key(key).values(value).build();
        let client = self.shared.tagging();
        let mut request = client
            .get_resources()
            .tag_filters(filter)
            .resources_per_page(PAGE);
        let mut all = Vec::new();
        loop {
            let page = self.call(call, || request.clone().send()).await?;
            let found = page.resource_tag_mapping_list.unwrap_or_default();
            all.extend(found.into_iter().filter_map(tagged));
            match page.pagination_token.filter(|token| !token.is_empty()) {
                Some(token) => request = request.pagination_token(token),
                None => return Ok(all),
            }
        }
    }
}

fn tagged(mapping: ResourceTagMapping) -> Option<Tagged> {
    let tags = mapping.tags.unwrap_or_default();
    Some(Tagged {
        arn: mapping.resource_arn?,
        tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    })
}
