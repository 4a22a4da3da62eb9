"""Evidence in display form: capped, in order of arrival, and repeatable with curl."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Forwarded
from harness.report.case_data import case_data
from harness.report.curl import curl_command
from harness.report.evidence import case_evidence, controls, displayed_shots, exchange_view
from harness.report.text import MAX_BODY as BODY
from tests.support.report_data import case, entry, exchange, finding, judged

URL = "https://gw.acme.example/v1/chat"
JSON = ("content-type", "application/json")


def shot_evidence(**more: Any) -> Any:
    return exchange_view(exchange("s/plain", **more))


def test_bodies_are_kept() -> None:
    assert shot_evidence()["answer"]["body"] == '{"id": "x"}'
    twice = b'{"a": 1, "a": 2}'
    assert shot_evidence(chunks=((0.1, twice),))["answer"]["body"] == twice.decode()
    assert shot_evidence(chunks=((0.1, b"<html>\xff"),))["answer"]["body"] == "<html>\ufffd"


def test_long_bodies_are_capped_with_a_note() -> None:
    actual = shot_evidence(chunks=((0.1, json.dumps({"text": "x" * 20_000}).encode()),))["answer"]
    assert len(actual["body"]) == BODY
    assert actual["note"].endswith("more characters in transcript.jsonl")


def test_invisible_characters_are_made_visible() -> None:
    actual = shot_evidence(chunks=((0.1, b"a\x1b[31m\x00b"),), headers=(("x", "\u202egnp.exe"),))[
        "answer"
    ]
    assert actual["body"] == "a\\x1b[31m\\x00b"
    assert actual["headers"] == [["x", "\\x202egnp.exe"]]


def test_many_headers_and_long_ones_are_capped() -> None:
    actual = shot_evidence(headers=tuple((f"x-{i}", "v" * 9000) for i in range(500)))["answer"]
    assert len(actual["headers"]) == 60
    assert len(actual["headers"][0][1]) == 2000


STREAM = b'data: {"a": 1}\r\n\r\n: ping\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("size", [1, 3, 7, len(STREAM)])
def test_events_are_the_same_however_they_were_cut(size: int) -> None:
    pieces = [STREAM[i : i + size] for i in range(0, len(STREAM), size)]
    chunks = tuple((round(0.1 * i, 3), piece) for i, piece in enumerate(pieces))
    actual = shot_evidence(headers=(("Content-Type", "text/event-stream"),), chunks=chunks)[
        "answer"
    ]
    assert [text for _, text in actual["events"]] == ['data: {"a": 1}', ": ping", "data: [DONE]"]
    assert [at for at, _ in actual["events"]] == sorted(at for at, _ in actual["events"])
    assert actual["body"] == ""


def test_an_event_came_when_its_end_came() -> None:
    chunks = ((0.1, b"data: 1"), (0.5, b"\n\ndata: 2\n\nda"), (0.9, b"ta: cut"))
    actual = shot_evidence(
        headers=(("content-type", "text/event-stream; charset=utf-8"),), chunks=chunks
    )
    assert actual["answer"]["events"] == [[0.5, "data: 1"], [0.5, "data: 2"], [0.9, "data: cut"]]


def test_a_long_stream_keeps_its_beginning_and_its_end() -> None:
    chunks = tuple((i / 100, f"data: {i:0500d}\n\n".encode()) for i in range(100))
    actual = shot_evidence(headers=(("content-type", "text/event-stream"),), chunks=chunks)[
        "answer"
    ]
    assert actual["events"][-1][1].endswith("099")
    [[gap, hidden]] = [rest for at, *rest in actual["events"] if at is None]
    assert (gap, hidden) == (actual["note"], 85)
    assert gap.startswith("85 events")
    assert len(actual["events"]) < 20


def test_an_empty_stream_is_an_answer_without_a_body() -> None:
    actual = shot_evidence(headers=(("content-type", "text/event-stream"),), chunks=())["answer"]
    assert (actual["events"], actual["body"]) == ([], "")


def test_the_failing_shots_and_the_first_of_each_mode_are_shown() -> None:
    shots: Any = [
        (f"{m}{i}", m, "fail" if i == 3 else "pass", i)
        for m in ("plain", "stream")
        for i in range(5)
    ]
    wrong = [finding("status", "status", "400", shot=f"{m}3") for m in ("plain", "stream")]
    verdict, plan = judged(case("seed"), "fail", wrong, shots=shots)
    actual = case_data(verdict, plan)
    assert displayed_shots(actual) == ["plain3", "stream3", "plain0", "stream0"]
    all_of_them = {shot.id: exchange(shot.id) for shot in plan.shots}
    assert [*case_evidence(all_of_them, actual)] == displayed_shots(actual)
    assert case_evidence({"plain3": exchange("plain3")}, actual).keys() == {"plain3"}


def test_a_failed_comparison_shows_its_controls() -> None:
    shots: Any = [("a", "plain", "warn", 1), ("control", "plain", "pass", None)]
    actual = entry(
        case("seed"), "warn", finding("same_as", grade="differential", shot="a"), shots=shots
    )
    actual["shots"][1]["control"] = True
    assert displayed_shots(actual) == ["a", "control"]


def test_a_passed_comparison_shows_its_controls() -> None:
    shots: Any = [("a", "plain", "pass", 1), ("control", "plain", "pass", None)]
    held = finding("same_as", grade="differential", shot="a", holds=True)
    actual = entry(case("seed"), "pass", held, shots=shots)
    actual["shots"][1]["control"] = True
    assert displayed_shots(actual) == ["a", "control"]


def test_a_request_has_the_control_of_its_own_mode() -> None:
    modes: Any = {"a": "plain", "b": "stream", "c1": "plain", "c2": "stream", "c3": "plain"}
    shots: Any = [(name, mode, "pass", None) for name, mode in modes.items()]
    _, plan = judged(case("seed"), "pass", [finding("same_as", shot="a")], shots=shots)
    compared = replace(plan.assertions[0], shots=("a", "b"), against=("c1", "c2", "c3"))
    plan = replace(plan, assertions=(*plan.assertions, compared))
    assert controls(plan, {*modes}) == {"a": "c1", "b": "c2"}
    assert controls(plan, {"a", "b", "c3"}) == {"a": "c3", "b": "c3"}
    assert controls(plan, {"a", "b"}) == {}


HOSTILE = """it's "quoted" $HOME `id` $(id) \\ !! \n newline 'twice' #"""


