"""Prints text that has names from files of others."""

from __future__ import annotations

import click

from harness.util.printable import printable


def say(text: str, nl: bool = True) -> None:
    """Print text without control characters, and without commands to a CI system."""
    click.echo(printable(text), nl=nl)
