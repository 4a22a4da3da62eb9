"""Texts that are written as digits: Base64, hexadecimal digits, and lists of the bytes' numbers.

What stands before Base64 or hexadecimal digits can change their alignment, so that each alignment
is decoded. A list is what Node.js writes for a buffer, and what log probabilities contain.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from harness.fire.redaction.encodings import Encoding, Part

BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
STANDARD: Final = bytes.maketrans(b"-_", b"+/")
DECIMALS: Final = b"0123456789"
HEXADECIMALS: Final = b"0123456789abcdefABCDEF"
BETWEEN: Final = b" \t\r\n,:;-\\rnt"  # numbers; line breaks and tabs may be escaped
VISIBLE: Final = bytes(range(32, 127)) + b"\t\r\n\0"  # UTF-16 has zero bytes
BORDER: Final = b"\x01\x01\x01"  # after each decoded run; no key and no escape has it
Test = Callable[[bytes], bool]
Runs = Callable[[bytes], Iterator[tuple[int, int]]]  # where they begin and end


def classes_of(alphabet: bytes) -> bytes:
    """Return a table: `x` for each character of an alphabet, and a space for each other one."""
    return bytes(120 if each in alphabet else 32 for each in range(256))


def runs_of(alphabet: bytes, shortest: int) -> Runs:
    """Return a function that yields where so many characters of an alphabet stand in a row."""
    classes, least = classes_of(alphabet), b"x" * shortest

    def runs(data: bytes) -> Iterator[tuple[int, int]]:
        marks = data.translate(classes)
        start = marks.find(least)
        while start >= 0:
            end = marks.find(b" ", start + shortest)
            end = end if end >= 0 else len(marks)
            yield start, end
            start = marks.find(least, end)

    return runs


class Digits(NamedTuple):
    """A way to write a text as digits.

    Attributes:
        offsets: The number of alignments.
        rate: So many digits are so many bytes.
        decode: Returns the bytes that digits mean.
    """

    offsets: int
    rate: tuple[int, int]
    decode: Callable[[bytes], bytes]


def aligned(runs: Runs, digits: Digits, is_likely: Test) -> Encoding:
    """Return an encoding in digits whose alignment is unknown.

    Args:
        runs: Yields where digits stand in a row.
        is_likely: Whether a decoded text can have a key; most identifiers decode to noise.
    """

    def texts(run: bytes) -> list[tuple[int, bytes]]:
        every = ((at, digits.decode(run[at:])) for at in range(digits.offsets))
        return [(at, text + BORDER) for at, text in every if is_likely(text)]

    def parts(data: bytes) -> Iterator[Part]:
        known: dict[bytes, list[tuple[int, bytes]]] = {}  # identifiers recur in each event
        for start, end in runs(data):
            run = data[start:end]
            if run not in known:
                known[run] = texts(run)
            for at, text in known[run]:
                yield Part(start + at, end, text, digits.rate)

    return Encoding(lambda data: b"".join([part.text for part in parts(data)]), parts)


def from_base64(digits: bytes) -> bytes:
    return base64.b64decode((digits + b"A" * (-len(digits) % 4)).translate(STANDARD))


def from_hex(digits: bytes) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def numbers(digits: bytes, number: bytes, base: int, shortest: int, is_likely: Test) -> Encoding:
    """Return lists of at least so many numbers.

    Args:
        digits: All characters of the numbers.
        number: The pattern of a number.
        is_likely: Whether a decoded text can have a key.
    """
    runs = runs_of(digits + BETWEEN, 3 * shortest - 1)
    # Other digits may stand before the first number, or after the last one.
    between = re.escape(BETWEEN)
    each = re.compile(rb"%b(?![%b])|(?<=[%b])%b" % (number, digits, between, number))

    def decode(data: bytes) -> bytes:
        texts = (bytes(int(n, base) for n in each.findall(data, *run)) for run in runs(data))
        return b"".join([text + BORDER for text in texts if is_likely(text)])

    def parts(data: bytes) -> Iterator[Part]:
        for start, end in runs(data):
            values = [
                (m.span(), bytes((int(m[0], base),))) for m in each.finditer(data, start, end)
            ]
            if is_likely(b"".join(text for _, text in values)):
                yield from (Part(*span, text) for span, text in values)
                yield Part(end, end, BORDER)

    return Encoding(decode, parts)


def written_as_digits(shortest: int, characters: bytes) -> tuple[Encoding, ...]:
    """Return these encodings for texts of at least so many bytes.

    Args:
        characters: All bytes of the keys.
    """
    visible, least = classes_of(bytes({*VISIBLE, *characters})), b"x" * shortest

    def is_likely(text: bytes) -> bool:
        return least in text.translate(visible)

    base64_runs = runs_of(BASE64, -(-shortest * 4 // 3))
    return (
        aligned(base64_runs, Digits(4, (4, 3), from_base64), is_likely),
        aligned(runs_of(HEXADECIMALS, 2 * shortest), Digits(2, (2, 1), from_hex), is_likely),
        numbers(DECIMALS, rb"1?[0-9]{2}", 10, shortest, is_likely),
        numbers(HEXADECIMALS + b"xX", rb"(?:0[xX])?[0-9a-fA-F]{2}", 16, shortest, is_likely),
    )