@pytest.mark.parametrize(
    "body", ['{"a": 1}', json.dumps({"text": HOSTILE}), "@/etc/passwd", HOSTILE]
)
def test_curl_sends_exactly_the_body(body: str) -> None:
    words = shlex.split(curl_command("POST", URL, [JSON], body).replace("\\\n", " "))
    assert words[words.index("--data-raw") + 1] == body


def test_a_shell_reads_the_curl_command_correctly() -> None:
    line = curl_command(
        "POST", URL, [JSON, ("authorization", "Bearer [key:caller]"), ("x", HOSTILE)], HOSTILE
    )
    script = f'curl() {{ printf "%s\\0" "$@"; }}\nAPI_KEY="a b"\n{line}\n'
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    words = done.stdout.decode().split("\0")
    assert "authorization: Bearer a b" in words
    assert f"x: {HOSTILE}" in words
    assert words[words.index("--data-raw") + 1] == HOSTILE


def test_only_keys_become_shell_variables() -> None:
    line = curl_command(
        "POST", URL, [("authorization", "Bearer [key:caller]"), ("x-up", "$1 [key:provider]")], ""
    )
    assert '-H "authorization: Bearer $API_KEY"' in line
    assert '-H "x-up: \\$1 $PROVIDER_KEY"' in line
    assert "'Bearer '!!\"$API_KEY\"" not in curl_command(
        "GET", URL, [("a", "Bearer [key:caller]")], ""
    )


def test_history_marks_stay_out_of_double_quotes() -> None:
    line = curl_command("GET", URL, [("a", "!! [key:caller]")], "")
    assert """-H 'a: !! '"$API_KEY\"""" in line


def test_the_method_is_given_only_if_curl_would_choose_another() -> None:
    assert "-X" not in curl_command("POST", URL, [JSON], "{}")
    assert "-X" not in curl_command("GET", URL, [], "")
    assert "-X DELETE" in curl_command("DELETE", URL, [], "")


def test_headers_are_sent_as_they_were() -> None:
    line = curl_command(
        "POST", URL, [("Host", "x"), ("Content-Length", "2"), ("x-empty", "")], "{}"
    )
    assert "Host" not in line
    assert "-H 'x-empty;'" in line
    assert "-H 'content-type:'" in line


def test_a_body_too_long_for_a_line_is_named() -> None:
    assert "--data-binary @body.json" in curl_command("POST", URL, [JSON], "x" * 50_000)


def test_forwarded_requests_are_beside_the_request() -> None:
    headers = (("x-api-key", "[key:provider]"),)
    arrived = Forwarded("POST", "/v1/messages", headers, '{"max_tokens": 5}', 400, "anthropic")
    assert shot_evidence(forwarded=(arrived,))["forwarded"] == [
        {
            "line": "POST /v1/messages",
            "status": 400,
            "headers": [["x-api-key", "[key:provider]"]],
            "body": '{"max_tokens": 5}',
            "note": "",
        }
    ]
    assert shot_evidence()["forwarded"] is None
