"""Simpler requests without which a shot shows nothing about the field of its case.

A field counts as refused only if the request without it is answered. Each prerequisite is such a
request: the case as written without the value under test, the usual headers and key, or the pack's
base request with one of the other parts that the case uses. They are sent only if a shot fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from harness.language.behaviours import Probe
from harness.model import Call, Case, Json, Pack, Prerequisite, Script, Shot
from harness.model.exchanges import SHARED, SIMPLER
from harness.plan.pack_facts import is_about_errors, is_about_streams, locations_of_rows, subjects
from harness.plan.request_parts import CHAT, ITEMS, simpler_bodies
from harness.plan.shots import CACHED, ShotBuilder, fingerprint
from harness.plan.without_field import has_none_of, without_field
from harness.util import placeholders
from harness.util.identity import Same

Sent = Sequence[tuple[Probe, Script]]


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """The prerequisites of a case's own shots; `bases` are the pack's base requests."""

    builder: ShotBuilder
    bases: Sequence[Script]

    def of(self, sent: Sent) -> tuple[Prerequisite, ...]:
        """Return each simpler request once, with the shots that depend on it."""
        by_script: dict[str, Prerequisite] = {}
        planned = [script for _, script in sent if script.shared] + [*self.bases]
        for probe, script, shot in own_shots(sent):
            last = shot is script.shots[-1]
            needed = [(label, base, "") for label, base in self.base_requests(shot)]
            needed += self.entry_requests(shot)
            for label, call in self.simpler_calls(probe, shot, last):
                if call != shot.call and not unresolved(call):
                    same = (s for s in planned if (s.shots[-1].call, s.mode) == (call, shot.mode))
                    made = next(same, None) or shared_script(call, shot, label)
                    needed.append((label, made, ""))
            for label, made, case in needed:
                shots = by_script[made.id].shots if made.id in by_script else ()
                if shot.id not in shots:
                    by_script[made.id] = Prerequisite(made, (*shots, shot.id), label, case)
        return tuple(by_script.values())

    def base_requests(self, shot: Shot) -> Iterator[tuple[str, Script]]:
        """Yield the pack's base request in the shot's mode, and its bad request.

        The base request itself counts for a case only if other cases are about streams, and the
        bad request only if other cases are about errors: one of them must report the fault.
        """
        case = self.builder.case
        streams, errors = subjects(Same(self.builder.pack))
        for base in self.bases:
            call = base.shots[0].call
            if base.panel_entry == "error":
                if errors and not is_about_errors(case):
                    yield "the pack's bad request", base
            elif base.mode == shot.mode and endpoint(call) == endpoint(shot.call):
                elsewhere = shot.mode == "stream" and streams
                other = call != self.with_usual_key(shot.call)
                if not is_about_streams(case) and (elsewhere or other):
                    yield f"the base request in the mode {shot.mode}", base

    def entry_requests(self, shot: Shot) -> Iterator[tuple[str, Script, str]]:
        """Yield the usual request of the shot's endpoint, if that is not the endpoint of chats.

        It is the request of the pack's first case about that endpoint alone, which reports that the
        endpoint is missing. Other cases there, such as those about refusals, cannot be examined.
        """
        case, pack = self.builder.case, self.builder.pack
        entry = entries(Same(pack)).get(endpoint(shot.call))
        if entry is not None and entry.name != case.name:
            step = {"request": entry.spec["request"]}
            call = self.builder.calls(Probe("base", steps=(step,)), shot.mode)[-1]
            label = f"the usual request to {call.path}"
            yield label, shared_script(call, shot, label), entry.name

    def simpler_calls(self, probe: Probe, shot: Shot, last: bool) -> Iterator[tuple[str, Call]]:
        """Yield descriptions and requests, those that are most like the shot first."""
        call = shot.call
        if not last:
            pass
        elif probe.put or probe.drop:
            written = self.builder.calls(replace(probe, put=(), drop=()), shot.mode)[-1]
            if not self.is_positive() or has_none_of(written.body, probe.put):
                yield "the same request without the value under test", written
        else:
            yield from without_field(self.builder.case, self.builder.pack.body, call)
        usual, location = self.usual_call(call), self.location()
        headers_count = location in ("", "header") or (call.body is None and location != "client")
        if usual != self.with_usual_key(call) and headers_count and call.method != "OPTIONS":
            yield "the same request with the usual headers and key", usual
        names = names_of(self.builder.case)
        is_part = location in ("", "request", "message", "tool")
        base = self.base_call(shot)
        if base.protocol != self.builder.pack.protocol:
            yield f"the base request of {base.protocol}", base
        prompt = ITEMS if base.protocol == "responses" else CHAT
        for label, body in simpler_bodies(call.body, base.body, names, is_part, prompt):
            yield label, replace(base, body=body)
        # A client needs its fields, which other cases may permit a target to refuse.
        elsewhere = endpoint(base) != endpoint(call) and location != "client"
        if elsewhere and is_conversation(call.body):
            yield "the same messages in a chat request", replace(base, body=base.body | call.body)

    def usual_call(self, call: Call) -> Call:
        """Return the request as a case without headers and credentials of its own sends it."""
        usual = self.builder.usual_headers(call.protocol)
        return replace(call, auth="key", headers=usual, without=())

    def with_usual_key(self, call: Call) -> Call:
        """Return the request; a header that the key is in anyway makes no difference."""
        endpoint = self.builder.target.endpoints.get(call.protocol)
        same = endpoint is not None and call.auth == endpoint.auth
        return replace(call, auth="key") if same else call

    def is_positive(self) -> bool:
        """Return whether values of the field must be answered, unlike in a refusal.

        A request that has another value of the field is then not a simpler one.
        """
        return self.builder.case.behaviour not in ("ignored", "rejected", "required")

    def location(self) -> str:
        """Return where the row of the case is, such as `header`; empty if it is not known."""
        return locations_of_rows(Same(self.builder.pack)).get(self.builder.case.row, "")

    def base_call(self, shot: Shot) -> Call:
        """Return the base request in the shot's mode and protocol."""
        return self.builder.base_call(shot.call.protocol, shot.mode)


