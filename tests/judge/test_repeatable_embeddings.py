"""Embeddings are compared only on a target whose embeddings repeat; one case reports if not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.model import Verdict
from harness.prove.gateway_run import GatewayRun
from harness.prove.in_process import gateway
from harness.prove.matrix import Kill
from harness.prove.reference import Reference
from harness.testbed.mutants.embeddings.answers import turning


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[str, str | None]]:
    reference = Reference(("openai-embeddings",))
    overrides = {"embeddings.vectors": turning()}
    sent = reference.in_process_gateway.fire(gateway(overrides), reference.scripts)
    signals = reference.calibrator.signals(reference.calibrator.calibrations, sent)
    noted: dict[str, tuple[str, str | None]] = {}

    def note(verdict: Verdict) -> Iterator[Kill]:
        noted[verdict.case.id] = verdict.outcome, verdict.cause
        yield from ()

    GatewayRun(reference.plans, sent, reference.fire(overrides), signals).kills(note)
    return noted


def test_case_about_equal_requests_fails(outcomes: dict[str, tuple[str, str | None]]) -> None:
    assert outcomes["input.again"] == ("fail", None)


@pytest.mark.parametrize("case", ["input.order", "input.texts.one", "encoding.base64.numbers"])
def test_comparisons_are_undecided(case: str, outcomes: dict[str, tuple[str, str | None]]) -> None:
    assert outcomes[case] == ("inconclusive", "signal")


def test_what_compares_nothing_is_not_affected(
    outcomes: dict[str, tuple[str, str | None]],
) -> None:
    assert outcomes["dimensions.fewer"] == ("pass", None)
