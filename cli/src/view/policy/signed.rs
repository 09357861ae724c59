//! A manifest that was signed.

use std::path::Path;

use serde::Serialize;
use verify::policy::SignedManifest;

use crate::table::Pairs;

/// A manifest that was signed.
#[derive(Debug, Serialize)]
pub(crate) struct SignedView {
    file: String,
    digest: String,
    name: String,
    tenant: Option<String>,
    component: String,
    deployment: String,
    environment: String,
    kid: String,
}

impl SignedView {
    pub(crate) fn of(signed: &SignedManifest, file: &Path) -> Self {
        let manifest = &signed.manifest;
        Self {
            file: file.display().to_string(),
            digest: signed.digest().to_string(),
            name: manifest.name.to_string(),
            tenant: manifest.tenant.as_ref().map(ToString::to_string),
            component: manifest.component.to_string(),
            deployment: manifest.deployment.to_string(),
            environment: manifest.environment.to_string(),
            kid: signed.kid.to_string(),
        }
    }

    pub(crate) fn pairs(&self) -> Pairs {
        let tenant = self.tenant.clone();
        Pairs(vec![
            ("manifest", self.file.clone()),
            ("digest", self.digest.clone()),
            ("policy", self.name.clone()),
            (
                "tenant",
                tenant.unwrap_or_else(|| "all, of the platform".to_owned()),
            ),
            ("component", self.component.clone()),
            ("deployment", self.deployment.clone()),
            ("environment", self.environment.clone()),
            ("signed by", self.kid.clone()),
        ])
    }
}
