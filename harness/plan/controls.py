"""The same request without the field under test, with which a shot of a case is compared.

What an answer has without the field too does not show that the field has its effect. The control is
the one that the case describes, the pack's base request, or one more request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from harness.language.behaviours import Assertion
from harness.model import Call, Case, Mode, Pack, Script, Shot
from harness.plan.prerequisites import shared_script
from harness.plan.shots import BASE
from harness.plan.without_field import without_field

POSITIVE = ("supported", "honoured_or_refused")
ABOUT_REQUESTS = ("request", "tool", "message")  # locations of rows
VISIBLE = ("body", "events", "sum")  # checks of what an answer contains
# Fields without which a request is invalid, or another one.
NEEDED = ("messages", "model", "max_tokens", "tools", "stream")


def controls_of(
    case: Case,
    pack: Pack,
    scripts: Sequence[Script],
    bases: Sequence[Script],
    assertions: Iterable[Assertion],
) -> dict[str, Script]:
    """Return the control of each of a case's own shots, by the shot's id, where there is one.

    Args:
        scripts: what the case sends.
        bases: the pack's base requests.
        assertions: what the case asserts. If no answer shows it, no further request is sent.
    """
    location = next((row.location for row in pack.rows if row.id == case.row), "")
    if case.behaviour not in POSITIVE or location not in ABOUT_REQUESTS:
        return {}
    described = {s.mode: s for s in reversed(scripts) if s.tag.startswith("assume-")}
    usual = {s.mode: s for s in bases if s.panel_entry == "plain"}
    visible = any(is_visible(each) for each in assertions if "probe" in each.tags)
    controls = {}
    for script in (each for each in scripts if not each.shared):
        shot, own = script.shots[-1], described.get(script.mode)
        if own and same_messages(own.shots[-1].call, shot.call):
            controls[shot.id] = own
        elif visible and not own and len(script.shots) == 1:
            controls.update((shot.id, made) for made in without(case, pack, shot, usual))
    return controls


def without(case: Case, pack: Pack, shot: Shot, usual: Mapping[Mode, Script]) -> Iterator[Script]:
    """Yield the request without the field, if that is an optional field of the whole request."""
    for label, call in without_field(case, pack.body, shot.call):
        base = usual.get(shot.mode)
        changed = {k for k in shot.call.body if shot.call.body[k] != call.body.get(k)}
        if base and base.shots[-1].call == call:
            yield base
        elif changed and changed.isdisjoint(NEEDED):
            made = shared_script(call, shot, label)
            yield replace(made, shots=(replace(made.shots[-1], tag=BASE),))


def is_visible(assertion: Assertion) -> bool:
    """Return whether an assertion is about what an answer contains, apart from comparisons."""
    inner = any(is_visible(each) for part in assertion.parts for each in part)
    return inner or (assertion.stage == "rest" and assertion.check in VISIBLE)


def same_messages(one: Call, other: Call) -> bool:
    """Return whether two different requests have the same messages.

    With other messages a control is another conversation, which shows nothing about a field.
    """
    bodies = [call.body if isinstance(call.body, dict) else {} for call in (one, other)]
    return one != other and bodies[0].get("messages") == bodies[1].get("messages")
