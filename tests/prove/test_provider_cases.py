"""Cases that need a provider behind the gateway, and the variants of that provider.

`harness prove` runs all of these cases against all mutants and variants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from harness.model import Plan
from harness.prove import worker
from harness.prove.in_process import gateway
from harness.prove.in_process_upstream import provider
from harness.prove.jobs import Job
from harness.prove.matrix import caught
from harness.run import Options, load_session
from harness.run.features import UPSTREAM
from harness.testbed.base import Variant
from harness.testbed.keys import GATEWAY_KEY, PROVIDER_KEY
from harness.testbed.mutants.upstream import UPSTREAM_MUTANTS
from harness.testbed.variants.upstream import UPSTREAM_VARIANTS
from harness.util.errors import UsageError
from tests.support.gateway_behind_provider import BASES, events, request
from tests.support.provider_cases import PACKS, plans

REFERENCE = Variant("reference", "changes nothing", {})


def upstream_plans() -> dict[str, Plan]:
    return {name: plan for name, plan in plans().items() if plan.case.feature == UPSTREAM}


def replies(variant: Variant) -> list[Mapping[str, Any]]:
    """A plain answer and a stream of a provider of each protocol."""
    answers: list[Mapping[str, Any]] = []
    for protocol in ("openai", "anthropic"):
        _, respond = provider(other=variant.overrides)
        for mode in ({}, {"stream": True}):
            reply = respond(request(protocol, {**BASES[protocol], **mode}, PROVIDER_KEY))
            answers.append({"headers": reply["headers"], "chunks": reply["chunks"]})
    return answers


def test_worker_runs_gateways_with_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "REFERENCES", [])
    reference = worker.prepare(("openai-compat",))
    mutant = reference.home["upstream.trims"]
    kills = worker.work(Job("mutant", mutant.id))[mutant.id]
    assert any(caught(kill, mutant) for kill in kills)
    assert "upstream.trims" in worker.work(Job("case", mutant.case))
    assert worker.work(Job("provider", "provider.openai")) == {"provider.openai": ()}


def test_every_variant_of_the_provider_sends_other_replies() -> None:
    reference = replies(REFERENCE)
    assert [v.id for v in UPSTREAM_VARIANTS if replies(v) == reference] == []


def test_split_stream_has_the_same_bytes() -> None:
    split = replies(next(v for v in UPSTREAM_VARIANTS if v.id == "upstream.sevens"))
    for reference, reply in zip(replies(REFERENCE), split, strict=True):
        assert b"".join(reference["chunks"]) == b"".join(reply["chunks"])
    assert events({"chunks": split[1]["chunks"]})


def test_forwarding_mutants_have_no_effect_without_a_provider() -> None:
    mutants = [
        mutant
        for mutant in UPSTREAM_MUTANTS
        if all(name.startswith("forward.") for name in mutant.override)
    ]
    assert len(mutants) > len(UPSTREAM_MUTANTS) // 2
    for mutant in mutants:
        protocol = "anthropic" if mutant.id.startswith("anthropic.") else "openai"
        http_request = request(protocol, BASES[protocol], GATEWAY_KEY)
        assert gateway(mutant.override).respond(http_request) == gateway().respond(http_request)


@pytest.mark.parametrize(("direction", "minimum"), [("forward", 60), ("back", 30)])
def test_cases_assert_enough_about_both_directions(direction: str, minimum: int) -> None:
    """Counts each assertion template once, whatever the number of modes."""
    counts: Counter[str] = Counter()
    for plan in upstream_plans().values():
        if plan.case.place.path.endswith(f"upstream-{direction}.yaml"):
            own = {(a.place.line, a.rule) for a in plan.assertions if a.place != plan.case.place}
            counts[plan.case.pack] += len(own)
    assert set(counts) == {"openai-compat", "anthropic-messages"}
    assert sum(counts.values()) >= minimum
    assert min(counts.values()) >= minimum // 2


def test_upstream_feature_requires_an_upstream() -> None:
    with pytest.raises(UsageError, match="--upstream HOST:PORT"):
        load_session(Options(packs=PACKS, features=(UPSTREAM,)))


def test_upstream_case_requires_an_upstream() -> None:
    session = load_session(Options(packs=PACKS))
    with pytest.raises(UsageError, match=r"openai-compat/upstream\.key: .*--upstream HOST:PORT"):
        session.preflight([session.plan(plans()["openai-compat/upstream.key"].case)])
