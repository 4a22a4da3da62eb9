"""Redaction: finds the secrets of a run and replaces them in everything that is recorded."""
