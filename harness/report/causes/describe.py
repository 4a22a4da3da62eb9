"""Describes a group of findings with one cause as a fault, in sentences."""

from __future__ import annotations

from typing import Final

MAX_GOT: Final = 3
MAX_FIELDS: Final = 3
MAX_TITLE: Final = 220
"""Placeholder."""
