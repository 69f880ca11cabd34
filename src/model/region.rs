//! Where AWS's resources are.

/// Returns the partition of a region, by its prefix.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub fn partition(region: Option<&str>) -> &'static str {
    const PARTITIONS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let region = region.unwrap_or_default();
    let found = PARTITIONS
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix));
    found.map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_is_in_its_partition() {
        let cases = [
            (None, "aws"),
            (Some("eu-west-1"), "aws"),
            (Some("cn-north-1"), "aws-cn"),
            (Some("us-gov-west-1"), "aws-us-gov"),
            (Some("us-iso-east-1"), "aws-iso"),
            (Some("us-isob-east-1"), "aws-iso-b"),
            (Some("eusc-de-east-1"), "aws-eusc"),
        ];
        for (region, expected) in cases {
            assert_eq!(partition(region), expected, "{region:?}");
        }
    }
}
