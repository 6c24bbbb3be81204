"""The progress bar of commands that may take longer than a second.

On stderr, so that what a command prints can be piped.
"""

from rich.console import Console
from rich.progress import Progress


def progress() -> Progress:
    """A bar, which shows nothing where there is no terminal, and is gone when it ends."""
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
