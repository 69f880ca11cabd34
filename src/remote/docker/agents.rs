//! SSH agents for builds: the session relays between BuildKit and the agent's socket.
//!
//! No key leaves the agent. bollard supports an agent only in its own session.

use std::{collections::BTreeMap, os::unix::fs::FileTypeExt, path::PathBuf, pin::Pin};

use bollard::moby::sshforward::v1::{
    BytesMessage, CheckAgentRequest, CheckAgentResponse, ssh_server::Ssh,
};
use futures_util::{Stream, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixStream, unix::OwnedReadHalf},
};
use tonic::{Request, Response, Status, Streaming};

use crate::{model::Recipe, remote::Error};

/// The methods that a session with agents announces.
pub(super) const METHODS: [&str; 2] = [
    "/moby.sshforward.v1.SSH/CheckAgent",
    "/moby.sshforward.v1.SSH/ForwardAgent",
];
/// Header with the id of a request's agent.
///
/// <https://github.com/moby/buildkit/blob/v0.25.0/session/sshforward/ssh.go>
const ID: &str = "buildkit.ssh.id";
/// The agent of a request without an id.
const DEFAULT: &str = "default";
/// Bytes that are relayed at once.
const PIECE: usize = 32 * 1024;

/// The sockets of agents, by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Agents(pub(super) BTreeMap<String, PathBuf>);

impl Agents {
    /// The agents of a build.
    ///
    /// # Errors
    ///
    /// [`Error::Docker`] for one without a socket.
    pub(super) fn of(image: &Recipe) -> Result<Self, Error> {
        let agent = |(id, socket): (&String, &Option<PathBuf>)| match reached(socket.as_ref()) {
            Ok(socket) => Ok((id.clone(), socket)),
            Err((why, help)) => Err(Error::Docker {
                message: format!("the SSH agent `{id}` of {}: {why}", image.title),
                help: Some(help.to_owned()),
            }),
        };
        image
            .ssh
            .iter()
            .map(agent)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn socket(&self, id: &str) -> Result<&PathBuf, Status> {
        let id = if id.is_empty() { DEFAULT } else { id };
        let unknown = || Status::not_found(format!("`build.ssh` names no agent `{id}`"));
        self.0.get(id).ok_or_else(unknown)
    }
}

/// The socket, if it exists; otherwise an error with advice.
fn reached(socket: Option<&PathBuf>) -> Result<PathBuf, (String, &'static str)> {
    let Some(socket) = socket else {
        let help = "start an agent (`eval $(ssh-agent) && ssh-add`), or name a socket: \
                    `build.ssh = [\"default=/path\"]`";
        return Err(("SSH_AUTH_SOCK is not set here".to_owned(), help));
    };
    let named = |why: String| format!("{} {why}", socket.display());
    match std::fs::metadata(socket).map(|found| found.file_type().is_socket()) {
        Ok(true) => Ok(socket.clone()),
        Ok(false) => Err((
            named("is not a socket".to_owned()),
            "name an agent's socket in `build.ssh`; `ssh-add FILE` gives an agent a key",
        )),
        Err(error) => Err((
            named(format!("cannot be used: {error}")),
            "name the socket of an agent that runs in `build.ssh`",
        )),
    }
}

type Forwarded = Pin<Box<dyn Stream<Item = Result<BytesMessage, Status>> + Send>>;

#[tonic::async_trait]
impl Ssh for Agents {
    async fn check_agent(
        &self,
        request: Request<CheckAgentRequest>,
    ) -> Result<Response<CheckAgentResponse>, Status> {
        self.socket(&request.get_ref().id)?;
        Ok(Response::new(CheckAgentResponse {}))
    }

    type ForwardAgentStream = Forwarded;

    async fn forward_agent(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::ForwardAgentStream>, Status> {
        let id = request.metadata().get(ID).and_then(|id| id.to_str().ok());
        let socket = self.socket(id.unwrap_or_default())?;
        let agent = UnixStream::connect(socket).await.map_err(|error| {
            Status::unavailable(format!("the SSH agent at {}: {error}", socket.display()))
        })?;
        let (answers, mut asks) = agent.into_split();
        let mut asked = request.into_inner();
        tokio::spawn(async move {
            while let Ok(Some(message)) = asked.message().await {
                if asks.write_all(&message.data).await.is_err() {
                    break;
                }
            }
        });
        Ok(Response::new(Box::pin(stream::unfold(Some(answers), read))))
    }
}

/// The next piece of the agent's answer; `None` after its end, or after an error.
async fn read(
    from: Option<OwnedReadHalf>,
) -> Option<(Result<BytesMessage, Status>, Option<OwnedReadHalf>)> {
    let mut from = from?;
    let mut data = vec![0; PIECE];
    match from.read(&mut data).await {
        Ok(0) => None,
        Ok(length) => {
            data.truncate(length);
            Some((Ok(BytesMessage { data }), Some(from)))
        }
        Err(error) => Some((Err(Status::unavailable(error.to_string())), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_agents_that_are_named_exist() {
        let agents = Agents(BTreeMap::from([("default".to_owned(), "/agent".into())]));
        for (id, exists) in [("", true), ("default", true), ("other", false)] {
            let request = Request::new(CheckAgentRequest { id: id.to_owned() });
            assert_eq!(agents.check_agent(request).await.is_ok(), exists, "{id}");
        }
    }
}
