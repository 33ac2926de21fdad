//! By which way to a gateway: the flags, and their variables.

use std::path::PathBuf;

use clap::Args;
use http::Method;
use secrecy::{ExposeSecret as _, SecretString};

use super::credentials::{CredentialArgs, secret};
use crate::config::Overrides;
use crate::config::connection::{PemFiles, method, proxy_without_password};
use crate::config::resolve::Environment;
use crate::source::Proxy;

/// By which way.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// How the gateway wants to be asked: GET, POST, PUT or PATCH [default: GET]
    #[arg(long, value_name = "METHOD", env = "QWATCH_METHOD", hide_env = true, value_parser = method)]
    pub method: Option<Method>,
    /// Trust the certificates of this PEM file as well
    #[arg(long, value_name = "FILE", env = "QWATCH_CA", hide_env = true)]
    pub ca: Option<PathBuf>,
    /// Show the certificate of this PEM file (mutual TLS)
    #[arg(long, value_name = "FILE", env = "QWATCH_CLIENT_CERT", hide_env = true)]
    pub client_cert: Option<PathBuf>,
    /// The certificate's key, where it is not in the same file
    #[arg(long, value_name = "FILE", env = "QWATCH_CLIENT_KEY", hide_env = true)]
    pub client_key: Option<PathBuf>,
    /// By way of this proxy (http, https, socks5, socks5h), or none [default: the environment's]
    // Its variable may hold a password, which clap would show in an error.
    #[arg(long, value_name = "URL", value_parser = secret)]
    pub proxy: Option<SecretString>,
}

impl ConnectionArgs {
    fn proxy(&self, environment: Environment<'_>) -> Result<Option<Proxy>, String> {
        if let Some(asked) = &self.proxy {
            let proxy =
                proxy_without_password(asked.expose_secret(), "the environment variable QWATCH_PROXY");
            return proxy.map(Some).map_err(|error| format!("--proxy: {error}"));
        }
        let variable = environment("QWATCH_PROXY").filter(|value| !value.is_empty());
        let proxy = variable.map(|text| Proxy::parse(&text)).transpose();
        proxy.map_err(|error| format!("QWATCH_PROXY: {error}"))
    }
}

/// The layer above the config file, with what these say of credentials and connection.
pub(super) fn overrides_of(
    credentials: &CredentialArgs,
    connection: &ConnectionArgs,
    others: Overrides,
    environment: Environment<'_>,
) -> Result<Overrides, String> {
    let ConnectionArgs { method, ca, client_cert, client_key, .. } = connection.clone();
    Ok(Overrides {
        auth: credentials.auth(environment)?,
        headers: credentials.headers(environment)?,
        method,
        proxy: connection.proxy(environment)?,
        pem_files: PemFiles { ca, client_cert, client_key },
        ..others
    })
}
