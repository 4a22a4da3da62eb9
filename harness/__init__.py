"""Does an LLM gateway keep what its documents promise, field by field? May not import anything."""
