"""The client-server API of the fake homeserver, apart from /sync: path → world."""

import json
from collections.abc import Callable

from tests.support.homeserver_routes import Call, Handler, Home, Routes
from tests.support.room import JSON
from tests.support.world import Refused, World

PAGE = 10


ROUTES = Routes()


# Accounts


@ROUTES.without_token("/register")
def register(home: Home, body: JSON) -> JSON:
    user_id = home.world.create_user(body["username"])
    return _new_token(home.world, user_id, body.get("device_id"))


@ROUTES.without_token("/login")
def login(home: Home, body: JSON) -> JSON:
    name = body["identifier"]["user"]
    user_id = name if name.startswith("@") else f"@{name}:{home.world.server_name}"
    if user_id not in home.world.users:
        raise Refused(403, "M_FORBIDDEN")
    return _new_token(home.world, user_id, body.get("device_id"))


def _new_token(world: World, user_id: str, device_id: str | None) -> JSON:
    token = world.create_token(user_id, device_id)
    device = world.tokens[token]
    return {"user_id": user_id, "device_id": device.device_id, "access_token": token}


@ROUTES.on("POST", "/logout")
def logout(call: Call) -> JSON:
    call.world.expire(call.token)
    call.world.devices.pop(call.device.key)
    return {}


@ROUTES.on("GET", "/account/whoami")
def whoami(call: Call) -> JSON:
    return {"user_id": call.user, "device_id": call.device.device_id}


@ROUTES.on("PUT", "/profile/{user}/displayname")
def set_displayname(call: Call) -> JSON:
    call.world.users[call.user]["displayname"] = call.body["displayname"]
    for room in call.world.rooms.values():
        if room.membership(call.user, call.world.position) == "join":
            call.world.member(room.room_id, call.user, call.user, "join")
    return {}


@ROUTES.on("POST", "/user/{user}/filter")
def upload_filter(call: Call) -> JSON:
    filter_id = str(len(call.home.filters))
    call.home.filters[filter_id] = call.body
    return {"filter_id": filter_id}


@ROUTES.on("PUT", "/user/{user}/account_data/{type}")
def put_account_data(call: Call) -> JSON:
    call.world.set_account_data(call.user, call.path["type"], call.body)
    return {}


@ROUTES.on("GET", "/user/{user}/account_data/{type}")
def get_account_data(call: Call) -> JSON:
    return call.world.account_datum(call.user, call.path["type"])


@ROUTES.on("PUT", "/user/{user}/rooms/{room}/account_data/{type}")
def put_room_account_data(call: Call) -> JSON:
    call.world.set_account_data(call.user, call.path["type"], call.body, call.room_id)
    return {}


def _tags(call: Call) -> JSON:
    content = call.world.account_datum(call.user, "m.tag", call.room_id)
    return dict(content.get("tags", {}))


@ROUTES.on("PUT", "/user/{user}/rooms/{room}/tags/{tag}")
def put_tag(call: Call) -> JSON:
    tags = _tags(call) | {call.path["tag"]: call.body}
    call.world.set_account_data(call.user, "m.tag", {"tags": tags}, call.room_id)
    return {}


@ROUTES.on("DELETE", "/user/{user}/rooms/{room}/tags/{tag}")
def delete_tag(call: Call) -> JSON:
    tags = {tag: value for tag, value in _tags(call).items() if tag != call.path["tag"]}
    call.world.set_account_data(call.user, "m.tag", {"tags": tags}, call.room_id)
    return {}


@ROUTES.on("PUT", "/sendToDevice/{type}/{txn}")
def send_to_device(call: Call) -> JSON:
    for user_id, devices in call.body["messages"].items():
        for device_id, content in devices.items():
            call.world.to_device(call.user, user_id, device_id, call.path["type"], content)
    return {}


@ROUTES.on("POST", "/keys/upload")
def upload_keys(call: Call) -> JSON:
    counts = dict(call.device.one_time_keys)
    for name in call.body.get("one_time_keys", {}):
        algorithm = name.partition(":")[0]
        counts[algorithm] = counts.get(algorithm, 0) + 1
    if counts != call.device.one_time_keys:
        call.world.set_keys(call.device, counts, call.device.fallback_types)
    if "device_keys" in call.body:
        call.world.change_device_list(call.user)
    return {"one_time_key_counts": counts}


# Rooms


