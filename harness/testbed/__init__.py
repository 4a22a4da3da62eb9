"""Servers that are right, or wrong in one way. May not import anything else of the harness."""
