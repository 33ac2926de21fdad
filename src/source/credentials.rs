//! An endpoint's credentials while it is polled: found at the first request, kept, and found again when refused.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use secrecy::SecretString;
use url::Url;

use super::auth::{Auth, SigV4};
use super::secret::is_same;
use crate::aws::{AwsError, Signer, region_of};
use crate::text::visible;
use crate::wire::{Fault, Remedy};

/// What a request is signed for behind API Gateway.
const SERVICE: &str = "execute-api";

/// What is known of an endpoint's credentials by now.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    secret: Option<SecretString>,
    signer: Option<Arc<Signer>>,
}

impl Credentials {
    /// Makes the request ours.
    pub(super) async fn apply<B: AsRef<[u8]>>(
        &mut self,
        auth: &Auth,
        base: &Url,
        request: &mut http::Request<B>,
    ) -> Result<(), Fault> {
        match auth {
            Auth::None => Ok(()),
            Auth::SigV4(sigv4) => self.sign(sigv4, base, request).await,
            Auth::ApiKey(_) | Auth::Bearer(_) | Auth::Token { .. } => self.key(auth, request).await,
        }
    }

    /// After a refusal: whether there are other credentials now, with which to ask once more.
    pub(super) async fn renew(&mut self, auth: &Auth) -> bool {
        if let Some(signer) = &self.signer {
            return signer.renew().await;
        }
        let Some(secret) = auth.secret().filter(|secret| secret.can_change()) else { return false };
        let old = self.secret.take();
        let Ok(new) = secret.read().await else { return false };
        let changed = old.is_none_or(|old| !is_same(&old, &new));
        self.secret = Some(new);
        changed
    }

    async fn key<B>(&mut self, auth: &Auth, request: &mut http::Request<B>) -> Result<(), Fault> {
        let Some(place) = auth.secret() else { return Ok(()) };
        let secret = if let Some(secret) = &self.secret {
            secret
        } else {
            let found = place.read().await;
            let found = found.map_err(|error| Fault::credentials(&error.to_string(), Remedy::Stop))?;
            self.secret.insert(found)
        };
        let refused = |error: super::auth::NotAHeader| {
            Fault::credentials(&format!("the secret cannot be sent: {error}"), Remedy::Stop)
        };
        if let Some(header) = auth.header(secret).map_err(refused)? {
            request.headers_mut().insert(header.name, header.value);
        }
        Ok(())
    }

    async fn sign<B: AsRef<[u8]>>(
        &mut self,
        sigv4: &SigV4,
        base: &Url,
        request: &mut http::Request<B>,
    ) -> Result<(), Fault> {
        // Once they were there, their absence may pass: a role's credentials come over the network.
        let remedy = if self.signer.is_some() { Remedy::BackOff } else { Remedy::Stop };
        let fault = |error: AwsError| Fault::credentials(&visible(&error.to_string()), remedy);
        let signer = if let Some(signer) = &self.signer {
            Arc::clone(signer)
        } else {
            let region = sigv4.region.clone().or_else(|| region_of(base, SERVICE).map(str::to_owned));
            let signer = Signer::new(SERVICE, region, sigv4.profile.as_deref(), None).await;
            Arc::clone(self.signer.insert(Arc::new(signer.map_err(fault)?)))
        };
        // A header of our own would be signed beside the signature.
        request.headers_mut().remove(AUTHORIZATION);
        signer.sign(request).await.map_err(fault)?;
        if let Some(value) = request.headers_mut().get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        Ok(())
    }
}
