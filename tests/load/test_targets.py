"""Targets are loaded by name, from a file or from a URL; files name keys and never hold them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.load.targets import load_target
from harness.model import Endpoint, Tier
from harness.util.errors import FileProblems, UsageError

ALL_KEYS = """\
name: mine
packs: [openai-chat, openai-compat]
key_env: [MY_KEY, MY_LIMITED_KEY]
endpoints:
  openai: {base_url: "https://host/v1/", auth: x-api-key, model: m-1, headers: {x-team: blue}}
limits: {rpm: 60, concurrency: 4}
lacks: [vision]
features: [limits]
"""
MINIMAL = (
    "name: mine\npacks: [openai-chat]\nendpoints: {openai: {model: m, base_url: 'http://h/v1'}}\n"
)


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_builtin_target_ships() -> None:
    target = load_target("builtin")
    assert (target.name, target.builtin) == ("builtin", True)
    assert target.packs == (
        "openai-compat",
        "anthropic-messages",
        "cross-protocol",
        "cross-responses",
        "openai-embeddings",
    )
    assert target.endpoints["openai"].model


def test_every_key_of_a_file_is_used(tmp_path: Path) -> None:
    target = load_target(write(tmp_path, ALL_KEYS))
    endpoint = Endpoint("openai", "https://host/v1", "x-api-key", "m-1", (("x-team", "blue"),))
    assert target.endpoints == {"openai": endpoint}
    assert (target.name, target.packs) == ("mine", ("openai-chat", "openai-compat"))
    assert (target.key_env, target.limited_key_env) == ("MY_KEY", "MY_LIMITED_KEY")
    assert (target.rpm, target.concurrency) == (60, 4)
    assert (target.lacks, target.features, target.builtin) == (("vision",), ("limits",), False)


TIERS = """\
tiers:
  basic: {rpm: 50, tpm: 100000, concurrency: 10}
  enterprise: {}
limits: {tier: basic}
"""


def test_limits_are_those_of_the_named_tier(tmp_path: Path) -> None:
    target = load_target(write(tmp_path, MINIMAL + TIERS))
    assert (target.rpm, target.tpm, target.concurrency) == (50, 100000, 10)
    assert target.tiers == {"basic": Tier(50, 100000, 10), "enterprise": Tier(0, 0, 32)}


@pytest.mark.parametrize(
    ("limits", "numbers"),
    [
        ("{tier: basic, rpm: 5}", (5, 100000, 10)),
        ("{tier: basic, tpm: 7, concurrency: 2}", (50, 7, 2)),
        ("{tier: enterprise, concurrency: 64}", (0, 0, 64)),
        ("{tpm: 1000}", (0, 1000, 32)),
        ("{}", (0, 0, 32)),
    ],
)
def test_own_limits_override_those_of_the_tier(
    tmp_path: Path, limits: str, numbers: tuple[float, float, int]
) -> None:
    text = MINIMAL + TIERS.replace("{tier: basic}", limits)
    target = load_target(write(tmp_path, text))
    assert (target.rpm, target.tpm, target.concurrency) == numbers


def test_omitted_keys_have_defaults(tmp_path: Path) -> None:
    target = load_target(write(tmp_path, MINIMAL))
    assert (target.rpm, target.concurrency, target.key_env, target.lacks) == (0.0, 32, "", ())
    assert target.endpoints["openai"].auth == "bearer"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1/", "https://[::1]/v1", "http://h"])
def test_base_url_is_a_target_with_the_default_pack(url: str) -> None:
    target = load_target(url)
    assert target.endpoints["openai"].base_url == url.rstrip("/")
    assert (target.packs, target.endpoints["openai"].model) == (("openai-chat",), "")
    assert target.name in url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1",
        "http://",
        "http://[::1/v1",
        "http://h:99999/",
        "http://h/v1#key",
        "x://h#a",
    ],
)
def test_invalid_base_url_is_rejected(url: str) -> None:
    with pytest.raises(UsageError, match="is not a"):
        load_target(url)


@pytest.mark.parametrize(
    "url", ["https://me:secret@host/v1", "https://secret@host/v1", "x://a:secret@[b"]
)
def test_password_in_a_url_is_rejected_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_target(url)
    assert "secret" not in str(caught.value)
    if url.startswith("https"):
        with pytest.raises(FileProblems) as in_file:
            load_target(write(tmp_path, MINIMAL.replace("http://h/v1", url)))
        assert "secret" not in str(in_file.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINIMAL + "more: 1\n", "4:1: unknown key `more`"),
        (MINIMAL.replace("model: m, ", ""), "3:13: the key `model` is missing"),
        (MINIMAL.replace(", base_url: 'http://h/v1'", ""), "3:13: the key `base_url` is missing"),
        (
            MINIMAL.replace("http://h/v1", "http://h/v1#a"),
            "3:32: `http://h/v1#a` is not a base URL",
        ),
        (MINIMAL + "limits: {rpm: 0}\n", "4:10: 0 should be more than 0"),
        (MINIMAL + "limits: {tpm: -1}\n", "4:10: -1 should be more than 0"),
        (MINIMAL + "tiers: {pro: {rpm: many}}\n", '4:15: "many" should be a number'),
        (
            MINIMAL + TIERS.replace("tier: basic", "tier: basis"),
            "7:10: no tier `basis`; the tiers are basic, enterprise",
        ),
        (MINIMAL + "limits: {tier: pro}\n", "4:10: no tier `pro`; the file has no tiers"),
        ("name: [\n", "2:1: "),
        ("", "1:1: the file is empty"),
    ],
)
def test_mistake_in_a_file_is_reported_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(FileProblems) as caught:
        load_target(write(tmp_path, text))
    assert f"mine.yaml:{message}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"), [("biultin", "did you mean `builtin`?"), ("zz", "a base URL")]
)
def test_error_for_an_unknown_name_has_a_hint(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_target(name)
    assert f"no target `{name}`" in str(caught.value)
    assert hint in str(caught.value)
