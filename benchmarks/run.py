"""Runs all benchmarks, prints the results and writes them to benchmarks/results.md.

Run: python benchmarks/run.py [--shots-slow 200]. It takes minutes, since the peers send serially.
With --only upstream it measures and replaces that section only.
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

from measure import Measured, measure, serving
from peers import write_schemathesis, write_tavern
from upstream_capacity import upstream_section

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
KEY = "sk-builtin-0123456789abcdef"
BUILTIN = [sys.executable, "-m", "harness.testbed.gateway"]
IN_FLIGHT, PAUSE = 32, 0.5
Row = tuple[str, ...]
Section = tuple[str, Row, list[Row]]
COMPARISON = ("subject", "measured", "per shot", "per shot, relative to the harness")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--shots-slow", type=int, default=200, help="number of shots for the slow target"
    )
    parser.add_argument("--only", choices=["upstream"], help="the only section to measure")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    if arguments.only:
        text = replace_section(
            (FOLDER / "results.md").read_text("utf-8"), upstream_section(harness)
        )
    else:
        peers = peers_python()
        sections = [
            reference_gateway_section(peers),
            slow_server_section(peers, arguments.shots_slow),
            footprint_section(),
            upstream_section(harness),
        ]
        text = "\n".join(page(sections))
    (FOLDER / "results.md").write_text(text, "utf-8")
    print(text)


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
    python: Path, base: str, work: list[dict[str, Any]], seconds_per_shot: float
) -> list[Row]:
    """Measure the loop and the peers. `seconds_per_shot` is that of the harness."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work.json").write_text(json.dumps(work), "utf-8")
        loop = [str(FOLDER / "httpx_loop.py"), base, KEY, str(folder / "work.json")]
        for label, arguments in (
            (f"httpx loop, {IN_FLIGHT} in flight", [*loop, str(IN_FLIGHT)]),
            ("httpx loop, serial", [*loop, "1"]),
            ("schemathesis", write_schemathesis(folder, base, KEY, work)),
            ("tavern", write_tavern(folder, base, KEY, work)),
        ):
            measured = measure([python, *arguments], folder)
            assert measured.status == 0, measured.output
            per_shot = measured.seconds / len(work)
            rows.append(
                row(label, len(work), measured.seconds, f"{per_shot / seconds_per_shot:.2f}")
            )
    return rows


def row(subject: str, shots: int, seconds: float, ratio: str) -> Row:
    milliseconds = 1000 * seconds / shots
    return subject, f"{shots} shots in {seconds:.2f} s", f"{milliseconds:.2f} ms", ratio


def reference_gateway_section(python: Path) -> Section:
    with tempfile.TemporaryDirectory() as name:
        measured, report = harness(Path(name), "--pack", "openai-compat")
        shots, work = report["requests"], list(plain_posts(Path(name)))
    per_shot = measured.seconds / shots
    rows = [row("harness run, complete", shots, measured.seconds, "1")]
    with serving(BUILTIN) as address:
        rows += peer_rows(python, f"{address}/v1", work, per_shot)
    title = "Reference gateway: one pack with all reports; peers send its unstreamed requests"
    return title, COMPARISON, rows


def slow_server_section(python: Path, shots: int) -> Section:
    ideal = math.ceil(shots / IN_FLIGHT) * PAUSE
    work = [{"status": 200, "body": body(number)} for number in range(shots)]
    with (
        serving([sys.executable, FOLDER / "slow_server.py", str(PAUSE)]) as address,
        tempfile.TemporaryDirectory() as name,
    ):
        pack, out = Path(name) / "pack", Path(name) / "out"
        out.mkdir()
        write_pack(pack, shots)
        arguments = ("--pack", str(pack), "--model", "slow-1", "--api-key-env", "BENCH_KEY")
        measured, _ = harness(out, f"{address}/v1", *arguments, BENCH_KEY=KEY)
        sent = [item for item in exchanges(out) if '"seed"' in item["request_body"]]
        assert len(sent) == shots, f"{len(sent)} shots instead of {shots}"
        span = max(s["started"] + s["seconds"] for s in sent) - min(s["started"] for s in sent)
        rows = [
            row("ideal", shots, ideal, f"{ideal / measured.seconds:.2f}"),
            row(
                "harness, first shot to last answer", shots, span, f"{span / measured.seconds:.2f}"
            ),
            row("harness run, complete", shots, measured.seconds, "1"),
            *peer_rows(python, f"{address}/v1", work, measured.seconds / shots),
        ]
    title = (
        f"A target that answers after {PAUSE * 1000:.0f} ms, {IN_FLIGHT} in flight:"
        f" {span / ideal:.3f} times the ideal from first shot to last answer"
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


def footprint_section() -> Section:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {"PYTHONPATH": str(ROOT)}
        help_runs = [
            measure([sys.executable, "-m", "harness", "--help"], folder, env) for _ in range(11)
        ]
        measured, report = harness(folder, "--pack", "openai-compat")
    median = statistics.median(help_run.seconds for help_run in help_runs)
    goals = f"{median / 0.3:.2f} of 300 ms", f"{measured.megabytes / 200:.2f} of 200 MB"
    run = f"peak memory of a run of {len(report['cases'])} cases, {report['requests']} shots"
    rows: list[Row] = [
        ("harness --help, median of 11", f"{median * 1000:.0f} ms", goals[0]),
        (run, f"{measured.megabytes:.0f} MB", goals[1]),
    ]
    return "Footprint", ("subject", "measured", "relative to the limit"), rows


def page(sections: list[Section]) -> Iterator[str]:
    yield "# Benchmarks\n"
    yield "Written by `python benchmarks/run.py`, which measures complete commands.\n"
    yield f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}."
    for section in sections:
        yield from section_lines(section)
    yield ""


def section_lines(section: Section) -> Iterator[str]:
    title, header, rows = section
    yield f"\n## {title}\n"
    yield from (f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))


def replace_section(text: str, section: Section) -> str:
    """Remove the section with the same name from the page and append the new one."""
    first, *parts = text.rstrip("\n").split("\n\n## ")
    name = section[0].partition(":")[0]
    kept = [part for part in parts if part.partition(":")[0] != name]
    return "\n\n## ".join([first, *kept]) + "\n" + "\n".join(section_lines(section)) + "\n"


if __name__ == "__main__":
    main()
