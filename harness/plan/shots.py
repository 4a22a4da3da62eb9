"""Probes -> scripts of shots with names of their own: modes, repetitions, the panel. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.language.behaviours import Probe, Step
from harness.model import Call, Case, Mode, Pack, Script, Shot, Target
from harness.plan.request import RequestError, call
from harness.util import placeholders

MODES: tuple[Mode, ...] = ("plain", "stream")
BASE = "base"
PANEL = "panel"
SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Fired:
    """A script with the tag and the mode by which demands find it; `panel` names its entry."""

    tag: str
    mode: Mode
    script: Script
    panel: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class ShotBuilder:
    """A case in its pack, and the target that it is fired at."""

    case: Case
    pack: Pack
    target: Target

    def at(self, probe: Probe) -> Iterator[Fired]:
        """The scripts of a probe: modes x times, or a group of the pack's panel."""
        if probe.panel:
            yield from self.panel(probe)
            return
        bare = any(step.http or step.client or step.raw is not None for step in probe.steps)
        usual: Sequence[Mode] = MODES[:1] if bare else MODES
        modes: Sequence[Mode] = probe.modes or self.case.spec.get("modes", usual)
        for mode in modes:
            calls = self.calls(probe.steps, mode)
            for turn in range(1, probe.times + 1):
                script = self.script(probe, calls, mode, turn)
                yield Fired(probe.tag, mode, script, shared=probe.shared)

    def panel(self, probe: Probe) -> Iterator[Fired]:
        """`ok`, `stream` and `error`: the shared answers on which constants are judged."""
        mode: Mode = "stream" if probe.panel == "stream" else "plain"
        entries = {
            name: entry
            for name, entry in self.pack.panel.items()
            if (name == "error") == (probe.panel == "error")
        }
        if not entries and probe.tag == PANEL:
            raise RequestError(
                "/on", f"the panel in pack.yaml has nothing to judge `{probe.panel}` on"
            )
        for name, entry in entries.items():
            if entry.get("feature") not in self.target.lacks:
                step = Step(request=entry.get("request", {}), omit=tuple(entry.get("omit", ())))
                one = replace(probe, steps=(step,), panel="", label=name)
                script = self.script(one, self.calls(one.steps, mode), mode, 1)
                yield Fired(probe.tag, mode, script, name, shared=True)

    def bases(self, modes: set[Mode]) -> Iterator[Fired]:
        """The panel's plain answer in each mode, and its error: what is wrong in all answers."""
        for group, mode in (("ok", "plain"), ("stream", "stream"), ("error", "plain")):
            if mode in modes or group == "error":
                fired = self.panel(Probe(BASE, panel=group, shared=True))
                yield from (one for one in fired if one.panel in ("plain", "error"))

    def calls(self, steps: Sequence[Step], mode: Mode) -> list[Call]:
        made = [call(self.pack, self.target, step, mode) for step in steps]
        self.known(steps, made)
        return made

    def script(self, probe: Probe, calls: Sequence[Call], mode: Mode, turn: int) -> Script:
        name = self.name(probe, calls, mode, turn)
        shots = tuple(
            Shot(
                id=f"{name}/{step.name}" if len(calls) > 1 else name,
                tag=probe.tag,
                label=probe.label,
                mode=mode,
                step=step.name,
                call=made,
                value=probe.value,
                capture=step.capture,
            )
            for step, made in zip(probe.steps, calls, strict=True)
        )
        return Script(name, shots)

    def name(self, probe: Probe, calls: Sequence[Call], mode: Mode, turn: int) -> str:
        """What is shared is named by its bytes: the same script, whichever case asks for it."""
        if probe.shared:
            room = f"panel/{probe.label}" if probe.tag in (PANEL, BASE) else SHARED
            return f"{room}/{fingerprint(probe.steps, calls)}/{mode}/{turn}"
        parts = [self.case.name, probe.label, mode, str(turn) if probe.times > 1 else ""]
        return "/".join(part for part in parts if part)

    def known(self, steps: Sequence[Step], calls: Iterable[Call]) -> None:
        """Every name is defined or captured before it is used, and means one thing only."""
        defined, captured = {"model", *self.pack.define}, set[str]()
        for index, (step, made) in enumerate(zip(steps, calls, strict=True)):
            wanted = placeholders.names_in([made.body, *made.path.split("/")])
            for name in sorted(wanted - captured):
                text = f"nothing defines ${name}; define it in pack.yaml or capture it before"
                raise RequestError(f"/steps/{index}", text)
            for name in sorted(set(step.capture) & defined):
                text = f"the capture `{name}` hides the pack's ${name}; choose another name"
                raise RequestError(f"/steps/{index}/capture/{name}", text)
            captured |= set(step.capture)


def is_shared(shot: str) -> bool:
    """Whether a shot belongs to no case alone: no pack may be called like these."""
    return shot.partition("/")[0] in (PANEL, SHARED)


def fingerprint(steps: Sequence[Step], calls: Sequence[Call]) -> str:
    """What is sent, and what is made of the answers: scripts alike in both are one."""
    sent = [[getattr(made, name) for name in made.__slots__] for made in calls]
    text = json.dumps([sent, [[step.name, dict(step.capture)] for step in steps]], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
