"""Sends shots to the target and returns exchanges. It never judges them.

The path of one request: `engine` runs scripts and asks `rate_limiter` for a turn, `dispatch`
chooses how the shot is sent, `http` builds the request and retries it, and `connection` does the
I/O. `redaction` hides the secrets in the exchange before anyone else sees it.
"""
