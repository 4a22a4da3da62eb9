"""Mutants of the reference gateway. Each one has exactly one defect.

Most of them are rows of the YAML files in this folder; the modules have what no row expresses.
"""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.anthropic.auth import ANTHROPIC_HEADERS_SENT, ANTHROPIC_KEYS
from harness.testbed.mutants.anthropic.claude_code import CLAUDE_CODE
from harness.testbed.mutants.anthropic.errors import ANTHROPIC_ERRORS
from harness.testbed.mutants.anthropic.headers import ANTHROPIC_WIRE
from harness.testbed.mutants.anthropic.integrity import ANTHROPIC_INTEGRITY
from harness.testbed.mutants.anthropic.messages import ANTHROPIC_MESSAGES
from harness.testbed.mutants.anthropic.model_list import ANTHROPIC_MODEL_LIST
from harness.testbed.mutants.anthropic.sampling import ANTHROPIC_SAMPLING
from harness.testbed.mutants.anthropic.stream_rules import ANTHROPIC_STREAMS
from harness.testbed.mutants.anthropic.stream_text import ANTHROPIC_STREAM_TEXT
from harness.testbed.mutants.anthropic.together import ANTHROPIC_TOGETHER
from harness.testbed.mutants.anthropic.usage import ANTHROPIC_USAGE
from harness.testbed.mutants.embeddings import EMBEDDINGS
from harness.testbed.mutants.openai.chat import CHAT
from harness.testbed.mutants.openai.content import TEXTS
from harness.testbed.mutants.openai.cursor import CURSOR
from harness.testbed.mutants.openai.errors import ERRORS_AND_PATHS
from harness.testbed.mutants.openai.headers_auth import HEADERS_AND_AUTH
from harness.testbed.mutants.openai.integrity import INTEGRITY
from harness.testbed.mutants.openai.limits import LIMITS
from harness.testbed.mutants.openai.messages import MESSAGES
from harness.testbed.mutants.openai.options import OPTIONS
from harness.testbed.mutants.openai.response_fields import ANSWERS
from harness.testbed.mutants.openai.stream_rules import OPENAI_STREAMS
from harness.testbed.mutants.openai.together import TOGETHER
from harness.testbed.mutants.openai.tool_results import RESULTS
from harness.testbed.mutants.openai.tools import TOOLS
from harness.testbed.mutants.responses import RESPONSES
from harness.testbed.mutants.stream_delivery import STREAM_DELIVERY
from harness.testbed.mutants.upstream import UPSTREAM_MUTANTS
from harness.testbed.mutants.wire import WIRE_MUTANTS
from harness.testbed.mutation.rows import mutants_below, mutants_in

MUTANTS: tuple[Mutant, ...] = (
    *mutants_in("stream_delivery"),
    *mutants_in("wire"),
    *mutants_below("openai", "anthropic", "responses", "embeddings"),
    *INTEGRITY,
    *ANTHROPIC_INTEGRITY,
    *LIMITS,
    *MESSAGES,
    *TEXTS,
    *TOOLS,
    *RESULTS,
    *ANSWERS,
    *HEADERS_AND_AUTH,
    *ERRORS_AND_PATHS,
    *OPENAI_STREAMS,
    *OPTIONS,
    *TOGETHER,
    *CHAT,
    *ANTHROPIC_STREAMS,
    *ANTHROPIC_MESSAGES,
    *ANTHROPIC_SAMPLING,
    *ANTHROPIC_KEYS,
    *ANTHROPIC_HEADERS_SENT,
    *ANTHROPIC_WIRE,
    *ANTHROPIC_ERRORS,
    *CLAUDE_CODE,
    *CURSOR,
    *ANTHROPIC_MODEL_LIST,
    *ANTHROPIC_STREAM_TEXT,
    *ANTHROPIC_USAGE,
    *ANTHROPIC_TOGETHER,
    *EMBEDDINGS,
    *RESPONSES,
    *STREAM_DELIVERY,
    *WIRE_MUTANTS,
    *UPSTREAM_MUTANTS,
)
