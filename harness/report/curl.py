"""A request as it was sent -> one curl line that repeats it. May not know any key."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

# What curl writes by itself, or what would hinder it from showing the answer.
OWN = {"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"}
KEY = re.compile(r"\[key:([a-z-]+)\]")
NAMES = {"caller": "API_KEY"}
INSIDE = re.compile(r'([\\"$`])')
LONGEST = 16_000


def curl(method: str, url: str, headers: Iterable[tuple[str, str]], body: str) -> str:
    """Blacked-out keys become shell variables; bodies too long for a line are named, not cut."""
    words = ["curl -sS -i -N"]
    if method != ("POST" if body else "GET"):
        words.append(f"-X {shlex.quote(method)}")
    words.append(quoted(url))
    sent = [(name, value) for name, value in headers if name.lower() not in OWN]
    words += [f"-H {quoted(header(name, value))}" for name, value in sent]
    if body and not any(name.lower() == "content-type" for name, _ in sent):
        words.append("-H 'content-type:'")
    if len(body) > LONGEST:
        words.append("--data-binary @body.json")
    elif body:
        words.append(f"--data-raw {quoted(body)}")
    return " \\\n  ".join(words)


def header(name: str, value: str) -> str:
    """curl leaves a header without a value out, unless it ends in a semicolon."""
    return f"{name}: {value}" if value else f"{name};"


def quoted(text: str) -> str:
    """One word for a POSIX shell; only the keys are left for the shell to fill in."""
    parts = KEY.split(text)
    if len(parts) == 1:
        return single(text)
    if "!" not in text:
        plain = [INSIDE.sub(r"\\\1", part) for part in parts[::2]]
        names = [f"${variable(name)}" for name in parts[1::2]]
        return f'"{"".join(a + b for a, b in zip(plain, [*names, ""], strict=True))}"'
    pieces = [
        f'"${variable(part)}"' if index % 2 else single(part)
        for index, part in enumerate(parts)
        if part
    ]
    return "".join(pieces)


def single(text: str) -> str:
    """shlex.quote, with the shorter way to write a quote within quotes."""
    return shlex.quote(text).replace("'\"'\"'", r"'\''")


def variable(name: str) -> str:
    return NAMES.get(name, f"{name.upper().replace('-', '_')}_KEY")
