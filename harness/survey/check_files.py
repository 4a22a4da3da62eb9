"""The texts of target.yaml and claims.yaml, without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.load.pack_folders import pack_folder, shipped_packs
from harness.model import Claim, Pack
from harness.report.baseline import quote
from harness.report.text import one_line
from harness.survey.session import SurveySession

HEAD: Final = "# Written by `harness survey`; edit the reasons, and name the fields that you fix.\n"


def claims_text(claims: Mapping[str, Claim]) -> str:
    lines = [
        line
        for name, claim in claims.items()
        for line in (
            f"  {quote(name)}:",
            f"    behaviour: {claim.behaviour}",
            f"    why: {quote(claim.because)}",
        )
    ]
    return HEAD + "deviations:\n" + "\n".join(lines) + "\n"


def target_text(session: SurveySession, pack: Pack) -> str:
    """Return a target file without secrets. Headers of the command line are not in it."""
    return HEAD + "\n".join(target_lines(session, pack)) + "\n"


def target_lines(session: SurveySession, pack: Pack) -> Iterator[str]:
    target = session.target
    yield f"name: {quote(session.redact(target.name))}"
    yield f"packs: [{quote(pack.id if is_shipped(pack) else pack.folder)}]"
    if key := session.options.api_key_env or target.key_env:
        yield f"key_env: {key}"
    yield "endpoints:"
    endpoint = target.endpoints[pack.protocol]
    yield f"  {pack.protocol}:"
    url = "builtin" if target.builtin else session.redact(endpoint.base_url)
    yield f"    base_url: {quote(url)}"
    yield f"    auth: {endpoint.auth}"
    yield f"    model: {quote(endpoint.model)}"
    if headers := ", ".join(name for name, _ in endpoint.headers):
        yield f"    # Sent as well, and not written here: {one_line(headers, 200)}"
    if limits := {k: getattr(target, k) for k in ("rpm", "tpm") if getattr(target, k)}:
        yield f"limits: {{{', '.join(f'{k}: {v:g}' for k, v in limits.items())}}}"


def is_shipped(pack: Pack) -> bool:
    return pack.id in shipped_packs() and pack_folder(pack.id).samefile(pack.folder)
