"""Every check holds, fails, is undecided or does not apply, as its answers require."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.language.checks import BY_ID, NotApplicable, Undecided, base
from harness.model import GRADES, Answer, Forwarded, Json
from harness.testbed.keys import PROVIDER_KEY
from tests.support.inline_pack import CALL, Reply, answer, error_reply, text_reply, with_members

TOKENS = "$.usage.prompt_tokens"
ERROR = "openai/error"
HUGE = 10**400
HTML = Reply(200, raw=b"<html>", headers=())
WITH_NULL = answer(replace(text_reply(), body={**text_reply().body, "x": None}))
STREAM = answer(text_reply(), mode="stream")
TEXTS = "$.content[?@.type=='text'].text"
BLOCKS = [{"type": "text", "text": "1 2 "}, {"type": "text", "text": "3"}]
TWO_BLOCKS = answer(replace(text_reply(), body={"content": BLOCKS}))


LIMIT = (("x-ratelimit-limit-requests", "60"), ("x-ratelimit-limit-tokens", "900"))


def with_headers(*headers: tuple[str, str]) -> Answer:
    return answer(replace(text_reply(), headers=headers))


def behind(host: str, message: str) -> Answer:
    """Return an error of a gateway that has called its provider under this address."""
    forwarded = Forwarded("POST", "/v1/messages", (("Host", host),), "", 500)
    return replace(answer(error_reply(message)), forwarded=(forwarded,))


def with_tokens(tokens: Any) -> Answer:
    return answer(text_reply(usage={"prompt_tokens": tokens}))


def run(
    check: str, args: Json, *answers: Answer, against: tuple[Answer, ...] = ()
) -> list[tuple[str, str, str]]:
    findings = BY_ID[check].run(args, answers or (answer(),), against)
    return [(each.at, each.expected, each.got) for each in findings if not each.holds]


# check, arguments, answers
HOLDS: list[tuple[str, Json, list[Answer]]] = [
    ("status", "ok", [answer()]),
    ("status", "refused", [answer(error_reply())]),
    ("status", "ok-or-refused", [answer(), answer(error_reply(status=422))]),
    ("status", "not-ok", [answer(error_reply(status=500))]),
    ("status", "control", [answer()]),
    ("status", 400, [answer(error_reply())]),
    ("status", [400, 404], [answer(error_reply(status=404))]),
    ("headers", {"A": {"pattern": "^1$"}}, [with_headers(("a", "1"), ("A", "1"))]),
    ("headers", {"gone": False, "also-gone?": {"const": "x"}}, [answer()]),
    ("schema", "openai/completion", [answer()]),
    ("schema", ERROR, [answer(error_reply())]),
    ("body", {"$.choices[0].message.content": {"const": "ready"}}, [answer(), STREAM]),
    ("body", {TEXTS: {"pattern": "^1 2 3$"}}, [TWO_BLOCKS]),
    ("body", {TEXTS: {"minLength": 1}}, [TWO_BLOCKS]),
    ("body", {"$.gone": False, "$.also_gone?": {"type": "string"}}, [answer()]),
    ("body", {"$.x": {"maxItems": 0, "maximum": 5, "maxLength": 1}}, [WITH_NULL]),
    ("body", {"$.x": {"type": ["null", "array"], "minItems": 1}}, [WITH_NULL]),
    ("body", {"$.id": {"minLength": 1, "minItems": 1}}, [answer()]),
    ("events", {"$[*].object": {"const": "chat.completion.chunk"}}, [STREAM]),
    ("events", {"$[*].gone": False}, [STREAM]),
    ("sum", {"$.usage.total_tokens": [TOKENS, "$.usage.completion_tokens"]}, [answer()]),
    (
        "sum",
        {"$.a": ["$.b", "$.c"]},
        [answer(with_members(text_reply(), a=HUGE, b=HUGE - 1, c=1.0))],
    ),
    ("unique", "$.id", [answer(), answer(with_members(text_reply(), id="x-2"))]),
    ("unique", "header a", [with_headers(("a", "1")), with_headers(("a", "2"))]),
    ("headers", {"vary": {"pattern": "b"}}, [with_headers(("Vary", "a"), ("vary", "b"))]),
    (
        "headers",
        {"content-type": {"const": "application/json"}},
        [with_headers(("Content-Type", 'Application/JSON ; CHARSET="utf-8"'))],
    ),
    ("unique", "$.id", [answer(), answer(), answer(with_members(text_reply(), id="x-2"))]),
    ("same", TOKENS, [answer(), answer()]),
    ("same", "header a", [with_headers(("a", "1")), with_headers(("A", "1"))]),
    ("same_within", ["$.id", "header a"], [with_headers(("a", "x-1"))]),
    ("header.limits", None, [with_headers(*LIMIT, ("x-ratelimit-remaining-requests", "60"))]),
    (
        "error.provider",
        None,
        [answer(), answer(error_reply("upstream error")), behind("10.0.0.7:8000", "10.0.0.9:8000")],
    ),
    ("provoked", 429, [answer(), answer(error_reply(status=429))]),
    ("sum", {"$.usage.total_tokens": [TOKENS, "rest"]}, [answer()]),
    ("error_signalled_by", ["status"], [answer(error_reply(status=503))]),
    ("named", {"field": "/messages/0/role"}, [answer(error_reply("messages.0.role: no banana"))]),
    ("named", {"field": "n"}, [answer(error_reply("Only n=1 is supported"))]),
    ("named", {"field": "n"}, [answer(error_reply("no", "n"))]),
    ("refused_alike", None, [answer(), answer()]),
    ("named", {"field": "tool_choice"}, [answer(error_reply("The Tool Choice is unknown"))]),
    ("named", {"field": "tool_choice"}, [answer(error_reply("toolChoice: unknown"))]),
    (
        "shape",
        {"answer": "openai/completion", "error": ERROR},
        [answer(), STREAM, answer(error_reply())],
    ),
]

# check, arguments, answers, (place, beginning of what was observed) of each failure
FAILS: list[tuple[str, Json, list[Answer], list[tuple[str, str]]]] = [
    ("status", "ok", [answer(error_reply("bad n"))], [("status", '400: "bad n"')]),
    ("status", "ok", [answer(Reply(302, {}))], [("status", "302")]),
    ("status", "refused", [answer(Reply(500, "x"))], [("status", "500")]),
    ("status", "ok-or-refused", [answer(Reply(500, {"error": 1}))], [("status", "500")]),
    ("status", "not-ok", [answer()], [("status", "200")]),
    ("status", [400, 404], [answer(Reply(401, []))], [("status", "401")]),
    (
        "headers",
        {"a": {"pattern": "1"}},
        [with_headers(("a", "1"), ("a", "2"))],
        [("header a", '"2"')],
    ),
    ("headers", {"a": {}}, [answer()], [("header a", "no such header")]),
    ("sum", {TOKENS: ["$.usage.total_tokens", "rest"]}, [answer()], [(TOKENS, "10")]),
    ("body", {TEXTS: {"pattern": "^1 2$"}}, [TWO_BLOCKS], [("/content/0/text", '"1 2 3"')]),
    ("body", {TEXTS: {"minLength": 2}}, [TWO_BLOCKS], [("/content/1/text", '"3"')]),
    (
        "headers",
        {"content-type": {"const": "application/json"}},
        [with_headers(("Content-Type", "application/jsonx"))],
        [("header content-type", '"application/jsonx"')],
    ),
    ("headers", {"a": False}, [with_headers(("A", "1"))], [("header a", '["1"]')]),
    ("schema", ERROR, [answer(Reply(400, {}))], [("body", "does not conform to openai/error")]),
    ("schema", ERROR, [answer(Reply(400, raw=b"<html>"))], [("body", "the body is not JSON")]),
    ("body", {"$.id": {"const": "y"}}, [answer()], [("/id", '"x-1"')]),
    ("body", {"$.choices[*].index": {"const": 1}}, [answer()], [("/choices/0/index", "0")]),
    ("body", {"$.gone": {}}, [answer()], [("$.gone", "nothing there")]),
    ("body", {"$.id": False}, [answer()], [("/id", '"x-1"')]),
    ("body", {"$.gone?": {}}, [answer(HTML)], [("body", "the body is not JSON")]),
    ("body", {"$.choices[*].index": {"pattern": "0"}}, [answer()], [("/choices/0/index", "0")]),
    ("body", {"$.x": {"pattern": "a"}}, [WITH_NULL], [("/x", "null")]),
    ("body", {"$.x": {"minLength": 1}}, [WITH_NULL], [("/x", "null")]),
    ("body", {"$.x": {"minItems": 1}}, [WITH_NULL], [("/x", "null")]),
    ("body", {"$.x": {"contains": {}}}, [WITH_NULL], [("/x", "null")]),
    ("body", {"$.x": {"minimum": 6}}, [WITH_NULL], [("/x", "null")]),
    ("body", {"$.x": {"required": ["a"]}}, [WITH_NULL], [("/x", "null")]),
    ("events", {"$[0].object": {"const": "x"}}, [STREAM], [("events /0/object", '"chat.')]),
    ("sum", {"$.usage.total_tokens": [TOKENS]}, [answer()], [("$.usage.total_tokens", "12")]),
    ("sum", {"$.id": [TOKENS]}, [answer()], [("$.id", '["x-1", 10]')]),
    (
        "sum",
        {"$.t": ["$.t"]},
        [answer(with_members(text_reply(), t=True))],
        [("$.t", "[true, true]")],
    ),
    ("unique", "$.id", [answer(), answer()], [("/id", '"x-1" in all of them')]),
    (
        "unique",
        "$.ids[*]",
        [answer(with_members(text_reply(), ids=["a", "b", "a"]))],
        [("/ids/2", '"a" a second time')],
    ),
    ("same", TOKENS, [answer(), with_tokens(11)], [("/usage/prompt_tokens", "11")]),
    ("same_within", ["$.id", "header a"], [with_headers(("a", "2"))], [("header a", '"2"')]),
    (
        "header.limits",
        None,
        [with_headers(*LIMIT, ("X-RateLimit-Remaining-Requests", "61"))],
        [("header x-ratelimit-remaining-requests", "61")],
    ),
    (
        "header.limits",
        None,
        [
            with_headers(
                ("anthropic-ratelimit-tokens-limit", "9"),
                ("anthropic-ratelimit-tokens-remaining", "10"),
                *(("ratelimit-limit", "9"), ("ratelimit-remaining", "10")),
            )
        ],
        [
            ("header anthropic-ratelimit-tokens-remaining", "10"),
            ("header ratelimit-remaining", "10"),
        ],
    ),
    (
        "error.provider",
        None,
        [
            answer(error_reply("Bearer [key:provider]")),
            answer(error_reply(f"Bearer ...{PROVIDER_KEY[-10:]}")),
            with_headers(("Via", "1.1 a.cluster.internal:8443"), ("x-org", "org%2Doperator-5521")),
            behind("10.0.0.7:8000", "call 10.0.0.7 failed"),
            behind("localhost:8000", "call 127.0.0.1:8000 failed"),
        ],
        [
            ("body", "[key:provider]"),
            ("body", "6789abcd"),
            ("header via", "a.cluster.internal:8443"),
            ("header x-org", "org-operator-5521"),
            ("body", "10.0.0.7"),
            ("body", "127.0.0.1:8000"),
        ],
    ),
    ("provoked", 429, [answer(), answer()], [("status", "none")]),
    ("error_signalled_by", ["status"], [answer()], [("body", "a complete answer")]),
    ("named", {"field": "n"}, [answer(error_reply("not supported now"))], [("/error", '"not')]),
    ("refused_alike", None, [answer(), answer(error_reply("n: no"))], [("status", '400: "n: no"')]),
    ("named", {"field": "/stop/0"}, [answer(error_reply("no stopping"))], [("/error", '"no')]),
    (
        "shape",
        {"answer": "openai/completion", "error": ERROR},
        [answer(Reply(500, {"detail": "x"}))],
        [("body", "does not conform to openai/error")],
    ),
    (
        "shape",
        {"answer": "openai/completion", "error": ERROR},
        [answer(with_members(text_reply(), choices=[]))],
        [("/choices", "does not conform to openai/completion")],
    ),
]


@pytest.mark.parametrize(
    ("check", "args", "answers"), HOLDS, ids=[f"{i}-{row[0]}" for i, row in enumerate(HOLDS)]
)
def test_a_check_holds_for_a_conforming_answer(
    check: str, args: Json, answers: list[Answer]
) -> None:
    assert run(check, args, *answers) == []


@pytest.mark.parametrize(
    ("check", "args", "answers", "failures"),
    FAILS,
    ids=[f"{i}-{row[0]}" for i, row in enumerate(FAILS)],
)
def test_a_failure_has_its_place_and_observation(
    check: str, args: Json, answers: list[Answer], failures: list[tuple[str, str]]
) -> None:
    findings = run(check, args, *answers)
    assert [at for at, _, _ in findings] == [at for at, _ in failures]
    for (_, expected, got), (_, prefix) in zip(findings, failures, strict=True):
        assert expected
        assert got.startswith(prefix)


def test_every_check_has_an_example_that_holds_and_one_that_fails() -> None:
    tested_elsewhere = {"same_as", "more_than", "not_less", "untouched", "steps_agree"}
    tested_elsewhere |= {"stream.arrival", "repeated"}
    tested_elsewhere |= {name for name in BY_ID if name.startswith("forward")}
    assert {row[0] for row in HOLDS} == set(BY_ID) - tested_elsewhere
    assert {row[0] for row in FAILS} == set(BY_ID) - tested_elsewhere


@pytest.mark.parametrize(
    ("check", "args", "answers"),
    [
        ("header.limits", None, [with_headers(*LIMIT)]),
        ("header.limits", None, [with_headers(*LIMIT, ("x-ratelimit-remaining-requests", "6m"))]),
        ("events", {"$[*].id": {}}, [answer()]),
        ("named", {"field": "n"}, [answer()]),
        ("refused_alike", None, [answer(error_reply()), answer(error_reply())]),
        ("named", {"field": "n"}, [answer(Reply(400, {"detail": "no"}))]),
        ("named", {"field": "n"}, [answer(Reply(400, raw=b"no"))]),
        ("unique", "$.gone", [answer()]),
        ("unique", "header a", [answer(), answer()]),
        ("same", "$.gone", [answer()]),
    ],
)
def test_a_check_does_not_apply_to_answers_of_another_kind(
    check: str, args: Json, answers: list[Answer]
) -> None:
    with pytest.raises(NotApplicable):
        run(check, args, *answers)


def test_a_stream_rule_keeps_its_own_id_and_level() -> None:
    body = STREAM.text.replace("data: [DONE]\n\n", "").encode()
    without_done = answer(
        Reply(200, raw=body, headers=(("content-type", "text/event-stream"),)), mode="stream"
    )
    schemas = {"answer": "openai/completion", "error": ERROR}
    [finding] = list(BY_ID["shape"].run(schemas, [without_done], []))
    assert (finding.rule, finding.level) == ("stream.done", "must")


# check, prompt_tokens of the answer and of the controls, failures or exception
NUMBERS: list[tuple[str, Any, list[Any], Any]] = [
    ("same_as", 10, [10, 10], []),
    ("same_as", 11, [10, 10], ["11"]),
    ("same_as", None, [10, 10], ["null"]),
    ("same_as", 11, [10, 12], Undecided),
    ("same_as", 11, [10], Undecided),
    ("same_as", 11, [None, None], Undecided),
    ("same_as", 11, [], Undecided),
    ("more_than", 11, [10, 10], []),
    ("more_than", 10, [10, 10], ["10"]),
    ("more_than", 10.5, [10, HUGE], Undecided),
    ("more_than", 9, [10, 12], ["9"]),
    ("more_than", 13, [10, 12], []),
    ("more_than", 11, [10], []),
    ("more_than", HUGE, [10, 1.5], []),
    ("more_than", None, [10, 10], Undecided),
    ("more_than", "11", [10, 10], Undecided),
    ("more_than", True, [0, 0], Undecided),
    ("more_than", 11, [None, None], Undecided),
    ("not_less", 10, [10, 10], []),
    ("not_less", 11, [10, 10], []),
    ("not_less", 9, [10, 10], ["9"]),
    ("not_less", 11, [10, 12], []),
    ("not_less", None, [10, 12], Undecided),
]


@pytest.mark.parametrize(("check", "got", "controls", "result"), NUMBERS)
def test_a_number_is_compared_with_the_controls(
    check: str, got: Any, controls: list[Any], result: Any
) -> None:
    against = tuple(with_tokens(value) for value in controls)
    if isinstance(result, list):
        findings = run(check, [TOKENS], with_tokens(got), against=against)
        assert [got for _, _, got in findings] == result
    else:
        with pytest.raises(result):
            run(check, [TOKENS], with_tokens(got), against=against)


def test_only_paths_on_which_the_controls_agree_are_compared() -> None:
    one, other = answer(with_members(text_reply(), id="x-2")), answer()
    findings = run("same_as", ["$.id", TOKENS], with_tokens(11), against=(one, other))
    assert [at for at, _, _ in findings] == [TOKENS]


PARTS = "$.usage['prompt_tokens','cached_tokens']"


@pytest.mark.parametrize(("cached", "failures"), [(9, []), (8, ["10"]), (None, ["2"])])
def test_counts_of_parts_are_added(cached: Any, failures: list[str]) -> None:
    with_parts = answer(
        with_members(text_reply(), usage={"prompt_tokens": 2, "cached_tokens": cached})
    )
    against = (with_tokens(10), with_tokens(10))
    assert [got for _, _, got in run("more_than", [PARTS], with_parts, against=against)] == failures


def with_seed(reply: Reply, at: str = "seed", value: Json = "a-seed-42") -> Answer:
    return answer(reply, {"messages": [], at: value})


CONTROLS = (answer(), answer(with_members(text_reply(), id="x-2", created=1_700_000_001)))
LOGPROBS = {"content": [{"token": "a", "logprob": -0.5, "bytes": None, "top_logprobs": []}]}


def choice(**keys: Json) -> Reply:
    return with_members(text_reply(), choices=[{**text_reply().body["choices"][0], **keys}])


# differences that two equal requests can have
UNRELATED_DIFFERENCES: list[Reply] = [
    text_reply("Something else altogether"),
    text_reply(None, message={"tool_calls": [CALL]}),
    text_reply(usage={"completion_tokens": 90, "total_tokens": 100}),
    text_reply(finish="length"),
    text_reply(message={"refusal": None, "annotations": []}),
    text_reply(message={"reasoning_content": "Hm."}),
    choice(logprobs=None),
    choice(logprobs={}),
    with_members(text_reply(), id="x-9", created=1_700_000_009, system_fingerprint="fp_2"),
    with_members(text_reply(), model="m-1-2025-01-01", provider="another", service_tier=""),
    with_members(text_reply(), timings={"ms": 3.5}, x_groq={"id": "q"}),
    text_reply(usage={"prompt_tokens_details": {"cached_tokens": 0}}),
    replace(text_reply(), headers=(("x-request-id", "r-2"),)),
    replace(HTML, status=200),
]
# an effect of the field and its place
EFFECTS: list[tuple[Reply, str]] = [
    (choice(logprobs=LOGPROBS), "/choices/0/logprobs"),
    (with_members(text_reply(), service_tier="flex"), "/service_tier"),
    (text_reply(usage={"prompt_tokens": 11}), "/usage/prompt_tokens"),
    (text_reply(usage=None), "/usage"),
    (with_members(text_reply(), object="other"), "/object"),
    (text_reply("You sent a-seed-42"), "body"),
    (replace(text_reply(), headers=(("x-seed", "a-seed-42"),)), "body"),
    (with_members(text_reply(), system_fingerprint="fp_a-seed-42"), "body"),
]


@pytest.mark.parametrize("reply", UNRELATED_DIFFERENCES, ids=range(len(UNRELATED_DIFFERENCES)))
def test_differences_between_equal_requests_are_not_effects(reply: Reply) -> None:
    assert run("untouched", {"at": "/seed"}, with_seed(reply), against=CONTROLS) == []


@pytest.mark.parametrize(("reply", "at"), EFFECTS, ids=[row[1] for row in EFFECTS])
def test_an_effect_of_the_field_is_found(reply: Reply, at: str) -> None:
    findings = run("untouched", {"at": "/seed"}, with_seed(reply), against=CONTROLS)
    assert findings[0][0] == at


def test_a_new_member_is_reported_once_and_not_for_each_part() -> None:
    new = with_members(text_reply(), audit={"by": "a", "parts": [{"x": 1}]}, object=None)
    findings = run("untouched", {"at": "/seed"}, with_seed(new), against=CONTROLS)
    assert [(at, got) for at, _, got in findings] == [
        ("/audit", "something there"),
        ("/object", "nothing there"),
    ]


def test_a_member_of_only_one_control_is_not_compared() -> None:
    with_tier = with_members(text_reply(), service_tier="flex", region="eu")
    controls = (*CONTROLS, answer(with_tier))
    other = with_members(text_reply(), service_tier="auto", region="us")
    assert run("untouched", {"at": "/seed"}, with_seed(other), against=controls) == []


def test_a_value_is_compared_if_all_controls_that_have_it_agree() -> None:
    controls = (*CONTROLS, *(answer(with_members(text_reply(), region="eu")) for _ in range(2)))
    findings = run(
        "untouched",
        {"at": "/seed"},
        with_seed(with_members(text_reply(), region="us")),
        against=controls,
    )
    assert findings == [("/region", '"eu", as the controls', '"us"')]


def test_a_float_is_not_compared() -> None:
    controls = tuple(answer(with_members(text_reply(), took=0.5)) for _ in range(4))
    assert (
        run(
            "untouched",
            {"at": "/seed"},
            with_seed(with_members(text_reply(), took=0.7)),
            against=controls,
        )
        == []
    )


def test_fewer_than_two_readable_controls_are_undecided() -> None:
    for against in ((), (answer(),), (answer(), answer(HTML))):
        with pytest.raises(Undecided):
            run("untouched", {"at": "/seed"}, with_seed(text_reply()), against=against)


@pytest.mark.parametrize(
    ("value", "reply"),
    [
        ("medium", text_reply("Medium, please: medium")),  # a word that a model can use
        ("short", with_members(text_reply(), tier=None, note=None)),
        (7, text_reply("7")),
        (
            {"deep": ["get_weather"]},
            text_reply("get_weather"),
        ),  # the text is elsewhere in the request as well
        (None, text_reply()),
    ],
)
def test_a_text_that_can_appear_by_chance_is_not_an_echo(value: Json, reply: Reply) -> None:
    request = {"messages": ["get_weather"]}
    controls = tuple(answer(text_reply(), request) for _ in range(2))
    result = answer(reply, {**request, "seed": value})
    assert run("untouched", {"at": "/seed"}, result, against=controls) == []


@pytest.mark.parametrize("text", ["medium", "Jürgen / 世界"])
def test_an_echo_is_found_in_headers_and_in_any_script(text: str) -> None:
    reply = replace(text_reply(), headers=(("x-tier", "medium"),))
    reply = reply if text == "medium" else text_reply(f"Hello {text}")
    request = {"a/b": [{"c": {"name": text}}]}
    for mode in ("plain", "stream"):
        result = replace(answer(reply, mode=mode), request=request)
        [finding] = run("untouched", {"at": "/a~1b/0/c"}, result, against=CONTROLS)
        assert finding[0] == "body"


@pytest.mark.parametrize("at", ["/seed/0", "/gone", "/messages/9/x", "/messages/x"])
def test_a_field_that_is_not_in_the_request_has_no_echo(at: str) -> None:
    assert run("untouched", {"at": at}, with_seed(text_reply()), against=CONTROLS) == []


def test_checks_have_unique_ids_and_known_grades() -> None:
    with pytest.raises(ValueError, match="two checks"):
        base.check("status", "accepted")(lambda: iter(()))
    assert {check.grade for check in BY_ID.values()} <= set(GRADES)


def test_a_long_value_is_truncated() -> None:
    [(_, _, got)] = run("body", {"$.choices": False}, answer(text_reply("long " * 100)))
    assert len(got) < 220
    assert got.endswith("characters)")


def test_a_single_value_cannot_be_compared() -> None:
    with pytest.raises(NotApplicable):
        run("same_within", ["$.id", "header a"], answer())
