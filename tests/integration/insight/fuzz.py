"""All endpoints, asked for what ``docs/openapi.yaml`` allows and for what it does not.

``make fuzz CASES=500`` asks more. Whatever is asked, the answer is one that the file names: no
500, and a refusal is a Matrix error.
"""

import asyncio
import os
import sys
from pathlib import Path

import yaml

OPENAPI = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
CASES = int(os.environ.get("FUZZ_CASES", "10"))
THOROUGH = "FUZZ_CASES" in os.environ
SEED = os.environ.get("FUZZ_SEED", "1")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


def described() -> dict[str, dict[str, object]]:
    paths: dict[str, dict[str, object]] = yaml.safe_load(OPENAPI.read_text())["paths"]
    return paths


async def fuzzed(url: str, token: str, folder: Path) -> tuple[int, str]:
    """The fuzzer's exit status, and what it says."""
    phases = "examples,coverage,fuzzing" if THOROUGH else "fuzzing"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run", str(OPENAPI),
        f"--url={url}", f"--header=Authorization: Bearer {token}", f"--checks={','.join(CHECKS)}",
        f"--phases={phases}", f"--max-examples={CASES}", f"--seed={SEED}", "--mode=all",
        "--continue-on-failure", "--workers=1", "--request-timeout=30", "--warnings=off",
        "--suppress-health-check=all", "--no-shrink",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
