"""Observation of the requests that a gateway sends to its provider."""
