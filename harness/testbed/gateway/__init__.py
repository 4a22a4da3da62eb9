"""The reference gateway: one toy model behind an OpenAI and an Anthropic endpoint."""
