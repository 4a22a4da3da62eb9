"""One case over two protocols: each step speaks its own, and what they tell is compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.fire.request import build_headers
from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.load.targets import load_target
from harness.model import Call, Endpoint, Json, Shot, Verdict
from harness.run import Options, load_session
from harness.util.errors import FileProblems, UsageError
from tests.support.inline_pack import PACK, TARGET, Reply, conforming, judge_replies, make_plan

BOTH = replace(
    TARGET,
    endpoints={
        **TARGET.endpoints,
        "anthropic": Endpoint("anthropic", "http://127.0.0.1:1", "x-api-key", "m-2"),
    },
)
OTHER = {
    "anthropic": {
        "headers": {"anthropic-version": "2023-06-01"},
        "body": {"model": "$model", "max_tokens": 64, "messages": ["$base.user"]},
        "modes": {"stream": {"stream": True}},
    }
}
CROSS = replace(PACK, headers={"x-usual": "1"}, other_protocols=OTHER)
STEPS = [{"name": "chat"}, {"name": "messages", "protocol": "anthropic"}]
STOP = {"chat": "$.choices[0].finish_reason", "messages": "$.stop_reason"}
TOKENS = {"chat": "$.usage.prompt_tokens", "messages": "$.usage.input_tokens"}
CALLED = {
    "chat": "$.choices[0].message.tool_calls[0].function.arguments",
    "messages": "$.content[0].input",
}


def message(**top: Json) -> Reply:
    return Reply(
        body={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m-2",
            "content": [{"type": "text", "text": "ready"}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 14, "output_tokens": 2},
            **top,
        }
    )


def agreed(entry: Json, ask: Json = None, **top: Json) -> Verdict:
    """The verdict on a gateway whose chat front is right and whose other front says `top`."""
    steps = [{**STEPS[0], "request": {"body": ask or {}}}, STEPS[1]]
    made = make_plan(
        "supported", CROSS, BOTH, steps=steps, modes=["plain"], expect={"steps_agree": [entry]}
    )

    def world(shot: Shot) -> Reply:
        return message(**top) if shot.call.protocol == "anthropic" else conforming(shot)

    return judge_replies(made, world)


def test_step_has_its_own_protocol() -> None:
    made = make_plan("supported", CROSS, BOTH, steps=STEPS, modes=["stream"])
    chat, messages = (shot.call for shot in made.shots if shot.id.startswith("small/one"))
    assert (chat.protocol, chat.path, chat.body["model"]) == ("openai", "/chat/completions", "m-1")
    assert (messages.protocol, messages.path) == ("anthropic", "/v1/messages")
    assert (messages.body["model"], messages.body["max_tokens"]) == ("m-2", 64)
    assert messages.body["stream"] is True
    assert "stream_options" not in messages.body
    assert (chat.headers, messages.headers) == (
        (("x-usual", "1"),),
        (("anthropic-version", "2023-06-01"),),
    )
    assert {d.args["answer"] for d in made.assertions if d.check == "shape"} == {
        "openai/completion",
        "anthropic/message",
    }


def test_schemas_of_a_two_protocol_case_are_only_recorded() -> None:
    made = make_plan("supported", CROSS, BOTH, steps=STEPS)
    assert {d.level for d in made.assertions if d.stage == "shape"} == {"may"}


def test_header_of_the_case_replaces_that_of_the_pack() -> None:
    headers = [["X-Usual", "2"], ["x-usual", "3"], ["Content-Type", None]]
    made = make_plan("supported", CROSS, BOTH, request={"headers": headers})
    call = made.shots[0].call
    assert call.headers == (("X-Usual", "2"), ("x-usual", "3"))
    assert "content-type" not in dict(build_headers(BOTH.endpoints["openai"], call, {}))


@pytest.mark.parametrize("endpoint", BOTH.endpoints.values(), ids=list(BOTH.endpoints))
@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ("bearer", ("authorization", "Bearer k-1")),
        ("x-api-key", ("x-api-key", "k-1")),
    ],
)
def test_case_selects_the_header_of_the_key(
    endpoint: Endpoint, auth: str, sent: tuple[str, str]
) -> None:
    given = replace(endpoint, headers=(("api-key", "k-0"),))
    call = Call(endpoint.protocol, "GET", "/models", auth=auth)
    pairs = build_headers(given, call, {"key": "k-1"})
    carriers = [pair for pair in pairs if "k-" in pair[1]]
    assert carriers == [sent]


@pytest.mark.parametrize(
    ("entry", "top"),
    [
        ({"paths": STOP, "values": [["stop", "end_turn"]]}, {}),
        ({"paths": TOKENS, "within": 0.1}, {}),
        ({"paths": TOKENS, "within": 0.9}, {"usage": {"input_tokens": 90}}),
        ({"paths": {"chat": "$.choices[0].message.role", "messages": "$.role"}}, {}),
    ],
)
def test_equivalent_answers_of_two_protocols_agree(entry: Json, top: Json) -> None:
    verdict = agreed(entry, **top)
    own = [f for f in verdict.findings if f.rule.startswith("steps_agree")]
    assert [(f.holds, f.grade) for f in own] == [(True, "differential")]


@pytest.mark.parametrize(
    ("entry", "top", "rule"),
    [
        (
            {"paths": STOP, "values": [["stop", "end_turn"], ["length", "max_tokens"]]},
            {"stop_reason": "max_tokens"},
            "steps_agree chat.choices[0].finish_reason",
        ),
        (
            {"paths": TOKENS, "within": 0.1},
            {"usage": {"input_tokens": 99}},
            "steps_agree chat.usage.prompt_tokens",
        ),
        (
            {"paths": {"messages": "$.role", "chat": "$.choices[0].message.role"}},
            {"role": "user"},
            "steps_agree messages.role",
        ),
        (
            {"paths": {"messages": "$.gone", "chat": "$.id"}},
            {},
            "steps_agree messages.gone",
        ),
    ],
)
def test_contradicting_answers_of_two_protocols_fail(entry: Json, top: Json, rule: str) -> None:
    verdict = agreed(entry, **top)
    assert rule in {f.rule for f in verdict.findings if not f.holds and f.level == "must"}
    assert verdict.outcome == "fail"


def test_arguments_as_text_and_as_object_are_compared_by_value() -> None:
    entry = {"paths": CALLED}
    ask = {"tools": "$tools", "tool_choice": "required"}
    block = {"type": "tool_use", "id": "toolu_1", "name": "f"}
    same = agreed(entry, ask, content=[{**block, "input": {"a": 1}}])
    other = agreed(entry, ask, content=[{**block, "input": {"a": 2}}])
    rule = "steps_agree chat.choices[0].message.tool_calls[0].function.arguments"
    assert [f.holds for f in same.findings if f.rule == rule] == [True]
    assert [f.holds for f in other.findings if f.rule == rule] == [False]


def test_value_without_a_pair_is_undecided() -> None:
    verdict = agreed({"paths": STOP, "values": [["length", "max_tokens"]]})
    assert verdict.outcome == "inconclusive"
    assert "the case lists no pair with" in verdict.reason


def test_missing_answer_of_the_other_step_is_undecided() -> None:
    made = make_plan(
        "supported",
        CROSS,
        BOTH,
        steps=STEPS,
        modes=["plain"],
        expect={"steps_agree": [{"paths": TOKENS}]},
    )
    verdict = judge_replies(
        made, lambda s: Reply(429) if s.call.protocol == "anthropic" else conforming(s)
    )
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "rate-limit")
    assert not [f for f in verdict.findings if f.rule.startswith("steps_agree")]


PACK_FILE = """\
id: mine
version: 1.0.0
title: Mine
protocol: openai
body: {model: $model}
protocols: {anthropic: {body: {model: $model, max_tokens: 1}}}
"""
CASE_FILE = """cases:
  - id: one
    row: r
    steps:
      - {name: a}
      - {name: b, protocol: anthropic}
    expect: {steps_agree: [{paths: {a: $.id, b: $.id}}]}
