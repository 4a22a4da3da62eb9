"""The name and version of a target, and base URLs with a query, in requests and reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import pack_on_disk


def test_name_and_version_are_in_the_report_and_in_its_result(tiny_pack: Path) -> None:
    words = ("--name", "acme gateway", "--target-version", " 2.1-rc ")
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, *words)
    out = tiny_pack.parent / "out"
    target = pack_on_disk.read_report(out)["target"]
    assert (target["name"], target["version"]) == ("acme gateway", "2.1-rc")
    assert "acme gateway 2.1-rc is conformant to tiny 1.2.3" in result.out
    assert pack_on_disk.harness("judge", out, "--against", out).code == 0


def test_version_is_absent_from_the_report_if_none_is_given(tiny_pack: Path) -> None:
    assert pack_on_disk.run(tiny_pack).code == 0
    assert "version" not in pack_on_disk.read_report(tiny_pack.parent / "out")["target"]


@pytest.mark.parametrize("option", ["--name", "--target-version"])
@pytest.mark.parametrize("text", ["a\x1b[2J", "a\nb", "x" * 81])
def test_name_that_a_report_cannot_show_is_one_line(
    tiny_pack: Path, option: str, text: str
) -> None:
    result = pack_on_disk.run(tiny_pack, option, text)
    assert (result.code, result.lines) == (
        *(4, [f"ERROR: {option} takes 1 to 80 printable characters"]),
    )


def recording(paths: list[str]) -> pack_on_disk.Respond:
    """Returns the reference gateway, which notes the path of each request."""
    right = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        path, _, query = str(request["path"]).partition("?")
        paths.append(str(request["path"]))
        return right({**request, "path": path}) if query else pack_on_disk.error(404, "no version")

    return respond


@pytest.mark.parametrize("end", ["?api-version=2026-10", "/?api-version=2026-10"])
def test_query_of_the_base_url_follows_every_path(tiny_pack: Path, end: str) -> None:
    paths: list[str] = []
    with pack_on_disk.gateway(recording(paths)) as url:
        result = pack_on_disk.run_against(f"{url}{end}", tiny_pack)
    assert (result.code, result.err) == (0, "")
    assert set(paths) == {"/v1/chat/completions?api-version=2026-10"}


@pytest.mark.parametrize("query", ["token=abc", "a=1&api_key=x", "k=sk-0123456789abcdef"])
def test_key_in_the_query_of_the_base_url_is_refused(tiny_pack: Path, query: str) -> None:
    result = pack_on_disk.run_against(f"http://h.invalid/v1?{query}", tiny_pack)
    assert (result.code, result.lines) == (
        *(4, ["ERROR: the URL of h.invalid must not contain a key: name a variable that holds it"]),
    )