@ROUTES.on("POST", "/createRoom")
def create_room(call: Call) -> JSON:
    body, alias = call.body, call.body.get("room_alias_name")
    room_id = call.world.create_room(
        call.user, name=body.get("name"), topic=body.get("topic"),
        alias=f"#{alias}:{call.world.server_name}" if alias else None,
        preset=body.get("preset", "private_chat"), invite=body.get("invite", ()),
        is_direct=body.get("is_direct", False), version=body.get("room_version", "10"),
        creation=body.get("creation_content"), initial_state=body.get("initial_state", ()),
    )  # fmt: skip
    return {"room_id": room_id}


def _own_membership(membership: str) -> Handler:
    def act(call: Call) -> JSON:
        call.world.member(call.room_id, call.user, call.user, membership)
        return {"room_id": call.room_id}

    return act


def _others_membership(membership: str) -> Handler:
    def act(call: Call) -> JSON:
        reason = {"reason": call.body["reason"]} if "reason" in call.body else {}
        call.world.member(call.room_id, call.user, call.body["user_id"], membership, **reason)
        return {}

    return act


for _path, _membership in (("join", "join"), ("leave", "leave")):
    ROUTES.on("POST", "/rooms/{room}/" + _path)(_own_membership(_membership))
for _path in ("join", "knock"):
    ROUTES.on("POST", f"/{_path}/{{room}}")(_own_membership(_path))
for _path, _membership in (
    ("invite", "invite"), ("kick", "leave"), ("ban", "ban"), ("unban", "leave"),
):  # fmt: skip
    ROUTES.on("POST", "/rooms/{room}/" + _path)(_others_membership(_membership))


@ROUTES.on("POST", "/rooms/{room}/forget")
def forget(call: Call) -> JSON:
    call.world.forget(call.room_id, call.user)
    return {}


@ROUTES.on("POST", "/rooms/{room}/upgrade")
def upgrade(call: Call) -> JSON:
    new = call.world.upgrade(call.room_id, call.user, call.body["new_version"])
    return {"replacement_room": new}


def _once(call: Call, act: Callable[[], str]) -> JSON:
    """The same transaction ID of the same token gets the same answer."""
    key = (call.token, call.path["txn"])
    if key not in call.world.sent:
        call.world.sent[key] = {"event_id": act()}
    return call.world.sent[key]


def _timestamp(call: Call) -> int | None:
    return int(call.query["ts"]) if "ts" in call.query else None


@ROUTES.on("PUT", "/rooms/{room}/send/{type}/{txn}")
def send(call: Call) -> JSON:
    return _once(call, lambda: call.world.send(
        call.room_id, call.user, call.path["type"], call.body, ts=_timestamp(call),
        device=call.device, txn_id=call.path["txn"],
    ))  # fmt: skip


@ROUTES.on("PUT", "/rooms/{room}/redact/{event}/{txn}")
def redact(call: Call) -> JSON:
    return _once(call, lambda: call.world.redact(
        call.room_id, call.user, call.path["event"], device=call.device, txn_id=call.path["txn"],
    ))  # fmt: skip


@ROUTES.on("PUT", "/rooms/{room}/state/{type}/{key}")
@ROUTES.on("PUT", "/rooms/{room}/state/{type}")
def send_state(call: Call) -> JSON:
    event_id = call.world.send(call.room_id, call.user, call.path["type"], call.body,
                               state_key=call.path.get("key", ""), ts=_timestamp(call))  # fmt: skip
    return {"event_id": event_id}


@ROUTES.on("PUT", "/rooms/{room}/typing/{user}")
def typing(call: Call) -> JSON:
    call.world.set_typing(call.room_id, call.user, call.body["typing"])
    return {}


@ROUTES.on("POST", "/rooms/{room}/receipt/{type}/{event}")
def receipt(call: Call) -> JSON:
    call.world.receipt(call.room_id, call.user, call.path["event"], call.path["type"],
                       call.body.get("thread_id"))  # fmt: skip
    return {}


# Reading


@ROUTES.on("GET", "/rooms/{room}/state")
def get_state(call: Call) -> JSON:
    room, upto = call.readable_room()
    return [room.shown(s, upto) for s in room.state_at(upto).values()]  # type: ignore[return-value]


