"""A `harness` command that ends at once if the process that started it ends.

A worker that is killed must not leave a run behind that goes on sending while another worker
repeats it. The parent holds the other end of the standard input.
"""

from __future__ import annotations

import os
import runpy
import threading
from typing import Final

INTERRUPTED: Final = 2


def end_with_parent() -> None:
    """Wait for the end of the standard input, which is that of the parent."""
    while os.read(0, 1024):
        pass
    os._exit(INTERRUPTED)


def main() -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    runpy.run_module("harness", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
