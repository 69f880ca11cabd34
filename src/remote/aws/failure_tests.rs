use miette::Diagnostic;

use super::*;
use crate::remote::aws::service::Service;

const CALL: Call<'static> = Call {
    service: Service::Lambda,
    operation: "CreateFunction",
    resource: "function `double`",
};

const PLACE: Place<'static> = Place {
    endpoint: "http://127.0.0.1:1",
};

fn answered(code: &str, message: &str) -> Error {
    let failure = Failure::Refused {
        code: code.to_owned(),
        message: message.to_owned(),
        status: 400,
        retry_after_ms: None,
    };
    failure.into_error(&CALL, &PLACE)
}

fn help(error: &Error) -> String {
    error
        .help()
        .map(|help| help.to_string())
        .unwrap_or_default()
}

#[test]
fn a_denial_names_the_action_that_is_missing() {
    let plain = answered("AccessDeniedException", "no");
    assert!(help(&plain).contains("`lambda:CreateFunction`"), "{plain}");
    let message = "User: arn:aws:iam::1:user/ci is not authorized to perform: iam:PassRole on \
                   resource: arn:aws:iam::1:role/r";
    let passing = answered("AccessDenied", message);
    assert!(help(&passing).contains("`iam:PassRole`"), "{passing}");
}

#[test]
fn credentials_that_do_not_work_are_distinguished_from_permissions() {
    for (code, words) in [
        ("ExpiredTokenException", "have expired"),
        ("ExpiredToken", "have expired"),
        ("UnrecognizedClientException", "are not valid"),
        ("InvalidClientTokenId", "are not valid"),
    ] {
        let error = answered(code, "x");
        assert!(matches!(error, Error::Credentials { .. }), "{code}");
        assert!(error.to_string().contains(words), "{code}: {error}");
        assert!(help(&error).contains("`aws.profile`"), "{code}");
    }
}

#[test]
fn codes_become_the_words_that_apply_acts_on() {
    assert!(matches!(
        answered("PreconditionFailedException", ""),
        Error::Changed { .. }
    ));
    assert!(matches!(
        answered("ResourceConflictException", ""),
        Error::Conflict { .. }
    ));
    assert!(matches!(
        answered("EntityAlreadyExists", ""),
        Error::Conflict { .. }
    ));
    assert!(matches!(
        answered("RepositoryAlreadyExistsException", ""),
        Error::Conflict { .. }
    ));
    let failure = Failure::Refused {
        code: "NoSuchEntity".to_owned(),
        message: String::new(),
        status: 404,
        retry_after_ms: None,
    };
    let get = Call {
        operation: "GetRole",
        ..CALL
    };
    let missing = failure.into_error(&get, &PLACE);
    assert!(matches!(missing, Error::Missing { .. }), "{missing:?}");
    let not_the_function = answered("ResourceNotFoundException", "no such image");
    assert!(
        not_the_function.to_string().ends_with("no such image"),
        "{not_the_function}"
    );
    assert!(matches!(
        answered("TooBusyToSay", "boom"),
        Error::Refused { help: None, .. }
    ));
    let invalid = answered("InvalidParameterValueException", "1 validation error");
    assert!(help(&invalid).contains("`jot check`"));
}

/// The final message of every fault that is retried.
#[test]
fn what_did_not_pass_says_what_to_do() {
    let faults = [
        ("TooManyRequestsException", 429, "Rate exceeded"),
        ("Throttling", 400, "Rate exceeded"),
        ("ServiceException", 500, "boom"),
        ("502", 502, "the answer is not one of AWS's"),
        (
            "ResourceConflictException",
            409,
            "An update is in progress for resource: double",
        ),
        (
            "PreconditionFailedException",
            412,
            "The RevisionId provided does not match",
        ),
        (
            "InvalidParameterValueException",
            400,
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            "InvalidParameterValueException",
            400,
            "The provided execution role does not have permissions to call SendMessage on SQS",
        ),
    ];
    let refused = faults.map(|(code, status, message)| Failure::Refused {
        code: code.to_owned(),
        message: message.to_owned(),
        status,
        retry_after_ms: None,
    });
    let cut = Failure::Unanswered {
        endpoint: None,
        cause: "connection closed before message completed".to_owned(),
        unreachable: false,
        late: false,
    };
    let described = refused.into_iter().chain([cut]).map(|failure| {
        let error = failure.into_error(&CALL, &PLACE);
        format!("{error}\n  {}", help(&error))
    });
    let described: Vec<String> = described.collect();
    insta::assert_snapshot!(described.join("\n"));
}

#[test]
fn no_answer_names_the_endpoint_and_its_key() {
    let failure = Failure::Unanswered {
        endpoint: Some("http://127.0.0.1:9".to_owned()),
        cause: "connection refused".to_owned(),
        unreachable: true,
        late: false,
    };
    let error = failure.into_error(&CALL, &PLACE);
    assert_eq!(
        error.to_string(),
        "Lambda does not answer at http://127.0.0.1:9"
    );
    assert!(help(&error).contains("`aws.endpoint_url`"));
}
