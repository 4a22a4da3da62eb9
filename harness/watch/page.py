"""Gets a document in Markdown, from a file or from its address."""

from __future__ import annotations

import time
from typing import Final

import httpx

from harness.util.errors import UsageError, file_errors
from harness.util.file_access import read_text

MAX_SIZE: Final = 1 << 20  # bytes; documents of this kind have 20 kB
TIMEOUT: Final = 30.0  # seconds for all of it
MAX_REDIRECTS: Final = 5


def is_url(page: str) -> bool:
    """Whether a page is given by its address, not by the name of a file."""
    return page.lower().startswith(("http://", "https://"))


def page_text(page: str) -> str:
    """Return the text of a page. Raises UsageError if there is none, or if it is not Markdown."""
    if is_url(page):
        text = fetch(page)
    else:
        with file_errors("read", page):
            text = read_text(page, MAX_SIZE)
    if text.lstrip("\ufeff \n\r\t").lower().startswith(("<!doctype", "<html")):
        raise UsageError(f"{page} is HTML; give the Markdown form of the page")
    return text


def fetch(url: str) -> str:
    """Return the text at an address. Raises UsageError."""
    try:
        with (
            httpx.Client(
                follow_redirects=True, max_redirects=MAX_REDIRECTS, timeout=TIMEOUT
            ) as client,
            client.stream("GET", url, headers={"accept": "text/markdown, text/plain"}) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise UsageError(f"{url} answers with status {response.status_code}")
            return read_body(response, url).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{url} is not text in UTF-8") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UsageError(f"cannot get {url}: {str(error) or type(error).__name__}") from None


def read_body(response: httpx.Response, url: str) -> bytes:
    """Return a body, within the limits of size and time. Raises UsageError."""
    body, end = bytearray(), time.monotonic() + TIMEOUT
    for piece in response.iter_bytes(65536):
        body += piece
        if len(body) > MAX_SIZE:
            raise UsageError(f"{url} is longer than {MAX_SIZE >> 20} MB")
        if time.monotonic() > end:
            raise UsageError(f"{url} takes longer than {TIMEOUT:.0f} seconds")
    return bytes(body)
