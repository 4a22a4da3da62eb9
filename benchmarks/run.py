"""Runs the benchmarks, prints the results and replaces their sections of benchmarks/results.md.

Run: python benchmarks/run.py [--only SECTION ...]. All sections take less than ten minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from measure import Measured, measure, serving
from memory import memory_section
from peers import write_schemathesis, write_tavern
from upstream_capacity import upstream_section

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
KEY = "sk-builtin-0123456789abcdef"
BUILTIN = [sys.executable, "-m", "harness.testbed.gateway"]
IN_FLIGHT, PAUSE = 32, 0.5
SLOW_SHOTS, SERIAL_SHOTS = 200, 40
TRIES = 3
ONE_CASE = "openai-compat/temperature.wrong-type"
Work = list[dict[str, Any]]
Row = tuple[str, ...]
Section = tuple[str, Row, list[Row]]
COMPARISON = ("subject", "measured", "per shot", "per shot, relative to the harness")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="the sections to measure")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    results = FOLDER / "results.md"
    for name in arguments.only or SECTIONS:
        section = SECTIONS[name]()
        text = replace_section(results.read_text("utf-8"), section)
        results.write_text(re.sub(r"^\d+ cores, .*", machine(), text, flags=re.MULTILINE), "utf-8")
        print("\n".join(section_lines(section)), flush=True)


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}."


def peers_python() -> Path:
    """Return the interpreter of the peers' environment. Create it if the pins are new."""
    folder, pins = FOLDER / ".venv", (FOLDER / "requirements.txt").read_text("utf-8")
    finished = folder / "finished"
    if not finished.is_file() or finished.read_text("utf-8") != pins:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        pip: list[str | Path] = [
            folder / "bin/pip",
            "install",
            "-qq",
            "-r",
            FOLDER / "requirements.txt",
            "httpx",
        ]
        subprocess.run(pip, check=True)
        finished.write_text(pins, "utf-8")
    return folder / "bin/python"


def harness(folder: Path, *arguments: str, **env: str) -> tuple[Measured, dict[str, Any]]:
    """Run `harness run`, including the reports. Returns the measurement and report.json."""
    command = [sys.executable, "-m", "harness", "run", "--out", str(folder), *arguments]
    measured = measure(command, folder, {"PYTHONPATH": str(ROOT), **env})
    report = folder / "report.json"
    assert report.is_file(), measured.output
    return measured, json.loads(report.read_text("utf-8"))


def exchanges(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "transcript.jsonl").read_text("utf-8").splitlines()
    return [item["exchange"] for item in map(json.loads, lines) if "exchange" in item]


def plain_posts(folder: Path) -> Iterator[dict[str, Any]]:
    """The requests of a run that the peers can send as well: JSON with a key, not streamed."""
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


def peer_rows(
    python: Path, base: str, works: list[tuple[Work, int]], seconds_per_shot: float
) -> list[Row]:
    """Measure the loops and the peers: of each, what it sends, and how often to find the best time.

    `seconds_per_shot` is that of the harness.
    """
    rows = []
    for (label, arguments), (work, tries) in zip(PEERS.items(), works, strict=True):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            words = arguments(folder, base, KEY, work)
            runs = [measure([python, *words], folder) for _ in range(tries)]
        assert not any(run.status for run in runs), runs[0].output
        seconds = min(run.seconds for run in runs)
        ratio = seconds / len(work) / seconds_per_shot
        rows.append(row(label, len(work), seconds, f"{ratio:.2f}"))
    return rows


def write_loop(in_flight: int, folder: Path, base: str, key: str, work: Work) -> list[str]:
    (folder / "work.json").write_text(json.dumps(work), "utf-8")
    words = [str(FOLDER / "httpx_loop.py"), base, key, str(folder / "work.json")]
    return [*words, str(in_flight)]


PEERS: dict[str, Callable[[Path, str, str, Work], list[str]]] = {
    f"httpx loop, {IN_FLIGHT} in flight": partial(write_loop, IN_FLIGHT),
    "httpx loop, serial": partial(write_loop, 1),
    "schemathesis": write_schemathesis,
    "tavern": write_tavern,
}


def row(subject: str, shots: int, seconds: float, ratio: str) -> Row:
    milliseconds = 1000 * seconds / shots
    return subject, f"{shots} shots in {seconds:.2f} s", f"{milliseconds:.2f} ms", ratio


def reference_gateway_section() -> Section:
    python, all_seconds = peers_python(), list[float]()
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as name:
            measured, report = harness(Path(name), "--pack", "openai-compat")
            shots, work = report["requests"], list(plain_posts(Path(name)))
        all_seconds.append(measured.seconds)
    seconds = min(all_seconds)
    rows = [row("harness run, complete", shots, seconds, "1")]
    with serving(BUILTIN) as address:
        rows += peer_rows(python, f"{address}/compat/v1", [(work, TRIES)] * 4, seconds / shots)
    title = (
        f"Reference gateway: one pack with all reports; peers send its unstreamed requests;"
        f" the best of {TRIES}"
    )
    return title, COMPARISON, rows


