"""The options of a run, each declared once.

The fields of `Options` are the table: `harness run` builds its click options from them, the pytest
plugin its `--llm-*` options, and both check and convert values with `options_from`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from harness.model.option_values import (
    check_label,
    check_model,
    check_nonce,
    check_repeat,
    check_shard,
    parse_header,
)
from harness.model.types import Pairs

CONTRADICTIONS: Final = (("ca", "insecure"), ("quiet", "verbose"))
# The outcomes that can fail a run, the gravest first.
FailOn = Literal["fail", "inconclusive", "warn"]
FAILING: Final[tuple[FailOn, ...]] = get_args(FailOn)


def fails_run(outcome: str, fail_on: str) -> bool:
    """Return whether a case with this outcome fails a run with `--fail-on`."""
    return outcome in FAILING[: FAILING.index(fail_on) + 1]


@dataclass(frozen=True, slots=True)
class Option:
    """One command-line option: `name`, without dashes, fills the `field` of `Options`.

    A tuple as `default` marks a repeatable option, a bool a flag. `minimum` is the smallest
    integer; a float must be larger. `convert` returns the value for a word, or raises ValueError.
    `surface` is where the option exists: on both command lines, on one of them, or on none.
    """

    field: str
    name: str
    default: Any
    help: str
    metavar: str
    minimum: float = 0.0
    choices: tuple[str, ...] = ()
    convert: Callable[[str], Any] | None = None
    surface: Literal["both", "command", "pytest", "none"] = "both"

    def check(self, value: Any) -> Any:
        """Return the field's value. Raises ValueError with a message that does not name it."""
        if isinstance(self.default, tuple):
            words = tuple(value or ())
            return tuple(map(self.convert, words)) if self.convert else words
        if value is None or value == self.default:
            return self.default
        if isinstance(self.default, float) and not self.minimum < value < math.inf:
            raise ValueError("takes a number above 0")
        if type(self.default) is int and value < self.minimum:
            raise ValueError(f"takes a number from {self.minimum:g} on")
        return self.convert(value) if self.convert else value


def declare(default: Any, metavar: str, help_: str, name: str = "", **more: Any) -> Any:
    declared = {"help": help_, "metavar": metavar, "name": name, **more}
    return dataclasses.field(default=default, metadata=declared)


@dataclass(frozen=True, slots=True)
class Options:  # each field is declared by `declare`, which returns a dataclass field
    """The settings of a run. The metadata of the fields declare the command-line options."""

    target: str = declare("builtin", "TARGET", "Name, file or base URL of the target.")
    packs: tuple[str, ...] = declare(
        (), "P", "Pack to run, by name or folder (default: the target's).", "pack"
    )
    model: str = declare("", "M", "Model to request.", convert=check_model)
    base_url: str = declare("", "URL", "Base URL in place of the target's.", surface="pytest")
    api_key_env: str = declare("", "VAR", "Environment variable with the API key.")
    headers: Pairs = declare(
        (), "K:V", "Additional header of every request.", "header", convert=parse_header
    )
    ca: str = declare("", "FILE", "File with the certificate authorities to trust (PEM).")
    insecure: bool = declare(False, "", "Certificates of the target are not checked.")
    name: str = declare("", "NAME", "Name of the target in the reports.", convert=check_label)
    target_version: str = declare(
        "", "V", "Version of the target, for the reports.", convert=check_label
    )
    cases: tuple[str, ...] = declare((), "ID", "Case to run; repeatable.", "case")
    features: tuple[str, ...] = declare((), "F", "Opt-in feature to test as well.", "feature")
    clients: bool = declare(False, "", "Requests through the official SDKs as well.")
    out: str = declare("", "DIR", "Folder of the reports.")
    concurrency: int = declare(0, "N", "Requests in flight (default: 4 to 32).", minimum=1)
    tier: str = declare("", "T", "Rate limits of this tier of the target.")
    rpm: float = declare(0.0, "N", "Maximum requests per minute.")
    tpm: float = declare(0.0, "N", "Maximum tokens per minute.")
    timeout: float = declare(60.0, "S", "Timeout of one response in seconds (default: 60).")
    upstream: str = declare("", "HOST:PORT", "Address of a mock provider for the gateway to call.")
    claims: str = declare("", "FILE", "File of declared deviations (verified, not trusted).")
    baseline: str = declare("", "FILE", "File of accepted deviations; others fail the run.")
    fail_on: FailOn = declare(
        "fail", "", "Outcome that fails the run; it includes the ones before it.", choices=FAILING
    )
    require: str = declare(
        "", "", "Result that the run must have to exit 0.", choices=("conformant",)
    )
    smoke: bool = declare(False, "", "Smoke subset: the few cases that kill the most mutants.")
    shard: str = declare(
        "", "I/N", "I-th of N parts of the cases; see `harness merge`.", convert=check_shard
    )
    repeat: int = declare(
        1, "N", "Number of times to run every case.", minimum=1, convert=check_repeat
    )
    resume: bool = declare(
        False, "", "Continuation of an interrupted run; sends the missing requests."
    )
    dry_run: bool = declare(False, "", "List of requests and their cost; sends nothing.")
    max_requests: int = declare(0, "N", "Maximum requests of the run.", minimum=1)
    max_tokens: float = declare(0.0, "N", "Approximate maximum tokens of the run.")
    max_seconds: float = declare(0.0, "S", "Maximum duration of the run in seconds.")
    keep_going: bool = declare(False, "", "No end of the run when the target stops answering.")
    nonce: str = declare(
        "", "N", "Nonce of a verifier, sent with every request.", convert=check_nonce
    )
    verbose: bool = declare(False, "", "All rows and faults in the terminal.", surface="command")
    quiet: bool = declare(False, "", "Only faults and result in the terminal.", surface="command")
    open: bool = declare(False, "", "Show report.html in the browser.", surface="command")
    command: str = declare("", "TEXT", "Command that repeats this run.", surface="none")


OPTIONS: Final = tuple(
    Option(
        field.name,
        default=field.default,
        **{**field.metadata, "name": field.metadata["name"] or field.name.replace("_", "-")},
    )
    for field in dataclasses.fields(Options)
)


def options_from(values: Mapping[str, Any], prefix: str = "--") -> Options:
    """Return the options with these values, by field name. Raises ValueError for an invalid one."""
    checked = {}
    for option in OPTIONS:
        try:
            checked[option.field] = option.check(values.get(option.field))
        except ValueError as error:
            takes = str(error).startswith("takes ")
            raise ValueError(f"{prefix}{option.name} {error}" if takes else str(error)) from error
    if checked["resume"] and not checked["out"]:
        raise ValueError(f"{prefix}resume needs the {prefix}out of the run to continue")
    for one, other in CONTRADICTIONS:
        if checked[one] and checked[other]:
            raise ValueError(f"{prefix}{one} and {prefix}{other} contradict each other")
    return Options(**checked)
