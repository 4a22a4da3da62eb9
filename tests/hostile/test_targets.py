"""Whatever a target does, a run ends soon, in little memory, with a right verdict and reports."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import injection, messages
from tests.hostile.bodies import ENCODINGS, MANY_MODELS, SIZES, STREAMS, VALUES
from tests.hostile.framing import FRAMING, RETRIES, SLOW, TIME
from tests.hostile.groups import Group, choose, groups, write_pack
from tests.hostile.injection import INJECTION, REDIRECTS
from tests.hostile.row import Row
from tests.support import clean_outputs, pack_on_disk
from tests.support.hostile_server import after, hostile_server, when_then
from tests.support.limited_process import Launcher, LimitedResult, launcher

pytestmark = pytest.mark.no_cover

ROWS = (*TIME, *INJECTION, MANY_MODELS)
MESSAGES = ("anthropic",)
GROUPS = (
    *groups("framing", FRAMING),
    *groups("encodings", ENCODINGS),
    *groups("values", VALUES),
    *groups("streams", STREAMS),
    *groups("redirects", REDIRECTS),
    *groups("sizes", SIZES, 6),
    *groups("messages-streams", messages.STREAMS, 20, MESSAGES),
    *groups("messages-bodies", messages.MESSAGES, protocols=MESSAGES),
    *groups("messages-errors", messages.ERRORS, protocols=MESSAGES),
    *groups("messages-counts", messages.COUNTS, protocols=MESSAGES),
    *groups("messages-models", messages.LISTS, protocols=MESSAGES),
    *groups("injection-errors", injection.ERRORS, derived=True),
    *groups("injection", injection.ANSWERS["openai"], protocols=["openai"], derived=True),
    *groups("injection", injection.ANSWERS["anthropic"], protocols=MESSAGES, derived=True),
    *groups("waits", RETRIES, protocols=["openai"]),
    *groups("slow", SLOW, protocols=["openai"]),
)
MEGABYTES = 300.0
SECONDS = 60.0  # the time-outs included
KEY = {"TINY_KEY": pack_on_disk.KEY}
OPTIONS = ("--out", "out", "--model", "builtin-1", "--api-key-env", "TINY_KEY")
DERIVED = (
    ("har", "out", "--out", "d.har"),
    ("compare", "out", "out", "--out", "c.html", "--out", "c.md", "--out", "c.csv"),
    ("diff", "out", "out", "--out", "d.html", "--out", "d.md", "--out", "d.json"),
    ("judge", "out", "--out", "again"),
)


@pytest.fixture(scope="module", name="start")
def fixture_start() -> Iterator[Launcher]:
    with launcher() as running:
        yield running


@pytest.fixture(scope="module", name="own")
def fixture_own(start: Launcher, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The elements that the pages of a run have of their own, without anything of a target."""
    row = Row("right", lambda sock, request: None, when=after(10**9))
    folder = tmp_path_factory.mktemp("right")
    assert run(start, row, folder).code == 0
    for words in DERIVED[1:3]:
        assert start.run(folder, *words, env={}).code == 0
    pages = [*folder.glob("out/*.html"), *folder.glob("[cd].html")]
    return [each for page in pages for each in clean_outputs.of_page(page.read_text("utf-8"))]


def run(start: Launcher, row: Row, folder: Path, *words: str | Path) -> LimitedResult:
    pack = words or ("--pack", pack_on_disk.pack(folder / "tiny"))
    with hostile_server(lambda url: when_then(row.when, row.misbehave(url))) as server:
        result = start.run(folder, "run", server.url, *OPTIONS, *pack, *row.words, env=KEY)
    assert server.fetched == []
    return result


def check_limits(result: LimitedResult) -> None:
    assert result.megabytes < MEGABYTES
    assert result.seconds < SECONDS


def check_outcomes(row: Row, folder: Path) -> None:
    cases = pack_on_disk.read_report(folder)["cases"]
    outcomes = {case["id"]: (case["outcome"], case.get("cause", "")) for case in cases}
    touched = outcomes.pop("seed")
    assert row.outcome in (touched, None)
    assert row.others is None or {outcome for outcome, _ in outcomes.values()} == {row.others}


def derived(start: Launcher, folder: Path) -> dict[str, str]:
    """Return what other commands make of a run."""
    texts: dict[str, str] = {}
    for words in DERIVED:
        result = start.run(folder, *words, env={})
        assert result.code == (1 if words[0] == "judge" else 0), result.out + result.err
        texts |= {f"{words[0]}.out": result.out, f"{words[0]}.err": result.err}
    for path in (*folder.glob("[cd].*"), *(folder / "again").iterdir()):
        texts[f"{path.parent.name}/{path.name}"] = path.read_bytes().decode("utf-8")
    assert clean_outputs.verdicts(folder / "out") == clean_outputs.verdicts(folder / "again")
    json.loads((folder / "d.har").read_text("utf-8"))
    for line in csv.reader((folder / "c.csv").read_text("utf-8").splitlines()):
        assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    return texts


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))
def test_a_hostile_target(start: Launcher, own: list[str], row: Row, tmp_path: Path) -> None:
    result = run(start, row, tmp_path)
    assert result.code == row.code, result.out + result.err
    check_limits(result)
    assert row.line in result.out + result.err
    texts = {"stdout": result.out, "stderr": result.err}
    if row.code == 4:
        assert len([line for line in result.err.splitlines() if line]) == 1
    else:
        texts |= clean_outputs.read(tmp_path / "out")
        check_outcomes(row, tmp_path / "out")
    assert clean_outputs.problems(texts, pack_on_disk.KEY, own) == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_group_of_hostile_targets(
    start: Launcher, own: list[str], group: Group, tmp_path: Path
) -> None:
    """Each row has its own case, and spoils no other."""
    pack = write_pack(group, tmp_path / "tiny")
    words = (*OPTIONS, *group.words)
    with hostile_server(lambda url: choose(group, url)) as server:
        result = start.run(tmp_path, "run", server.url, "--pack", pack, *words, env=KEY)
    assert server.fetched == []
    check_limits(result)
    cases = pack_on_disk.read_report(tmp_path / "out")["cases"]
    outcomes = {case["id"]: (case["outcome"], case.get("cause", "")) for case in cases}
    assert outcomes == group.expected(), result.out + result.err
    assert result.code == group.code
    texts = {"stdout": result.out, "stderr": result.err, **clean_outputs.read(tmp_path / "out")}
    if group.derived:
        texts |= derived(start, tmp_path)
    assert clean_outputs.problems(texts, pack_on_disk.KEY, own) == []


@pytest.mark.long
@pytest.mark.parametrize("row", [*SIZES, *STREAMS], ids=lambda row: row.name.replace(" ", "-"))
def test_a_target_that_misbehaves_in_all_requests_at_once(
    start: Launcher, own: list[str], row: Row, tmp_path: Path
) -> None:
    """After 60 right answers, all further requests of a shipped pack meet it, many in flight."""
    hostile = Row(
        row.name, row.does, when=after(60), words=("--timeout", "5", "--max-seconds", "60")
    )
    result = run(start, hostile, tmp_path, "--pack", "openai-chat")
    assert result.code in (0, 1), result.out + result.err
    assert result.megabytes < MEGABYTES
    texts = {"stdout": result.out, "stderr": result.err, **clean_outputs.read(tmp_path / "out")}
    assert clean_outputs.problems(texts, pack_on_disk.KEY, own) == []
