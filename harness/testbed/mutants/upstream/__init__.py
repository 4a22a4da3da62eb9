"""Mutants that show only before a provider."""
