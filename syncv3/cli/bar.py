"""The progress bar of commands that may take longer than a second."""

from rich.console import Console
from rich.progress import Progress


def progress() -> Progress:
    """A bar on stderr, which shows nothing where there is no terminal."""
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
