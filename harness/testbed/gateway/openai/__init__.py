"""The Chat Completions endpoint of the reference gateway."""
