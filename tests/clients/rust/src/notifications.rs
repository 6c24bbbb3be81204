//! What a push leads to: the event is fetched, with all that a notification shows.

use anyhow::{Result, bail};
use matrix_sdk::{
    Client,
    ruma::{
        EventId, RoomId,
        events::{AnySyncMessageLikeEvent, AnySyncTimelineEvent},
    },
};
use matrix_sdk_ui::notification_client::{
    NotificationClient, NotificationEvent, NotificationItem, NotificationProcessSetup,
    NotificationStatus,
};
use serde_json::{Value, json};

use crate::wire::Command;

pub struct Notifications(NotificationClient);

impl Notifications {
    pub async fn new(client: Client, setup: NotificationProcessSetup) -> Result<Self> {
        Ok(Self(NotificationClient::new(client, setup).await?))
    }

    /// For the process that does nothing else.
    pub async fn obey(&self, command: &Command) -> Result<Value> {
        match command.name.as_str() {
            "notification" => self.fetch(command).await,
            other => bail!("no such command: {other}"),
        }
    }

    pub async fn fetch(&self, command: &Command) -> Result<Value> {
        let room_id = RoomId::parse(command.text("room_id")?)?;
        let event_id = EventId::parse(command.text("event_id")?)?;
        Ok(match self.0.get_notification(&room_id, &event_id).await? {
            NotificationStatus::Event(item) => shown(&item),
            other => json!({ "status": format!("{other:?}") }),
        })
    }
}

fn shown(item: &NotificationItem) -> Value {
    json!({
        "status": "Event",
        "body": body(&item.event),
        "invite": matches!(item.event, NotificationEvent::Invite(_)),
        "sender": item.event.sender(),
        "room": item.room_computed_display_name,
        "encrypted": item.is_room_encrypted,
        "joined": item.joined_members_count,
    })
}

fn body(event: &NotificationEvent) -> Option<String> {
    let NotificationEvent::Timeline(event) = event else {
        return None;
    };
    let AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(message)) =
        event.as_ref()
    else {
        return None;
    };
    Some(message.as_original()?.content.body().to_owned())
}
