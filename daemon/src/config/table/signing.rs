//! `[signing]` in the table.

use super::{Rows, SECRET};
use crate::config::signing::key::{HmacPlace, LocalKey};
use crate::config::signing::place::{Kms, Pkcs11, Place, Proxy, ProxyIdentity};
use crate::config::signing::{Anchor, DeployedKey, Emergency, EmergencyKey, Key, Sealing, Signing};
use crate::config::source::Source;

impl Rows<'_> {
    /// The whole section.
    pub(super) fn signing(&mut self, signing: &Signing<Key>) {
        self.sealing(&signing.sealing);
        self.key("signing.seal", &signing.seal);
        if let Some(key) = &signing.next {
            self.key("signing.next", key);
        }
        if let Some(key) = &signing.checkpoint {
            self.key("signing.checkpoint", key);
        }
        if let Some(key) = &signing.bundle {
            self.key("signing.bundle", key);
        }
        if let Some(emergency) = &signing.emergency {
            self.emergency(emergency);
        }
    }

    fn sealing(&mut self, sealing: &Sealing) {
        self.add("signing.deployment", &sealing.deployment);
        self.add("signing.environment", &sealing.environment);
        let keyring = &sealing.keyring;
        let (file, serial) = (keyring.file.display(), keyring.keyring.serial());
        self.add("signing.keyring", format!("{file} (serial {serial})"));
        let approvers = &sealing.approvers;
        let names: Vec<&str> = approvers.iter().map(|each| each.name.as_str()).collect();
        let (threshold, of) = (approvers.threshold(), names.len());
        let shown = format!("{threshold} of {of}: {}", names.join(", "));
        self.add("signing.approvers", shown);
        let signers = sealing.kernel_signers.as_ref();
        let signers = signers.map_or_else(|| "none".into(), |read| read.file.display().to_string());
        self.add("signing.kernel_signers", signers);
        match &sealing.anchor {
            Anchor::Proxy => self.add("signing.anchor", "proxy"),
            Anchor::Directory(path) => self.add("signing.anchor.directory", path.display()),
        }
        if sealing.recovery.is_some() {
            self.add("signing.recovery", "approval read");
        }
        self.add(
            "signing.seal_interval_ms",
            sealing.seal_interval.as_millis(),
        );
        let transfers = sealing.max_unsealed_transfers;
        self.add("signing.max_unsealed_transfers", transfers);
        self.add(
            "signing.max_unsealed_seconds",
            sealing.max_unsealed.as_secs(),
        );
    }

    fn key(&mut self, key: &str, shown: &Key) {
        match shown {
            Key::Deployed(deployed) => self.deployed(key, deployed),
            Key::Local(local) => self.local(key, local),
            Key::Hmac(hmac) => {
                self.add(format!("{key}.kid"), &hmac.kid);
                self.add(format!("{key}.algorithm"), shown.algorithm());
                match &hmac.place {
                    HmacPlace::Kms(kms) => self.kms(key, kms),
                    HmacPlace::Given(secret) => {
                        self.say(format!("{key}.hmac.key_file"), SECRET, secret.source);
                    }
                }
            }
        }
    }

    fn deployed(&mut self, key: &str, deployed: &DeployedKey) {
        let algorithm = &deployed.algorithm;
        self.add(format!("{key}.kid"), &deployed.kid);
        self.say(
            format!("{key}.algorithm"),
            algorithm.value,
            algorithm.source,
        );
        match &deployed.place {
            Place::Kms(kms) => self.kms(key, kms),
            Place::Proxy(proxy) => self.proxy(key, proxy),
            Place::Pkcs11(pkcs11) => self.pkcs11(key, pkcs11),
        }
    }

    fn local(&mut self, key: &str, local: &LocalKey) {
        let algorithm = &local.algorithm;
        self.add(format!("{key}.kid"), &local.kid);
        self.say(
            format!("{key}.algorithm"),
            algorithm.value,
            algorithm.source,
        );
        self.say(format!("{key}.local.key"), SECRET, local.pem.source);
    }

    fn kms(&mut self, key: &str, kms: &Kms) {
        self.say(
            format!("{key}.kms.key_id"),
            &kms.key_id.value,
            kms.key_id.source,
        );
        let usual = |text: Option<&str>| text.unwrap_or("as the SDK finds it").to_owned();
        self.add(format!("{key}.kms.region"), usual(kms.region.as_deref()));
        let endpoint = kms.endpoint.as_ref().map(|url| url.as_str());
        self.add(format!("{key}.kms.endpoint"), usual(endpoint));
    }

    fn proxy(&mut self, key: &str, proxy: &Proxy) {
        self.say(
            format!("{key}.proxy.url"),
            &proxy.url.value,
            proxy.url.source,
        );
        let pinned = match &proxy.ca_pem {
            Some(_) => "pinned",
            None => "none",
        };
        self.add(format!("{key}.proxy.ca"), pinned);
        match &proxy.identity {
            ProxyIdentity::Certificate { .. } => {
                self.add(format!("{key}.proxy.certificate"), "set");
                self.add(format!("{key}.proxy.key"), SECRET);
            }
            ProxyIdentity::ApiKey(secret) => {
                self.say(format!("{key}.proxy.api_key_file"), SECRET, secret.source);
            }
        }
    }

    fn pkcs11(&mut self, key: &str, pkcs11: &Pkcs11) {
        self.add(format!("{key}.pkcs11.module"), pkcs11.module.display());
        self.add(format!("{key}.pkcs11.token"), &pkcs11.token);
        self.add(format!("{key}.pkcs11.key_label"), &pkcs11.key_label);
        self.say(format!("{key}.pkcs11.pin_file"), SECRET, Source::File);
    }

    fn emergency(&mut self, emergency: &Emergency) {
        let key = "signing.emergency";
        self.add(format!("{key}.approval"), emergency.file.display());
        match &emergency.key {
            EmergencyKey::Deployed(deployed) => self.deployed(key, deployed),
            EmergencyKey::Private(local) => {
                let algorithm = &local.algorithm;
                self.add(format!("{key}.kid"), &local.kid);
                self.say(
                    format!("{key}.algorithm"),
                    algorithm.value,
                    algorithm.source,
                );
                self.say("AUDIT_SIGNING_PRIVATE_KEY", SECRET, local.pem.source);
            }
        }
    }
}
