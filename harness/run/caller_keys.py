"""API keys of a run: read from environment variables, and refused where outputs would show them."""

from __future__ import annotations

import os
from typing import Final

from harness.fire.redaction.secrets import is_secret
from harness.model import Target
from harness.model.options import OPTIONS, Options
from harness.util.errors import UsageError
from harness.util.key_shapes import ADVICE, resembles_key

TAKE_KEYS: Final = ("headers", "base_url", "command")  # keys in them are hidden
# Options whose values are words; nonces and paths can have random parts.
RANDOM_IS_KEY: Final = ("target", "packs", "model", "cases", "features", "tier", "name")
LONGEST_KEY: Final = 8_192  # characters; servers take no longer header
LONG_WORD: Final = 16  # letters that no word in the name of a variable has


def check_options(options: Options) -> None:
    """Raises UsageError if an option that outputs show is a key by its form."""
    for option in OPTIONS:
        if option.field not in TAKE_KEYS:
            value = getattr(options, option.field)
            words = value if isinstance(value, tuple) else (value,)
            texts = [word for word in words if isinstance(word, str) and "://" not in word]
            if any(resembles_key(text, option.field in RANDOM_IS_KEY) for text in texts):
                raise UsageError(f"--{option.name} looks like an API key: {ADVICE}")


def check_target(target: Target) -> None:
    """Raises UsageError if the name of a target or of a model in its file is a key by its form."""
    models = {f"model of {name}": each.model for name, each in target.endpoints.items()}
    for what, text in {"name of the target": target.name, **models}.items():
        if resembles_key(text, also_random=True):
            raise UsageError(f"the {what} looks like an API key: {ADVICE}")


def read_keys(target: Target, options: Options) -> dict[str, str]:
    """Read the API keys, by use, from their environment variables. Raises UsageError."""
    names = {"key": options.api_key_env or target.key_env}
    if target.features or options.features:  # only an opt-in feature has a use for it
        names["limited"] = target.limited_key_env
    keys: dict[str, str] = {}
    for use, name in names.items():
        if not name:
            continue
        if not name.isidentifier():  # it may be the key itself
            raise UsageError("--api-key-env takes the name of an environment variable, not a key")
        keys[use] = key = os.environ.get(name, "").strip()
        if not key:
            raise UsageError(f"{variable(name)} is not set; set it to the API key")
        is_valid = key.isascii() and key.isprintable() and " " not in key
        if not is_valid or len(key) > LONGEST_KEY:
            raise UsageError(f"{variable(name)} has no valid key: a header cannot carry it")
    return keys


def variable(name: str) -> str:
    """Return what messages call an environment variable, whose name may be a key by mistake."""
    has_parts = "_" in name and name.isupper() and max(map(len, name.split("_"))) < LONG_WORD
    is_word = name.isupper() or name.islower()
    is_name = has_parts or (is_word and name.isalpha() and len(name) < LONG_WORD)
    is_name = is_name or (name.islower() and not any(map(str.isdigit, name)))
    if is_name and not is_secret("", name):
        return f"the environment variable {name}"
    return "the environment variable that --api-key-env names (it takes no key)"
