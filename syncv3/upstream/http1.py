"""Reading one HTTP/1.1 response, without input or output of its own.

``httptools`` finds the pieces; this decides what they mean: interim answers (1xx) are
skipped, a body is unpacked and bounded, and a body without a length ends with the
connection. One ``ResponseReader`` reads one response.

The peer is the homeserver, or whoever stands in its place. So everything has a limit: the head, the
body, and how many times larger a packed body may become. Bytes that follow the answer were not
asked for; they change nothing of it, and the connection is not used again.
"""

import zlib

import httptools

from syncv3.errors import HomeserverError
from syncv3.upstream.body import BodySink

HEAD_LIMIT_BYTES = 64 * 1024  # of status line and headers
_UNPACK_PIECE_BYTES = 256 * 1024  # unpacked at a time
_GZIP = zlib.MAX_WBITS | 16  # zlib's way to say: with a header of gzip
_UNPACK_MOST = 200
"""How many times larger an answer may become: a list of nearly equal events reaches 30."""


class ResponseReader:
    """Feed it bytes until ``done``. Raises ``HomeserverError`` for what is no response.

    ``headers`` has lower-case names; of a repeated one the last counts. ``keep_alive``
    says, once done, whether the connection may carry another request.
    """

    def __init__(self, limit: int) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.sink = BodySink(limit)
        self.done = False
        self.keep_alive = False
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self._in_body = False
        self._unpacker: zlib._Decompress | None = None
        self._packed_bytes = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection."""
        if not self._in_body:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            raise _cause(error) from error
        except httptools.HttpParserError as error:
            if not self.done:
                raise HomeserverError("the answer is not HTTP") from error
            self.keep_alive = False  # rubbish after the answer
        # Also of interim answers, of which there may be any number.
        if not self._in_body and not self.done and self._head_bytes > HEAD_LIMIT_BYTES:
            raise HomeserverError("the answer's head is too large")

    def end_of_stream(self) -> bool:
        """Notes that the connection was closed. True: that was the end of a whole answer."""
        delimited = {"content-length", "transfer-encoding"} & self.headers.keys()
        if self._in_body and not self.done and not delimited:
            self._finish()
        return self.done

    # What follows is called by httptools.

    def on_message_begin(self) -> None:
        """A head begins: of an interim answer, of the answer, or of one that nobody asked for."""
        if self.done:
            self.keep_alive = False  # an answer that nobody asked for
        self.headers = {} if not self.done else self.headers

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.done:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Interim answers are skipped. What cannot be unpacked is refused before its body comes."""
        status = self._parser.get_status_code()
        if self.done or 100 <= status < 200:
            return
        self.status, self._in_body = status, True
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip"):
            self._unpacker = zlib.decompressobj(_GZIP)
        elif encoding not in ("identity", ""):
            raise HomeserverError(f"unknown content encoding {encoding[:40]!r}")

    def on_body(self, piece: bytes) -> None:
        if self.done:
            return
        if self._unpacker is None:
            self.sink.write(piece)
        else:
            self._unpack(self._unpacker, piece)

    def on_message_complete(self) -> None:
        if self._in_body and not self.done:
            self.keep_alive = self._parser.should_keep_alive()
            self._finish()

    def _finish(self) -> None:
        # Packed data has an end of its own: without it the body was cut, though HTTP looks whole.
        if self._unpacker is not None and not self._unpacker.eof and self.sink.size:
            raise HomeserverError("the compressed answer breaks off")
        self.done = True

    def _unpack(self, unpacker: "zlib._Decompress", piece: bytes) -> None:
        """Unpack in bounded pieces, so that a small bomb meets a limit, not the memory."""
        self._packed_bytes += len(piece)
        most = _UNPACK_PIECE_BYTES + self._packed_bytes * _UNPACK_MOST  # of all that came so far
        try:
            while piece and not unpacker.eof:
                self.sink.write(unpacker.decompress(piece, _UNPACK_PIECE_BYTES))
                piece = unpacker.unconsumed_tail
                if self.sink.size > most:
                    raise HomeserverError("the compressed answer becomes far too large")
        except zlib.error as error:
            raise HomeserverError("the compressed answer is damaged") from error


def _cause(error: BaseException) -> HomeserverError:
    """Our own error that a callback has raised; the parser has wrapped it in one of its own."""
    inner = error.__context__ or error.__cause__
    return inner if isinstance(inner, HomeserverError) else HomeserverError(str(error))
