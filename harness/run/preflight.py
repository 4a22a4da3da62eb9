"""Check of the first call: why no other call would succeed."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from harness.decode import response as reading
from harness.model import Call, Exchange, Script
from harness.report.text import one_line
from harness.run.first_answer import describe_other_answer
from harness.run.inquiry import Inquiry, names_model, other_base_urls, sentence_of_models

# What helps against a certificate that is refused, by what OpenSSL reports about it.
CERTIFICATES = {
    "issuer certificate": "; --ca FILE trusts a private certificate authority",
    "self-signed": "; --ca FILE trusts a certificate of one's own",
    "CERTIFICATE_VERIFY_FAILED": "; --insecure accepts any certificate",
}
GATEWAY_ERRORS = (502, 503, 504)
WRONG_SCHEME = "WRONG_VERSION_NUMBER"


def preflight_error(exchange: Exchange, script: Script, inquiry: Inquiry) -> str:
    """Return one line; empty if the run can continue. The cases report malformed answers.

    Args:
        exchange: The first call, which `script` has.
        inquiry: Asks the target what would work, if it is worth it.
    """
    call, other = script.shots[0].call, describe_other_answer(exchange)
    base_url = inquiry.target.endpoints[call.protocol].base_url
    first = f"{exchange.url} answered {exchange.status} to the first call"
    if exchange.status is None:
        return no_status(exchange, base_url)
    if 300 <= exchange.status < 400:
        return f"{first}: redirects are not followed; {moved(exchange, call)}"
    if other and exchange.status in GATEWAY_ERRORS:
        where = through_proxy(base_url)
        return f"{first} ({other}){where}: check the base URL, and the server behind it"
    if other or exchange.status in (404, 405):
        return wrong_place(exchange, script, inquiry, other)
    if 400 <= exchange.status < 500:
        advice = client_error(exchange.status, error_message(exchange, script), inquiry, call)
        return f"{first}: {advice}"
    return ""


def wrong_place(exchange: Exchange, script: Script, inquiry: Inquiry, other: str) -> str:
    """Return the line for an answer that no API gives, or that a path or a model is unknown."""
    call, message = script.shots[0].call, error_message(exchange, script)
    endpoint = inquiry.target.endpoints[call.protocol]
    first = f"{exchange.url} answered {exchange.status} to the first call"
    if names_model(message, endpoint.model):
        return f"{first}: {model_advice(inquiry, call, message)}"
    if better := inquiry.better_base_url(script):
        return f"{first}; {better}"
    tried = ", ".join(other_base_urls(endpoint.base_url, call.protocol))
    nothing = f"no API answers at {tried} either"
    if exchange.status in (401, 403):
        return f"{first}: {key_advice(inquiry)}, and the base URL ({other} came back)"
    if other and exchange.status != 404:
        where = through_proxy(endpoint.base_url)
        first = f"{exchange.url} is not an API: it answered {exchange.status} with {other}{where}"
        return f"{first}; check the base URL, {nothing}"
    came = message or f" ({other} came back)" * bool(other)
    if endpoint.model in (names := inquiry.models(call)):
        return f"{first}: it has the model, and not this endpoint: choose another --pack{came}"
    if names:
        return f"{first}: check --model {endpoint.model}{came}; {sentence_of_models(names)}"
    advice = f"check the base URL and --model {endpoint.model}"
    return f"{first}: {advice}{came}; {nothing}"


def client_error(status: int, message: str, inquiry: Inquiry, call: Call) -> str:
    """Return what to do about a status of 400 to 499 that an API gives."""
    if status in (401, 403):
        return f"{key_advice(inquiry)}{message}"
    if status == 400 and names_model(message, inquiry.target.endpoints[call.protocol].model):
        return model_advice(inquiry, call, message)
    if status == 429:
        return f"the target refuses every request for its rate or its quota{message}"
    return f"the simplest request is rejected{message}"


def key_advice(inquiry: Inquiry) -> str:
    """Return what to do about a refused key."""
    if name := inquiry.options.api_key_env or inquiry.target.key_env:
        return f"check the key in {name}"
    return "name the variable of the key: --api-key-env VAR"


def model_advice(inquiry: Inquiry, call: Call, message: str) -> str:
    """Return what to do about a model that the target does not know; names existing ones."""
    model, names = inquiry.target.endpoints[call.protocol].model, inquiry.models(call)
    exist = f"; {sentence_of_models(names)}" if names and model not in names else ""
    return f"check --model {model}{message}{exist}"


def no_status(exchange: Exchange, base_url: str) -> str:
    """Return the line for a call without a status."""
    why = one_line(exchange.note.partition(": ")[2] or exchange.note)
    if exchange.end == "unreachable":
        hint = next((CERTIFICATES[text] for text in CERTIFICATES if text in why), "")
        if WRONG_SCHEME in why:
            hint = f"; the port does not speak TLS: try http://{base_url.partition('://')[2]}"
        return f"cannot reach {base_url}: {why}{through_proxy(base_url)}{hint}"
    if exchange.end == "timeout":
        return (
            f"{base_url} does not answer: {why}{through_proxy(base_url)}; --timeout S waits longer"
        )
    if exchange.end == "not-sent":
        return f"nothing could be sent to {base_url}: {why}"
    other, where = "https" if base_url.startswith("http:") else "http", through_proxy(base_url)
    hint = f"if the port speaks {other}, try {other}://{base_url.partition('://')[2]}"
    if exchange.end == "dropped":
        return f"{base_url} closes the connection without an answer: {why}{where}; {hint}"
    return f"{base_url} does not answer with HTTP: {why}{where}; {hint}"


def through_proxy(base_url: str) -> str:
    """Return the proxy of the environment that is used for the URL, in parentheses."""
    url, proxies = urlsplit(base_url), getproxies()
    name = url.scheme if url.scheme in proxies else "all"
    if name not in proxies or (url.hostname and proxy_bypass(url.hostname)):
        return ""
    host = urlsplit(proxies[name]).netloc.rpartition("@")[2]
    return f" (through the proxy {one_line(host)} of {name.upper()}_PROXY)"


def moved(exchange: Exchange, call: Call) -> str:
    """Return the base URL to give instead of one that redirects, if it can be known."""
    places = [value for name, value in exchange.headers if name.lower() == "location"]
    if not places:
        return "give the final base URL"
    place = one_line(places[0])
    if place.startswith(("http://", "https://")) and place.endswith(call.path):
        return f"give the base URL {place.removesuffix(call.path)}"
    return f"give the final base URL (it moves to {place})"


def error_message(exchange: Exchange, script: Script) -> str:
    """Return the message of the error body, in parentheses."""
    body = reading.read(exchange, script.shots[0].call.protocol, "plain", None).body
    body = body if isinstance(body, dict) else {}
    error = body.get("error")
    texts = (error.get("message") if isinstance(error, dict) else error, body.get("detail"))
    message = next((text for text in texts if isinstance(text, str)), "")
    return f" ({one_line(message)})" if message else ""
