//! Logging in, and coming back with what is stored.

use std::{fs, path::PathBuf};

use anyhow::Result;
use matrix_sdk::{
    Client, ThreadingSupport,
    authentication::matrix::MatrixSession,
    cross_process_lock::CrossProcessLockConfig,
    encryption::{BackupDownloadStrategy, EncryptionSettings},
    sliding_sync::{Version, VersionBuilder},
};
use serde::Deserialize;
use serde_json::json;

use crate::wire::saw;

/// What the program is started with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Arguments {
    pub base_url: String,
    user: String,
    password: String,
    device_id: String,
    /// Folder of the stores and of the session.
    store: PathBuf,
    /// "app", or "notifications" for the process of its own that iOS starts for a push.
    pub role: String,
}

/// A client as Element X builds it; of the session in the store, if there is one.
pub async fn open(arguments: &Arguments) -> Result<Client> {
    let client = build(arguments).await?;
    let native = matches!(client.sliding_sync_version(), Version::Native);
    saw("server", json!({ "native": native }));
    let file = arguments.store.join("session.json");
    if file.exists() {
        let session: MatrixSession = serde_json::from_slice(&fs::read(&file)?)?;
        client.restore_session(session).await?;
        saw("restored", json!({}));
        return Ok(client);
    }
    let auth = client.matrix_auth();
    auth.login_username(&arguments.user, &arguments.password)
        .device_id(&arguments.device_id)
        .initial_device_display_name("harness")
        .await?;
    let session = auth.session().expect("there is one after a login");
    fs::write(&file, serde_json::to_vec(&session)?)?;
    saw(
        "login",
        json!({ "user_id": session.meta.user_id, "device_id": session.meta.device_id }),
    );
    Ok(client)
}

async fn build(arguments: &Arguments) -> Result<Client> {
    let encryption = EncryptionSettings {
        auto_enable_cross_signing: true,
        backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
        auto_enable_backups: true,
    };
    Ok(Client::builder()
        .homeserver_url(&arguments.base_url)
        .sqlite_store(&arguments.store, None)
        .cross_process_store_config(CrossProcessLockConfig::multi_process(&arguments.role))
        .sliding_sync_version_builder(VersionBuilder::DiscoverNative)
        .with_encryption_settings(encryption)
        .with_threading_support(ThreadingSupport::Enabled {
            with_subscriptions: true,
        })
        .handle_refresh_tokens()
        .build()
        .await?)
}
