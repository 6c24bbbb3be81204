//! The app itself: what it shows, and what its user does.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, pin_mut};
use matrix_sdk::{
    Client, Room,
    ruma::{
        OwnedRoomId, RoomId, UserId, api::client::receipt::create_receipt::v3::ReceiptType,
        events::room::message::RoomMessageEventContent,
    },
};
use matrix_sdk_ui::{
    Timeline,
    notification_client::NotificationProcessSetup,
    room_list_service::filters::new_filter_non_left,
    sync_service::{State, SyncService},
    timeline::{LatestEventValue, RoomExt, TimelineReadReceiptTracking},
};
use serde_json::{Value, json};

use crate::{
    notifications::Notifications,
    show::{described, follow_timeline, follow_typing},
    wire::{Command, saw},
};

/// Rooms of the list that are shown at first; more when the user scrolls.
const PAGE: usize = 200;

pub struct App {
    client: Client,
    sync: Arc<SyncService>,
    open: HashMap<OwnedRoomId, Arc<Timeline>>,
    notifications: Notifications,
}

impl App {
    /// Build all that the app has, and start to sync.
    pub async fn start(client: Client) -> Result<Self> {
        let sync = SyncService::builder(client.clone())
            .with_offline_mode()
            .build()
            .await?;
        let sync = Arc::new(sync);
        follow_states(&sync);
        follow_list(&sync).await?;
        let setup = NotificationProcessSetup::SingleProcess {
            sync_service: sync.clone(),
        };
        let notifications = Notifications::new(client.clone(), setup).await?;
        sync.start().await;
        Ok(Self {
            client,
            sync,
            open: HashMap::new(),
            notifications,
        })
    }

    pub async fn stop(&self) {
        self.sync.stop().await;
    }

    pub async fn obey(&mut self, command: &Command) -> Result<Value> {
        match command.name.as_str() {
            "rooms" => self.rooms().await,
            "open" => self.open(command.text("room_id")?).await,
            "timeline" => {
                let items = self.timeline(command)?.items().await;
                let messages: Vec<_> = items.iter().filter_map(|item| described(item)).collect();
                Ok(json!({ "items": messages }))
            }
            "send" => {
                let content = RoomMessageEventContent::text_plain(command.text("body")?);
                self.timeline(command)?.send(content.into()).await?;
                Ok(json!({}))
            }
            "read" => {
                self.timeline(command)?
                    .mark_as_read(ReceiptType::Read)
                    .await?;
                Ok(json!({}))
            }
            "type" => {
                self.room(command.text("room_id")?)?
                    .typing_notice(true)
                    .await?;
                Ok(json!({}))
            }
            "devices" => {
                let user_id = UserId::parse(command.text("user_id")?)?;
                let devices = self.client.encryption().get_user_devices(&user_id).await?;
                Ok(json!({ "device_ids": devices.keys().collect::<Vec<_>>() }))
            }
            "background" => {
                self.sync.stop().await;
                Ok(json!({}))
            }
            "foreground" => {
                self.sync.start().await;
                Ok(json!({}))
            }
            "expire" => {
                self.sync.expire_sessions().await;
                self.sync.start().await;
                Ok(json!({}))
            }
            "notification" => self.notifications.fetch(command).await,
            other => bail!("no such command: {other}"),
        }
    }

    fn room(&self, room_id: &str) -> Result<Room> {
        Ok(self
            .sync
            .room_list_service()
            .room(&RoomId::parse(room_id)?)?)
    }

    fn timeline(&self, command: &Command) -> Result<&Arc<Timeline>> {
        let room_id = RoomId::parse(command.text("room_id")?)?;
        self.open.get(&room_id).context("the room is not open")
    }

    async fn rooms(&self) -> Result<Value> {
        let mut rooms = Vec::new();
        for room in self.client.rooms() {
            let latest = match room.latest_event().await {
                LatestEventValue::Remote { content, .. } => content
                    .as_message()
                    .map(|message| message.body().to_owned()),
                _ => None,
            };
            rooms.push(json!({
                "room_id": room.room_id(),
                "name": room.cached_display_name().map(|name| name.to_string()),
                "membership": room.state(),
                "encrypted": room.encryption_state().is_encrypted(),
                "joined": room.joined_members_count(),
                "latest": latest,
            }));
        }
        Ok(json!({ "rooms": rooms }))
    }

    /// Open a room, as when the user taps it: subscribe, and show its timeline.
    async fn open(&mut self, room_id: &str) -> Result<Value> {
        let room = self.room(room_id)?;
        self.sync
            .room_list_service()
            .subscribe_to_rooms(&[room.room_id()])
            .await;
        let tracking = TimelineReadReceiptTracking::AllEvents;
        let timeline = room
            .timeline_builder()
            .track_read_marker_and_receipts(tracking);
        let timeline = Arc::new(timeline.build().await?);
        follow_timeline(room.room_id().to_owned(), timeline.clone()).await;
        follow_typing(room.clone());
        self.open.insert(room.room_id().to_owned(), timeline);
        Ok(json!({}))
    }
}

fn follow_states(sync: &Arc<SyncService>) {
    let mut states = sync.state();
    tokio::spawn(async move {
        while let Some(state) = states.next().await {
            let name = format!("{state:?}");
            let error = match state {
                State::Error(error) => Some(format!("{error:?}")),
                _ => None,
            };
            let name = name.split(['(', ' ']).next().unwrap_or_default();
            saw("state", json!({ "state": name, "error": error }));
        }
    });
    let mut states = sync.room_list_service().state();
    tokio::spawn(async move {
        while let Some(state) = states.next().await {
            saw("list_state", json!({ "state": format!("{state:?}") }));
        }
    });
}

/// Show the list of rooms: their names, in the order in which a user sees them.
async fn follow_list(sync: &Arc<SyncService>) -> Result<()> {
    let list = sync.room_list_service().all_rooms().await?;
    tokio::spawn(async move {
        let (entries, controller) = list.entries_with_dynamic_adapters(PAGE);
        controller.set_filter(Box::new(new_filter_non_left()));
        let mut shown = eyeball_im::Vector::new();
        pin_mut!(entries);
        while let Some(changes) = entries.next().await {
            for change in changes {
                change.apply(&mut shown);
            }
            let names: Vec<_> = shown
                .iter()
                .map(|room| room.cached_display_name().map(|name| name.to_string()))
                .collect();
            saw("list", json!({ "names": names }));
        }
    });
    Ok(())
}
