//! As whom to poll: the flags, and their variables.

use std::convert::Infallible;
use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::credentials::{AuthChoice, Carrier, Place};
use crate::config::resolve::{Environment, header, header_name};
use crate::source::{Header, SigV4};
use crate::text::visible;

/// With which credentials to poll. Their variables are read in [`CredentialArgs::auth`], not by clap: a flag wins over
/// the variable of another, where clap would see a conflict, and a header's value must not show in an error.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Credentials")]
pub struct CredentialArgs {
    /// Send the API key that this environment variable holds
    #[arg(long, value_name = "VAR", group = "auth")]
    pub api_key_env: Option<String>,
    /// Send the API key that this file holds
    #[arg(long, value_name = "FILE", group = "auth")]
    pub api_key_file: Option<String>,
    /// Send the API key that this command prints
    #[arg(long, value_name = "COMMAND", group = "auth")]
    pub api_key_command: Option<String>,
    /// Send the bearer token that this environment variable holds
    #[arg(long, value_name = "VAR", group = "auth")]
    pub bearer_env: Option<String>,
    /// Send the bearer token that this file holds
    #[arg(long, value_name = "FILE", group = "auth")]
    pub bearer_file: Option<String>,
    /// Send the bearer token that this command prints; run again when refused with 401
    #[arg(long, value_name = "COMMAND", group = "auth")]
    pub bearer_command: Option<String>,
    /// Send the token that this environment variable holds, as it is
    #[arg(long, value_name = "VAR", group = "auth")]
    pub token_env: Option<String>,
    /// Send the token that this file holds, as it is
    #[arg(long, value_name = "FILE", group = "auth")]
    pub token_file: Option<String>,
    /// Send the token that this command prints, as it is
    #[arg(long, value_name = "COMMAND", group = "auth")]
    pub token_command: Option<String>,
    /// The header for the token [default: Authorization]
    #[arg(long, value_name = "NAME")]
    pub token_header: Option<String>,
    /// Sign requests with the AWS credentials of the standard chain (IAM authorization)
    #[arg(long, group = "auth")]
    pub sigv4: bool,
    /// The region to sign for [default: the URL's, the environment's or the profile's]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Sign with the credentials of this profile of AWS's config file
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Send this header with every request, as 'Name: value'; repeatable
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = secret)]
    pub headers: Vec<SecretString>,
}

/// What says where a secret is when no flag does, in the order of [`CredentialArgs::places`].
const VARIABLES: [&str; 9] = [
    "QWATCH_API_KEY_ENV",
    "QWATCH_API_KEY_FILE",
    "QWATCH_API_KEY_COMMAND",
    "QWATCH_BEARER_ENV",
    "QWATCH_BEARER_FILE",
    "QWATCH_BEARER_COMMAND",
    "QWATCH_TOKEN_ENV",
    "QWATCH_TOKEN_FILE",
    "QWATCH_TOKEN_COMMAND",
];

impl CredentialArgs {
    fn places(&self) -> [Option<String>; 9] {
        [
            &self.api_key_env,
            &self.api_key_file,
            &self.api_key_command,
            &self.bearer_env,
            &self.bearer_file,
            &self.bearer_command,
            &self.token_env,
            &self.token_file,
            &self.token_command,
        ]
        .map(Clone::clone)
    }

    /// Where the credentials are: what the flags say, or else the variables.
    ///
    /// # Errors
    /// A sentence when there are two, or the token's header is none.
    pub fn auth(&self, environment: Environment<'_>) -> Result<Option<AuthChoice>, String> {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        if let Some(sigv4) = self.signing(&variable)? {
            return Ok(Some(AuthChoice::SigV4(sigv4)));
        }
        let flags = self.places();
        let asked = if flags.iter().any(Option::is_some) { flags } else { VARIABLES.map(variable) };
        let is_token = asked[6..].iter().any(Option::is_some);
        let token_header = match &self.token_header {
            Some(name) if !is_token => {
                return Err(format!(
                    "--token-header: {} needs --token-env, --token-file or --token-command beside it",
                    visible(name)
                ));
            }
            Some(name) => ("--token-header", name.clone()),
            None => {
                ("QWATCH_TOKEN_HEADER", variable("QWATCH_TOKEN_HEADER").unwrap_or("authorization".into()))
            }
        };
        let mut given = asked.into_iter().enumerate().filter_map(|(index, text)| Some((index, text?)));
        let Some((index, text)) = given.next() else { return Ok(None) };
        let others: Vec<&str> = given.map(|(index, _)| VARIABLES[index]).collect();
        if !others.is_empty() {
            return Err(format!(
                "{} and {} exclude each other; set one",
                VARIABLES[index],
                others.join(" and ")
            ));
        }
        let carrier = match index / 3 {
            0 => Carrier::ApiKey,
            1 => Carrier::Bearer,
            _ => {
                let (said_by, name) = token_header;
                Carrier::Token(header_name(&name).map_err(|error| format!("{said_by}: {error}"))?)
            }
        };
        let place = match index % 3 {
            0 => Place::Variable(text),
            1 => Place::File(PathBuf::from(text)),
            _ => Place::Command(text),
        };
        Ok(Some(AuthChoice::Carried(carrier, place)))
    }

    fn signing(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<SigV4>, String> {
        if self.sigv4 {
            let region = self.region.clone().or_else(|| variable("QWATCH_REGION"));
            let profile = self.profile.clone().or_else(|| variable("QWATCH_PROFILE"));
            return Ok(Some(SigV4 { region, profile }));
        }
        match (&self.region, &self.profile) {
            (None, None) => Ok(None),
            (Some(_), _) => Err("--region needs --sigv4 beside it".into()),
            (None, Some(_)) => Err("--profile needs --sigv4 beside it".into()),
        }
    }

    /// The headers to send: what the flags say, or else the variable.
    ///
    /// # Errors
    /// A sentence that does not repeat the value.
    pub fn headers(&self, environment: Environment<'_>) -> Result<Vec<Header>, String> {
        if !self.headers.is_empty() {
            let lines = self.headers.iter().map(|line| header_line(line.expose_secret()));
            return lines.collect::<Result<_, _>>().map_err(|error| format!("--header: {error}"));
        }
        let lines = environment("QWATCH_HEADER").unwrap_or_default();
        let lines = lines.lines().filter(|line| !line.trim().is_empty()).map(header_line);
        lines.collect::<Result<_, _>>().map_err(|error| format!("QWATCH_HEADER: {error}"))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap's signature")]
pub(super) fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}

fn header_line(text: &str) -> Result<Header, String> {
    // The text may hold a secret, on either side of a colon that was meant to stand elsewhere, so an error must
    // not repeat it.
    let (name, value) = text.split_once(':').ok_or("must be written as 'Name: value'")?;
    header_name(name).map_err(|_| "what stands before the colon is no header name")?;
    header(name, value)
}