"""


def folder(home: Path, pack: str, cases: str) -> str:
    (home / "pack.yaml").write_text(pack, encoding="utf-8")
    (home / "cases.yaml").write_text(cases, encoding="utf-8")
    return str(home)


@pytest.mark.parametrize(
    ("pack", "cases", "message"),
    [
        (
            "id: mine\nversion: 1.0.0\ntitle: Mine\nprotocol: openai\n",
            CASE_FILE,
            "cases.yaml:6:19: this pack does not have `anthropic`",
        ),
        (PACK_FILE, CASE_FILE.replace("a: $.id", "aa: $.id"), "no step is called `aa`"),
        (PACK_FILE, CASE_FILE.replace("a: $.id", "a: $.id.."), "not a JSONPath"),
        (PACK_FILE.replace("{model: $model, max", "{model: $gone, max"), CASE_FILE, "$gone"),
    ],
)
def test_protocol_mistakes_are_reported_with_their_line(
    tmp_path: Path, pack: str, cases: str, message: str
) -> None:
    with pytest.raises(FileProblems) as caught:
        load_packs([folder(tmp_path, pack, cases)], tuple(BY_ID))
    assert message in str(caught.value)


def test_pack_with_an_endpoint_that_the_target_lacks_is_an_error(tmp_path: Path) -> None:
    target = tmp_path / "t.yaml"
    target.write_text(
        "name: t\npacks: [openai-chat]\nendpoints: {openai: {model: m, base_url: 'http://h/v1'}}\n"
    )
    (tmp_path / "mine").mkdir()
    mine = folder(tmp_path / "mine", PACK_FILE, CASE_FILE)
    with pytest.raises(UsageError, match="mine speaks the anthropic protocol, and the target t"):
        load_session(Options(target=str(target), packs=(mine,)))


@pytest.mark.parametrize("url", ["http://h:1/v1", "http://h:1/v1/"])
def test_one_url_is_the_base_of_all_endpoints(url: str) -> None:
    endpoints = load_target(url).endpoints
    assert [(f.base_url, f.auth) for f in endpoints.values()] == [
        ("http://h:1/v1", "bearer"),
        ("http://h:1", "x-api-key"),
        ("http://h:1/v1", "bearer"),
        ("http://h:1/v1", "bearer"),
    ]


def test_case_can_send_the_key_in_both_headers() -> None:
    endpoint = BOTH.endpoints["anthropic"]
    pairs = build_headers(
        endpoint, Call("anthropic", "GET", "/v1/models", auth="both"), {"key": "k-1"}
    )
    assert [pair for pair in pairs if "k-1" in pair[1]] == [
        ("authorization", "Bearer k-1"),
        ("x-api-key", "k-1"),
    ]
