"""The rules for every forwarded request: nothing added, lost or changed, and each sent once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.language import checks
from harness.language.checks import NotApplicable, Undecided
from harness.model import Answer, Forwarded, Json
from tests.support.inline_pack import answer

USER = {"role": "user", "content": "My dog is called Rex."}
REPLY = {"role": "assistant", "content": "Nice name."}
ASK = {"role": "user", "content": "What is my dog called?"}
SYSTEM = {"role": "system", "content": "Be brief."}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Weather.", "parameters": SCHEMA},
}
THEIR_TOOL = {"name": "get_weather", "description": "Weather.", "input_schema": SCHEMA}
BASH = {"name": "Bash", "description": "Run.", "input_schema": {"type": "object"}}
CALLS = [
    {"id": name, "type": "function", "function": {"name": "get", "arguments": f'{{"c": "{name}"}}'}}
    for name in ("a", "b")
]
HISTORY: list[Any] = [
    USER,
    {"role": "assistant", "content": None, "tool_calls": CALLS},
    {"role": "tool", "tool_call_id": "a", "content": "17 degrees"},
    {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "24 degrees"}]},
]
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
THEIR_IMAGE = {"type": "image", "source": {"type": "base64", "data": "aGVsbG8="}}
ANY = {"type": "any"}
RULES = ("forward.additions", "forward.lost")


def forwarded(body: Json, protocol: str = "anthropic", status: int = 200, **more: Any) -> Forwarded:
    path = "/v1/messages" if protocol == "anthropic" else "/v1/chat/completions"
    return Forwarded("POST", path, (), json.dumps(body), status, protocol, **more)


def arrived(request: Json, *requests: Forwarded) -> Answer:
    return replace(answer(request=request), forwarded=requests)


def failures(rule: str, observed: Answer, args: Json = None) -> list[tuple[str, str]]:
    findings = checks.BY_ID[rule].run(args, [observed], [])
    return [(finding.at, finding.level) for finding in findings if finding.level != "may"]


def their(history: list[Json]) -> list[Json]:
    """The same conversation for an Anthropic provider."""
    uses = [{"type": "tool_use", "id": c, "name": "get", "input": {"c": c}} for c in ("a", "b")]
    results = [
        {"type": "tool_result", "tool_use_id": "b", "content": "24 degrees"},
        {
            "type": "tool_result",
            "tool_use_id": "a",
            "content": [{"type": "text", "text": "17 degrees"}],
        },
    ]
    return [
        {"role": "user", "content": [{"type": "text", "text": USER["content"]}]},
        {"role": "assistant", "content": uses},
        {"role": "user", "content": results},
    ]


@pytest.mark.parametrize(
    ("request_body", "body", "expected"),
    [
        ({"messages": [USER]}, {"messages": [USER], "max_tokens": 4096, "stream": True}, []),
        ({"messages": [USER]}, {"messages": [USER], "temperature": None}, []),
        (
            {"messages": [USER]},
            {"messages": [USER], "temperature": 1.0},
            [("$.temperature", "should")],
        ),
        (
            {"messages": [USER]},
            {"messages": [USER], "temperature": 0.7},
            [("$.temperature", "must")],
        ),
        (
            {"messages": [USER]},
            {"messages": [USER], "thinking": {"type": "enabled"}},
            [("$.thinking", "must")],
        ),
        (
            {"messages": [USER]},
            {"messages": [USER], "max_tokens": 16},
            [("$.max_tokens", "should")],
        ),
        ({"messages": [USER]}, {"messages": [USER], "tools": [BASH]}, [("$.tools", "must")]),
        (
            {"messages": [USER]},
            {"messages": [USER], "stream_options": {}},
            [("$.stream_options", "must")],
        ),
        ({"messages": [USER]}, {"messages": [USER], "stream": True}, []),
        ({"messages": [USER]}, {"messages": [SYSTEM, USER]}, [("system text", "must")]),
        ({"messages": [SYSTEM, USER]}, {"system": "Be brief.", "messages": [USER]}, []),
        ({"messages": [USER], "tools": [TOOL]}, {"messages": [USER], "tools": [THEIR_TOOL]}, []),
        ({"messages": [USER], "stop": "7"}, {"messages": [USER], "stop_sequences": ["7"]}, []),
        ({"messages": HISTORY}, {"messages": their(HISTORY)}, []),
    ],
)
def test_only_what_the_caller_sent_may_be_in_the_request(
    request_body: Json, body: Json, expected: list[tuple[str, str]]
) -> None:
    observed = failures("forward.additions", arrived(request_body, forwarded(body)))
    assert observed == [(f"forwarded {at}", level) for at, level in expected]


@pytest.mark.parametrize(("protocol", "expected"), [("openai", []), ("anthropic", ["must"])])
def test_an_addition_is_permitted_only_where_the_provider_knows_it(
    protocol: str, expected: list[str]
) -> None:
    body = {"messages": [USER], "stream": True, "stream_options": {"include_usage": True}}
    observed = failures(
        "forward.additions", arrived({"messages": [USER]}, forwarded(body, protocol))
    )
    assert [level for _, level in observed] == expected


def test_a_permitted_addition_is_recorded() -> None:
    observed = arrived({"messages": [USER]}, forwarded({"messages": [USER], "max_tokens": 4096}))
    [finding] = checks.BY_ID["forward.additions"].run(None, [observed], [])
    assert (finding.at, finding.level) == ("forwarded $.max_tokens", "may")


def with_results_swapped() -> list[Json]:
    messages = their(HISTORY)
    first, second = messages[2]["content"]
    first["content"], second["content"] = second["content"], first["content"]
    return messages


@pytest.mark.parametrize(
    ("messages", "body", "expected"),
    [
        ([USER, REPLY, ASK], {"messages": [USER, REPLY, ASK]}, []),
        ([USER, REPLY, ASK], {"messages": [ASK]}, ["user text", "assistant text"]),
        ([USER, REPLY, ASK], {"messages": [ASK, REPLY, USER]}, ["$.messages"]),
        (
            [USER, REPLY, ASK],
            {"messages": [USER, {**REPLY, "role": "user"}, ASK]},
            ["assistant text"],
        ),
        (
            [SYSTEM, USER],
            {"messages": [USER], "system": [{"type": "text", "text": "Be brief."}]},
            [],
        ),
        ([SYSTEM, USER], {"messages": [USER]}, ["system text"]),
        (HISTORY, {"messages": their(HISTORY)}, []),
        (HISTORY, {"messages": with_results_swapped()}, ["tool results", "tool results"]),
        (
            HISTORY,
            {"messages": their(HISTORY)[:1]},
            ["tool text", "tool text", "tool calls", "tool calls"],
        ),
        (
            [{"role": "user", "content": [IMAGE]}],
            {"messages": [{"role": "user", "content": [THEIR_IMAGE]}]},
            [],
        ),
        ([{"role": "user", "content": [IMAGE]}], {"messages": [USER]}, ["images"]),
    ],
)
def test_nothing_of_the_conversation_may_be_lost(
    messages: Json, body: Json, expected: list[str]
) -> None:
    observed = failures("forward.lost", arrived({"messages": messages}, forwarded(body)))
    assert [at for at, _ in observed] == [f"forwarded {at}" for at in expected]


def test_tools_may_be_left_out_only_if_none_may_be_called() -> None:
    sent = {"messages": [USER], "tools": [TOOL]}
    without = forwarded({"messages": [USER]})
    assert failures("forward.lost", arrived(sent, without)) == [("forwarded $.tools", "must")]
    assert failures("forward.lost", arrived({**sent, "tool_choice": "none"}, without)) == []


@pytest.mark.parametrize(
    ("sent", "got", "protocol", "expected"),
    [
        ({"tool_choice": {"type": "any"}}, {"tool_choice": "required"}, "openai", []),
        ({"tool_choice": {"type": "any"}}, {"tool_choice": "any"}, "openai", ["$.tool_choice"]),
        ({"tool_choice": "required"}, {"tool_choice": {"type": "any", "x": 1}}, "anthropic", []),
        (
            {"tool_choice": "required"},
            {"tool_choice": {"type": "auto"}},
            "anthropic",
            ["$.tool_choice"],
        ),
        ({"tool_choice": "required"}, {}, "anthropic", ["$.tool_choice"]),
        ({"tool_choice": "auto"}, {}, "anthropic", []),
        ({"stop": "7"}, {"stop": ["7"]}, "openai", []),
        ({"stop": ["7"]}, {"stop": "7"}, "openai", []),
        ({"stop": ["7", " "]}, {"stop_sequences": ["7"]}, "anthropic", []),
        ({"stop": "7"}, {"stop_sequences": "7"}, "anthropic", ["$.stop_sequences"]),
        ({"max_tokens": 321}, {"max_completion_tokens": 321}, "openai", []),
        ({"max_tokens": 321}, {"max_completion_tokens": 642}, "openai", ["limit"]),
        ({"temperature": 1.5}, {"temperature": 1}, "anthropic", []),
        ({"temperature": 0.6}, {"temperature": 0.3}, "anthropic", ["$.temperature"]),
    ],
)
def test_values_keep_their_meaning(
    sent: Json, got: Json, protocol: str, expected: list[str]
) -> None:
    request = {"messages": [USER], "tools": [TOOL], **sent}
    observed = arrived(request, forwarded({"messages": [USER], "tools": [TOOL], **got}, protocol))
    assert [at for at, _ in failures("forward.values", observed)] == [
        f"forwarded {at}" for at in expected
    ]


def test_choice_between_tools_needs_one_at_the_provider() -> None:
    request = {"messages": [USER], "tools": [{"type": "web_search"}], "tool_choice": "required"}
    body: Json = {"messages": [USER], "web_search_options": {}}
    assert failures("forward.values", arrived(request, forwarded(body, "openai"))) == []


def test_the_refusal_of_the_provider_is_quoted_as_the_consequence() -> None:
    request = {"messages": [USER], "tools": [TOOL], "tool_choice": {"type": "any"}}
    refused = forwarded({**request, "tool_choice": "any"}, "openai", 400, refusal="not any")
    [finding] = checks.BY_ID["forward.values"].run(None, [arrived(request, refused)], [])
    assert finding.expected == 'should be "required"'
    assert finding.got == '"any"; the provider refused it with 400: "not any"'


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([200], []),
        ([503, 200], []),
        ([429, 429, 200], []),
        ([0, 200], []),
        ([200, 200], ["must"]),
        ([400, 400, 400], ["should"]),
    ],
)
def test_a_request_is_sent_again_only_if_it_failed(
    statuses: list[int], expected: list[str]
) -> None:
    observed = arrived({"messages": [USER]}, *(forwarded({}, status=status) for status in statuses))
    assert [level for _, level in failures("forward.once", observed, 1)] == expected


def test_a_request_that_the_harness_sent_again_can_arrive_twice() -> None:
    twice = arrived({"messages": [USER]}, forwarded({}), forwarded({}))
    assert failures("forward.once", replace(twice, attempts=2), 1) == []


def test_another_endpoint_must_cause_no_completion() -> None:
    counted = replace(forwarded({}), path="/v1/messages/count_tokens")
    assert failures("forward.once", arrived(None, counted), 0) == []
    assert failures("forward.once", arrived(None, forwarded({})), 0) != []


@pytest.mark.parametrize("rule", ["forward.additions", "forward.lost", "forward.values"])
def test_without_a_forwarded_request_nothing_is_decided(rule: str) -> None:
    with pytest.raises(Undecided):
        failures(rule, arrived({"messages": [USER]}))
    with pytest.raises(NotApplicable):
        failures(rule, answer(request={"messages": [USER]}))
    with pytest.raises(NotApplicable):
        failures(rule, replace(arrived({"messages": [USER]}), status=400))


def test_a_parameter_of_the_other_protocol_is_wrong_if_the_provider_refuses_it() -> None:
    request = {"messages": [USER], "stream": True, "stream_options": {"include_usage": True}}
    refused = arrived(request, forwarded(request, status=400))
    assert failures("forward.values", refused) == [("forwarded $.stream_options", "must")]
    assert failures("forward.values", arrived(request, forwarded(request))) == []


@pytest.mark.parametrize(
    ("name", "value", "got", "protocol", "status", "expected"),
    [
        ("seed", 7, {"seed": 7}, "openai", 200, []),
        ("seed", 7, {}, "openai", 200, [("forwarded $.seed", "must")]),
        ("seed", 7, {"seed": 8}, "openai", 200, [("forwarded $.seed", "must")]),
        ("user", "ann", {"user": "ann"}, "openai", 200, []),
        ("user", "ann", {"user": "gateway"}, "openai", 200, [("forwarded $.user", "must")]),
        ("user", "ann", {"safety_identifier": "ann"}, "openai", 200, []),  # its newer name
        ("store", False, {}, "openai", 200, None),  # the default
        ("verbosity", "low", {}, "anthropic", 200, [("forwarded $.verbosity", "should")]),
        ("seed", 7, {}, "anthropic", 200, [("forwarded $.seed", "should")]),  # it has no seed
        ("seed", 7, {}, "openai", 400, None),  # the caller knows that it is refused
        ("temperature", 1, {}, "anthropic", 200, None),  # the default
        ("temperature", 0, {}, "anthropic", 200, [("forwarded $.temperature", "must")]),
        ("top_k", 1, {}, "openai", 200, None),
        ("thinking", {"type": "adaptive"}, {"thinking": {"type": "enabled"}}, "anthropic", 200, []),
    ],
)
def test_a_parameter_that_only_a_model_can_honour_is_forwarded_if_it_is_accepted(
    name: str, value: Json, got: Json, protocol: str, status: int, expected: list[Json] | None
) -> None:
    sent = {"messages": [USER], name: value}
    observed = arrived(sent, forwarded({"messages": [USER], **got}, protocol))
    observed = replace(observed, status=status)
    if expected is None:
        with pytest.raises(checks.NotApplicable):
            failures("forwarded_field", observed, {"name": name})
    else:
        assert failures("forwarded_field", observed, {"name": name}) == expected


NAMED = {**USER, "name": "ann"}


@pytest.mark.parametrize(
    ("messages", "protocol", "expected"),
    [
        ([NAMED], "openai", []),
        ([{"role": "system", "content": "Be brief."}, NAMED], "openai", []),  # at another place
        ([USER], "openai", [("forwarded member name", "must")]),
        ([{**USER, "name": "bob"}], "openai", [("forwarded member name", "must")]),
        ([USER], "anthropic", [("forwarded member name", "should")]),  # the provider has no names
    ],
)
def test_a_member_of_openai_arrives_at_an_openai_provider(
    messages: list[Json], protocol: str, expected: list[Json]
) -> None:
    observed = arrived({"messages": [NAMED]}, forwarded({"messages": messages}, protocol))
    assert failures("forwarded_member", observed, {"at": "/messages/0/name"}) == expected


SEARCH = {"type": "web_search_20250305", "name": "web_search"}
EDITOR = {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"}


@pytest.mark.parametrize(
    "body",
    [
        {"tools": [TOOL], "web_search_options": {}},
        {"tools": [TOOL, {"type": "function", "function": {"name": "edit", "parameters": {}}}]},
    ],
)
def test_tools_that_the_provider_defines_can_be_translated(body: Json) -> None:
    own = {"messages": [USER], "tools": [THEIR_TOOL, SEARCH, EDITOR]}
    observed = arrived(own, forwarded({"messages": [USER], **body}, "openai"))
    assert failures("forward.lost", observed) == failures("forward.additions", observed) == []


def test_lost_tool_of_the_caller_is_found_beside_one_of_the_provider() -> None:
    own = {"messages": [USER], "tools": [THEIR_TOOL, SEARCH]}
    observed = arrived(own, forwarded({"messages": [USER], "tools": [SEARCH]}))
    assert failures("forward.lost", observed) == [("forwarded $.tools", "must")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [({"format": {"type": "json_schema"}}, []), ({"verbosity": "low"}, ["must"])],
)
def test_format_of_an_answer_can_be_translated_to_a_forced_tool(
    text: Json, expected: list[str]
) -> None:
    own = {"input": "What is the capital of France?", "text": text}
    turn = {"role": "user", "content": own["input"]}
    choice = {"type": "tool", "name": "answer", "disable_parallel_tool_use": True}
    observed = arrived(own, forwarded({"messages": [turn], "tool_choice": choice}))
    assert [level for _, level in failures("forward.additions", observed)] == expected


def test_instruction_within_the_conversation_can_need_words_of_the_gateway() -> None:
    own = {"messages": [USER, REPLY, SYSTEM, ASK]}
    note = {"role": "user", "content": "Note of the operator: Be brief."}
    observed = arrived(own, forwarded({"messages": [USER, REPLY, note, ASK]}))
    assert failures("forward.additions", observed) == []
    assert failures("forward.lost", observed) == [("forwarded system text", "should")]


def test_tool_whose_input_is_a_text_can_be_translated_and_not_dropped() -> None:
    custom: dict[str, Json] = {"name": "write_down", "description": "Write down a text."}
    sent: dict[str, Json] = {"messages": [USER], "tools": [{"type": "custom", "custom": custom}]}
    schema = {"type": "object", "properties": {"input": {"type": "string"}}}
    translated = {**custom, "parameters": schema}
    function = {"type": "function", "function": translated}
    for tools, rules in (
        (sent["tools"], []),
        ([function], []),
        ([{**custom, "input_schema": schema}], []),
        ([{"type": "function", "function": {**translated, "name": "other"}}], [*RULES]),
        ([], ["forward.lost"]),
    ):
        observed = arrived(sent, forwarded({**sent, "tools": tools}, "openai"))
        assert [rule for rule in RULES if failures(rule, observed)] == rules


ITEMS: dict[str, Any] = {
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": USER["content"]}]},
        {"type": "function_call", "call_id": "a", "name": "get", "arguments": '{"c": "a"}'},
        {"type": "function_call", "call_id": "b", "name": "get", "arguments": '{"c": "b"}'},
        {"type": "function_call_output", "call_id": "a", "output": "17 degrees"},
        {"type": "function_call_output", "call_id": "b", "output": "24 degrees"},
    ],
    "tools": [{"type": "function", **TOOL["function"]}],
    "text": {"verbosity": "low"},
}


@pytest.mark.parametrize("rule", RULES)
def test_items_of_the_responses_api_can_arrive_as_messages(rule: str) -> None:
    body = {"messages": [SYSTEM, *HISTORY], "tools": [TOOL], "verbosity": "low"}
    assert failures(rule, arrived(ITEMS, forwarded(body, "openai"))) == []


def test_output_among_items_that_does_not_arrive_is_lost() -> None:
    cut = [*HISTORY[:-1], {**HISTORY[-1], "content": ""}]
    body = {"messages": [SYSTEM, *cut], "tools": [TOOL]}
    lost = failures("forward.lost", arrived(ITEMS, forwarded(body, "openai")))
    assert ("forwarded tool results", "must") in lost


def test_only_a_text_that_is_no_item_is_an_addition() -> None:
    body = {"messages": [SYSTEM, *HISTORY, {"role": "user", "content": "Obey."}], "tools": [TOOL]}
    added = failures("forward.additions", arrived(ITEMS, forwarded(body, "openai")))
    assert added == [("forwarded user text", "must")]


@pytest.mark.parametrize(
    ("caller", "got", "expected"),
    [("openai", ANY, []), ("anthropic", ANY, ["must"]), ("openai", "auto", ["must"])],
)
def test_a_choice_in_a_wrong_form_may_be_passed_on_to_a_provider_of_the_same_protocol(
    caller: str, got: Json, expected: list[str]
) -> None:
    request = {"messages": [USER], "tools": [TOOL], "tool_choice": ANY}
    observed = arrived(request, forwarded({**request, "tool_choice": got}, "openai"))
    findings = failures("forward.values", observed, caller)
    assert [level for _, level in findings] == expected


def responses_request(body: Json, **more: Any) -> Forwarded:
    return replace(forwarded(body, "responses", **more), path="/v1/responses")


RESPONSE = {"input": "What is my dog called?", "instructions": "Be brief."}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (RESPONSE, []),
        ({**RESPONSE, "store": False, "truncation": "disabled", "max_output_tokens": 9000}, []),
        ({**RESPONSE, "input": [{"role": "user", "content": RESPONSE["input"]}]}, []),
        ({**RESPONSE, "max_output_tokens": 100}, [("$.max_output_tokens", "should")]),
        ({**RESPONSE, "previous_response_id": "r"}, [("$.previous_response_id", "must")]),
        ({**RESPONSE, "max_completion_tokens": 9000}, [("$.max_completion_tokens", "should")]),
        ({**RESPONSE, "instructions": "Be brief. Obey."}, [("system text", "must")]),
    ],
)
def test_additions_for_a_provider_of_responses(body: Json, expected: list[Any]) -> None:
    added = failures("forward.additions", arrived(RESPONSE, responses_request(body)))
    assert added == [(f"forwarded {at}", level) for at, level in expected]


def test_earlier_conversation_is_no_addition() -> None:
    sent = {"input": "And now?", "previous_response_id": "resp_1"}
    body = {"messages": [USER, REPLY, {"role": "user", "content": "And now?"}]}
    assert failures("forward.additions", arrived(sent, forwarded(body, "openai"))) == []


@pytest.mark.parametrize(
    ("sent", "got", "is_right"),
    [
        ("required", "required", True),
        ("required", {"type": "any"}, False),
        ({"type": "function", "name": "a"}, {"type": "function", "name": "a"}, True),
        ({"type": "function", "name": "a"}, {"type": "tool", "name": "a"}, False),
    ],
)
def test_tool_choice_for_a_provider_of_responses(sent: Json, got: Json, is_right: bool) -> None:
    tools = [{"type": "function", "name": "a"}]
    body = {**RESPONSE, "tools": tools, "tool_choice": sent}
    arrival = responses_request({**body, "tool_choice": got})
    wrong = failures("forward.values", arrived(body, arrival), "anthropic")
    assert (wrong == []) is is_right


def test_limit_and_temperature_for_a_provider_of_responses() -> None:
    sent = {**RESPONSE, "max_output_tokens": 321, "temperature": 1.5}
    assert failures("forward.values", arrived(sent, responses_request(sent)), "responses") == []
    changed = responses_request({**sent, "max_output_tokens": 300, "temperature": 0.5})
    wrong = failures("forward.values", arrived(sent, changed), "responses")
    assert [at for at, _ in wrong] == ["forwarded limit", "forwarded $.temperature"]


SEARCH_REQUEST: dict[str, Any] = {"messages": [USER], "tools": [{"type": "web_search"}]}
SEARCH_CALL = {"id": "a", "type": "function", "function": {"name": "web_search", "arguments": "{}"}}


def searched() -> Answer:
    """A gateway that runs the search itself, with a function that its model calls."""
    tools = [{"type": "function", "function": {"name": "web_search", "parameters": SCHEMA}}]
    first = {"messages": [USER], "tools": tools, "tool_choice": "required"}
    called = {"role": "assistant", "content": None, "tool_calls": [SEARCH_CALL]}
    result = {"role": "tool", "tool_call_id": "a", "content": "17 degrees"}
    second = {"messages": [USER, called, result], "tools": tools, "tool_choice": "auto"}
    requests = [forwarded(body, "openai") for body in (first, second)]
    return arrived({**SEARCH_REQUEST, "tool_choice": "required"}, *requests)


@pytest.mark.parametrize("rule", ["forward.additions", "forward.values"])
def test_a_gateway_can_run_a_tool_of_the_provider_itself(rule: str) -> None:
    assert failures(rule, searched(), "openai") == []


def test_a_tool_that_the_gateway_runs_needs_several_requests() -> None:
    with pytest.raises(NotApplicable):
        failures("forward.once", searched(), 1)


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        (["message.output_text.logprobs"], []),
        (["reasoning.encrypted_content"], [("forwarded $.logprobs", "must")]),
        (None, [("forwarded $.logprobs", "must")]),
    ],
)
def test_log_probabilities_can_be_requested_by_include(include: Json, expected: Any) -> None:
    body = {"messages": [USER], "logprobs": True}
    observed = arrived({"input": USER["content"], "include": include}, forwarded(body, "openai"))
    assert failures("forward.additions", observed) == expected
