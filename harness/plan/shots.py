"""Builds the scripts of a probe: modes, repetitions, sample answers, and the names of shots."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from harness.language.behaviours.base import Probe, Step
from harness.model import Call, Case, Mode, Pack, Pairs, Place, Script, Shot, Target
from harness.model.exchanges import PANEL, SHARED
from harness.plan.request import RequestError, build_calls, merge_headers
from harness.util import placeholders
from harness.util.identity import Same

MODES: tuple[Mode, ...] = ("plain", "stream")
BASE = "base"
NOT_CHAT = {"method", "path", "headers", "auth", "raw"}  # such a request has no streamed form


@dataclass(frozen=True, slots=True)
class ShotBuilder:
    """Builds the shots of one case for one target."""

    case: Case
    pack: Pack
    target: Target

    def scripts(self, probe: Probe) -> Iterator[Script]:
        """Yield the scripts of a probe: modes x times, or a group of the pack's panel."""
        if probe.panel:
            yield from self.panel_scripts(probe)
            return
        for mode in probe.modes or self.case.spec.get("modes", default_modes(probe, self.pack)):
            calls = self.calls(probe, mode)
            scripts = [self.script(probe, calls, mode, turn + 1) for turn in range(probe.times)]
            together = probe.shared or probe.at_once or len(calls) > 1
            one_by_one = probe.times > 1 and not together
            yield from [self.in_a_row(probe, scripts)] if one_by_one else scripts

    def in_a_row(self, probe: Probe, scripts: Sequence[Script]) -> Script:
        """Return one script that sends the shots of several, each after the answer to the last.

        Otherwise the answers would depend on which request comes first, and on whether two of them
        are answered in the same millisecond.
        """
        name = scripts[0].id.rpartition("/")[0]
        return Script(name, tuple(shot for script in scripts for shot in script.shots))

    def panel_scripts(self, probe: Probe) -> Iterator[Script]:
        """Yield the shared sample answers of a group: `plain`, `stream` or `error`."""
        mode: Mode = "stream" if probe.panel == "stream" else "plain"
        is_error = probe.panel == "error"
        panel = self.pack.panel.items()
        entries = {name: entry for name, entry in panel if (name == "error") == is_error}
        if not entries and probe.tag == PANEL:
            text = f"`answers` in pack.yaml have no sample answer for `{probe.panel}`"
            raise RequestError("/answers", text)
        for name, entry in entries.items():
            if entry.get("feature") not in self.target.lacks:
                sample = replace(probe, steps=({"request": entry},), panel="", label=name)
                yield self.script(sample, self.calls(sample, mode), mode, 1)

    def base_scripts(self, modes: set[Mode]) -> Iterator[Script]:
        """Yield the panel's plain answer in each mode, and its error.

        Their violations are in all answers, so they excuse those of a single case.
        """
        for group, mode in (("plain", "plain"), ("stream", "stream"), ("error", "plain")):
            if mode in modes or group == "error":
                scripts = sample_scripts(Same(self.pack), Same(self.target), group)
                yield from (s for s in scripts if s.panel_entry in ("plain", "error"))

    def samples(self, modes: set[Mode]) -> Iterator[Script]:
        """Yield the sample answers of the panel in each mode, without its error."""
        for group, mode in (("plain", "plain"), ("stream", "stream")):
            if mode in modes:
                yield from sample_scripts(Same(self.pack), Same(self.target), group)

    def calls(self, probe: Probe, mode: Mode) -> list[Call]:
        calls = build_calls(self.pack, self.target, probe, mode)
        self.check_names(probe.steps, calls)
        return calls

    def base_call(self, protocol: str, mode: Mode) -> Call:
        """Return the pack's base request."""
        return base_call(Same(self.pack), Same(self.target), protocol, mode)

    def usual_headers(self, protocol: str) -> Pairs:
        """Return the headers of a request that has none of its own."""
        return merge_headers(self.pack, protocol, [])

    def script(self, probe: Probe, calls: Sequence[Call], mode: Mode, turn: int) -> Script:
        name = self.script_id(probe, calls, mode, turn)
        shots = tuple(
            Shot(
                id=f"{name}/{step.get('name', '')}" if len(calls) > 1 else name,
                tag=probe.tag,
                label=probe.label,
                mode=mode,
                step=step.get("name", ""),
                call=call,
                value=probe.value,
                capture=step.get("capture", {}),
            )
            for step, call in zip(probe.steps, calls, strict=True)
        )
        return Script(name, shots)

    def script_id(self, probe: Probe, calls: Sequence[Call], mode: Mode, turn: int) -> str:
        """Return the id. Equal shared scripts of all cases have the same id, so one is sent."""
        if probe.shared:
            prefix = f"{PANEL}/{probe.label}" if probe.tag in (PANEL, BASE) else SHARED
            return f"{prefix}/{fingerprint(probe.steps, calls)}/{mode}/{turn}"
        parts = [self.case.name, probe.label, mode, str(turn) if probe.times > 1 else ""]
        return "/".join(part for part in parts if part)

    def check_names(self, steps: Sequence[Step], calls: Iterable[Call]) -> None:
        """Raise RequestError unless every `$name` is defined or captured before it is used."""
        defined, captured = {"model", *self.pack.define}, set[str]()
        for index, (step, call) in enumerate(zip(steps, calls, strict=True)):
            used = placeholders.names_in([call.body, *call.path.split("/")])
            for name in sorted(used - captured):
                text = f"nothing defines ${name}; define it in pack.yaml or capture it before"
                raise RequestError(f"/steps/{index}", text)
            for name in sorted(set(step.get("capture", {})) & defined):
                text = f"the capture `{name}` hides the pack's ${name}; choose another name"
                raise RequestError(f"/steps/{index}/capture/{name}", text)
            captured |= set(step.get("capture", {}))


# The base requests and sample answers of a pack are in the plans of all its cases.
CACHED: Final = 64


@lru_cache(maxsize=CACHED)
def sample_scripts(pack: Same[Pack], target: Same[Target], group: str) -> tuple[Script, ...]:
    """Return the shared sample answers of a group for any case. Raises RequestError."""
    probe = Probe(BASE, panel=group, shared=True)
    return tuple(ShotBuilder(no_case(pack.value), pack.value, target.value).panel_scripts(probe))


@lru_cache(maxsize=CACHED)
def base_call(pack: Same[Pack], target: Same[Target], protocol: str, mode: Mode) -> Call:
    builder = ShotBuilder(no_case(pack.value), pack.value, target.value)
    return builder.calls(Probe("base", steps=({"protocol": protocol},)), mode)[-1]


def no_case(pack: Pack) -> Case:
    """Return a case without contents, for requests that are those of the pack."""
    return Case("first", pack.id, "", "supported", "core", {}, Place(pack.folder, 1))


def default_modes(probe: Probe, pack: Pack) -> Sequence[Mode]:
    """Return both modes, or plain for a request with a path, header or raw body of its own.

    A pack that says how to make a request plain, and not how to stream it, has no streams.
    """
    special = any("client" in s or s.get("request", {}).keys() & NOT_CHAT for s in probe.steps)
    plain_only = bool(pack.modes) and "stream" not in pack.modes
    return MODES[:1] if special or plain_only else MODES


def fingerprint(steps: Sequence[Step], calls: Sequence[Call]) -> str:
    """Return a digest of the requests and of the values captured from their answers."""
    sent = [[getattr(call, name) for name in call.__slots__] for call in calls]
    captures = [[step.get("name", ""), dict(step.get("capture", {}))] for step in steps]
    text = json.dumps([sent, captures], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
