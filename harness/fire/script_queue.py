"""Scripts that wait to be sent, with the items of the run that need them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence, Set

from harness.model import Script


class ScriptQueue(deque[tuple[int, Script]]):
    """Pairs of the position of an item in the run and one of its scripts, in sending order."""

    def put(self, item: int, new: Sequence[Script], names: Set[str], is_awaited: bool) -> None:
        """Adds the new scripts of an item.

        Args:
            names: The ids of all its scripts.
            is_awaited: Whether the judge waits for the item, so that its scripts come first; a
                later item can have queued some of them already.
        """
        added = [(item, script) for script in new]
        if is_awaited:
            added += [(item, script) for _, script in self if script.id in names]
            others = [each for each in self if each[1].id not in names]
            self.clear()
            self.extend([*added, *others])
        else:
            self.extend(added)
