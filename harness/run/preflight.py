"""Check of the first call: why no other call would succeed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from harness.decode import response as reading
from harness.model import Exchange, Script, Target
from harness.report.text import one_line
from harness.run.first_answer import describe_other_answer

CERTIFICATES = "; SSL_CERT_FILE names the file of a private certificate authority"
WRONG_SCHEME = "WRONG_VERSION_NUMBER"
OPERATION_PATHS = ("/chat/completions", "/completions", "/messages", "/responses", "/embeddings")


def preflight_error(exchange: Exchange, target: Target, script: Script, key_env: str) -> str:
    """Return one line; empty if the run can continue. The cases report malformed answers."""
    endpoint = target.endpoints[script.shots[0].call.protocol]
    other = describe_other_answer(exchange)
    message = error_message(exchange, script) or (f" ({other} came back)" if other else "")
    first = f"{exchange.url} answered {exchange.status} to the first call:"
    advice = url_advice(endpoint.base_url)
    if exchange.status is None:
        return no_status(exchange, endpoint.base_url)
    if exchange.status in (401, 403):
        name = key_env or target.key_env
        hint = "name the variable of the key: --api-key-env VAR"
        check = f"check the key in {name}" if name else hint
        return f"{first} {check}{', and the base URL' if other else ''}{message}"
    if exchange.status in (400, 404) and endpoint.model in message:
        return f"{first} check --model {endpoint.model}{message}"
    if exchange.status == 404:
        return f"{first} check the base URL and --model {endpoint.model}{message}; {advice}"
    if 300 <= exchange.status < 400:
        return f"{first} redirects are not followed; give the final base URL{moved(exchange)}"
    if other:
        return f"{exchange.url} is not an API: it answered {exchange.status} with {other}; {advice}"
    if exchange.status == 429:
        return f"{first} the target refuses every request for its rate or its quota{message}"
    if 400 <= exchange.status < 500:
        return f"{first} the simplest request is rejected{message}"
    return ""


def url_advice(base_url: str) -> str:
    """Return which base URL to try instead."""
    url = urlsplit(base_url)
    path = url.path.rstrip("/")
    for operation in OPERATION_PATHS:
        if path.endswith(operation):
            return f"leave {operation} out of the base URL: the cases add it"
    root = f"{url.scheme}://{url.netloc}"
    if path.endswith("/v1"):
        return f"a base URL often ends in /v1; some have none: {root}{path.removesuffix('/v1')}"
    if re.fullmatch(r"/v\d+\w*", path):
        return f"a base URL often ends in /v1: {root}/v1"
    return f"a base URL often ends in /v1: {root}{path}/v1"


def no_status(exchange: Exchange, base_url: str) -> str:
    """Return the line for a call without a status."""
    why = one_line(exchange.note.partition(": ")[2] or exchange.note)
    if exchange.end == "unreachable":
        hint = CERTIFICATES if "CERTIFICATE_VERIFY_FAILED" in why else ""
        if WRONG_SCHEME in why:
            hint = f"; the port does not speak TLS: try http://{base_url.partition('://')[2]}"
        return f"cannot reach {base_url}: {why}{through_proxy(base_url)}{hint}"
    if exchange.end == "timeout":
        return f"{base_url} does not answer: {why}; --timeout S waits longer"
    if exchange.end == "not-sent":
        return f"nothing could be sent to {base_url}: {why}"
    other = "https" if base_url.startswith("http:") else "http"
    hint = f"if the port speaks {other}, try {other}://{base_url.partition('://')[2]}"
    if exchange.end == "dropped":
        return f"{base_url} closes the connection without an answer: {why}; {hint}"
    return f"{base_url} does not answer with HTTP: {why}; {hint}"


def through_proxy(base_url: str) -> str:
    """Return the proxy of the environment that is used for the URL, in parentheses."""
    url, proxies = urlsplit(base_url), getproxies()
    name = url.scheme if url.scheme in proxies else "all"
    if name not in proxies or (url.hostname and proxy_bypass(url.hostname)):
        return ""
    host = urlsplit(proxies[name]).netloc.rpartition("@")[2]
    return f" (through the proxy {one_line(host)} of {name.upper()}_PROXY)"


def moved(exchange: Exchange) -> str:
    places = [value for name, value in exchange.headers if name.lower() == "location"]
    return f" (it moves to {one_line(places[0])})" if places else ""


def error_message(exchange: Exchange, script: Script) -> str:
    """Return the message of the error body, in parentheses."""
    body = reading.read(exchange, script.shots[0].call.protocol, "plain", None).body
    body = body if isinstance(body, dict) else {}
    error = body.get("error")
    texts = (error.get("message") if isinstance(error, dict) else error, body.get("detail"))
    message = next((text for text in texts if isinstance(text, str)), "")
    return f" ({one_line(message)})" if message else ""