@ROUTES.on("GET", "/rooms/{room}/state/{type}/{key}")
@ROUTES.on("GET", "/rooms/{room}/state/{type}")
def get_state_event(call: Call) -> JSON:
    room, upto = call.readable_room()
    stored = room.state_at(upto).get((call.path["type"], call.path.get("key", "")))
    if stored is None:
        raise Refused(404, "M_NOT_FOUND")
    event: JSON = room.shown(stored, upto)
    whole = call.query.get("format") == "event"
    content: JSON = event | {"room_id": room.room_id} if whole else event["content"]
    return content


@ROUTES.on("GET", "/rooms/{room}/members")
def members(call: Call) -> JSON:
    room, upto = call.readable_room()
    if at := call.query.get("at"):
        upto = min(upto, _position(at))
    found = room.members(upto, "join", "invite", "leave", "ban", "knock")
    wanted, unwanted = call.query.get("membership"), call.query.get("not_membership")
    return {
        "chunk": [room.shown(s, upto) | {"room_id": room.room_id} for s in found
                  if wanted in (None, s.membership) and s.membership != unwanted]
    }  # fmt: skip


@ROUTES.on("GET", "/rooms/{room}/joined_members")
def joined_members(call: Call) -> JSON:
    room = call.world.room(call.room_id)
    if room.membership(call.user, call.world.position) != "join":
        raise Refused(403, "M_FORBIDDEN")
    return {"joined": {
        m.event["state_key"]: {"display_name": m.event["content"].get("displayname"),
                               "avatar_url": m.event["content"].get("avatar_url")}
        for m in room.members(call.world.position, "join")
    }}  # fmt: skip


@ROUTES.on("GET", "/rooms/{room}/event/{event}")
def get_event(call: Call) -> JSON:
    room, upto = call.readable_room()
    stored = room.find(call.path["event"])
    if stored is None or not room.visible(stored, call.user, upto):
        raise Refused(404, "M_NOT_FOUND")
    return room.shown(stored, upto, call.device.key) | {"room_id": room.room_id}


@ROUTES.on("GET", "/rooms/{room}/context/{event}")
def context(call: Call) -> JSON:
    """Nothing but the event itself is around it: the limit must be 0, and members lazy."""
    room, upto = call.readable_room()
    stored = room.find(call.path["event"])
    if stored is None or not room.visible(stored, call.user, upto):
        raise Refused(404, "M_NOT_FOUND")
    if call.query["limit"] != "0" or not json.loads(call.query["filter"])["lazy_load_members"]:
        raise Refused(400, "M_INVALID_PARAM")
    state = [s for (kind, key), s in room.state_at(stored.position).items()
             if kind != "m.room.member" or key == stored.sender]  # fmt: skip
    return {"event": room.shown(stored, upto), "state": [room.shown(s, upto) for s in state]}


@ROUTES.on("GET", "/rooms/{room}/messages")
def messages(call: Call) -> JSON:
    """``from`` is a position: backwards gives events at or before it, forwards later ones.
    At ``to`` it ends."""
    room, upto = call.readable_room()
    backwards = call.query.get("dir", "b") == "b"
    start = _position(call.query["from"]) if "from" in call.query else (upto if backwards else 0)
    limit = int(call.query.get("limit", PAGE))
    events = [s for s in room.timeline if s.position <= upto and room.visible(s, call.user, upto)]
    if backwards:
        found = [s for s in reversed(events) if s.position <= start]
    else:
        found = [s for s in events if s.position > start]
    if "to" in call.query:
        stop = _position(call.query["to"])
        found = [s for s in found if (s.position > stop if backwards else s.position <= stop)]
    page = found[:limit]
    answer: JSON = {"start": f"t{start}",
                    "chunk": [room.shown(s, upto, call.device.key) for s in page]}  # fmt: skip
    if page and json.loads(call.query.get("filter", "{}")).get("lazy_load_members"):
        newest = max(stored.position for stored in page)
        members = [
            room.entry_at(newest, ("m.room.member", who)) for who in {s.sender for s in page}
        ]
        answer["state"] = [room.shown(member, upto) for member in members if member]
    if len(found) > limit:
        answer["end"] = f"t{page[-1].position - (1 if backwards else 0)}"
    return answer


def _position(token: str) -> int:
    if token[:1] not in ("s", "t") or not token[1:].isdecimal():
        raise Refused(400, "M_INVALID_PARAM", "bad token")
    return int(token[1:])
