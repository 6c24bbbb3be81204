"""``syncv3 serve`` as a process: it is the service, and ends as the service does."""

import asyncio
import os
import sys
from pathlib import Path

from tests.integration.cli.running import syncv3
from tests.support.ports import free_port
from tests.support.service import SECRET

COMMAND = Path(sys.executable).with_name("syncv3")


async def test_it_serves_until_it_is_told_to_stop(database_url: str, tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    ours = {"SYNCV3_SERVER": "http://127.0.0.1:1", "SYNCV3_DB": database_url,
            "SYNCV3_SECRET": SECRET, "SYNCV3_BINDADDR": address}  # fmt: skip
    theirs = {k: v for k, v in os.environ.items() if not k.startswith(("SYNCV3_", "SANIC_"))}
    process = await asyncio.create_subprocess_exec(
        COMMAND, "serve", cwd=tmp_path, env=theirs | ours,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(50):
            while (await syncv3("healthcheck", SYNCV3_BINDADDR=address)).status:
                assert process.returncode is None, "it did not start"
                await asyncio.sleep(0.2)  # between two looks
        process.terminate()
        said, _ = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0 and said.startswith(b"Sync v3 [")
