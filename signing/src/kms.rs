//! AWS KMS: `Sign`, `GetPublicKey` and, outside production, `GenerateMac` and `VerifyMac`.

use std::error::Error;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_sdk_kms::Client;
use aws_sdk_kms::config::Credentials;
use aws_sdk_kms::config::http::HttpResponse;
use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MacAlgorithmSpec, MessageType, SigningAlgorithmSpec};
use ledger::Digest;
use secrecy::{ExposeSecret as _, SecretString};
use verify::PublicKey;

use crate::error::{Fault, SignerError};
use crate::retry::{Patience, millis};
use crate::text::excerpt;

/// A key in AWS KMS.
#[derive(Clone, Debug)]
pub struct KmsConfig {
    /// Key id, ARN or alias.
    pub key_id: Box<str>,
    /// Region; without it the SDK's usual chain says which.
    pub region: Option<Box<str>>,
    /// Where KMS is, if it is not the region's own: a VPC endpoint, or a double in tests.
    pub endpoint_url: Option<Box<str>>,
    /// Who asks.
    pub credentials: KmsCredentials,
    /// Time-outs and attempts. The SDK's own retries are off.
    pub patience: Patience,
}

/// Where the credentials for KMS come from.
#[derive(Clone, Debug, Default)]
pub enum KmsCredentials {
    /// The SDK's usual chain: role of the machine or task, web identity, profile, environment.
    #[default]
    Chain,
    /// Given here.
    Fixed {
        /// Access key id.
        access_key_id: Box<str>,
        /// Secret access key.
        secret_access_key: SecretString,
        /// Session token, for temporary credentials.
        session_token: Option<SecretString>,
    },
}

impl KmsConfig {
    /// The public key that KMS has, so that it can be registered.
    ///
    /// # Errors
    /// KMS does not tell it, or it is of a kind that is not registered.
    pub async fn public_key(&self) -> Result<PublicKey, SignerError> {
        let kms = Kms::open(self).await;
        let der = kms.public_key().await?;
        PublicKey::from_spki_der(&der).map_err(|error| {
            let why = format!("its key is {error}");
            SignerError::new(kms.name(), Fault::WrongKey(why.into()))
        })
    }
}

/// A client of KMS for one key.
#[derive(Clone, Debug)]
pub(crate) struct Kms {
    client: Client,
    key_id: Box<str>,
    name: Box<str>,
    patience: Patience,
}

/// What KMS is asked to sign.
#[derive(Clone, Copy)]
enum Form {
    RsaDigest,
    Ed25519Raw,
}

