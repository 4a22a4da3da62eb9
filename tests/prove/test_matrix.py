"""What is wrong with us is told: survivors, wrong rules, toothless cases, accused gateways."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness import prove
from harness.load.targets import load_target
from harness.prove import in_process, worker
from harness.prove.matrix import kills_of, mutants_of_cases
from harness.run import inputs
from harness.testbed.base import Mutant, Variant
from harness.util.errors import UsageError
from tests.support import pack_on_disk

Respond = Callable[[Mapping[str, Any]], pack_on_disk.Reply]
CASES = """
pack: tiny
cases:
  - {id: seed, row: seed, behaviour: ignored, values: [7]}
  - {id: n, row: n, behaviour: exactly, value: 1, other_values: [2]}
"""


def refusing(key: str) -> Callable[..., pack_on_disk.Reply]:
    """Overrides the whole answer: whoever sends this key is refused."""

    def respond(right: Respond, request: Any, *more: Any) -> pack_on_disk.Reply:
        body = json.loads(request["body"] or b"{}")
        return pack_on_disk.error(400, f"no {key}") if key in body else right(request, *more)

    return respond


SEED = Mutant(
    "seed.refused", "seed is refused", "tiny/seed", "ignored.refused", {"respond": refusing("seed")}
)
N = Mutant("n.refused", "n is refused", "n", "exactly.value", {"respond": refusing("n")})
SAME = Variant("same", "the same", {"respond": lambda right, *more: right(*more)})


def loud(right: Respond, *more: Any) -> pack_on_disk.Reply:
    made = right(*more)
    return {**made, "headers": [*made["headers"], ("x-loud", "yes")]}


@pytest.fixture
def pack(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, SEED, N)
    return pack_on_disk.pack(tiny_pack, CASES)


def use(
    monkeypatch: pytest.MonkeyPatch, *mutants: Mutant, variants: tuple[Variant, ...] = ()
) -> None:
    right = (SAME, Variant("loud", "a header more", {"respond": loud}), *variants)
    for room in (prove, worker):
        monkeypatch.setattr(room, "MUTANTS", mutants)
        monkeypatch.setattr(room, "VARIANTS", right)


def proven(pack: Path, *words: str) -> pack_on_disk.CommandResult:
    return pack_on_disk.harness("prove", "--pack", pack, "--workers", "1", *words)


def test_prove_succeeds_if_each_mutant_is_killed_by_its_rule(pack: Path) -> None:
    result = proven(pack)
    assert (result.code, result.err) == (0, "")
    assert "killed   seed.refused" in result.out
    assert " tiny/seed: ignored.refused\n" in result.out
    assert "passes   right\n" in result.out
    assert "passes   loud\n" in result.out
    assert (
        "2 mutants, 0 survive; 2 cases, 0 kill no mutant; 3 right gateways, 0 accused; "
        in result.out
    )


def test_mutant_that_no_case_kills_survives(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = Mutant("user.refused", "user is refused", "seed", "x", {"respond": refusing("user")})
    use(monkeypatch, SEED, N, harmless)
    result = proven(pack)
    assert result.code == 1
    assert "SURVIVES user.refused" in result.out
    assert "3 mutants, 1 survive" in result.out


def test_mutant_that_only_another_rule_kills_survives(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Mutant("seed.refused", "seed is refused", "seed", "ignored.effect", SEED.override)
    use(monkeypatch, wrong, N)
    result = proven(pack)
    assert result.code == 1
    assert "SURVIVES seed.refused" in result.out
    assert "killed instead by tiny/seed: ignored.refused" in result.out


def test_mutant_that_only_another_case_kills_survives(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Mutant("seed.refused", "seed is refused", "n", "ignored.refused", SEED.override)
    use(monkeypatch, wrong, N)
    assert "SURVIVES seed.refused" in proven(pack).out


def test_case_that_kills_no_mutant_is_reported(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, SEED)
    result = proven(pack)
    assert result.code == 1
    assert "IDLE     tiny/n: kills no mutant by an assertion of its own" in result.out


def test_case_without_a_killed_mutant_of_its_own_is_tried_on_other_mutants(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried on the mutants of other cases, one after the other, until it catches one."""
    both = {"respond": lambda right, *more: refusing("n")(partial(refusing("seed"), right), *more)}
    use(monkeypatch, replace(SEED, override={}), replace(SEED, id="both", override=both))
    matrix = prove.prove([str(pack)], 1)
    assert matrix.cases_without_kills() == []
    assert [mutant.id for mutant in matrix.survivors()] == ["seed.refused"]
    assert {kill.case for kill in matrix.kills["both"]} == {"tiny/seed", "tiny/n"}


