"""`harness run --nonce`: a word of the verifier's, with every request. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import click

from harness.fire.request import NONCE

FORM: Final = re.compile(r"[A-Za-z0-9._~-]{8,128}")


def checked(context: click.Context, option: click.Parameter, nonce: str | None) -> str | None:
    """What looks like a key would be blacked out, and never found again."""
    from harness.fire.redaction.secrets import is_secret

    if nonce is not None and not FORM.fullmatch(nonce):
        raise click.BadParameter("8 to 128 letters, digits, dots, dashes, `_` or `~`")
    if nonce is not None and is_secret(NONCE, nonce):
        raise click.BadParameter("that looks like a key; choose another word")
    return nonce


def nonced(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with this option, which is a header to all else."""

    @click.option(
        "--nonce",
        metavar="N",
        callback=checked,
        help=f"A verifier's word for this run, sent as {NONCE}.",
    )
    @wraps(command)
    def told(*words: Any, nonce: str | None, headers: tuple[str, ...], **given: Any) -> Any:
        more = (f"{NONCE}: {nonce}",) if nonce else ()
        return command(*words, headers=(*headers, *more), **given)

    return told
