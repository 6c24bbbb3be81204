//! A client on matrix-rust-sdk, as Element X builds it: `client '{"baseUrl": …}'`.
//! `tests/support/driven.py` says how it is spoken to.

#![recursion_limit = "256"] // the futures of the SDK are deep

mod app;
mod notifications;
mod session;
mod show;
mod wire;

use anyhow::{Context, Result};
use matrix_sdk_ui::notification_client::NotificationProcessSetup;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::{app::App, notifications::Notifications, session::Arguments, wire::Commands};

const LOG: &str = "warn,matrix_sdk=info,matrix_sdk_ui=debug,matrix_sdk::sliding_sync=debug";

#[tokio::main]
async fn main() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let arguments = std::env::args()
        .nth(1)
        .context("one argument, a JSON object")?;
    let arguments: Arguments = serde_json::from_str(&arguments)?;
    let client = session::open(&arguments).await?;
    let mut commands = Commands::new();
    if arguments.role == "notifications" {
        let setup = NotificationProcessSetup::MultipleProcesses;
        let notifications = Notifications::new(client, setup).await?;
        while let Some(command) = commands.next().await? {
            if command.name == "stop" {
                command.answer(Ok(json!({})));
                break;
            }
            command.answer(notifications.obey(&command).await);
        }
        return Ok(());
    }
    let mut app = App::start(client).await?;
    while let Some(command) = commands.next().await? {
        if command.name == "stop" {
            app.stop().await;
            command.answer(Ok(json!({})));
            break;
        }
        command.answer(app.obey(&command).await);
    }
    Ok(())
}
