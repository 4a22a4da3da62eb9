"""The terminal of `harness run`: progress while it runs, no words of pytest, the result last."""

from __future__ import annotations

import io
import re
import webbrowser
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from harness.cli import main
from tests.support import pack_on_disk

# Words of pytest that a reader without pytest cannot place.
PYTEST_WORDS = re.compile(
    r"collected|deselected|selected,|PASSED|FAILED|(passed|failed) in [0-9.]+s|short test summary|"
    r"={5,}|rootdir|plugins:|generated (xml|html)|\[ *\d+/\d+\]|\[ *\d+%\]|^[.FEsxw]{2,}",
    re.MULTILINE,
)


ROWS = "rows:\n" + "".join(
    f"  - {{id: {name}, path: {name}, location: request, behaviour: {behaviour}}}\n"
    for name, behaviour in (
        *(("answer", "supported"), ("seed", "ignored")),
        *(("n", "exactly"), ("burst", "supported")),
    )
)


@pytest.fixture
def pack_with_rows(tiny_pack: Path) -> Path:
    (tiny_pack / "rows.yaml").write_text(ROWS, "utf-8")
    return tiny_pack


def run_against(
    respond: pack_on_disk.Respond, pack: Path, *words: str | Path
) -> tuple[str, pack_on_disk.CommandResult]:
    """Return the base URL of a gateway and the result of a run against it."""
    with pack_on_disk.gateway(respond) as url:
        return url, pack_on_disk.run_against(url, pack, *words)


def test_a_run_announces_its_requests_then_shows_progress_and_last_the_result(
    tiny_pack: Path,
) -> None:
    url, result = run_against(pack_on_disk.CORRECT, tiny_pack)
    lines, name = result.out.splitlines(), url.removeprefix("http://").removesuffix("/v1")
    assert lines[0] == f"tiny 1.2.3 against {name}, model builtin-1"
    assert re.fullmatch(r"about 18 requests and [\d,]+ tokens, at most 32 at a time", lines[1])
    assert lines[2:4] == ["1 of 3 cases judged", "2 of 3 cases judged"]
    assert lines[-2] == f"Report: {tiny_pack.parent}/out/report.html"
    assert lines[-1] == f"✓ {name} is conformant to tiny 1.2.3"
    assert len(lines) == 9


def test_everything_is_announced_before_the_first_request(tiny_pack: Path) -> None:
    out, shown = io.StringIO(), list[str]()

    def respond(request: object) -> pack_on_disk.Reply:
        shown.append(out.getvalue())
        return pack_on_disk.CORRECT(request)  # type: ignore[arg-type]

    with pack_on_disk.gateway(respond) as url, redirect_stdout(out), pytest.raises(SystemExit):
        main(["run", url, "--model=builtin-1", "--api-key-env=TINY_KEY", f"--pack={tiny_pack}"])
    assert " tokens, at most 32 at a time\n" in shown[0]


@pytest.mark.parametrize("respond", [pack_on_disk.CORRECT, pack_on_disk.refuse_seed])
@pytest.mark.parametrize("words", [(), ("-v",), ("--quiet",), ("-k", "seed"), ("--dry-run",)])
def test_the_terminal_has_no_words_of_pytest(
    tiny_pack: Path, respond: pack_on_disk.Respond, words: tuple[str, ...]
) -> None:
    _, result = run_against(respond, tiny_pack, *words)
    assert PYTEST_WORDS.search(result.out) is None
    assert result.err == ""


def test_every_line_fits_80_columns_but_those_with_paths(tiny_pack: Path) -> None:
    _, result = run_against(pack_on_disk.refuse_seed, tiny_pack, "-v")
    lines = [line for line in result.out.splitlines() if str(tiny_pack.parent) not in line]
    assert max(map(len, lines)) <= 80


def test_a_fault_comes_first_and_names_the_next_commands(pack_with_rows: Path) -> None:
    _, result = run_against(pack_on_disk.refuse_seed, pack_with_rows)
    text = result.out.partition("judged, 1 fail\n\n")[2]
    assert text.startswith("✗ A request about `seed` is refused")
    assert "\n  harness explain tiny/seed\n" in text
    assert "To send only the first of these cases:\n  harness run http" in text
    assert text.index("harness explain") < text.index("not green") < text.index("To send only")


def test_verbose_run_lists_all_rows_and_quiet_run_none(pack_with_rows: Path) -> None:
    _, normal = run_against(pack_on_disk.refuse_seed, pack_with_rows)
    _, verbose = run_against(pack_on_disk.refuse_seed, pack_with_rows, "--verbose")
    _, quiet = run_against(pack_on_disk.refuse_seed, pack_with_rows, "-q")
    assert "1 row is not green" in normal.out
    assert "Field" in verbose.out
    assert "not green" not in verbose.out
    assert quiet.out.splitlines()[1].startswith("✗ A request about `seed` is refused")
    for text in ("judged", "tokens", "Field", "To send only"):
        assert text not in quiet.out
    assert quiet.out.endswith("non-conformant to tiny 1.2.3\n")


def test_quiet_and_verbose_contradict_each_other(tiny_pack: Path) -> None:
    result = pack_on_disk.run(tiny_pack, "-q", "-v")
    assert result.lines == ["ERROR: --quiet and --verbose contradict each other"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_replaces_its_line_in_a_terminal(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url, redirect_stdout(out):
        words = ("--model", "builtin-1", "--api-key-env", "TINY_KEY", "--pack", str(tiny_pack))
        with pytest.raises(SystemExit):
            main(["run", url, "--out", str(tiny_pack.parent / "out"), *words])
    text = out.getvalue()
    assert "\r\x1b[K3 of 3 cases judged, 1 fail\r\x1b[K" in text
    assert "\n1 of 3 cases judged" not in text


@pytest.mark.parametrize("opens", [True, False])
def test_page_is_opened_in_the_browser_if_requested(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    pages: list[str] = []

    def show(url: str) -> bool:
        pages.append(url)
        return opens

    monkeypatch.setattr(webbrowser, "open", show)
    _, result = run_against(pack_on_disk.CORRECT, tiny_pack, "--open")
    page = tiny_pack.parent / "out" / "report.html"
    assert (result.code, pages) == (0, [page.as_uri()])
    message = "" if opens else f"no browser can be started; the report is {page}\n"
    assert result.err == message
    assert run_against(pack_on_disk.CORRECT, tiny_pack)[1].code == 0
    assert pack_on_disk.run(tiny_pack, "--open", "-k", "nothing").code == 5
    assert len(pages) == 1
