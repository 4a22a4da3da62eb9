"""Every benchmark in one run -> a table, also in benchmarks/results.md. May not judge a time.

Run: python benchmarks/run.py [--shots-slow 200]. It takes minutes: the peers fire one by one.
With --only upstream that section alone is measured, and takes its place in the page.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from behind import behind
from measure import Measured, measure, serving
from peers import write_schemathesis, write_tavern

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KEY = "sk-builtin-0123456789abcdef"
BUILTIN = [sys.executable, "-m", "harness.testbed.gateway"]
IN_FLIGHT, PAUSE = 32, 0.5
Row = tuple[str, ...]
Section = tuple[str, Row, list[Row]]
COMPARED = ("what", "measured", "a shot", "times the harness, a shot")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shots-slow", type=int, default=200, help="shots at the slow target")
    options.add_argument("--only", choices=["upstream"], help="measure this section alone")
    asked = options.parse_args()
    os.chdir(ROOT)
    if asked.only:
        text = replaced((HERE / "results.md").read_text("utf-8"), behind(harness))
    else:
        peers = peers_python()
        sections = [fast(peers), slow(peers, asked.shots_slow), footprint(), behind(harness)]
        text = "\n".join(page(sections))
    (HERE / "results.md").write_text(text, "utf-8")
    print(text)


def peers_python() -> Path:
    """The interpreter of the peers' own environment, made when these pins have none yet."""
    folder, wanted = HERE / ".venv", (HERE / "requirements.txt").read_text("utf-8")
    finished = folder / "finished"
    if not finished.is_file() or finished.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        pip: list[str | Path] = [
            folder / "bin/pip",
            "install",
            "-qq",
            "-r",
            HERE / "requirements.txt",
            "httpx",
        ]
        subprocess.run(pip, check=True)
        finished.write_text(wanted, "utf-8")
    return folder / "bin/python"


def harness(folder: Path, *arguments: str, **env: str) -> tuple[Measured, dict[str, Any]]:
    """One whole `harness run`, reports included, and the report.json that it left."""
    command = [sys.executable, "-m", "harness", "run", "--out", str(folder), *arguments]
    done = measure(command, folder, {"PYTHONPATH": str(ROOT), **env})
    report = folder / "report.json"
    assert report.is_file(), done.output
    return done, json.loads(report.read_text("utf-8"))


def exchanges(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "transcript.jsonl").read_text("utf-8").splitlines()
    return [item["exchange"] for item in map(json.loads, lines) if "exchange" in item]


def plain_posts(folder: Path) -> Iterator[dict[str, Any]]:
    """What the harness fired and a status-and-schema tool can fire too: plain JSON, a key."""
    for sent in exchanges(folder):
        try:
            body = json.loads(sent["request_body"])
        except ValueError:
            continue
        keyed = any(name.lower() == "authorization" for name, _ in sent["request_headers"])
        plain = isinstance(body, dict) and not body.get("stream")
        if (
            keyed
            and plain
            and sent["url"].endswith("/chat/completions")
            and sent["status"] in (200, 400)
        ):
            yield {"status": sent["status"], "body": body}


