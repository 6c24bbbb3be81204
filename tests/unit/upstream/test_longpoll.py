"""One connection to the homeserver, with a transport that is a script."""

import asyncio

from syncv3.upstream.longpoll import LongPollConnection

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"


class Sent(asyncio.Transport):
    """Notes what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def is_closing(self) -> bool:
        return False


async def test_an_answer_is_dated_by_its_first_byte() -> None:
    """Answers of several polls are ordered by when the homeserver made them."""
    loop = asyncio.get_running_loop()
    connection, transport = LongPollConnection(loop), Sent()
    connection.connection_made(transport)
    asking = asyncio.create_task(connection.request(b"GET", 100, 0))
    while not transport.sent:  # noqa: ASYNC110 (a test)
        await asyncio.sleep(0)
    connection.data_received(HEAD)
    begun = loop.time()
    while loop.time() <= begun:  # noqa: ASYNC110 (a test)
        await asyncio.sleep(0)
    connection.data_received(b"}")
    assert (await asking).first_byte <= begun
