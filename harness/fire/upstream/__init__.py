"""Observes the requests that a gateway sends to its provider."""
