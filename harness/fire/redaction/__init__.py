"""Redaction: finds the secrets of a run and hides them in everything that is recorded.

`secrets` finds them in keys, headers and URLs. `patterns` finds them in bytes, however they are
written (`encodings`, `escapes`, `digits`), and `fragments` where they are spread over several
strings. `text` hides them in texts and bytes, `exchange` in exchanges, and `results` in what is
concluded from these.
"""
