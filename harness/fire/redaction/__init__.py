"""Redaction: finds the secrets of a run and hides them in everything that is recorded.

`secrets` finds them in keys, headers and URLs. `text` hides them in texts and bytes, however they
are escaped. `exchange` hides them in exchanges.
"""
