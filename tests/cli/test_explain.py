"""`harness explain` prints the requests and assertions of a case, and what a word means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import pack_on_disk


def test_explain_prints_requests_and_assertions_of_a_case(tiny_pack: Path) -> None:
    result = pack_on_disk.harness("explain", "answer", "--pack", tiny_pack)
    assert result.code == 0
    assert result.out.startswith("tiny/answer  (")
    assert "  A question is answered.\n" in result.out
    assert "behaviour supported, tiny 1.2.3" in result.out
    assert "\n  tiny/answer/plain\n" in result.out
    assert "POST /chat/completions {" in result.out
    assert "body $.choices[0].message.content  " in result.out
    assert "(on 1 answer)" in result.out


def test_explain_prints_controls_alternatives_and_whole_values(tiny_pack: Path) -> None:
    long_body = "x" * 3000
    cases = pack_on_disk.CASES + EITHER + RAW.replace("LONG", long_body)
    pack_on_disk.pack(tiny_pack, cases)
    seed = pack_on_disk.harness("explain", "seed", "--pack", tiny_pack).out
    assert " compared with its controls" in seed
    either = pack_on_disk.harness("explain", "tiny/either", "--pack", tiny_pack).out
    assert "[auth none]" in either
    assert "status 401 or status 403" in either
    assert f" {long_body}\n" in pack_on_disk.harness("explain", "raw", "--pack", tiny_pack).out


EITHER = """\
  - id: either
    row: n
    request: {auth: none}
    expect: {any_of: [{status: 401}, {status: 403}]}
"""
RAW = """\
  - {id: raw, row: n, behaviour: rejected, request: {raw: 'LONG'}, error_names: model}
"""


def test_explain_prints_a_case_as_json(tiny_pack: Path) -> None:
    result = pack_on_disk.harness("explain", "answer", "--json", "--pack", tiny_pack)
    data = json.loads(result.out)
    assert (data["kind"], data["id"], data["behaviour"]) == ("case", "tiny/answer", "supported")
    requests = {request["shot"]: request for request in data["requests"]}
    request = requests["tiny/answer/plain"]
    assert (request["method"], request["path"]) == ("POST", "/chat/completions")
    rules = [assertion["rule"] for assertion in data["assertions"]]
    assert "body $.choices[0].message.content" in rules


@pytest.mark.parametrize(
    ("word", "kind", "texts"),
    [
        ("clamped", "behaviour", ["range (required)", "example", "openai-compat/temperature"]),
        ("supported", "behaviour", ["used in "]),
        ("body", "check", ["evidence if it holds: effect", "arguments", "example"]),
        ("unique", "check", ["example"]),
    ],
)
def test_explain_describes_behaviours_and_checks(word: str, kind: str, texts: list[str]) -> None:
    result = pack_on_disk.harness("explain", word)
    assert result.code == 0
    assert result.out.startswith(f"{word} ({kind})")
    for text in texts:
        assert text in result.out
    data = json.loads(pack_on_disk.harness("explain", word, "--json").out)
    assert (data["id"], data["kind"]) == (word, kind)
    assert data["example"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("temperatur", "no case `temperatur`; did you mean `temperature`"),
        ("openai-compat/temperatur", "did you mean `openai-compat/temperature`"),
        ("zzzzzz", "no case `zzzzzz`; see `harness list`"),
        ("openai-chat", "`openai-chat` is a pack; `harness list --pack openai-chat`"),
        ("temperature", "several cases are called `temperature`"),
        ("clampd", "`clamped` is a behaviour or check"),
        ("max_tokens.ignord", "did you mean `max_tokens.ignored`?"),
    ],
)
def test_unknown_name_is_reported_with_a_hint(name: str, hint: str) -> None:
    result = pack_on_disk.harness("explain", name)
    assert result.code == 4
    assert hint in result.lines[0]


def test_explain_describes_a_gateway_to_serve() -> None:
    mutant = pack_on_disk.harness("explain", "max_tokens.ignored").out
    assert "the gateway ignores max_tokens\n" in mutant
    assert mutant.endswith("harness serve --mutant max_tokens.ignored\n")
    forwarding = pack_on_disk.harness("explain", "upstream.trims").out
    assert "harness serve --mutant upstream.trims --provider-anthropic URL" in forwarding
    assert "found by max_tokens.cuts" in mutant
    variant = pack_on_disk.harness("explain", "usage.constant").out
    assert "cases may be inconclusive, cause signal" in variant
    assert "harness serve --variant usage.constant" in variant
    assert "drops every fortieth request" in pack_on_disk.harness("explain", "transport.drops").out


def test_explain_prints_the_signals_of_a_case_and_that_requests_may_be_sent_again() -> None:
    out = pack_on_disk.harness("explain", "openai-chat/limits.max_tokens").out
    assert "2 signals; on a target that lacks one" in out
    assert "counting       The model counts from 1 to 20\n" in out
    assert "A request that is dropped or not answered is sent again." in out
