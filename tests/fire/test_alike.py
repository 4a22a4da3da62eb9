"""Requests that several cases send alike are sent once, and their answers are copied."""

from __future__ import annotations

from dataclasses import replace

from harness.fire.alike import LARGEST, AlikeScripts, distinct, shared_contents
from harness.model import Attempt, Call, Exchange, Script, Shot

CALL = Call("openai", "POST", "/chat/completions", body={"n": 1})


def script(name: str, call: Call = CALL) -> Script:
    return Script(name, (Shot(name, "main", "", "plain", "", call),))


def answer(name: str, size: int = 2, **more: object) -> Exchange:
    attempts = (Attempt(0.0, 0.1, "complete", 200),)
    chunks = ((0.0, b"x" * size),)
    made = Exchange(name, "POST", "/", (), "", "complete", 200, chunks=chunks, attempts=attempts)
    return replace(made, **more)  # type: ignore[arg-type]


def send(alike: AlikeScripts, name: str, *exchanges: Exchange) -> list[tuple[int, Script]]:
    assert not alike.must_wait(0, script(name))
    return alike.end(script(name), exchanges or [answer(name)], True)


def test_later_case_gets_a_copy_under_its_own_id() -> None:
    alike = AlikeScripts()
    assert not alike.copies(script("p/a/plain"))
    send(alike, "p/a/plain")
    (copy,) = alike.copies(script("p/b/plain"))
    assert (copy.shot, copy.same_as) == ("p/b/plain", "p/a/plain")
    assert copy.body == answer("").body


def test_equal_requests_of_one_case_are_all_sent() -> None:
    alike = AlikeScripts()
    send(alike, "p/a/plain/1")
    assert not alike.copies(script("p/a/plain/2"))
    send(alike, "p/a/plain/2")
    copies = [alike.copies(script(f"p/b/plain/{number}"))[0].same_as for number in (1, 2)]
    assert copies == ["p/a/plain/1", "p/a/plain/2"]


def test_equal_request_waits_for_the_one_in_flight() -> None:
    alike = AlikeScripts()
    assert not alike.must_wait(0, script("p/a/plain"))
    assert alike.must_wait(3, script("p/b/plain"))
    waiting = alike.end(script("p/a/plain"), [answer("p/a/plain")], True)
    assert waiting == [(3, script("p/b/plain"))]


def test_doubtful_answer_is_not_copied_and_nothing_waits_for_the_next_one() -> None:
    doubtful = (
        answer("p/a/plain", end="timeout"),
        answer("p/a/plain", size=LARGEST + 1),
        answer("p/a/plain", attempts=(Attempt(0.0, 0.1, "dropped"),) * 2),
    )
    for exchange in doubtful:
        alike = AlikeScripts()
        send(alike, "p/a/plain", exchange)
        assert not alike.copies(script("p/b/plain"))
        assert not alike.must_wait(0, script("p/b/plain"))
        assert not alike.must_wait(1, script("p/c/plain"))


def test_answer_of_a_script_that_is_sent_again_is_not_copied() -> None:
    alike = AlikeScripts()
    assert not alike.must_wait(0, script("p/a/plain"))
    alike.end(script("p/a/plain"), [answer("p/a/plain")], False)
    assert not alike.copies(script("p/b/plain"))


def test_requests_for_their_own_case_are_never_alike() -> None:
    special = (
        replace(CALL, auth="limited"),
        replace(CALL, reply={"text": "x"}),
        replace(CALL, client={"sdk": "openai"}),
    )
    for call in special:
        assert len([*distinct([script("p/a/plain", call), script("p/b/plain", call)])]) == 2
    others = (CALL, replace(CALL, auth="wrong"), replace(CALL, body={"n": 2}))
    scripts = [script(f"p/{case}/{n}", call) for case in "ab" for n, call in enumerate(others)]
    assert [each.id for each in distinct(scripts)] == ["p/a/0", "p/a/1", "p/a/2"]
    controls = [script(f"shared/{number}/plain") for number in range(2)]
    assert [*distinct(controls)] == controls


def test_answer_is_kept_until_the_last_case_has_its_copy() -> None:
    planned = [script(f"p/{case}/plain") for case in "abc"]
    alike = AlikeScripts(shared_contents(planned))
    send(alike, planned[0].id)
    assert alike.copies(planned[1])
    assert alike.done
    assert alike.copies(planned[2])
    assert (alike.done, alike.size, alike.keys) == ({}, 0, {})


def test_answer_that_no_other_case_needs_is_not_kept() -> None:
    alike = AlikeScripts(shared_contents([script("p/a/plain/1"), script("p/a/plain/2")]))
    for number in (1, 2):
        send(alike, f"p/a/plain/{number}")
    assert (alike.done, alike.waiting, alike.sent, alike.keys) == ({}, {}, {}, {})
