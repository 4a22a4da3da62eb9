"""With a provider behind the gateway: right ones pass, and each mistake is caught by its case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from harness.model import Plan
from harness.prove.in_process import gateway
from harness.prove.in_process_upstream import excused, provider
from harness.prove.matrix import Kill, caught, false_accusations, kills_by_own_assertion, kills_of
from harness.run import Options, load_session
from harness.run.inputs import UPSTREAM
from harness.testbed.base import Mutant, Variant
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mutants.upstream import UPSTREAM_MUTANTS as MUTANTS
from harness.testbed.variants.upstream import UPSTREAM_VARIANTS
from harness.util.errors import UsageError
from tests.support.gateway_behind_provider import BASES, events, request
from tests.support.provider_cases import BOTH, LIKE_ANTHROPIC, LIKE_OPENAI, PACKS, plans, verdicts

RIGHT = Variant("right", "the right provider", {})


def ours() -> dict[str, Plan]:
    return {name: plan for name, plan in plans().items() if plan.case.feature == UPSTREAM}


def blamed(names: Iterable[str], **world: Any) -> list[Kill]:
    kills = [kill for verdict in verdicts(names, **world) for kill in false_accusations(verdict)]
    return [kill for kill in kills if not excused(kill, world)]


@pytest.mark.parametrize("providers", [BOTH, LIKE_OPENAI, LIKE_ANTHROPIC], ids="-".join)
def test_correct_gateway_passes_every_case(providers: Sequence[str]) -> None:
    assert blamed(plans(), providers=providers) == []


@pytest.mark.parametrize("variant", UPSTREAM_VARIANTS, ids=lambda variant: variant.id)
def test_correct_gateway_passes_with_every_provider_variant(variant: Variant) -> None:
    assert blamed(ours(), other=variant.overrides) == []


@pytest.mark.parametrize("variant", UPSTREAM_VARIANTS, ids=lambda variant: variant.id)
def test_every_provider_variant_changes_a_reply(variant: Variant) -> None:
    assert replies(variant) != replies(RIGHT)


def replies(variant: Variant) -> list[Mapping[str, Any]]:
    """A text, plain and streamed, from providers of both protocols."""
    found: list[Mapping[str, Any]] = []
    for protocol in ("openai", "anthropic"):
        _, respond = provider(other=variant.overrides)
        for mode in ({}, {"stream": True}):
            made = respond(request(protocol, {**BASES[protocol], **mode}, PROVIDER_KEY))
            found.append({"headers": made["headers"], "chunks": made["chunks"]})
    return found


def test_provider_variant_with_small_chunks_keeps_the_content() -> None:
    """The wire changes, and nothing that is on it."""
    sevens = next(v for v in UPSTREAM_VARIANTS if v.id == "upstream.sevens")
    for right, cut in zip(replies(RIGHT), replies(sevens), strict=True):
        assert b"".join(right["chunks"]) == b"".join(cut["chunks"])
    assert events({"chunks": replies(sevens)[1]["chunks"]})


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_mutant_is_killed_by_its_case(mutant: Mutant) -> None:
    assert any(caught(kill, mutant) for kill in kills_of_mutant(mutant.id)), kills_of_mutant(
        mutant.id
    )


def test_every_case_kills_a_mutant() -> None:
    assert Counter(mutant.id for mutant in MUTANTS).most_common(1)[0][1] == 1
    biting = {
        m.case for m in MUTANTS if any(kills_by_own_assertion(k, m) for k in kills_of_mutant(m.id))
    }
    assert sorted(set(ours()) - biting) == []


@cache
def kills_of_mutant(name: str) -> list[Kill]:
    mutant = next(mutant for mutant in MUTANTS if mutant.id == name)
    [verdict] = verdicts([mutant.case], overrides=mutant.override)
    return list(kills_of(verdict))


def test_forwarding_mutants_change_nothing_without_a_provider() -> None:
    """Overrides of the forwarding change nothing where nothing is forwarded."""
    only = [m for m in MUTANTS if all(name.startswith("forward.") for name in m.override)]
    assert len(only) > len(MUTANTS) // 2
    for mutant in only:
        front = "anthropic" if mutant.id.startswith("anthropic.") else "openai"
        asked = request(front, BASES[front], "sk-builtin-0123456789abcdef")
        assert gateway(mutant.override).respond(asked) == gateway().respond(asked)


@pytest.mark.parametrize(("kind", "least"), [("forward", 60), ("back", 30)])
def test_upstream_cases_have_enough_assertions(kind: str, least: int) -> None:
    """Demands as they are written: each once, whatever the modes; of both directions."""
    found: Counter[str] = Counter()
    for plan in ours().values():
        if plan.case.place.path.endswith(f"upstream-{kind}.yaml"):
            own = {(d.place.line, d.rule) for d in plan.assertions if d.place != plan.case.place}
            found[plan.case.pack] += len(own)
    assert set(found) == {"openai-compat", "anthropic-messages"}
    assert sum(found.values()) >= least
    assert min(found.values()) >= least // 2


def test_upstream_feature_cannot_be_selected_without_a_provider() -> None:
    with pytest.raises(UsageError, match="--upstream HOST:PORT"):
        load_session(Options(packs=PACKS, features=(UPSTREAM,)))


def test_upstream_case_cannot_be_selected_without_a_provider() -> None:
    alone = load_session(Options(packs=PACKS))
    with pytest.raises(UsageError, match=r"openai-compat/upstream\.key: .*--upstream HOST:PORT"):
        alone.preflight([alone.plan(plans()["openai-compat/upstream.key"].case)])
