"""A conformance harness for LLM gateways. Imports nothing, so that commands start quickly."""
