"""A key that is typed where none belongs is refused in one line that does not repeat it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.util.key_shapes import resembles_key
from tests.support import pack_on_disk

CORE = "9081726354"
KEY = f"sk-secretkey-{CORE}"
RANDOM = "aB3dE5gH7jK9mN1pQ3sT5vX7z"  # a key of a vendor without a prefix
URL = "http://127.0.0.1:9/v1"
ADVICE = "keep it in an environment variable, and give the name with --api-key-env"
ARGUMENT = f"ERROR: a word of the command line looks like an API key: {ADVICE}"

OPTIONS = (
    *("api-key-env", "model", "case", "pack", "feature", "out", "nonce", "tier", "name"),
    *("target-version", "claims", "baseline", "upstream", "timeout", "concurrency", "rpm"),
    *("shard", "ca", "fail-on", "api-key", "no-such-option"),
)
COMMANDS = (
    *("run", "list", "explain", "check", "init", "init pack", "init case", "init target"),
    *("judge", "report", "table", "diff", "compare", "merge", "har", "baseline", "verify"),
    *("certify", "smoke", "freeze", "prove", "serve", "upstream", "no-such-command", ""),
)


@pytest.mark.parametrize("form", ["--{} {}", "--{}={}"])
@pytest.mark.parametrize("option", OPTIONS)
def test_key_as_the_value_of_an_option_is_refused(option: str, form: str) -> None:
    result = pack_on_disk.harness("run", URL, *form.format(option, KEY).split())
    assert (result.code, result.out) == (4, "")
    assert result.lines == [f"ERROR: --{option} looks like an API key: {ADVICE}"]


@pytest.mark.parametrize("word", [KEY, f"--{KEY}=1"])
@pytest.mark.parametrize("command", COMMANDS)
def test_key_as_an_argument_or_option_is_refused(command: str, word: str) -> None:
    result = pack_on_disk.harness(*command.split(), word)
    assert (result.code, result.out, result.lines) == (4, "", [ARGUMENT])


@pytest.mark.parametrize("word", [f"reports/{KEY}/x.json", f"--{KEY}", f"x:{KEY}"])
def test_key_in_a_path_or_the_name_of_an_option_is_refused(word: str) -> None:
    assert pack_on_disk.harness("judge", word).lines == [ARGUMENT]


NO_USER = "must not contain a user or password: name a variable that holds the key"
NO_KEY = "must not contain a key: name a variable that holds it"
URLS = {
    f"http://user:{KEY}@127.0.0.1:9/v1": NO_USER,
    f"http://{KEY}@127.0.0.1:9/v1": NO_USER,
    f"{URL}?api_key={KEY}": NO_KEY,
    f"{URL}/{KEY}": NO_KEY,
}


@pytest.mark.parametrize(("url", "message"), URLS.items(), ids=["user", "name", "query", "path"])
def test_key_in_a_url_is_refused(url: str, message: str) -> None:
    result = pack_on_disk.harness("run", url, "--model", "m")
    assert (result.code, result.lines) == (4, [f"ERROR: the URL of 127.0.0.1:9 {message}"])


@pytest.mark.parametrize("option", ["model", "case", "pack", "feature", "tier", "name"])
def test_random_letters_and_digits_are_a_key_as_well(option: str, tiny_pack: Path) -> None:
    pack = () if option == "pack" else ("--pack", tiny_pack)
    result = pack_on_disk.harness("run", URL, *pack, f"--{option}", RANDOM)
    assert (result.code, result.out) == (4, "")
    assert result.lines == [f"ERROR: --{option} looks like an API key: {ADVICE}"]


@pytest.mark.parametrize("key", [KEY, RANDOM])
def test_key_in_an_option_of_the_pytest_plugin_is_refused(tiny_pack: Path, key: str) -> None:
    result = pack_on_disk.run_pytest(tiny_pack, f"--llm-target={URL}", f"--llm-model={key}")
    assert result.code == 4
    assert f"--model looks like an API key: {ADVICE}" in result.err
    assert key not in result.out + result.err


TARGET = """
name: {name}
key_env: {env}
packs: [openai-chat]
endpoints: {{openai: {{base_url: "{url}", model: {model}}}}}
"""
PATTERN = '"[key]" should match the pattern "^[A-Za-z_][A-Za-z0-9_]*$"'
UNSET = (
    "the environment variable that --api-key-env names (it takes no key) is not set; set it to the"
)
FIELDS = [
    ("name", KEY, f"the name of the target looks like an API key: {ADVICE}"),
    ("name", RANDOM, f"the name of the target looks like an API key: {ADVICE}"),
    ("model", KEY, f"the model of openai looks like an API key: {ADVICE}"),
    ("model", RANDOM, f"the model of openai looks like an API key: {ADVICE}"),
    ("env", KEY, f"target.yaml:3:1: {PATTERN}"),
    ("env", RANDOM, f"{UNSET} API key"),
    ("url", f"{URL}?api_key={KEY}", f"the URL of 127.0.0.1:9 {NO_KEY}"),
    ("url", f"http://u:{KEY}@127.0.0.1:9", f"the URL of 127.0.0.1:9 {NO_USER}"),
]


@pytest.mark.parametrize(("field", "value", "message"), FIELDS)
def test_key_in_a_target_file_is_refused(
    tmp_path: Path, field: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_OF_TEST", "sk-of-test")
    values = {"name": "t", "env": "KEY_OF_TEST", "url": URL, "model": "m", field: value}
    (tmp_path / "target.yaml").write_text(TARGET.format(**values), "utf-8")
    monkeypatch.chdir(tmp_path)
    result = pack_on_disk.harness("run", "target.yaml")
    assert (result.code, result.out, len(result.lines)) == (4, "", 1)
    assert result.lines[0].endswith(message)
    assert CORE not in result.err
    assert RANDOM not in result.err


SHAPES = (
    *(KEY, "sk-proj-0123456789abcdef", "sk-ant-api03-AbCdEfGhIj", "gsk_0123456789abcdef"),
    *("AKIAIOSFODNN7EXAMPLE", "hf_AbCdEfGhIjKlMn", "AIzaSyA0123456789abcdef", "xai-0123456789abc"),
    *("github_pat_11ABCDEFG0123456789", "glpat-0123456789abcdef", "r8_0123456789abcdefgh"),
    *("nvapi-0123456789abcdef", "pplx-0123456789abcdef", "eyJhbGciOiJIUzI1NiJ9.e30.abc"),
)
NO_KEYS = (
    *("gpt-4o-mini-2024-07-18", "claude-sonnet-4-20250514", "hf-internal-testing/tiny-random-gpt2"),
    *("meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo", "sk-learn-regression", "reports/2026-11-29"),
    *(
        "openai-chat/response_format.json-schema",
        "pk",
        "task-sk-0123456789",
        "us.anthropic.claude-v2",
    ),
    *("Qwen2.5-Coder-32B-Instruct-AWQ", "8d9cec8f0b1946b43cd7ee52c0b8d5e0f1a2b3c4", "$NAME", "-k"),
    *("accounts/fireworks/models/llama-v3p1-405b-instruct", "C:\\Users\\Someone\\reports", ""),
)


@pytest.mark.parametrize("word", SHAPES)
def test_word_has_the_form_of_a_key(word: str) -> None:
    assert resembles_key(word)
    assert resembles_key(f"--{word}")
    assert resembles_key(f"folder/{word}/file")


@pytest.mark.parametrize("word", NO_KEYS)
def test_name_of_a_model_a_case_or_a_path_is_not_a_key(word: str) -> None:
    assert not resembles_key(word, also_random=True)


def test_header_with_a_key_is_permitted_and_hidden(tiny_pack: Path) -> None:
    words = ("run", URL, "--pack", tiny_pack, "--model", "m", "--dry-run")
    for header in (("--header", f"x-api-key: {KEY}"), (f"--header=x-api-key: {KEY}",)):
        result = pack_on_disk.harness(*words, *header)
        assert result.code == 0, result.err
        assert CORE not in result.out + result.err
