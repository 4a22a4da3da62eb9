"""Standard output and error that are closed, full or no longer read do not end a command."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, TextIO

GONE: Final = (errno.EPIPE, errno.EIO, errno.ENXIO)  # it has no reader any more


class LenientOutput(io.RawIOBase):
    """Writes to a file descriptor; after an error it discards what is written.

    Attributes:
        error: The first error, or None.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.descriptor

    def isatty(self) -> bool:
        return os.isatty(self.descriptor)

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        if self.error is None:
            try:
                return os.write(self.descriptor, view)
            except OSError as error:
                self.error = error
        return view.nbytes


@contextmanager
def lenient_output() -> Iterator[dict[str, LenientOutput]]:
    """Replace the streams of the process by lenient ones, unless something else has replaced them.

    Closed descriptors are opened first, so that no file of the command gets their numbers.
    """
    fill_closed_descriptors()
    before, lenient = (sys.stdout, sys.stderr), dict[str, LenientOutput]()
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is getattr(sys, f"__{name}__") and os.name == "posix":
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
            lenient[name] = LenientOutput(descriptor)
            setattr(sys, name, text_stream(lenient[name], stream))
    try:
        yield lenient
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        sys.stdout, sys.stderr = before


def text_stream(raw: LenientOutput, like: TextIO | None) -> TextIO:
    encoding = getattr(like, "encoding", None) or "utf-8"
    buffered = io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffered, encoding, "backslashreplace", line_buffering=raw.isatty() or raw.descriptor == 2
    )


def fill_closed_descriptors() -> None:
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def is_lost(output: LenientOutput | None) -> bool:
    """Whether something could not be written although the output has a reader."""
    return output is not None and output.error is not None and output.error.errno not in GONE
