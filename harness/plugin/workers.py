"""xdist: the controller opens the target once, and merges what its workers wrote."""

from __future__ import annotations

import pytest


class Controller:
    """Registered only where xdist distributes."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
