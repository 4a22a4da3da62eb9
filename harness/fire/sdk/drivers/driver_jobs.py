"""Jobs on standard input -> replies on standard output, a JSON line each. May not know any SDK.

The drivers beside it import it; they run with the SDK's own packages and nothing of the harness.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Job = dict[str, Any]
Script = Callable[[Job], Any]
MOST = 80  # requests to reach a limit
HERE = Path(__file__).resolve().parent


class Unprovoked(Exception):
    """What the script is about did not come about, and nobody is wrong."""


def serve(scripts: Mapping[str, Script]) -> None:
    """Until standard input ends. What an SDK prints must not get between the replies."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        json.dump(reply(scripts, json.loads(line)), out, default=str)
        out.write("\n")
        out.flush()


def reply(scripts: Mapping[str, Script], job: Job) -> Job:
    try:
        return {"ok": True, "result": scripts[job["script"]](job)}
    except Unprovoked as nothing:
        return {"ok": False, "environment": str(nothing)}
    except Exception as error:
        return {"ok": False, "error": described(error)}


def described(error: Exception) -> Job:
    """What somebody who catches it can tell it by."""
    bases = [base.__name__ for base in type(error).__mro__[1:-2]]
    told: Job = {"class": type(error).__name__, "bases": bases, "message": str(error)[:2000]}
    if getattr(error, "status_code", None) is None:
        told["at"] = place(error)
    for name, key in (*((n, n) for n in ("type", "request_id", "body")), ("status_code", "status")):
        value = getattr(error, name, None)
        if value is not None:
            told[key] = value
    return told


def place(error: Exception) -> str:
    """Where it was raised: what an SDK stumbles over has often no words of its own."""
    frames = traceback.extract_tb(error.__traceback__)
    return ", ".join(f"{Path(at.filename).name} {at.name}: {at.line}" for at in frames[-1:])


def plain(made: Any) -> Any:
    """An SDK's object as data, as the SDK itself tells it."""
    return made.to_dict(mode="json", warnings=False) if hasattr(made, "to_dict") else made


def until_refused(ask: Callable[[], Any]) -> Any:
    """Asks until an answer took a second try; `ask` gives a raw response of the SDK."""
    for asked in range(1, MOST + 1):
        answer = ask()
        if answer.retries_taken:
            return asked, answer
    raise Unprovoked(f"{MOST} requests of the limited key brought no 429")


def models(api: Any, job: Job) -> Job:
    listed = [model.id for model in api.models.list()]
    return {"ids": listed, "one": plain(api.models.retrieve(job["model"]))}


def retry(ask: Callable[[], Any], told: Callable[[Any], Job]) -> Job:
    """Goes on until a request was refused, which the SDK then sends again by itself."""
    asked, answer = until_refused(ask)
    return {**told(answer.parse()), "asked": asked, "retries": answer.retries_taken}


def snippet(job: Job, names: dict[str, Any]) -> Job:
    """Runs code of a document, with our address, key and model in the place of its own."""
    printed = io.StringIO()
    code = "".join(blocks(job["snippet"]))
    with contextlib.redirect_stdout(printed):
        exec(compile(filled(code, job), job["snippet"], "exec"), names)
    made = [names[name] for name in ("message", "response") if hasattr(names.get(name), "to_dict")]
    return {"printed": printed.getvalue(), "last": plain(made[-1]) if made else None}


def filled(code: str, job: Job) -> str:
    """What a document has in quotes for the reader to replace."""
    for pattern, value in (
        (r"https://ai\.megallm\.io", job["base_url"]),
        (r"https://api\.anthropic\.com/v1", job["base_url"]),
        (r"your-api-key|ANTHROPIC_API_KEY", job["api_key"]),
        (r"claude-[\w.-]+", job["model"]),
    ):
        ours = json.dumps(value)[:-1].replace("\\", r"\\")
        code = re.sub(rf'"(?:{pattern})(/?)"', rf'{ours}\1"', code)
    return code


def blocks(name: str) -> list[str]:
    """The fenced blocks under a heading of a document's file."""
    file, _, heading = name.partition("/")
    text = (HERE / "snippets" / f"{file}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    section = dict(zip(parts[1::2], parts[2::2], strict=True))[heading]
    fenced = re.finditer(r"^(`{3,})\w+\n(.*?)^\1$", section, re.DOTALL | re.MULTILINE)
    return [block[2] for block in fenced]
