"""Every command and configuration in the pages is one: shells, parsers and programs can read it."""

import ast
import configparser
import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import pytest
import yaml
from typer.main import get_command

from syncv3.cli.main import app
from tests.test_docs import PAGES, ROOT, TESTS

FENCE = re.compile(r"(?ms)^( *)```(\w*)\n(.*?)^\1```$")
TARGETS = set(re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text()))


class Block(NamedTuple):
    """One fenced block of a page."""

    page: str
    language: str
    text: str


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for indent, language, text in FENCE.findall(page.read_text()):
            lines = (line.removeprefix(indent) for line in text.splitlines())
            yield Block(str(page.relative_to(ROOT)), language, "\n".join(lines) + "\n")


BLOCKS = list(blocks())
SHELL = [block for block in BLOCKS if block.language == "sh"]


def commands() -> Iterator[tuple[str, str]]:
    """Commands in blocks and in running text, with the page that they are on."""
    for block in SHELL:
        yield from ((block.page, line) for line in block.text.splitlines())
    for page in PAGES:
        text = FENCE.sub("", page.read_text())
        found = re.findall(r"`((?:\w+=\S+ )*(?:syncv3|make) [^`\n]+)`", text)
        yield from ((str(page.relative_to(ROOT)), each) for each in found)


def test_there_are_blocks_of_all_these_kinds() -> None:
    assert {"sh", "json", "yaml", "ini", "nginx", "caddyfile"} <= {b.language for b in BLOCKS}


def test_the_shell_can_read_every_command() -> None:
    for block in SHELL:
        text = re.sub(r"<[\w ]+>", "SOMETHING", block.text)
        read = subprocess.run(
            ["bash", "-n"], input=text.encode(), capture_output=True, check=False, timeout=10
        )
        assert read.returncode == 0, f"{block.page}: {read.stderr.decode()}\n{block.text}"


def test_our_commands_have_these_words_and_options() -> None:
    known = get_command(app)
    for page, line in commands():
        if line.lstrip().startswith("helm "):
            continue  # it calls what it installs like that
        for words in re.findall(r"(?<![\w./=-])(?:\.venv/bin/)?syncv3 ((?:[\w-]+ ?)+)", line):
            _check_words(known, words.split(), f"{page}: {line}")


def _check_words(known: Any, words: list[str], where: str) -> None:
    """Each word names a command of the one before, until one that has none below it."""
    for word in words:
        if not hasattr(known, "get_command"):
            options = {o for p in known.params for o in p.opts} | {"--help"}
            assert {w for w in words if w.startswith("--")} <= options, where
            return
        if word.startswith("-"):
            return
        known = known.get_command(None, word)
        assert known is not None, where


def test_targets_of_make_exist() -> None:
    for page, line in commands():
        for target in re.findall(r"(?:^|[ `])make ([a-z][\w-]*)", line):
            assert target in TARGETS, f"{page}: {line}"


READERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "yaml": yaml.safe_load,
    "toml": tomllib.loads,
    "python": ast.parse,
    "ini": lambda text: configparser.ConfigParser(strict=False).read_string(
        text if text.lstrip().startswith("[") else f"[part]\n{text}"
    ),
}


@pytest.mark.parametrize("language", READERS)
def test_what_has_a_language_is_of_it(language: str) -> None:
    for block in (block for block in BLOCKS if block.language == language):
        try:
            READERS[language](block.text)
        except (ValueError, SyntaxError, yaml.YAMLError, configparser.Error) as error:
            raise AssertionError(f"{block.page}: {error}\n{block.text}") from error


def test_paths_that_are_asked_exist() -> None:
    """Of our own service, in commands with ``curl`` and ``go tool pprof``."""
    openapi = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())["paths"]
    profiles = re.findall(
        r"`(/debug/pprof/\w+)", (ROOT / "docs/monitoring/profiling.md").read_text()
    )
    known = {*openapi, *profiles, "/metrics", "/.well-known/matrix/client"}
    asked = chain.from_iterable(
        re.findall(r"https?://(?:127\.0\.0\.1|sync\.example\.org)(?::\d+)?(/[^'\"?\s]*)", line)
        for _, line in commands()
    )
    assert {path for path in asked if path not in known} == set()


def test_the_examples_of_how_to_write_a_test_are_tests() -> None:
    """Each stands in the file that the line before it names, and is run there."""
    page = TESTS.read_text()
    examples = re.findall(r"(?s)`(tests/[\w/]+\.py)`:\n\n```python\n(.*?)```", page)
    assert len(examples) == page.count("```python")
    for name, example in examples:
        assert example in (ROOT / name).read_text(), f"{name} has another:\n{example}"
