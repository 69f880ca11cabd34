//! What the proxy does to a request instead of passing it on, or to its answer.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, Response, StatusCode, header, header::HeaderValue};

use super::{Body, Failure, Hook, cbor, operation, route::Router, upstream::Upstream, whole};

/// Called with the path and query of a request, and the status and text of its answer.
pub type Listener = Arc<dyn Fn(&str, u16, &str) + Send + Sync>;

/// An answer that an emulator lacks: called with the method, the path with its query and the body,
/// it returns a status and a text.
pub type Forge = Arc<dyn Fn(&str, &str, &str) -> (u16, String) + Send + Sync>;

/// What to do to a request.
#[derive(Clone)]
pub enum Fault {
    /// Answer with this status, in its service's form.
    Status(u16),
    /// Answer with this status, error code and message, in its service's form.
    Refused(u16, &'static str, &'static str),
    /// Read the start of the request, then close the connection: nothing was executed.
    Cut,
    /// Pass it on, and close the connection instead of answering: it was executed.
    Lost,
    /// Pass it on, and close the connection within the answer.
    Half,
    /// Wait before passing it on.
    Slow(Duration),
    /// Pass it on, and change the text of the answer.
    Rewritten(fn(&str) -> String),
    /// Answer with this, instead of passing it on.
    #[allow(dead_code)] // not every test target forges answers
    Forged(Forge),
    /// Pass it on, and report it: the path with its query, the status and text of the answer.
    Told(Listener),
    /// Pass a call of an alias on to one of its versions, by its weights.
    #[allow(dead_code)] // not every test target divides calls
    Routed(Router),
    /// Do that, then close the connection: nothing was executed.
    Instead(Hook),
    /// Pass it on, do that, then close the connection: it was executed.
    After(Hook),
    /// Do that, and pass it on.
    Beside(Hook),
}

/// The answer under a fault.
pub async fn answer(
    fault: Fault,
    operation: &str,
    upstream: &Upstream,
    request: Request<Body>,
) -> Result<Response<Body>, Failure> {
    let form = (operation, cbor::is_asked(request.headers()));
    let refused = |status, kind, message| refused(form, status, kind, message);
    match fault {
        Fault::Status(status) => {
            let kind = operation::kind(operation, status);
            Ok(refused(status, kind, "injected"))
        }
        Fault::Refused(status, kind, message) => Ok(refused(status, kind, message)),
        Fault::Cut => cut(request.into_body()).await,
        Fault::Lost => lost(upstream.send(request).await).await,
        Fault::Half => Ok(halved(upstream.send(request).await)),
        Fault::Slow(time) => {
            tokio::time::sleep(time).await;
            Ok(upstream.send(request).await)
        }
        Fault::Rewritten(change) => rewritten(upstream.send(request).await, change).await,
        Fault::Forged(forge) => {
            let (head, body) = request.into_parts();
            let bytes = body.collect().await?.to_bytes();
            let path = head.uri.to_string();
            let text = String::from_utf8_lossy(&bytes);
            let (status, text) = forge(head.method.as_str(), &path, &text);
            let mut response = Response::new(whole(Bytes::from(text)));
            *response.status_mut() = StatusCode::from_u16(status)?;
            Ok(response)
        }
        Fault::Told(tell) => {
            let path = request.uri().to_string();
            let (head, body) = upstream.send(request).await.into_parts();
            let bytes = body.collect().await?.to_bytes();
            tell(
                &path,
                head.status.as_u16(),
                &String::from_utf8_lossy(&bytes),
            );
            Ok(Response::from_parts(head, whole(bytes)))
        }
        Fault::Routed(router) => router.send(upstream, request).await,
        Fault::Instead(hook) => {
            hook();
            cut(request.into_body()).await
        }
        Fault::After(hook) => {
            let answer = upstream.send(request).await;
            let whole = answer.into_body().collect().await;
            hook();
            whole.and(Err("the connection is cut".into()))
        }
        Fault::Beside(hook) => {
            hook();
            Ok(upstream.send(request).await)
        }
    }
}

async fn cut(mut body: Body) -> Result<Response<Body>, Failure> {
    let _ = body.frame().await;
    Err("the connection is cut".into())
}

async fn lost(answer: Response<Body>) -> Result<Response<Body>, Failure> {
    answer.into_body().collect().await?;
    Err("the connection is cut".into())
}

/// The answer up to the middle of its first part.
fn halved(answer: Response<Body>) -> Response<Body> {
    let mut parts = 0;
    answer.map(|body| {
        let first =
            body.map_frame(|frame| frame.map_data(|data: Bytes| data.slice(..data.len() / 2)));
        let ended = http_body_util::BodyStream::new(first);
        let stream = futures_util::StreamExt::map(ended, move |frame| {
            parts += 1;
            match parts {
                1 => frame,
                _ => Err("the connection is cut".into()),
            }
        });
        // A body of one part ends within it too: its announced length is not reached.
        http_body_util::StreamBody::new(stream).boxed_unsync()
    })
}

async fn rewritten(
    answer: Response<Body>,
    change: fn(&str) -> String,
) -> Result<Response<Body>, Failure> {
    let (mut head, body) = answer.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let text = change(&String::from_utf8_lossy(&bytes));
    head.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(head, whole(Bytes::from(text))))
}

/// An error in the form of its service, and in CBOR if the request asks for that.
fn refused(
    (operation, in_cbor): (&str, bool),
    status: u16,
    kind: &str,
    message: &str,
) -> Response<Body> {
    let bytes = match in_cbor {
        true => cbor::error(kind, message).into(),
        false => Bytes::from(operation::error(operation, kind, message)),
    };
    let mut response = Response::new(whole(bytes));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if in_cbor {
        headers.insert(cbor::PROTOCOL.0, HeaderValue::from_static(cbor::PROTOCOL.1));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(cbor::CONTENT_TYPE),
        );
    } else if let Ok(kind) = kind.parse() {
        headers.insert("x-amzn-errortype", kind);
    }
    response
}
