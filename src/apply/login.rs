//! The login to the registry.

use std::time::Instant;

use crate::model::recipe::RegistryLogin;

/// A login and the time at which it was received.
#[derive(Clone, Debug)]
pub struct Login {
    pub(super) login: RegistryLogin,
    pub(super) since: Instant,
}

impl Login {
    /// User name and password.
    pub(super) fn login(&self) -> &RegistryLogin {
        &self.login
    }
}
