//! Who may call a function, and where the outcome of its asynchronous calls goes, as desired in
//! Lambda.

use std::collections::BTreeMap;

use serde_json::json;

use super::{deploy, environment, names, push, references::plain, request::Request, trigger};
use crate::{
    manifest::types::{self, Function, Method, Permission, Text},
    model::{
        Reach,
        push::push_prefix,
        reach::{
            Asynchronous, Cors, DEFAULT_MAX_AGE_S, DEFAULT_RETRIES, Destination, Former, Statement,
            Url, UrlAuth,
        },
        wanted::content,
    },
};

/// Calls the function itself.
const INVOKE: &str = "lambda:InvokeFunction";
/// The action of a caller of its URL.
const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";
/// The name of the statements that let every caller use a URL.
const EVERY_CALLER: &str = "url";

/// Returns what the manifest asks of the function `key`.
pub fn wanted(request: &Request, key: &str, function: &Function) -> Reach {
    let place = request.place();
    let prefix = names::owned(&json!([place.project, place.target, key]));
    let former = function.lifecycle.moved_from.as_ref().map(|key| Former {
        push_prefix: push_prefix(place.project, place.target, key),
        prefix: names::owned(&json!([place.project, place.target, key])),
    });
    let push_prefix = push_prefix(place.project, place.target, key);
    Reach {
        permissions: permissions(&prefix, function),
        url: function.url.as_ref().map(url),
        asynchronous: function
            .asynchronous
            .as_ref()
            .map(|table| asynchronous(request, table)),
        provisioned_concurrency: function.deploy.provisioned_concurrency,
        triggers: trigger::wanted(function),
        pushes: push::wanted(request, &push_prefix, function),
        push_prefix,
        prefix,
        former,
    }
}

fn url(url: &types::Url) -> Url {
    Url {
        auth: auth(url.auth),
        streaming: url.streaming,
        cors: url.cors.as_ref().map(cors),
    }
}

fn auth(auth: types::UrlAuth) -> UrlAuth {
    match auth {
        types::UrlAuth::Iam => UrlAuth::Iam,
        types::UrlAuth::None => UrlAuth::None,
    }
}

fn cors(cors: &types::Cors) -> Cors {
    let types::Cors {
        origins,
        methods,
        headers,
        expose,
        max_age_s,
        credentials,
    } = cors;
    let method = |method: &Method| {
        let word = match method {
            Method::All => "*",
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        word.to_owned()
    };
    Cors {
        origins: origins.clone(),
        methods: methods.iter().map(method).collect(),
        headers: headers.clone(),
        expose: expose.clone(),
        max_age_s: *max_age_s,
        credentials: *credentials,
    }
}

fn asynchronous(request: &Request, table: &types::Asynchronous) -> Asynchronous {
    let types::Asynchronous {
        retries,
        max_age_s,
        on_success,
        on_failure,
    } = table;
    let to = |to: &types::Destination| destination(request, to);
    Asynchronous {
        retries: retries.unwrap_or(DEFAULT_RETRIES),
        max_age_s: max_age_s.unwrap_or(DEFAULT_MAX_AGE_S),
        on_success: on_success.as_ref().map(to),
        on_failure: on_failure.as_ref().map(to),
    }
}

/// Where an outcome goes. The manifest's rules ensure that the function exists.
fn destination(request: &Request, to: &types::Destination) -> Destination {
    let functions = &request.loaded.manifest.functions;
    match &to.function {
        Some(key) => Destination::Function {
            key: key.clone(),
            name: functions
                .get(key)
                .and_then(|one| one.name.clone())
                .unwrap_or_else(|| key.clone()),
            alias: functions
                .get(key)
                .and_then(|one| deploy::alias(&one.deploy)),
        },
        None => match &to.arn {
            Some(Text::From(reference)) => Destination::From {
                origin: environment::origin(reference),
                arn: None,
            },
            arn => Destination::Arn(arn.as_ref().and_then(plain).unwrap_or_default()),
        },
    }
}

/// The statements of jot's, by id; `None` where the manifest speaks of none.
fn permissions(prefix: &str, function: &Function) -> Option<BTreeMap<String, Statement>> {
    let public = function
        .url
        .as_ref()
        .is_some_and(|url| url.auth == types::UrlAuth::None);
    if function.permissions.is_none() && !public {
        return None;
    }
    let named = function.permissions.iter().flatten();
    let mut all: Vec<(&str, Statement)> = named
        .flat_map(|(name, one)| {
            statements(one)
                .into_iter()
                .map(move |statement| (name.as_str(), statement))
        })
        .collect();
    if public {
        let every_caller = Statement {
            principal: "*".to_owned(),
            ..Statement::default()
        };
        let both = by_url(&every_caller, UrlAuth::None);
        all.extend(both.map(|statement| (EVERY_CALLER, statement)));
    }
    let ids = all.into_iter().map(|(name, mut statement)| {
        let id = format!("{prefix}{name}-{}", content(&json!(statement)));
        // A value from elsewhere is part of the id by its reference, and of the statement once it
        // is known.
        if let Some(permission) = function.permissions.as_ref().and_then(|all| all.get(name)) {
            if is_taken(permission.principal.as_ref(), Some(&statement.principal)) {
                statement.principal.clear();
            }
            if is_taken(
                permission.source_arn.as_ref(),
                statement.source_arn.as_ref(),
            ) {
                statement.source_arn = Some(String::new());
            }
        }
        (id, statement)
    });
    Some(ids.collect())
}

/// The statements of one permission: one, or for a URL the two that it needs.
fn statements(permission: &Permission) -> Vec<Statement> {
    let statement = Statement {
        principal: permission
            .principal
            .as_ref()
            .map_or_else(|| "*".to_owned(), written),
        action: INVOKE.to_owned(),
        source_arn: permission.source_arn.as_ref().map(written),
        source_account: permission.source_account.clone(),
        organization: permission.organization.clone(),
        ..Statement::default()
    };
    match permission.url {
        true => by_url(&statement, UrlAuth::Iam).into(),
        false => vec![statement],
    }
}

/// Whether this is the reference of a text from elsewhere.
fn is_taken(text: Option<&Text>, of: Option<&String>) -> bool {
    let taken = text.filter(|text| matches!(text, Text::From(_)));
    taken.is_some_and(|text| of == Some(&written(text)))
}

/// A text, or its reference.
fn written(text: &Text) -> String {
    match text {
        Text::Plain(text) => text.clone(),
        Text::From(reference) => environment::origin(reference).written().to_string(),
    }
}

/// The two statements that a caller of a URL needs.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>
fn by_url(who: &Statement, auth: UrlAuth) -> [Statement; 2] {
    let url = Statement {
        action: INVOKE_URL.to_owned(),
        url_auth: Some(auth),
        ..who.clone()
    };
    let function = Statement {
        action: INVOKE.to_owned(),
        via_url: true,
        ..who.clone()
    };
    [url, function]
}
