//! What an opened room shows.

use std::{collections::HashSet, sync::Arc};

use futures_util::StreamExt;
use matrix_sdk::{Room, ruma::OwnedRoomId};
use matrix_sdk_ui::{Timeline, timeline::TimelineItem};
use serde_json::{Value, json};

use crate::wire::saw;

/// A message that the server has told of; nothing of dividers, echoes and state.
pub fn described(item: &TimelineItem) -> Option<Value> {
    let event = item.as_event()?;
    let event_id = event.event_id()?;
    if event.is_local_echo() {
        return None;
    }
    let message = event.content().as_message().map(|message| message.body());
    if message.is_none() && !event.content().is_unable_to_decrypt() {
        return None;
    }
    Some(json!({
        "event_id": event_id,
        "sender": event.sender(),
        "body": message,
        "encrypted": event.encryption_info().is_some() || message.is_none(),
        "readers": event.read_receipts().keys().collect::<Vec<_>>(),
    }))
}

/// Tell of each message when it is first there, when it is decrypted, and when it is read.
pub async fn follow_timeline(room_id: OwnedRoomId, timeline: Arc<Timeline>) {
    let (mut items, mut changes) = timeline.subscribe().await;
    tokio::spawn(async move {
        let mut told = HashSet::new();
        loop {
            for mut message in items.iter().filter_map(|item| described(item)) {
                if told.insert(message.to_string()) {
                    message["room_id"] = json!(room_id);
                    let readable = !message["body"].is_null();
                    saw(if readable { "message" } else { "undecryptable" }, message);
                }
            }
            let Some(batch) = changes.next().await else {
                return;
            };
            for change in batch {
                change.apply(&mut items);
            }
        }
    });
}

pub fn follow_typing(room: Room) {
    tokio::spawn(async move {
        let (_guard, mut notices) = room.subscribe_to_typing_notifications();
        while let Ok(user_ids) = notices.recv().await {
            saw(
                "typing",
                json!({ "room_id": room.room_id(), "user_ids": user_ids }),
            );
        }
    });
}
