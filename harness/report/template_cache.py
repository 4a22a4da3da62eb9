"""Keeps compiled templates beside their sources, since compiling takes longer than filling."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from zlib import crc32

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache


class TemplateCache(FileSystemBytecodeCache):
    """Reads and writes compiled templates; where nothing can be written, they are compiled again.

    Args:
        templates: The folder of the sources.
        settings: The module with the settings that change what is compiled.
    """

    def __init__(self, templates: Path, settings: Path) -> None:
        folder = Path(cache_from_source(str(templates / "template.py"))).parent
        versions = f"{Path(jinja2.__file__).stat().st_mtime_ns} {settings.read_text('utf-8')}"
        made_with = f"{sys.implementation.cache_tag}-{crc32(versions.encode()):08x}"
        super().__init__(str(folder), f"%s.{made_with}.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)
