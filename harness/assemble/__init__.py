"""Events -> the plain answer's shape and the laws that the stream breaks, per protocol. Pure."""

from harness.assemble.chat import openai
from harness.assemble.messages import anthropic

__all__ = ["anthropic", "openai"]
