//! Why credentials could not be loaded, in words without the output of a program or the content of
//! a file: the SDK quotes both.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::{
    assume_role::AssumeRoleError, assume_role_with_web_identity::AssumeRoleWithWebIdentityError,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{
    chain::{chain, find},
    http::Unanswered,
};
use crate::model::redacted;

/// The SDK's text before what a credential process wrote to stderr, up to its exit status.
const ENDED: &str = "external process exited with code ";
/// The SDK's text before what is wrong with the output of such a program.
const UNREADABLE: &str = "could not parse response: ";
/// The SDK's text before the name of a missing field.
const MISSING: &str = "Expected field `";

/// The reason in words.
pub(super) fn words(error: &CredentialsError) -> String {
    redacted(&said(error)).into_owned()
}

fn said(error: &CredentialsError) -> String {
    let chain: Vec<&(dyn StdError + 'static)> = chain(error).collect();
    if let Some(refused) = chain.iter().find_map(|one| refused(*one)) {
        return refused;
    }
    if let Some(unanswered) = find::<Unanswered>(error) {
        return unanswered.to_string();
    }
    let texts = chain.iter().map(|one| one.to_string());
    safe(texts)
}

/// AWS's refusal of a role.
fn refused(error: &(dyn StdError + 'static)) -> Option<String> {
    let described = |operation: &str, metadata: &dyn ProvideErrorMetadata| {
        let code = metadata.code().unwrap_or("no code");
        let message = metadata.message().unwrap_or("no message");
        format!("STS refused {operation}: {code}: {message}")
    };
    let assumed = error.downcast_ref::<AssumeRoleError>();
    let identified = error.downcast_ref::<AssumeRoleWithWebIdentityError>();
    assumed
        .map(|error| described("AssumeRole", error))
        .or_else(|| identified.map(|error| described("AssumeRoleWithWebIdentity", error)))
}

/// The last of these texts, outermost first, that has content and quotes nothing.
fn safe(texts: impl Iterator<Item = String>) -> String {
    let mut said = String::new();
    for text in texts {
        if let Some(words) = of_process(&text) {
            return words;
        }
        // What follows, here or further in, describes the text of the answer or the file.
        if let Some((before, _)) = text.split_once(" in response:") {
            return before.to_owned();
        }
        if text.contains("JSON") {
            return text;
        }
        said = text;
    }
    said
}

/// The SDK's error about a credential process, without what the process wrote.
fn of_process(text: &str) -> Option<String> {
    if let Some((_, rest)) = text.split_once(ENDED) {
        let status = rest.split(". Stderr").next().unwrap_or_default();
        return Some(format!(
            "its program ended with {status}; its output may contain secrets and is not shown"
        ));
    }
    let (_, why) = text.split_once(UNREADABLE)?;
    let missing = why
        .split_once(MISSING)
        .and_then(|(_, rest)| rest.split('`').next());
    let why = match missing {
        Some(field) => format!("lacks `{field}`"),
        None => "is not the JSON that AWS requires of a credential process".to_owned(),
    };
    Some(format!("what its program printed {why}; it is not shown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> String {
        safe(texts.iter().map(|text| (*text).to_owned()))
    }

    #[test]
    fn what_a_program_wrote_is_left_out() {
        let ended = "Error retrieving credentials: external process exited with code exit status: \
                     3. Stderr: canary";
        let said = of(&[
            "an error occurred while loading credentials",
            ended,
            "canary",
        ]);
        assert!(
            said.contains("exit status: 3") && !said.contains("canary"),
            "{said}"
        );
        let printed = "Error retrieving credentials from external process, could not parse \
                       response: invalid JSON in response: canary";
        assert!(!of(&[printed, "canary"]).contains("canary"));
        let lacks = "Error retrieving credentials from external process, could not parse response: \
                     Expected field `SessionToken` in response but it was missing";
        assert!(of(&[lacks]).contains("lacks `SessionToken`"));
    }

    #[test]
    fn what_a_file_holds_is_left_out() {
        let said = of(&[
            "failed to load the cached SSO token",
            "invalid JSON in cached SSO token file",
            "unexpected canary at offset 3",
        ]);
        assert_eq!(said, "invalid JSON in cached SSO token file");
        assert_eq!(of(&["invalid JSON in response: canary"]), "invalid JSON");
        assert_eq!(of(&["outer", "inner"]), "inner");
    }
}
