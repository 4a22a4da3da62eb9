"""Mutants of the Chat Completions endpoint."""
