"""A site of reports: an index that begins with what differs, a page per field, a history."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from harness.report.build import build_report
from harness.report.compare_site import field_path, kind_of_change, site_pages
from tests.support import pack_on_disk
from tests.support.clean_outputs import CONTROL, of_page
from tests.support.report_data import RUN, case, entry, finding, pack, row

HOSTILE = '</script><img src=x onerror="alert(1)">|=1+1`*\x1b[31m'


def report(name: str, day: int, got: str = "400", **outcomes: Any) -> Any:
    """A report on the fields a, b and c; each holds unless an outcome is given."""
    entries = []
    for field in "abc":
        outcome = outcomes.get(field, "pass")
        failed = [finding("ignored.refused", "status", got)] if outcome == "fail" else []
        entries.append(entry(case(field), outcome, *failed))
    target = {"name": name, "base_url": "https://h/v1", "model": "m", "version": f"1.{day}"}
    facts = {**RUN, "target": target, "started": f"2026-10-0{day}T10:00:00Z"}
    return build_report(facts, [pack(*map(row, "abc"))], entries)  # type: ignore[arg-type]


PAGES = site_pages(
    [report("one", 3, b="fail"), report("two", 2), report("one", 1, c="fail"), report("one", 2)]
)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


def test_the_index_compares_the_latest_runs_and_begins_with_what_differs() -> None:
    text = text_of(PAGES["index.html"])
    assert text.index("one 1.3") < text.index("two 1.2")
    assert "one 1.1" not in text
    differing, _, others = text.partition("2 fields in which they do not differ")
    differing = differing.partition("They differ in 1 field")[2]
    assert " b " in differing
    assert " a " not in differing
    assert " a " in others
    assert "refused with 400" in differing


def test_each_field_has_a_page_with_every_run() -> None:
    fields = {name for name in PAGES if name.startswith("fields/")}
    assert fields == {f"fields/compat/{name}.html" for name in "abc"}
    text = text_of(PAGES["fields/compat/b.html"])
    for label in ("one 1.1", "one 1.2", "one 1.3", "two 1.2"):
        assert label in text
    assert "A field that should be ignored is refused" in text


def test_the_history_has_the_changes_of_each_run_the_latest_first() -> None:
    text = text_of(PAGES["history.html"])
    one = text[text.index("History one") : text.index("two Run")]
    runs = one.split("2026-10-0")[1:]
    assert [run[0] for run in runs] == ["3", "2", "1"]
    assert "b pass → fail" in runs[0]
    assert "c fail → pass" in runs[1]
    assert "the first run" in runs[2]


def test_a_change_is_better_worse_or_neither() -> None:
    assert kind_of_change("fail", "pass") == kind_of_change("warn", "pass") == "better"
    assert kind_of_change("pass", "warn") == "worse"
    assert kind_of_change("inconclusive", "pass") == kind_of_change("fail", "absent") == "other"


def test_every_link_leads_to_a_page_of_the_site() -> None:
    for name, page in PAGES.items():
        links = re.findall(r'href="([^"]+)"', page)
        assert links
        for link in map(unquote, links):
            parts: list[str] = []
            for part in (PurePosixPath(name).parent / link).parts:
                if part == "..":
                    parts.pop()
                else:
                    parts.append(part)
            assert "/".join(parts) in PAGES


def test_names_of_rows_and_packs_stay_inside_the_site() -> None:
    for name in ("..", "../../x", "a/b", ".", "", "a\x00b", "C:\\x"):
        path = PurePosixPath(field_path({"pack": name, "row": name}))
        assert len(path.parts) == 3
        assert not {"..", ".", ""} & {*path.parts}
        assert not re.search(r"[\\\x00:]", str(path))


def test_no_text_of_a_target_is_markup() -> None:
    pages = site_pages([report(HOSTILE, 1, HOSTILE, b="fail"), report("two", 2)])
    for page in pages.values():
        assert of_page(page) == []
        assert not CONTROL.search(page)
        assert "<img" not in page


def test_command_writes_the_site(tiny_pack: Path) -> None:
    out, site = tiny_pack.parent / "out", tiny_pack.parent / "site"
    assert pack_on_disk.run(tiny_pack).code == 0
    result = pack_on_disk.harness("compare", out, out, "--site", site)
    assert (result.code, result.err) == (0, "")
    names = {path.name for path in site.iterdir()}  # the pack has no rows, so no page of a field
    assert names == {"index.html", "history.html"}
    assert not Path("compare.html").exists()
    assert str(site / "index.html") in result.out
