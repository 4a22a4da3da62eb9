"""Compares a pack's rows with a newer copy of the document that they come from."""
