//! Credentials of registries, as BuildKit requests them in a build's session.

use std::sync::{Arc, Mutex, PoisonError};

use bollard::moby::filesync::v1::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
    GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
    VerifyTokenAuthorityResponse, auth_server::Auth,
};
use tonic::{Request, Response, Status};

use super::Docker;
use crate::remote::Error;

/// Answers BuildKit's requests, one registry each.
///
/// Without a token authority BuildKit fetches tokens itself with these credentials.
/// <https://github.com/moby/buildkit/blob/v0.8.3/util/resolver/authorizer.go>
#[derive(Clone)]
pub(super) struct Keys {
    docker: Docker,
    refused: Arc<Mutex<Option<Error>>>,
}

impl Keys {
    /// The docker command's configuration for this daemon, and the project's own registry.
    pub(super) fn of(docker: &Docker) -> Self {
        Self {
            docker: docker.clone(),
            refused: Arc::default(),
        }
    }

    /// Why credentials could not be loaded, if that failed: the cause of BuildKit's error.
    pub(super) fn refused(&self) -> Option<Error> {
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

#[tonic::async_trait]
impl Auth for Keys {
    async fn credentials(
        &self,
        request: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        match self.docker.credential(&request.get_ref().host).await {
            Ok(found) => Ok(Response::new(CredentialsResponse {
                username: found.user,
                secret: found
                    .secret
                    .map(|secret| secret.reveal().to_owned())
                    .unwrap_or_default(),
            })),
            Err(error) => {
                let status = Status::unknown(error.to_string());
                *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(status)
            }
        }
    }

    async fn fetch_token(
        &self,
        _: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        Err(Status::unimplemented("tokens are for the daemon to fetch"))
    }

    async fn get_token_authority(
        &self,
        _: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("no token authority exists"))
    }

    async fn verify_token_authority(
        &self,
        _: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("no token authority exists"))
    }
}