impl Kms {
    /// A client; nothing is asked yet.
    pub(crate) async fn open(config: &KmsConfig) -> Self {
        let patience = config.patience;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(patience.connect)
            .operation_attempt_timeout(patience.attempt)
            .operation_timeout(patience.attempt)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        if let Some(region) = &config.region {
            loader = loader.region(Region::new(region.to_string()));
        }
        if let Some(url) = &config.endpoint_url {
            loader = loader.endpoint_url(url.as_ref());
        }
        if let KmsCredentials::Fixed {
            access_key_id,
            secret_access_key,
            session_token,
        } = &config.credentials
        {
            loader = loader.credentials_provider(Credentials::new(
                access_key_id.as_ref(),
                secret_access_key.expose_secret(),
                session_token.as_ref().map(|s| s.expose_secret().to_owned()),
                None,
                "configuration",
            ));
        }
        Self {
            client: Client::new(&loader.load().await),
            key_id: config.key_id.clone(),
            name: format!("kms key `{}`", config.key_id).into(),
            patience,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The public key, as DER.
    pub(crate) async fn public_key(&self) -> Result<Vec<u8>, SignerError> {
        let ask = || async {
            let request = self.client.get_public_key().key_id(self.key_id.as_ref());
            let answer = request.send().await.map_err(|e| self.fault(&e))?;
            match answer.public_key() {
                Some(key) => Ok(key.as_ref().to_vec()),
                None => Err(Fault::Garbage("`GetPublicKey` holds no key".into())),
            }
        };
        self.patience.ask(&self.name, ask).await
    }

    /// RSA PKCS#1 v1.5 with SHA-256 over a digest, which KMS is told not to hash again.
    pub(crate) async fn sign_rsa(&self, digest: Digest) -> Result<Vec<u8>, SignerError> {
        self.sign(Form::RsaDigest, &digest.0).await
    }

    /// Plain Ed25519 over `message`.
    pub(crate) async fn sign_ed25519(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.sign(Form::Ed25519Raw, message).await
    }

    async fn sign(&self, form: Form, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let (algorithm, kind) = match form {
            Form::RsaDigest => (
                SigningAlgorithmSpec::RsassaPkcs1V15Sha256,
                MessageType::Digest,
            ),
            Form::Ed25519Raw => (SigningAlgorithmSpec::Ed25519Sha512, MessageType::Raw),
        };
        let ask = || async {
            let request = self.client.sign().key_id(self.key_id.as_ref());
            let request = request
                .message(Blob::new(message))
                .message_type(kind.clone());
            let answer = request.signing_algorithm(algorithm.clone()).send().await;
            let answer = answer.map_err(|e| self.fault(&e))?;
            match answer.signature() {
                Some(signature) => Ok(signature.as_ref().to_vec()),
                None => Err(Fault::Garbage("`Sign` holds no signature".into())),
            }
        };
        self.patience.ask(&self.name, ask).await
    }

    /// HMAC-SHA-256 over `message`, checked by KMS itself: nobody else could.
    pub(crate) async fn mac(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let generate = || async {
            let request = self.client.generate_mac().key_id(self.key_id.as_ref());
            let request = request.mac_algorithm(MacAlgorithmSpec::HmacSha256);
            let answer = request.message(Blob::new(message)).send().await;
            let answer = answer.map_err(|e| self.fault(&e))?;
            match answer.mac() {
                Some(mac) => Ok(mac.as_ref().to_vec()),
                None => Err(Fault::Garbage("`GenerateMac` holds no mac".into())),
            }
        };
        self.patience.ask(&self.name, generate).await
    }

    /// Whether KMS made `mac` over `message`.
    pub(crate) async fn mac_is_valid(
        &self,
        message: &[u8],
        mac: &[u8],
    ) -> Result<bool, SignerError> {
        let check = || async {
            let request = self.client.verify_mac().key_id(self.key_id.as_ref());
            let request = request.mac_algorithm(MacAlgorithmSpec::HmacSha256);
            let request = request.message(Blob::new(message)).mac(Blob::new(mac));
            let answer = request.send().await.map_err(|e| self.fault(&e))?;
            Ok(answer.mac_valid())
        };
        self.patience.ask(&self.name, check).await
    }

    fn fault<E>(&self, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let text = || excerpt(&DisplayErrorContext(error).to_string());
        match error {
            SdkError::TimeoutError(_) => Fault::TimedOut(millis(self.patience.attempt)),
            SdkError::DispatchFailure(e) if e.is_timeout() => {
                Fault::TimedOut(millis(self.patience.attempt))
            }
            // Credentials that could not be loaded are among these: the next try loads them anew.
            SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
                Fault::Unavailable(text())
            }
            SdkError::ResponseError(e) if e.raw().status().is_success() => Fault::Garbage(text()),
            SdkError::ResponseError(_) => Fault::Unavailable(text()),
            SdkError::ServiceError(e) if e.raw().status().is_success() => Fault::Garbage(text()),
            SdkError::ServiceError(e) => {
                let status = e.raw().status().as_u16();
                self.answered(status, e.err().code(), e.err().message())
            }
            _ => Fault::Unavailable(text()),
        }
    }

    /// What an error that KMS itself answered means. It throttles with status 400.
    fn answered(&self, status: u16, code: Option<&str>, message: Option<&str>) -> Fault {
        let code = code.unwrap_or("no code");
        let text = excerpt(&format!("{code}: {}", message.unwrap_or("no message")));
        match code {
            "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "LimitExceededException" => Fault::Throttled,
            "NotFoundException" => Fault::NoSuchKey(self.key_id.clone()),
            "ExpiredTokenException" | "RequestExpired" => Fault::Unavailable(text),
            _ if status == 429 => Fault::Throttled,
            _ if status >= 500 => Fault::Unavailable(text),
            _ => Fault::Refused(text),
        }
    }
}
