"""Mutants of the Messages endpoint."""