def own_shots(sent: Sent) -> Iterator[tuple[Probe, Script, Shot]]:
    """Yield the shots of the case itself whose body is known, each with its script.

    A shared script with a value of the field in it is one of the case's own.
    """
    for probe, script in sent:
        own = not script.shared or probe.put or probe.drop
        for shot in script.shots:
            if own and not shot.call.client and shot.call.raw is None:
                yield probe, script, shot


@lru_cache(maxsize=CACHED)
def entries(pack: Same[Pack]) -> Mapping[tuple[str, str], Case]:
    """Return the first case that sends the usual request to an endpoint, by method and path."""
    first: dict[tuple[str, str], Case] = {}
    for case in pack.value.cases:
        request = case.spec.get("request", {})
        usual = case.behaviour == "supported" and not request.keys() & {"auth", "headers", "raw"}
        if usual and "path" in request:
            first.setdefault((request.get("method", "POST"), request["path"]), case)
    return first


def endpoint(call: Call) -> tuple[str, str]:
    """Return the method and the path; a query such as `?beta=true` does not make another one."""
    return call.method, call.path.partition("?")[0]


def is_conversation(body: Json) -> bool:
    return isinstance(body, dict) and isinstance(body.get("messages"), list)


def names_of(case: Case) -> str:
    """Return what a case is named after, to find out which part of its request it is about."""
    return f"{case.row} {case.spec.get('field', '')}"


def shared_script(call: Call, shot: Shot, label: str) -> Script:
    """Return the script of a request. Equal ones of all cases have the same id."""
    kept = isinstance(call.body, dict) and call.alternative in call.body
    call = call if kept else replace(call, alternative="")
    name = f"{SHARED}/simpler/{fingerprint([{}], [call])}/{shot.mode}/1"
    return Script(name, (Shot(name, SIMPLER, label, shot.mode, "", call),))


def unresolved(call: Call) -> bool:
    """Return whether a request needs values of earlier answers."""
    return bool(placeholders.names_in([call.body, *placeholders.path_parts(call.path)]))
