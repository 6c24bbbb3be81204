"""Reads ``profile.proto`` with protobuf's own library: what was written by hand must be it."""

import gzip
from functools import cache
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

NUMBER: Final = Field.TYPE_INT64
MESSAGES: Final[dict[str, list[tuple[str, int, str]]]] = {
    "ValueType": [("type", 1, ""), ("unit", 2, "")],
    "Sample": [("location_id", 1, "*"), ("value", 2, "*")],
    "Line": [("function_id", 1, ""), ("line", 2, "")],
    "Location": [("id", 1, ""), ("line", 4, "*Line")],
    "Function": [
        ("id", 1, ""), ("name", 2, ""), ("system_name", 3, ""), ("filename", 4, ""),
        ("start_line", 5, ""),
    ],
    "Profile": [
        ("sample_type", 1, "*ValueType"), ("sample", 2, "*Sample"), ("location", 4, "*Location"),
        ("function", 5, "*Function"), ("string_table", 6, "*string"), ("time_nanos", 9, ""),
        ("duration_nanos", 10, ""), ("period_type", 11, "ValueType"), ("period", 12, ""),
        ("default_sample_type", 14, ""),
    ],
}  # fmt: skip
"""Messages and their fields: name, number, ``*`` if there may be several, and the type."""


class Read(NamedTuple):
    units: list[tuple[str, str]]
    stacks: dict[tuple[str, ...], list[int]]  # functions, the innermost first
    lines: set[tuple[str, int]]
    default: str
    period: int


def read(packed: bytes) -> Read:
    profile: Any = _profile_class().FromString(gzip.decompress(packed))
    text = list(profile.string_table)
    assert text[0] == ""
    functions = {each.id: each for each in profile.function}
    places = {each.id: functions[each.line[0].function_id] for each in profile.location}
    return Read(
        [(text[each.type], text[each.unit]) for each in profile.sample_type],
        {
            tuple(text[places[n].name] for n in sample.location_id): list(sample.value)
            for sample in profile.sample
        },
        {(text[places[each.id].filename], each.line[0].line) for each in profile.location},
        text[profile.default_sample_type],
        profile.period,
    )


@cache
def _profile_class() -> Any:
    file = FileDescriptorProto(name="profile.proto", package="pprof", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            _add(message, field, number, kind)
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("pprof.Profile"))


def _add(message: Any, name: str, number: int, kind: str) -> None:
    label = Field.LABEL_REPEATED if kind.startswith("*") else Field.LABEL_OPTIONAL
    of = kind.lstrip("*")
    if of == "string":
        message.field.add(name=name, number=number, label=label, type=Field.TYPE_STRING)
    elif of:
        message.field.add(
            name=name, number=number, label=label, type=Field.TYPE_MESSAGE, type_name=f".pprof.{of}"
        )
    else:
        message.field.add(name=name, number=number, label=label, type=NUMBER)
