"""The first call's exchange -> why no other call would say more. May not send."""

from __future__ import annotations

from harness.decode import response as reading
from harness.model import Exchange, Script, Target

CERTIFICATES = "; SSL_CERT_FILE names the file of an authority of your own"


def preflight_error(exchange: Exchange, target: Target, script: Script, key_env: str) -> str:
    """One line for the caller; empty when the run can go on. A malformed answer is a finding."""
    endpoint = target.endpoints[script.shots[0].call.protocol]
    said = told(exchange, script)
    first = f"{exchange.url} answered {exchange.status} to the first call:"
    if exchange.status is None:
        return silent(exchange, endpoint.base_url)
    if exchange.status in (401, 403):
        name = key_env or target.key_env
        check = (
            f"check the key in {name}"
            if name
            else "name the variable of the key: --api-key-env VAR"
        )
        return f"{first} {check}{said}"
    if exchange.status == 404 or (exchange.status == 400 and endpoint.model in said):
        return f"{first} check the base URL and --model {endpoint.model}{said}"
    if 400 <= exchange.status < 500 and exchange.status != 429:
        return f"{first} the plainest of requests is refused{said}"
    if 300 <= exchange.status < 400:
        return (
            f"{first} redirects are not followed; give the base URL that is meant{moved(exchange)}"
        )
    return ""


def silent(exchange: Exchange, base_url: str) -> str:
    """No status came. Dropped or malformed, it is the target's fault, and the cases will say so."""
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


def told(exchange: Exchange, script: Script) -> str:
    """The error's own words, for the one line that the caller reads."""
    body = reading.read(exchange, script.shots[0].call.protocol, "plain", None).body
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return f" ({' '.join(message.split())[:200]})" if isinstance(message, str) else ""
