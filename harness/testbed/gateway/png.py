"""Names the mean colour of a PNG image, without an image library."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_LARGEST = 4_000_000
_NAMES = {
    "red": (255, 0, 0),
    "green": (0, 160, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
    "purple": (128, 0, 128),
    "pink": (255, 150, 190),
    "brown": (139, 69, 19),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "white": (255, 255, 255),
}

Colour = tuple[float, float, float]


@lru_cache(maxsize=32)
def image_colour(url: str) -> str | None:
    """Returns the name of the colour of an image that is in its URL."""
    head, _, data = url.partition(",")
    return colour_name(base64.b64decode(data)) if head.startswith("data:") else None


def colour_name(data: bytes) -> str | None:
    """Returns the named colour nearest to the mean of the image; None if it cannot be decoded."""
    try:
        mean = _mean(data)
    except (ValueError, KeyError, IndexError, struct.error, zlib.error):
        return None
    return min(_NAMES, key=lambda name: math.dist(mean, _NAMES[name]))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("not a PNG")
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def _mean(data: bytes) -> Colour:
    parts: dict[bytes, bytes] = {}
    for kind, content in _chunks(data):
        parts[kind] = parts.get(kind, b"") + content
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    channels = _CHANNELS[kind]
    if depth != 8 or interlaced or not 0 < width * height * channels <= _LARGEST:
        raise ValueError("unsupported kind of PNG")
    raw = zlib.decompressobj().decompress(parts[b"IDAT"], (width * channels + 1) * height)
    sums = [0.0, 0.0, 0.0]
    for line in _lines(raw, width * channels, channels):
        for x in range(0, width * channels, channels):
            for i, value in enumerate(_rgb(line[x : x + channels], kind, parts.get(b"PLTE", b""))):
                sums[i] += value
    return sums[0] / (width * height), sums[1] / (width * height), sums[2] / (width * height)


def _lines(raw: bytes, stride: int, step: int) -> Iterator[bytes]:
    """Yields scan lines with their filters removed (PNG specification, section 9)."""
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        method, line = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for i in range(len(line)) if method else ():
            left = line[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            line[i] = (line[i] + _guess(method, left, above[i], corner)) & 0xFF
        above = bytes(line)
        yield above


def _guess(method: int, left: int, above: int, corner: int) -> int:
    if method == 4:  # Paeth: the value nearest to left + above - corner
        plane = left + above - corner
        return min((left, above, corner), key=lambda value: abs(plane - value))
    return (left, above, (left + above) // 2)[method - 1]


def _rgb(pixel: bytes, kind: int, palette: bytes) -> tuple[int, int, int]:
    if kind == 3:
        return tuple(palette[pixel[0] * 3 : pixel[0] * 3 + 3])  # type: ignore[return-value]
    if kind in (0, 4):
        return pixel[0], pixel[0], pixel[0]
    return pixel[0], pixel[1], pixel[2]
