"""A target is a name, a file or a URL; a key is named in it and never written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.load import load_target
from harness.model import Endpoint, Tier
from harness.util.errors import FileProblems, UsageError

WHOLE = """\
name: mine
packs: [openai-chat, openai-compat]
key_env: MY_KEY
limited_key_env: MY_LIMITED_KEY
endpoints:
  openai: {base_url: "https://host/v1/", auth: x-api-key, model: m-1, headers: {x-team: blue}}
limits: {rpm: 60, concurrency: 4}
lacks: [vision]
features: [limits]
"""
LEAST = (
    "name: mine\npacks: [openai-chat]\nendpoints: {openai: {model: m, base_url: 'http://h/v1'}}\n"
)


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_builtin_target_ships() -> None:
    target = load_target("builtin")
    assert (target.name, target.builtin) == ("builtin", True)
    assert target.packs == ("openai-compat", "anthropic-messages", "cross-protocol")
    assert target.endpoints["openai"].model


def test_a_file_says_all_there_is_to_say(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, WHOLE))
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


def test_a_tier_is_named_once_and_its_numbers_are_kept_to(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, LEAST + TIERS))
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
def test_what_the_limits_name_themselves_wins_over_the_tier(
    tmp_path: Path, limits: str, numbers: tuple[float, float, int]
) -> None:
    text = LEAST + TIERS.replace("{tier: basic}", limits)
    target = load_target(written(tmp_path, text))
    assert (target.rpm, target.tpm, target.concurrency) == numbers


def test_what_a_file_leaves_out_has_its_usual_value(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, LEAST))
    assert (target.rpm, target.concurrency, target.key_env, target.lacks) == (0.0, 32, "", ())
    assert target.endpoints["openai"].auth == "bearer"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1/", "https://[::1]/v1", "http://h"])
def test_a_url_is_a_target_of_the_common_pack(url: str) -> None:
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
        "http://h/v1?key=1",
        "x://h#a",
    ],
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not a"):
        load_target(url)


@pytest.mark.parametrize(
    "url", ["https://me:secret@host/v1", "https://secret@host/v1", "x://a:secret@[b"]
)
def test_a_password_in_a_url_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_target(url)
    assert "secret" not in str(caught.value)
    if url.startswith("https"):
        with pytest.raises(FileProblems) as in_file:
            load_target(written(tmp_path, LEAST.replace("http://h/v1", url)))
        assert "secret" not in str(in_file.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LEAST + "more: 1\n", "4:1: unknown key `more`"),
        (LEAST.replace("model: m, ", ""), "3:13: the key `model` is missing"),
        (LEAST.replace(", base_url: 'http://h/v1'", ""), "3:13: the key `base_url` is missing"),
        (
            LEAST.replace("http://h/v1", "http://h/v1?a=b"),
            "3:32: `http://h/v1?a=b` is not a base URL",
        ),
        (LEAST + "limits: {rpm: 0}\n", "4:10: 0 should be more than 0"),
        (LEAST + "limits: {tpm: -1}\n", "4:10: -1 should be more than 0"),
        (LEAST + "tiers: {pro: {rpm: many}}\n", '4:15: "many" should be a number'),
        (
            LEAST + TIERS.replace("tier: basic", "tier: basis"),
            "7:10: no tier `basis`; the tiers are basic, enterprise",
        ),
        (LEAST + "limits: {tier: pro}\n", "4:10: no tier `pro`; the file has no tiers"),
        ("name: [\n", "2:1: "),
        ("", "1:1: the file is empty"),
    ],
)
def test_a_wrong_file_is_told_by_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FileProblems) as caught:
        load_target(written(tmp_path, text))
    assert f"mine.yaml:{told}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"), [("biultin", "did you mean `builtin`?"), ("zz", "a base URL")]
)
def test_an_unknown_name_comes_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_target(name)
    assert f"no target `{name}`" in str(caught.value)
    assert hint in str(caught.value)
