"""A demand, answers -> what it shows: that it holds, problems, doubt, or nothing. Pure.

`any` and `when` are made of other demands. Of alternatives one that holds is enough; where none
does, but one could not be decided, the whole is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.language import checks
from harness.language.checks import Problem, Silent, Undecided
from harness.model import GRADES, Answer, Cause, Grade, PlannedAssertion


@dataclass(frozen=True, slots=True)
class Look:
    """`doubt` says why nothing can be said, `cause` who is to answer for it; `silent` looks had
    nothing to say."""

    problems: tuple[Problem, ...] = ()
    grade: Grade = "none"
    doubt: str = ""
    cause: Cause = "environment"
    silent: bool = False

    @property
    def holds(self) -> bool:
        return not (self.problems or self.doubt or self.silent)


Hears = Callable[[str], bool]


def examine(
    assertion: PlannedAssertion, shots: Sequence[str], answers: Mapping[str, Answer], hears: Hears
) -> Look:
    """`hears` tells which controls are still of use."""
    own = [answers[shot] for shot in shots]
    if assertion.check == "when" and any(
        checks.BY_ID["status"].run(assertion.args["status"], own, [])
    ):
        return Look(silent=True)
    if assertion.parts:
        looks = [
            [examine(each, shots, answers, hears) for each in part] for part in assertion.parts
        ]
        return either([together(part) for part in looks])
    against = [answers[shot] for shot in assertion.against if hears(shot)]
    try:
        problems = tuple(checks.BY_ID[assertion.check].run(assertion.args, own, against))
    except Undecided as doubt:
        return Look(doubt=str(doubt))
    except Silent:
        return Look(silent=True)
    return Look(problems, assertion.grade)


def together(looks: Iterable[Look]) -> Look:
    """Of several demands all must hold; those that are silent do not count."""
    looks = list(looks)
    problems = tuple(problem for look in looks for problem in look.problems)
    doubt = "; ".join(look.doubt for look in looks if look.doubt)
    if problems or doubt:
        return Look(problems, strongest(looks), "" if problems else doubt)
    return Look(grade=strongest(looks), silent=all(look.silent for look in looks))


def either(looks: Sequence[Look]) -> Look:
    """The one look there is, or what several come to."""
    held, broken = [k for k in looks if k.holds], [k for k in looks if k.problems]
    doubts = [look.doubt for look in looks if look.doubt]
    if len(looks) == 1:
        return looks[0]
    if held:
        return Look(grade=strongest(held))
    firsts = [look.problems[0] for look in broken]
    if doubts:
        said = [*(f"{p.at}: {p.got}" for p in firsts), *doubts]
        return Look(doubt="; ".join(said), cause="model" if firsts else "environment")
    if not broken:
        return Look(silent=True)
    wanted = ", or ".join(f"{p.at}: {p.expected}" for p in firsts)
    got = "; ".join(dict.fromkeys(f"{p.at}: {p.got}" for p in firsts))
    return Look((Problem(firsts[0].at, wanted, got),), strongest(broken))


def strongest(looks: Iterable[Look]) -> Grade:
    return max((look.grade for look in looks), key=GRADES.index, default="none")
