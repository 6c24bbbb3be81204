"""The typing extension."""

from syncv3.extension import Extension


class Typing(Extension):
    """See the module."""

    name = "typing"
