"""Providers of the user's own behind the reference gateway of `harness serve`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from harness.util.errors import UsageError

if TYPE_CHECKING:
    from harness.testbed.forward import Forwarding
    from harness.testbed.http_server.connection import Respond

VARIABLES: Final = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "responses": "OPENAI_API_KEY",
}
ROOTS: Final = {"openai": "/v1", "anthropic": ""}  # below the address of the gateway
NAMES: Final = {"openai": "OpenAI", "anthropic": "Anthropic", "responses": "Responses"}


@dataclass(frozen=True, slots=True)
class OwnProviders:
    """The providers behind the gateway.

    Attributes:
        urls: The base URL of each, by protocol.
        models: The names of the models that the gateway offers.
        passed_on: The protocols whose providers get the caller's key.
    """

    urls: Mapping[str, str]
    models: tuple[str, ...]
    forwarding: Forwarding
    passed_on: tuple[str, ...]

    def answer_callers(self, respond: Respond) -> Respond:
        """Return what serves callers: it does not wait for one answer before the next request."""
        from harness.testbed.forward.exchanged_keys import pass_on_keys
        from harness.testbed.http_server.server import respond_in_threads

        return respond_in_threads(pass_on_keys(respond) if self.passed_on else respond)  # type: ignore[arg-type]


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options with the base URLs of providers, and their models, to a command."""
    text = "Model of the provider that the gateway offers; repeatable."
    command = click.option("--model", "models", multiple=True, metavar="NAME", help=text)(command)
    for protocol in reversed(VARIABLES):
        text = f"Forward to the {NAMES[protocol]} provider with this base URL."
        command = click.option(f"--provider-{protocol}", metavar="URL", help=text)(command)
    return command


def read(options: Mapping[str, Any]) -> OwnProviders | None:
    """Return the providers with their keys, None without any. Raises UsageError.

    Args:
        options: Those of the command: `models`, and base URLs by `provider_` and the protocol.
    """
    from harness.testbed.forward import Forwarding
    from harness.testbed.forward.exchanged_keys import send_with_key
    from harness.testbed.forward.http_client import http_sender

    given = {protocol: options.get(f"provider_{protocol}") for protocol in VARIABLES}
    models = options["models"]
    urls = {protocol: url for protocol, url in given.items() if url}
    check(urls, models)
    if not urls:
        return None
    keys = {protocol: key_of(VARIABLES[protocol]) for protocol in urls}
    senders = {name: send_with_key(http_sender(url), keys[name]) for name, url in urls.items()}
    passed_on = tuple(protocol for protocol, key in keys.items() if not key)
    return OwnProviders(urls, models, Forwarding(senders), passed_on)


def check(urls: Mapping[str, str], models: tuple[str, ...]) -> None:
    """Raises UsageError for an address that no request can be forwarded to, or without models."""
    from harness.load.targets import url_problem

    for protocol, url in urls.items():
        problem = url_problem(url) or ("a query is not forwarded" if "?" in url else "")
        if problem:
            raise UsageError(f"--provider-{protocol}: {problem}")
    if bool(urls) != bool(models):
        raise UsageError("--model and the base URL of a provider go together")
    if [*urls] == ["responses"]:
        raise UsageError("--provider-responses is in addition to another provider")


def key_of(variable: str) -> str:
    """Return the key in a variable, "" if it is not set. Raises UsageError, without the key."""
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and (key + "x").isprintable()) or " " in key:
        raise UsageError(f"{variable} has no valid key: a header cannot carry it")
    return key


def variables(url: str, behind: OwnProviders | None) -> str:
    """Return the variables of the official SDKs with which they call the gateway.

    Where the caller's key is passed on, it brings one of the provider.
    """
    from harness.testbed.keys import GATEWAY_KEY

    lines = []
    for protocol, root in ROOTS.items():
        lines.append(f"{NAMES[protocol].upper()}_BASE_URL={url}{root}")
        if not (behind and behind.passed_on):
            lines.append(f"{VARIABLES[protocol]}={GATEWAY_KEY}")
    return "\n".join(lines)


def note(behind: OwnProviders | None) -> str:
    """Return what answers requests, and how it ends."""
    if behind is None:
        return "model builtin-1; Ctrl-C ends it"
    lines = []
    for protocol, url in behind.urls.items():
        key = "each caller's key" if protocol in behind.passed_on else VARIABLES[protocol]
        lines.append(f"{NAMES[protocol]} provider {url}, with {key}")
    if {"openai", "anthropic"} <= behind.urls.keys():
        lines.append("Chat Completions go to the Anthropic provider, Messages to the OpenAI one")
    return "\n".join([*lines, f"model {', '.join(behind.models)}; Ctrl-C ends it"])
