"""Surveys of a target: what it does with each field of a protocol, without a verdict."""
