"""Assembly of event streams into plain answers, with the protocol rules that they violate."""

from harness.decode.streams.anthropic import anthropic
from harness.decode.streams.openai import openai
from harness.decode.streams.responses import responses

__all__ = ["anthropic", "openai", "responses"]
