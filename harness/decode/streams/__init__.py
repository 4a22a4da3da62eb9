"""Events -> the plain answer's shape and the laws that the stream breaks, per protocol. Pure."""

from harness.decode.streams.anthropic import anthropic
from harness.decode.streams.openai import openai

__all__ = ["anthropic", "openai"]