def test_full_matrix_counts_the_other_cases_that_kill_a_mutant(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack_on_disk.pack(
        pack, CASES + "  - {id: seed.too, row: seed, behaviour: ignored, values: [8]}\n"
    )
    brief, full = proven(pack), proven(pack, "--full")
    assert "more cases" not in brief.out
    assert "tiny/seed: ignored.refused  (and 1 more cases)" in full.out
    assert "n: exactly.value  (and 0 more cases)" in full.out
    assert brief.out.splitlines()[-1] == full.out.splitlines()[-1]
    assert (brief.code, full.code) == (0, 0)


def test_mutant_receives_only_the_requests_of_its_own_case(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids count repeated requests: what is not fired must not be missed."""
    asked: list[str] = []

    def listening(right: Respond, request: Any, *more: Any) -> pack_on_disk.Reply:
        asked.append(request["body"].decode())
        return refusing("n")(right, request, *more)

    use(monkeypatch, SEED, replace(N, override={"respond": listening}))
    assert proven(pack).code == 0
    assert asked
    assert not any("seed" in body for body in asked)


def test_kill_by_an_assertion_of_every_case_does_not_count(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that crashes on n is caught by the shape of its answer, if by nothing else."""

    def odd(right: Respond, request: Any, *more: Any) -> pack_on_disk.Reply:
        made = right(request, *more)
        if b'"n": 1' in request["body"] and b"stream" not in request["body"]:
            return pack_on_disk.json_reply(
                200, {"id": 7, **json.loads(b"".join(made["chunks"])), "model": 7}
            )
        return made

    use(monkeypatch, SEED, Mutant("n.odd", "odd", "seed", "ignored.refused", {"respond": odd}))
    result = proven(pack)
    assert "IDLE     tiny/n" in result.out


def test_false_accusation_is_reported(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, SEED, N, variants=(Variant("odd", "refuses seed", SEED.override),))
    result = proven(pack)
    assert result.code == 1
    assert "ACCUSED  odd\n         tiny/seed: ignored.refused (must)\n" in result.out
    assert "passes   right\n" in result.out


def test_inconclusive_case_on_a_correct_gateway_is_a_false_accusation(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assume = "assume: {body: {$.none: {const: 1}}}"
    pack_on_disk.pack(pack, CASES + f"  - {{id: unsure, row: n, behaviour: supported, {assume}}}\n")
    result = proven(pack)
    assert result.code == 1
    assert "ACCUSED  right\n         tiny/unsure: inconclusive: " in result.out


def test_skipped_case_is_reported_as_unproven(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = replace(load_target("builtin"), lacks=("vision",))
    monkeypatch.setattr(inputs, "load_target", lambda name: blind)
    pack_on_disk.pack(pack, CASES + "  - {id: sight, row: n, feature: vision}\n")
    result = proven(pack)
    assert result.code == 1
    assert "tiny/sight: skip ()" in result.out


def test_mutant_of_an_unknown_case_is_reported(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(
        monkeypatch, SEED, N,
        Mutant("gone", "gone", "tiny/gone", "x", {}),
        Mutant("else", "of another pack", "other/case", "x", {}),
        Mutant("bare", "of any pack", "bare", "x", {}),
    )  # fmt: skip
    result = proven(pack)
    assert result.code == 1
    assert "STRAY    gone: there is no case tiny/gone" in result.out
    assert "else" not in result.out
    assert "bare" not in result.out


def test_case_id_without_a_pack_means_a_chat_completions_pack() -> None:
    cases = {"chat/n": "openai", "messages/n": "anthropic", "messages/m": "anthropic"}
    named = [replace(N, id=case, case=case) for case in ("n", "m", "messages/m", "messages/x")]
    home = mutants_of_cases(named, cases)
    assert {name: mutant.case for name, mutant in home.items()} == {
        "n": "chat/n",
        "messages/m": "messages/m",
    }


def test_unaffected_endpoints_are_not_sent_again() -> None:
    known = worker.prepare(("anthropic-messages",))
    assert {
        known.in_process_gateway.endpoints[shot.id] for plan in known.plans for shot in plan.shots
    } >= {"AnthropicEndpoint"}
    assert in_process.changed({"chat": N.override["respond"]}) == {"OpenAIEndpoint"}
    assert in_process.changed({"both.respond": N.override["respond"]}) == {
        "OpenAIEndpoint",
        "AnthropicEndpoint",
    }
    wrong = {"anthropic.respond": refusing("model")}
    only = [
        s for s in known.scripts if known.in_process_gateway.meets(s, in_process.changed(wrong))
    ]
    assert 0 < len(only) <= len(known.scripts)
    assert known.all_cases(kills_of, {"respond": refusing("model")}) == ()
    assert known.all_cases(kills_of, wrong) != ()


def test_one_mutant_can_be_selected(pack: Path) -> None:
    result = proven(pack, "--mutant", "n.refused")
    assert result.code == 0
    assert "seed.refused" not in result.out
    assert "1 mutants, 0 survive; 2 cases, 0 kill no mutant; 1 right gateways" in result.out


def test_unknown_mutant_exits_with_4(pack: Path) -> None:
    for name, hint in (("n.refuse", "; did you mean n.refused?"), ("zzzz", "")):
        result = proven(pack, "--mutant", name)
        assert result.code == 4
        assert result.lines == [f"ERROR: no mutant `{name}`{hint}"]


def test_several_processes_give_the_same_matrix_as_one() -> None:
    """With what ships: the processes load it themselves."""
    progress: list[str] = []
    packs = ("openai-chat",)
    names = list(worker.prepare(packs).home)[:2]
    two = prove.prove(packs, 2, names, progress.append)
    one = prove.prove(packs, 1, names)
    assert two.kills == one.kills
    assert two.accused == one.accused == {"right": ()}
    assert progress == ["right", *names]
    assert two.is_complete()


def test_forked_process_reuses_the_loaded_reference() -> None:
    known = worker.prepare(("openai-chat",))
    worker.begin(("nope",))
    assert [known] == worker.REFERENCES
    worker.REFERENCES.clear()
    worker.begin(("openai-chat",))
    assert [plan.case.name for plan in worker.REFERENCES[0].plans] == [
        plan.case.name for plan in known.plans
    ]


def test_process_with_threads_is_not_forked() -> None:
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        assert prove.context().get_start_method() == "spawn"
    finally:
        stop.set()
        other.join()


def test_crash_of_a_mutant_is_a_response_with_status_500() -> None:
    def crash(right: Respond, *more: Any) -> pack_on_disk.Reply:
        raise ZeroDivisionError

    shot: Any = type("Shot", (), {"id": "s", "call": type("Call", (), {"path": "/x"})})
    request = {"method": "GET", "path": "/v1/models", "headers": [], "body": b""}
    seen = in_process.answer(in_process.gateway({"respond": crash}), shot, request)
    assert (seen.status, seen.end) == (500, "complete")

    def drop(right: Respond, *more: Any) -> pack_on_disk.Reply:
        return pack_on_disk.reply(200, b"{", end="drop")

    seen = in_process.answer(in_process.gateway({"respond": drop}), shot, request)
    assert (seen.status, seen.end, seen.note) == (200, "dropped", "dropped")


def test_unknown_pack_is_an_error() -> None:
    with pytest.raises(UsageError, match="no pack `nope`"):
        prove.prove(("nope",))
