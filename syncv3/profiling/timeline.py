"""Every call of the loop's thread on a line of time, for Perfetto (https://ui.perfetto.dev).

VizTracer notes them: names, files and times, never arguments or results.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from viztracer import VizTracer

CALLS_MOST: Final = 500_000
"""Calls that are kept; the newest, if there are more. Each takes about 100 bytes."""


async def timeline(seconds: float) -> bytes:
    """Notes the calls of the running loop's thread for so many seconds; gives the file, which is
    JSON."""
    with TemporaryDirectory(prefix="syncv3-trace-") as folder:
        path = Path(folder, "trace.json")
        tracer = VizTracer(
            tracer_entries=CALLS_MOST,
            verbose=0,
            ignore_frozen=True,
            log_func_args=False,
            log_func_retval=False,
            file_info=False,
            register_global=False,
            dump_raw=True,
            process_name="syncv3",
            output_file=str(path),
        )
        tracer.start()
        try:
            await asyncio.sleep(seconds)
        finally:
            tracer.stop()
        try:
            await asyncio.to_thread(tracer.save)
            return await asyncio.to_thread(path.read_bytes)
        finally:
            tracer.clear()
            tracer.terminate()