def peer_rows(python: Path, base: str, work: list[dict[str, Any]], ours: float) -> list[Row]:
    """The same work by the bare loop and by the peers; `ours`: the harness's seconds for a shot."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work.json").write_text(json.dumps(work), "utf-8")
        bare = [str(HERE / "bare.py"), base, KEY, str(folder / "work.json")]
        for label, arguments in (
            (f"bare httpx loop, {IN_FLIGHT} in flight", [*bare, str(IN_FLIGHT)]),
            ("bare httpx loop, one by one", [*bare, "1"]),
            ("schemathesis", write_schemathesis(folder, base, KEY, work)),
            ("tavern", write_tavern(folder, base, KEY, work)),
        ):
            done = measure([python, *arguments], folder)
            assert done.status == 0, done.output
            each = done.seconds / len(work)
            rows.append(row(label, len(work), done.seconds, f"{each / ours:.2f}"))
    return rows


def row(what: str, shots: int, seconds: float, ratio: str) -> Row:
    each = 1000 * seconds / shots
    return what, f"{shots} shots in {seconds:.2f} s", f"{each:.2f} ms", ratio


def fast(python: Path) -> Section:
    with tempfile.TemporaryDirectory() as name:
        done, report = harness(Path(name), "--pack", "openai-compat")
        shots, work = report["requests"], list(plain_posts(Path(name)))
    each = done.seconds / shots
    rows = [row("harness run, everything", shots, done.seconds, "1")]
    with serving(BUILTIN) as address:
        rows += peer_rows(python, f"{address}/v1", work, each)
    title = "The builtin gateway: the whole pack and all six reports; the peers its plain requests"
    return title, COMPARED, rows


def slow(python: Path, shots: int) -> Section:
    ideal = math.ceil(shots / IN_FLIGHT) * PAUSE
    work = [{"status": 200, "body": body(number)} for number in range(shots)]
    with (
        serving([sys.executable, HERE / "slow.py", str(PAUSE)]) as address,
        tempfile.TemporaryDirectory() as name,
    ):
        pack, out = Path(name) / "pack", Path(name) / "out"
        out.mkdir()
        write_pack(pack, shots)
        arguments = ("--pack", str(pack), "--model", "slow-1", "--api-key-env", "BENCH_KEY")
        done, _ = harness(out, f"{address}/v1", *arguments, BENCH_KEY=KEY)
        sent = [one for one in exchanges(out) if one["request_body"].find('"seed"') > 0]
        assert len(sent) == shots, f"{len(sent)} shots instead of {shots}"
        span = max(s["started"] + s["seconds"] for s in sent) - min(s["started"] for s in sent)
        rows = [
            row("ideal", shots, ideal, f"{ideal / done.seconds:.2f}"),
            row("harness, first shot to last answer", shots, span, f"{span / done.seconds:.2f}"),
            row("harness run, everything", shots, done.seconds, "1"),
            *peer_rows(python, f"{address}/v1", work, done.seconds / shots),
        ]
    title = (
        f"A target that answers after {PAUSE * 1000:.0f} ms, {IN_FLIGHT} in flight:"
        f" from first shot to last answer {span / ideal:.3f} x the ideal"
    )
    return title, COMPARED, rows


def body(number: int) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Reply with the single word: ready"}]
    return {"model": "slow-1", "messages": messages, "seed": number}


def write_pack(folder: Path, shots: int) -> None:
    """A pack of as many cases as shots, each with one request and a schema for its answer."""
    folder.mkdir()
    pack = {
        "id": "bench",
        "version": "1.0.0",
        "title": "One case, one shot",
        "protocol": "openai",
        "sources": {"bench": {"title": "this benchmark", "url": "https://example.invalid"}},
        "base": {"model": "$model", "messages": ["$base.user"]},
        "modes": {"plain": {}},
        "define": {"base": {"user": body(0)["messages"][0]}},
        "panel": {"plain": {}},
        "features": {"core": "core"},
    }
    place = {"path": "seed", "location": "request body", "declared": "supported"}
    rows = [{"id": "seed", **place, "status": "supported", "source": ["bench"]}]
    case = {"row": "seed", "behaviour": "supported", "modes": ["plain"], "why": "it is answered"}
    cases = [{"id": f"seed.{n}", **case, "source": "bench", "values": [n]} for n in range(shots)]
    for name, data in (
        ("pack", pack),
        ("rows", {"rows": rows}),
        ("cases", {"pack": "bench", "cases": cases}),
    ):
        # JSON is YAML too.
        (folder / f"{name}.yaml").write_text(json.dumps(data, indent=1), "utf-8")


def footprint() -> Section:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {"PYTHONPATH": str(ROOT)}
        told = [
            measure([sys.executable, "-m", "harness", "--help"], folder, env) for _ in range(11)
        ]
        done, report = harness(folder, "--pack", "openai-compat")
    middle = statistics.median(one.seconds for one in told)
    goals = f"{middle / 0.3:.2f} of 300 ms", f"{done.megabytes / 200:.2f} of 200 MB"
    run = f"peak memory of a run of {len(report['cases'])} cases, {report['requests']} shots"
    rows: list[Row] = [
        ("harness --help, median of 11", f"{middle * 1000:.0f} ms", goals[0]),
        (run, f"{done.megabytes:.0f} MB", goals[1]),
    ]
    return "Footprint", ("what", "measured", "of the goal"), rows


def page(sections: list[Section]) -> Iterator[str]:
    yield "# Benchmarks\n"
    yield "Made by `python benchmarks/run.py`: whole commands, from start to exit, in one run.\n"
    yield f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}."
    for section in sections:
        yield from lines(section)
    yield ""


def lines(section: Section) -> Iterator[str]:
    title, header, rows = section
    yield f"\n## {title}\n"
    yield from (f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))


def replaced(text: str, section: Section) -> str:
    """The page with this section at its end, and no other one that begins like it."""
    first, *parts = text.rstrip("\n").split("\n\n## ")
    name = section[0].partition(":")[0]
    kept = [part for part in parts if part.partition(":")[0] != name]
    return "\n\n## ".join([first, *kept]) + "\n" + "\n".join(lines(section)) + "\n"


if __name__ == "__main__":
    main()
