"""The common ways to be wrong on the Anthropic front: requests, answers. May not name a case.

What both fronts have in common is taken from `faults` and sent to this front.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.anthropic.validation import FIELDS
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest
from harness.testbed.mutants.openai import operators
from harness.testbed.mutants.openai.operators import Body, Change, Test

Blocks = list[Body]


def mutant(name: str, says: str, case: str, rule: str, wrong: Overrides) -> Mutant:
    """A mutant of this front, caught by a case of this front's pack."""
    return Mutant(f"anthropic.{name}", says, f"anthropic-messages/{case}", rule, wrong)


def anthropic(overrides: Overrides) -> Overrides:
    """The same mistake, made on the Anthropic front."""
    return {f"anthropic.{hook}": wrong for hook, wrong in overrides.items()}


def both(overrides: Overrides) -> Overrides:
    """The same mistake, made on both fronts."""
    return {f"both.{hook}": wrong for hook, wrong in overrides.items()}


# --- requests ----------------------------------------------------------------------------------


def refuses(test: Test, param: str) -> Overrides:
    """Refuses what is right."""
    return anthropic(operators.refuses(test, param))


def crashes(test: Test) -> Overrides:
    """Answers a request, right or wrong, with a 500."""
    return anthropic(operators.crashes(test))


def forgives(field: str) -> Overrides:
    """Quietly leaves out a field that ought to be refused, or that nobody knows."""
    return anthropic(operators.forgives(field))


def mends(mend: Change) -> Overrides:
    """Quietly repairs a body that ought to be refused."""
    return anthropic(operators.mends(mend))


def loses(lose: Change) -> Overrides:
    """Lets something get lost on its way to the model; `lose` changes a copy of the body."""
    return anthropic(operators.loses(lose))


def misreads(**changes: Callable[[ModelRequest], Any]) -> Overrides:
    """Changes what the model is asked."""
    return anthropic(operators.misreads(**changes))


def forwards(*path: str | Mapping[str, Json]) -> Overrides:
    """Lets the model read what it ought not to."""
    return anthropic(operators.forwards(*path))


def counted(mend: Change) -> Overrides:
    """`mends` for count_tokens."""

    def check_counted(original: Change, body: Body) -> None:
        mend(body)
        original(body)

    return {"anthropic.check_count_tokens": check_counted}


def default(field: str, value: Json) -> Overrides:
    """Chooses a value where none is sent."""
    return mends(lambda body: body.setdefault(field, value))


def instead(field: str, value: Json) -> Overrides:
    """Chooses a value where the one that is sent is none."""
    return mends(lambda body: body.update({field: value}) if wrong(field)(body) else None)


def any_of(field: str, *values: Json) -> Test:
    return lambda body: field in body and body[field] in values


def wrong(field: str) -> Test:
    """Whether a body holds this field with a value that it may not have."""

    def holds(body: Body) -> bool:
        if field not in body:
            return False
        try:
            FIELDS[field](field, body[field])
        except RequestError:
            return True
        return False

    return holds


# --- answers -----------------------------------------------------------------------------------


def answers(change: Callable[[Body, Body], Any]) -> Overrides:
    """Changes the answer: `change(request, answer)`, and with it the stream cut from it."""

    def message(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        whole = original(body, *rest)
        change(body, whole)
        return whole

    return {"anthropic.message": message}


def answer(change: Change) -> Overrides:
    return answers(lambda _, whole: change(whole))


def content(change: Callable[[Blocks], Any]) -> Overrides:
    """Changes the blocks of an answer; what is returned, if anything, replaces them."""

    def changed(original: Callable[..., Blocks], *args: Any) -> Blocks:
        blocks = original(*args)
        other = change(blocks)
        return blocks if other is None else list(other)

    return {"anthropic.content": changed}


def block(kind: str, change: Change) -> Overrides:
    """Changes every block of one kind: text, thinking, tool_use."""
    return content(lambda blocks: [change(b) for b in blocks if b["type"] == kind] and None)


def reason(why: str, told: Json) -> Overrides:
    """One way of ending is told as another."""

    def telling(original: Callable[[ModelReply], Json], reply: ModelReply) -> Json:
        return told if reply.finish == why else original(reply)

    return {"anthropic.finish_reason": telling}


def usage(change: Change) -> Overrides:
    return answer(lambda whole: change(whole["usage"]))


def plain_only(overrides: Overrides) -> Overrides:
    """The same mistake, made only where no stream was asked for: for organs given the body."""
    return _where(lambda body: not body.get("stream"), overrides)


def streamed_only(overrides: Overrides) -> Overrides:
    """The same mistake, made only where a stream was asked for: for organs given the body."""
    return _where(lambda body: bool(body.get("stream")), overrides)


def _where(test: Test, overrides: Overrides) -> Overrides:
    ((hook, wrong),) = overrides.items()

    def now_and_then(original: Callable[..., Any], body: Body, *rest: Any) -> Any:
        return wrong(original, body, *rest) if test(body) else original(body, *rest)

    return {hook: now_and_then}
