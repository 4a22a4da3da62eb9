"""Assertions on every chat request that reaches the provider, whatever the case is about.

A violation that the requests of the panel have too is not caused by the field under test. It is
recorded there, and reported by the case about the row that is named as the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.language.checks import BY_ID
from harness.model import Case, Level, PlannedAssertion, Script, Shot
from harness.model.exchanges import is_shared
from harness.model.protocol import PROTOCOLS
from harness.util import placeholders

CONTENT_RULES: Final = ("forward.additions", "forward.lost", "forward.values")
ONCE: Final = "forward.once"
RULES: Final = (*CONTENT_RULES, ONCE)
EMBEDDINGS: Final = "embeddings"  # the protocol with checks of its own for each rule
# With one of these, the provider's reply is not an answer, so that sending again is right.
FAILURES: Final = ("fail", "raw", "body")


def with_forwarding(
    assertions: Iterable[PlannedAssertion],
    case: Case,
    scripts: Sequence[Script],
    samples: Sequence[Script],
) -> list[PlannedAssertion]:
    """Return the assertions of a case with those on each of its forwarded requests.

    A request that may be refused can be wrong itself; what a gateway makes of it is only recorded.
    The values of `honoured_or_refused` are legal.

    Args:
        samples: The sample requests of the pack's panel.
    """
    embedded = {s.id for one in scripts for s in one.shots if s.call.protocol == EMBEDDINGS}
    own = [asking_provider(beside_plain(each, samples), embedded) for each in assertions]
    statuses = [assertion for assertion in own if assertion.stage == "status"]
    legal = case.behaviour == "honoured_or_refused"
    refusing = [a for a in statuses if not legal and a.args not in ("ok", "control")]
    refusable = {shot for assertion in refusing for shot in assertion.shots}
    return own + [
        replace(assertion, level="may")
        if assertion.stage == "forwarded" and assertion.shots[0] in refusable
        else assertion
        for assertion in forwarding_assertions(case, scripts, samples)
    ]


def asking_provider(assertion: PlannedAssertion, embedded: set[str]) -> PlannedAssertion:
    """Return a comparison of embeddings as one that needs the provider to be asked.

    Each request of the run has a mark of its own in its text, which only the provider removes.
    """
    if assertion.check != "steps_agree" or not embedded.issuperset(assertion.shots):
        return assertion
    return replace(assertion, needs=(*assertion.needs, "upstream"))


def forwarding_assertions(
    case: Case, scripts: Iterable[Script], samples: Sequence[Script]
) -> Iterator[PlannedAssertion]:
    """Yield the assertions of each shot. Violations of the samples excuse those of the case.

    In a pack without sample requests, and on controls, they are only recorded: they belong to rows
    of other packs or cases.
    """
    rules = [case.row] if case.row in RULES else RULES
    for script in scripts:
        against = tuple(s.shots[0].id for s in samples if s.mode == script.mode)
        for shot in script.shots:
            for rule in rules:
                if applies(rule, shot):
                    yield forwarding_assertion(case, rule, shot, against)


def applies(rule: str, shot: Shot) -> bool:
    """Whether a rule can be checked on a shot, whose body must be known before it is sent."""
    call = shot.call
    if call.client or call.raw is not None:
        return False
    if rule == ONCE:
        return not any((call.reply or {}).get(key) for key in FAILURES)
    is_chat = call.method == "POST" and PROTOCOLS[call.protocol].is_chat(call.path)
    return is_chat and not placeholders.names_in(call.body)


def forwarding_assertion(
    case: Case, rule: str, shot: Shot, against: tuple[str, ...]
) -> PlannedAssertion:
    is_own = case.row == rule
    is_chat = PROTOCOLS[shot.call.protocol].is_chat(shot.call.path)
    return PlannedAssertion(
        rule=rule,
        check=check_of(rule, shot),
        args=int(is_chat) if rule == ONCE else shot.call.protocol,
        level=level_of(shot, is_chat) if is_own or against else "may",
        grade=BY_ID[check_of(rule, shot)].grade,
        shots=(shot.id,),
        against=() if is_own else against,
        place=case.place,
        stage="rest" if is_own else "forwarded",
    )


def check_of(rule: str, shot: Shot) -> str:
    """Return the check of a rule for the protocol of a shot."""
    if shot.call.protocol != EMBEDDINGS:
        return rule
    return rule.replace("forward.", f"forward.{EMBEDDINGS}.", 1)


def level_of(shot: Shot, is_chat: bool) -> Level:
    """Return the level: a control belongs to other rows."""
    if is_shared(shot.id):
        return "may"
    return "must" if is_chat or has_messages(shot) else "should"


def has_messages(shot: Shot) -> bool:
    """Whether a request at the provider can be recognized as one that the shot caused.

    Otherwise, it can be a check that the gateway does from time to time.
    """
    return isinstance(shot.call.body, dict) and "messages" in shot.call.body


def beside_plain(assertion: PlannedAssertion, samples: Sequence[Script]) -> PlannedAssertion:
    """Return an assertion on a forwarded request with the plain requests of the run beside it.

    They show whether the gateway forwards anything.
    """
    parts = tuple(tuple(beside_plain(each, samples) for each in part) for part in assertion.parts)
    if assertion.check != "forwarded":
        return replace(assertion, parts=parts) if parts else assertion
    plain = (sample.shots[0].id for sample in samples if sample.panel_entry == "plain")
    return replace(assertion, against=tuple(plain))
