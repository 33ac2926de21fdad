//! Where credentials are to be found: an environment variable, a file, a command, or AWS's own chain. Never the secret
//! itself.

use std::path::{Path, PathBuf};

use http::HeaderName;
use secrecy::SecretString;

use super::file;
use super::resolve::{Environment, header_name};
use crate::source::{Auth, Secret, SigV4};
use crate::text::visible;

/// Who to say we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthChoice {
    /// A secret in a header.
    Carried(Carrier, Place),
    /// IAM.
    SigV4(SigV4),
}

/// How a secret travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// As `x-api-key`.
    ApiKey,
    /// As `Authorization: Bearer …`.
    Bearer,
    /// As it is, in this header.
    Token(HeaderName),
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the environment variable of this name.
    Variable(String),
    /// In this file.
    File(PathBuf),
    /// It is what this command prints.
    Command(String),
}

const ONE_OF: &str = "must have one of api_key_env, bearer_env, token_env (each of them also ending in _file or _command) \
    and sigv4; header goes with a token only, region and profile with sigv4 only";

/// What the file says.
pub(super) fn choice(raw: &file::Auth, folder: Option<&Path>) -> Result<AuthChoice, String> {
    let header = header_name(raw.header.as_deref().unwrap_or("authorization"))?;
    let places = |variable: &Option<String>, file: &Option<String>, command: &Option<String>| {
        let file = file.as_ref().map(|file| Place::File(path(file, folder)));
        [variable.clone().map(Place::Variable), file, command.clone().map(Place::Command)]
    };
    let carriers = [
        (Carrier::ApiKey, places(&raw.api_key_env, &raw.api_key_file, &raw.api_key_command)),
        (Carrier::Bearer, places(&raw.bearer_env, &raw.bearer_file, &raw.bearer_command)),
        (Carrier::Token(header), places(&raw.token_env, &raw.token_file, &raw.token_command)),
    ];
    let mut asked: Vec<AuthChoice> = Vec::new();
    for (carrier, places) in carriers {
        asked.extend(places.into_iter().flatten().map(|place| AuthChoice::Carried(carrier.clone(), place)));
    }
    if raw.sigv4 {
        asked.push(AuthChoice::SigV4(SigV4 { region: raw.region.clone(), profile: raw.profile.clone() }));
    }
    let for_sigv4 = raw.region.is_some() || raw.profile.is_some();
    match asked.pop() {
        Some(choice) if asked.is_empty() => {
            let is_token = matches!(choice, AuthChoice::Carried(Carrier::Token(_), _));
            let fits = (is_token || raw.header.is_none()) && (raw.sigv4 || !for_sigv4);
            if fits { Ok(choice) } else { Err(ONE_OF.into()) }
        }
        _ => Err(ONE_OF.into()),
    }
}

/// A path as the file names it: from the home folder after `~/`, else from the file's own folder.
pub(super) fn path(text: &str, folder: Option<&Path>) -> PathBuf {
    if let Some(rest) = text.strip_prefix("~/")
        && let Some(home) = directories::BaseDirs::new()
    {
        return home.home_dir().join(rest);
    }
    folder.map_or_else(|| PathBuf::from(text), |folder| folder.join(text))
}

/// Credentials to poll with. A variable is read now; a file or a command when the first request is made, and again when
/// a gateway refuses what it said.
pub(super) fn credentials(choice: &AuthChoice, environment: Environment<'_>) -> Result<Auth, String> {
    let (carrier, place) = match choice {
        AuthChoice::SigV4(sigv4) => return Ok(Auth::SigV4(sigv4.clone())),
        AuthChoice::Carried(carrier, place) => (carrier, place),
    };
    let secret = match place {
        Place::Variable(variable) => Secret::Known(of_variable(variable, environment)?),
        Place::File(path) => match std::fs::metadata(path) {
            Ok(_) => Secret::File(path.clone()),
            Err(error) => {
                return Err(format!(
                    "cannot read the secret in {}: {error}",
                    visible(&path.display().to_string())
                ));
            }
        },
        Place::Command(command) if command.trim().is_empty() => {
            return Err("the command for the secret is empty".into());
        }
        Place::Command(command) => Secret::Command(command.clone()),
    };
    let known = if let Secret::Known(known) = &secret { Some(known.clone()) } else { None };
    let auth = match carrier {
        Carrier::ApiKey => Auth::ApiKey(secret),
        Carrier::Bearer => Auth::Bearer(secret),
        Carrier::Token(header) => Auth::Token { header: header.clone(), token: secret },
    };
    match (known.map(|known| auth.header(&known)), place) {
        (Some(Err(error)), Place::Variable(shown)) => {
            Err(format!("what the environment variable {shown} holds cannot be sent: {error}"))
        }
        _ => Ok(auth),
    }
}

fn of_variable(variable: &str, environment: Environment<'_>) -> Result<SecretString, String> {
    // Whoever wrote the secret itself where its variable's name belongs must not find it in a log.
    if variable.is_empty() || !variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(
            "credentials come from an environment variable, whose name has letters, digits and _ only; what \
                    was given instead is not repeated here"
                .into(),
        );
    }
    match environment(variable) {
        Some(secret) if !secret.is_empty() => Ok(SecretString::from(secret)),
        Some(_) => Err(format!("the environment variable {variable} is empty; set it to the secret")),
        None => Err(format!("the environment variable {variable} is not set; set it to the secret")),
    }
}
