"""Common parts of the Python drivers: reads jobs from standard input and writes replies.

Jobs and replies are JSON lines. A driver runs with the packages of its SDK only, so neither it nor
this module imports the harness.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Job = dict[str, Any]
FOLDER = Path(__file__).resolve().parent


class ScenarioNotReached(Exception):
    """The situation that the script tests did not occur, which is not a failure."""


def serve(scripts: Mapping[str, object]) -> None:
    """Runs jobs until standard input ends; an object has a method for each script of a protocol."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # an SDK that prints must not write between the replies
    for line in sys.stdin:
        job = json.loads(line)
        json.dump(run_job(scripts[job["protocol"]], job), out, default=str)
        out.write("\n")
        out.flush()


def run_job(scripts: object, job: Job) -> Job:
    try:
        return {"ok": True, "result": getattr(scripts, job["script"].replace("-", "_"))(job)}
    except ScenarioNotReached as error:
        return {"ok": False, "environment": str(error)}
    except Exception as error:
        return {"ok": False, "error": describe_error(error)}


def describe_error(error: Exception) -> Job:
    """Returns what a caller who catches the error can read from it."""
    bases = [base.__name__ for base in type(error).__mro__[1:-2]]
    description: Job = {"class": type(error).__name__, "bases": bases, "message": str(error)[:2000]}
    if getattr(error, "status_code", None) is None:
        description["at"] = error_location(error)
    for name, key in (*((n, n) for n in ("type", "request_id", "body")), ("status_code", "status")):
        value = getattr(error, name, None)
        if value is not None:
            description[key] = value
    return description


def error_location(error: Exception) -> str:
    """Returns where it was raised: errors inside an SDK often have no message."""
    frames = traceback.extract_tb(error.__traceback__)
    return ", ".join(f"{Path(at.filename).name} {at.name}: {at.line}" for at in frames[-1:])


def fill_snippet(code: str, job: Job) -> str:
    """Replaces the quoted values that a reader of the document would replace."""
    for pattern, value in (
        (r"https://ai\.megallm\.io", job["base_url"]),
        (r"https://api\.anthropic\.com/v1", job["base_url"]),
        (r"your-api-key|ANTHROPIC_API_KEY", job["api_key"]),
        (r"claude-[\w.-]+", job["model"]),
    ):
        literal = json.dumps(value)[:-1].replace("\\", r"\\")
        code = re.sub(rf'"(?:{pattern})(/?)"', rf'{literal}\1"', code)
    return code


def code_blocks(name: str) -> list[str]:
    """Returns the fenced code blocks of `FILE/HEADING`, a section of a file in `snippets`."""
    file, _, heading = name.partition("/")
    text = (FOLDER / "snippets" / f"{file}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    section = dict(zip(parts[1::2], parts[2::2], strict=True))[heading]
    blocks = re.finditer(r"^(`{3,})\w+\n(.*?)^\1$", section, re.DOTALL | re.MULTILINE)
    return [block[2] for block in blocks]
