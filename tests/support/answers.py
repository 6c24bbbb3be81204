"""Reading the answers of an HTTP client to their end."""

from contextlib import AbstractAsyncContextManager

from aiohttp import ClientResponse


async def read(asking: AbstractAsyncContextManager[ClientResponse]) -> ClientResponse:
    """The answer of ``http.get(url)``, read to its end, so that its connection is free again."""
    async with asking as response:
        await response.read()
        return response
