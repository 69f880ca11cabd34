//! Calls of an alias, divided among versions by its weights. The emulator keeps the weights and
//! ignores them.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, Response, header, http::request::Parts};
use serde_json::Value;

use super::{Body, Failure, upstream::Upstream, whole};

/// Called with the version that answered a call of the alias, and whether the call failed.
pub type Tally = Arc<dyn Fn(&str, bool) + Send + Sync>;

/// The fractional part of the golden ratio: its multiples, modulo 1, are spread evenly, so that any
/// run of calls is divided as the weights say.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// Divides the calls of aliases.
#[derive(Clone)]
pub struct Router {
    drawn: Arc<AtomicU32>,
    tally: Tally,
}

impl Router {
    #[allow(dead_code)] // not every test target divides calls
    pub fn new(tally: Tally) -> Router {
        Router {
            drawn: Arc::default(),
            tally,
        }
    }

    /// Passes a call on to the next version by the weights that the alias has now. A request that
    /// is not a call of an alias is passed on unchanged.
    pub async fn send(
        &self,
        upstream: &Upstream,
        request: Request<Body>,
    ) -> Result<Response<Body>, Failure> {
        let (mut head, body) = request.into_parts();
        let Some(version) = self.version(upstream, &head).await? else {
            return Ok(upstream.send(Request::from_parts(head, body)).await);
        };
        head.uri = format!("{}?Qualifier={version}", head.uri.path()).parse()?;
        let answer = upstream.send(Request::from_parts(head, body)).await;
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await?.to_bytes();
        if head.status.is_success() {
            let ran = head.headers.get("x-amz-executed-version");
            let ran = ran.and_then(|ran| ran.to_str().ok());
            let failed = head.headers.contains_key("x-amz-function-error");
            (self.tally)(ran.unwrap_or_default(), failed);
        }
        Ok(Response::from_parts(head, whole(bytes)))
    }

    /// The version that is next, if the request calls an alias.
    async fn version(&self, upstream: &Upstream, head: &Parts) -> Result<Option<String>, Failure> {
        let qualifier = head
            .uri
            .query()
            .and_then(|query| query.strip_prefix("Qualifier="));
        let path = head.uri.path().strip_suffix("invocations");
        let (Some(path), Some(qualifier)) = (path, qualifier) else {
            return Ok(None);
        };
        let mut question = Request::get(format!("{path}aliases/{qualifier}"));
        if let Some(signature) = head.headers.get(header::AUTHORIZATION) {
            question = question.header(header::AUTHORIZATION, signature);
        }
        let answer = upstream.send(question.body(whole(Bytes::new()))?).await;
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await?.to_bytes();
        match head.status.is_success() {
            true => Ok(drawn(&serde_json::from_slice(&bytes)?, self.next())),
            // The qualifier is a version.
            false => Ok(None),
        }
    }

    /// A number from 0 to 1.
    fn next(&self) -> f64 {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed);
        (f64::from(n) * GOLDEN).fract()
    }
}

/// The version of an alias that a number from 0 to 1 selects.
fn drawn(alias: &Value, at: f64) -> Option<String> {
    let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object();
    let mut left = at;
    for (version, weight) in weights.into_iter().flatten() {
        left -= weight.as_f64()?;
        if left < 0.0 {
            return Some(version.clone());
        }
    }
    Some(alias["FunctionVersion"].as_str()?.to_owned())
}
