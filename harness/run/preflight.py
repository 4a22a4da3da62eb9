"""Check of the first call: why no other call would succeed."""

from __future__ import annotations

from harness.decode import response as reading
from harness.model import Exchange, Script, Target

CERTIFICATES = "; SSL_CERT_FILE names the file of a private certificate authority"


def preflight_error(exchange: Exchange, target: Target, script: Script, key_env: str) -> str:
    """Return one line; empty if the run can continue. The cases report malformed answers."""
    endpoint = target.endpoints[script.shots[0].call.protocol]
    message = error_message(exchange, script)
    first = f"{exchange.url} answered {exchange.status} to the first call:"
    if exchange.status is None:
        return no_status(exchange, endpoint.base_url)
    if exchange.status in (401, 403):
        name = key_env or target.key_env
        hint = "name the variable of the key: --api-key-env VAR"
        return f"{first} {f'check the key in {name}' if name else hint}{message}"
    if exchange.status == 404 or (exchange.status == 400 and endpoint.model in message):
        return f"{first} check the base URL and --model {endpoint.model}{message}"
    if 400 <= exchange.status < 500 and exchange.status != 429:
        return f"{first} the simplest request is rejected{message}"
    if 300 <= exchange.status < 400:
        return f"{first} redirects are not followed; give the final base URL{moved(exchange)}"
    return ""


def no_status(exchange: Exchange, base_url: str) -> str:
    """Return the line for a call without a status; the cases report a dropped or malformed one."""
    why = " ".join((exchange.note.partition(": ")[2] or exchange.note).split())
    if exchange.end == "unreachable":
        hint = CERTIFICATES if "CERTIFICATE_VERIFY_FAILED" in why else ""
        return f"cannot reach {base_url}: {why}{hint}"
    if exchange.end == "timeout":
        return f"{base_url} does not answer: {why}; --timeout S waits longer"
    if exchange.end == "not-sent":
        return f"nothing could be sent to {base_url}: {why}"
    return ""


def moved(exchange: Exchange) -> str:
    places = [value for name, value in exchange.headers if name.lower() == "location"]
    return f" (it moves to {' '.join(places[0].split())[:200]})" if places else ""


def error_message(exchange: Exchange, script: Script) -> str:
    """Return the message of the error body, in parentheses."""
    body = reading.read(exchange, script.shots[0].call.protocol, "plain", None).body
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return f" ({' '.join(message.split())[:200]})" if isinstance(message, str) else ""