def slow_server_section() -> Section:
    python, shots = peers_python(), SLOW_SHOTS
    ideal = math.ceil(shots / IN_FLIGHT) * PAUSE
    work = [{"status": 200, "body": body(number)} for number in range(shots)]
    with (
        serving([sys.executable, FOLDER / "slow_server.py", str(PAUSE)]) as address,
        tempfile.TemporaryDirectory() as name,
    ):
        pack, out = Path(name) / "pack", Path(name) / "out"
        out.mkdir()
        write_pack(pack, shots)
        arguments = (
            *("--pack", str(pack), "--model", "slow-1", "--api-key-env", "BENCH_KEY"),
            *("--concurrency", str(IN_FLIGHT)),
        )
        measured, _ = harness(out, f"{address}/v1", *arguments, BENCH_KEY=KEY)
        sent = [item for item in exchanges(out) if '"seed"' in item["request_body"]]
        assert len(sent) == shots, f"{len(sent)} shots instead of {shots}"
        span = max(s["started"] + s["seconds"] for s in sent) - min(s["started"] for s in sent)
        total = measured.seconds
        serial = [(work, 1), *[(work[:SERIAL_SHOTS], 1)] * 3]
        rows = [
            row("ideal", shots, ideal, f"{ideal / total:.2f}"),
            row(
                "ideal, after a first call alone",
                shots,
                ideal + PAUSE,
                f"{(ideal + PAUSE) / total:.2f}",
            ),
            row("harness, first shot to last answer", shots, span, f"{span / total:.2f}"),
            row("harness run, complete", shots, total, "1"),
            *peer_rows(python, f"{address}/v1", serial, total / shots),
        ]
    title = (
        f"A target that answers after {PAUSE * 1000:.0f} ms: {span / ideal:.3f} times the ideal"
        f" from first shot to last answer, {total / ideal:.3f} times (after a first call"
        f" {total / (ideal + PAUSE):.3f} times) from the start of the command to its exit"
    )
    return title, COMPARISON, rows


def body(number: int) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Reply with the single word: ready"}]
    return {"model": "slow-1", "messages": messages, "seed": number}


def write_pack(folder: Path, shots: int) -> None:
    """Write a pack with one case per shot, each with one request and a schema for its answer."""
    folder.mkdir()
    pack = {
        "id": "bench",
        "version": "1.0.0",
        "title": "One case, one shot",
        "protocol": "openai",
        "sources": {"bench": {"title": "this benchmark", "url": "https://example.invalid"}},
        "body": {"model": "$model", "messages": ["$base.user"]},
        "modes": {"plain": {}},
        "define": {"base": {"user": body(0)["messages"][0]}},
        "answers": {"plain": {}},
        "features": {"core": "core"},
    }
    place = {"path": "seed", "location": "request", "behaviour": "supported"}
    rows = [{"id": "seed", **place, "documented_as": "supported", "source": ["bench"]}]
    case = {
        "row": "seed",
        "behaviour": "supported",
        "modes": ["plain"],
        "why": "the request is answered",
    }
    cases = [{"id": f"seed.{n}", **case, "source": "bench", "values": [n]} for n in range(shots)]
    for name, data in (
        ("pack", pack),
        ("rows", {"rows": rows}),
        ("cases", {"pack": "bench", "cases": cases}),
    ):
        # JSON is YAML too.
        (folder / f"{name}.yaml").write_text(json.dumps(data, indent=1), "utf-8")


def start_section() -> Section:
    env = {"PYTHONPATH": str(ROOT)}
    rows: list[Row] = []
    for words, goal in ((("--help",), 0.15), (("run", "--case", ONE_CASE), 1.0)):
        with tempfile.TemporaryDirectory() as name:
            command = [sys.executable, "-m", "harness", *words]
            runs = [measure(command, Path(name), env) for _ in range(9)]
        assert not any(run.status for run in runs), runs[0].output
        seconds = statistics.median(run.seconds for run in runs)
        cpu = statistics.median(run.cpu for run in runs)
        share = f"{seconds / goal:.2f} of {goal * 1000:.0f} ms"
        subject = " ".join(("harness", *words))
        rows.append((subject, f"{seconds * 1000:.0f} ms", f"{cpu * 1000:.0f} ms", share))
    return "Start: medians of 9", ("subject", "measured", "CPU", "relative to the limit"), rows


def section_lines(section: Section) -> Iterator[str]:
    title, header, rows = section
    yield f"\n## {title}\n"
    yield from (f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))


def replace_section(text: str, section: Section) -> str:
    """Return the page with the new section in the place of the one with its name, or at the end."""
    first, *parts = text.rstrip("\n").split("\n\n## ")
    new = "\n".join(section_lines(section)).removeprefix("\n## ")
    names = [part.partition("\n")[0].partition(":")[0] for part in parts]
    name = section[0].partition(":")[0]
    place = names.index(name) if name in names else len(parts)
    return "\n\n## ".join([first, *parts[:place], new, *parts[place + 1 :]]) + "\n"


SECTIONS: dict[str, Callable[[], Section]] = {
    "peers": reference_gateway_section,
    "slow": slow_server_section,
    "start": start_section,
    "memory": lambda: memory_section(harness),
    "upstream": lambda: upstream_section(harness),
}

if __name__ == "__main__":
    main()
