"""Makes the units of a target: the words of their commands, their files, their hosts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from harness.fleet.option_words import is_path, option_words
from harness.fleet.units import Limits, Unit, share
from harness.load.files import File
from harness.load.pack_folders import pack_lineage
from harness.model import Target, Tier
from harness.util import paths
from harness.util.errors import UsageError

Entry = Mapping[str, Any]
UPSTREAM: Final = "upstream"  # an option whose address only one run can use at a time


class UnitMaker:
    """Makes the units of one target.

    Args:
        word: The target as `harness run` takes it.
        name: The name of the target in folders and pages.
        with_model: Whether the model is given to the run, in place of that of the target file.
    """

    def __init__(
        self, file: File, word: str, name: str, target: Target, options: Entry, with_model: bool
    ) -> None:
        self.file, self.word, self.name, self.target = file, word, name, target
        self.options, self.with_model = options, with_model

    def unit(self, model: str, pack: str) -> Unit:
        """Return the unit of a model and a pack."""
        limits = self.limits()
        given = {
            "pack": [pack],
            "name": self.name,
            **({"model": model} if self.with_model else {}),
            **self.options,
            **share(limits.values(), self.options),
        }
        located = {
            name: os.path.relpath(self.file.path.parent / value) if is_path(name) else value
            for name, value in given.items()
        }
        files_ = [str(value) for name, value in located.items() if is_path(name)]
        files_ += [word for word in (self.word, *pack_folders(pack)) if is_own_file(word)]
        words = (self.word, *option_words(located))
        key_env = str(self.options.get("api-key-env") or self.target.key_env)
        return Unit(self.name, model, Path(pack).name, limits, words, tuple(files_), key_env)

    def limits(self) -> dict[str, Limits]:
        """Return the limits of each host of the target, and of the address of its provider."""
        own = {} if self.target.builtin else dict(self.host_limits())
        if address := self.options.get(UPSTREAM):
            own[f"{UPSTREAM} {address}"] = Limits()
        return own

    def host_limits(self) -> Iterator[tuple[str, Limits]]:
        """Yield the limits of each host by the name that has some in the file, or HOST:PORT."""
        for endpoint in self.target.endpoints.values():
            for name, limits in host_entries(self.file, endpoint.base_url).items():
                yield name, self.with_own_limits(limits)

    def with_own_limits(self, limits: Limits) -> Limits:
        """Return the limits of a host; the target's own are in the place of those it lacks."""
        tier = str(self.options.get("tier", ""))
        own = self.target.tiers.get(tier, self.target)
        # A single unit has the target's concurrency without an option, and can begin with less.
        is_shared = limits.units > 1 and own.concurrency != Tier().concurrency
        return replace(
            limits,
            rpm=limits.rpm or own.rpm,
            tpm=limits.tpm or own.tpm,
            concurrency=limits.concurrency or (own.concurrency if is_shared else 0),
        )


def host_entries(file: File, base_url: str) -> dict[str, Limits]:
    """Return the limits that the file has for HOST:PORT and for HOST, which all its ports share.

    Where it has neither, they are the limits of HOST:PORT if there are none.
    """
    url, entries = urlsplit(base_url), file.data.get("hosts", {})
    names = dict.fromkeys((url.netloc, url.hostname or ""))
    stated = {name: Limits(**entries[name]) for name in names if name in entries}
    return stated or {url.netloc: Limits()}


def pack_folders(pack: str) -> list[str]:
    """Return the folders of a pack and of the packs that it extends; none if there is no pack."""
    try:
        return [str(folder) for folder in pack_lineage([pack])]
    except UsageError:
        return []


def is_own_file(word: str) -> bool:
    """Whether a word is a path; the targets and packs that ship are on every machine."""
    path = Path(word)
    shipped = (paths.targets_dir() / f"{word}.yaml").is_file()
    shipped = shipped or path.resolve().is_relative_to(paths.cases_dir().resolve())
    return "://" not in word and not shipped and path.exists()
