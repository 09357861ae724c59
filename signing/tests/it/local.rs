use signing::{LocalDev, SignerConfig};

use crate::contract;
use crate::keys::kid;

#[tokio::test(flavor = "multi_thread")]
async fn a_development_key_holds_the_contract() {
    let key = LocalDev::generate().unwrap();
    let public = key.public_key().unwrap();
    contract::holds(&SignerConfig::LocalDev(key), &kid("local"), &public).await;
}
