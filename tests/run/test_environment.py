"""The variables of the official SDKs name base URL and key of a run, if nothing else does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.model.options import Options
from harness.run import load_session
from harness.run.environment import default_target
from harness.util.errors import UsageError
from tests.support import pack_on_disk

KEY = pack_on_disk.KEY


def sent(monkeypatch: pytest.MonkeyPatch, pack: Path, *words: str, **variables: str) -> str:
    """Returns the credentials with which a gateway at OPENAI_BASE_URL, or TARGET, is called."""
    headers: dict[str, str] = {}

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        headers.update(request["headers"])
        return pack_on_disk.CORRECT(request)

    with pack_on_disk.gateway(respond) as url:
        for name, value in variables.items():
            monkeypatch.setenv(name, value.format(url=url))
        given = [word.format(url=url) for word in words]
        folders = ("--pack", str(pack), "--out", str(pack.parent / "out"))
        pack_on_disk.harness("run", *given, *folders)
    return headers.get("authorization", "none")


@pytest.mark.parametrize(
    ("words", "variables", "credentials"),
    [
        (["--model=builtin-1"], {"OPENAI_BASE_URL": "{url}", "OPENAI_API_KEY": KEY}, KEY),
        (["--model=builtin-1"], {"OPENAI_BASE_URL": "{url}/", "OPENAI_API_KEY": KEY}, KEY),
        (["{url}", "--model=builtin-1"], {"OPENAI_API_KEY": KEY}, KEY),
        (["{url}", "--model=builtin-1"], {"ANTHROPIC_API_KEY": KEY}, ""),
        (["{url}", "--model=builtin-1"], {"OPENAI_API_KEY": ""}, ""),
        (
            ["{url}", "--model=builtin-1", "--api-key-env=TINY_KEY"],
            {"OPENAI_API_KEY": "sk-another-0123456789"},
            KEY,
        ),
        (
            ["{url}", "--model=builtin-1", f"--header=authorization: Bearer {KEY}"],
            {"OPENAI_API_KEY": "sk-another-0123456789"},
            KEY,
        ),
    ],
)
def test_key_and_base_url_of_the_environment_are_used_if_nothing_else_is_named(
    tiny_pack: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    variables: dict[str, str],
    credentials: str,
) -> None:
    expected = f"Bearer {credentials}" if credentials else "none"
    assert sent(monkeypatch, tiny_pack, *words, **variables) == expected


def test_run_without_options_never_leaves_the_machine(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.invalid/v1")
    result = pack_on_disk.harness("run", "--pack", tiny_pack, "--out", tiny_pack.parent / "out")
    assert (result.code, result.err) == (0, "")
    line = "OPENAI_BASE_URL is set: `harness run --model NAME` tests what is there"
    assert line in result.out.splitlines()


def test_key_of_the_environment_is_announced_and_not_printed(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run(tiny_pack, "--model", "builtin-1", target=url)
    name = url.removeprefix("http://").removesuffix("/v1")
    first = f"tiny 1.2.3 against {name}, model builtin-1, key of OPENAI_API_KEY"
    assert (result.code, result.out.splitlines()[0]) == (0, first)
    assert KEY not in result.out


def test_target_file_gets_no_key_of_the_environment(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    file = tiny_pack.parent / "target.yaml"
    endpoint = "{openai: {base_url: 'http://h.invalid/v1', model: m}}"
    file.write_text(f"name: x\npacks: [{tiny_pack}]\nendpoints: {endpoint}\n", "utf-8")
    session = load_session(Options(str(file), packs=(str(tiny_pack),)))
    assert (session.target.key_env, dict(session.keys)) == ("", {})


@pytest.mark.parametrize(
    ("variable", "auth"), [("ANTHROPIC_API_KEY", "x-api-key"), ("ANTHROPIC_AUTH_TOKEN", "bearer")]
)
def test_messages_protocol_has_variables_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tiny_pack: Path, variable: str, auth: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://h.invalid")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another-0123456789")
    monkeypatch.setenv(variable, KEY)
    target, packs = default_target("m", ())
    session = load_session(Options(target, packs=packs, model="m"))
    assert (packs, dict(session.keys)) == (("anthropic-messages",), {"key": KEY})
    assert session.target.endpoints["anthropic"].auth == auth
    assert session.target.endpoints["anthropic"].base_url == "http://h.invalid"


@pytest.mark.parametrize(
    ("packs", "target"),
    [
        ((), "http://o.invalid"),
        (("anthropic-messages",), "http://a.invalid"),
        (("x",), "http://o.invalid"),
    ],
)
def test_packs_choose_between_two_base_urls(
    monkeypatch: pytest.MonkeyPatch, tiny_pack: Path, packs: tuple[str, ...], target: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://o.invalid")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://a.invalid")
    assert default_target("m", packs) == (target, packs)
    assert default_target("", packs) == ("builtin", packs)


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://h/v1", "http://u:secret@h/v1"])
def test_variable_without_a_base_url_is_named(
    monkeypatch: pytest.MonkeyPatch, tiny_pack: Path, url: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(UsageError, match=r"^OPENAI_BASE_URL: ") as caught:
        default_target("m", ())
    assert "secret" not in str(caught.value)
    assert os.environ["OPENAI_BASE_URL"] == url
