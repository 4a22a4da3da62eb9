"""Damaged files end in a result or in one line with exit code 4, whichever command reads them.

`pytest tests/fuzz --hypothesis-profile=long` tries many more of them. What was found once is in
the folder `corpus`, whose files are tried in each run; the first part of a name is the kind.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.certify import PAYLOAD_TYPE, dsse
from harness.util import strict_yaml
from tests.fuzz.mutations import damaged, damaged_bytes, to_bytes
from tests.support import pack_on_disk

CORPUS = Path(__file__).parent / "corpus"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
CI_COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
TARGET = """
name: a
endpoints: {openai: {base_url: "http://127.0.0.1:9/v1", model: m, headers: {x-a: b}}}
packs: [openai-chat]
key_env: [TINY_KEY, TINY_KEY]
tiers: {free: {rpm: 3}}
limits: {tier: free}
lacks: [tools]
deviations: {n: {behaviour: ignored, why: It is ignored.}}
"""
BASELINE = (
    'deviations: [{case: openai-chat/n, rule: status 200, reason: known, until: "2030-12-31"}]'
)
FILES = {
    "transcript": "transcript.jsonl",
    "report": "report.json",
    "certificate": "certificate.json",
    "statement": "certificate.json",
    "pack": "pack.yaml",
    "cases": "cases.yaml",
    "target": "target.yaml",
    "baseline": "baseline.yaml",
}


class Folder:
    """A run with its certificate, its pack, and a target and a baseline file."""

    def __init__(self, home: Path) -> None:
        self.home, self.out, self.pack = home, home / "out", pack_on_disk.pack(home / "tiny")
        self.changed = home / "changed"
        assert pack_on_disk.harness("freeze", self.pack).code == 0
        assert pack_on_disk.run(self.pack).code == 0
        assert pack_on_disk.harness("certify", "--new-key", home / "k").code == 0
        assert pack_on_disk.harness("certify", self.out, "--key", home / "k").code == 0
        (self.out / "target.yaml").write_text(TARGET, "utf-8")
        (self.out / "baseline.yaml").write_text(BASELINE, "utf-8")
        for name in ("pack.yaml", "cases.yaml"):
            shutil.copy(self.pack / name, self.out / name)
        shutil.copytree(self.out, self.changed)

    def original(self, kind: str) -> bytes:
        return (self.out / FILES[kind]).read_bytes()

    def put(self, kind: str, data: bytes) -> Path:
        shutil.rmtree(self.changed)
        shutil.copytree(self.out, self.changed)
        path = self.changed / FILES[kind]
        path.write_bytes(data)
        return path

    def commands(self, kind: str, path: Path) -> list[tuple[str | Path, ...]]:
        """Return the commands that read a file of this kind."""
        there = self.changed
        run = ("run", "--dry-run", "--model=m")
        by_kind: dict[str, list[tuple[str | Path, ...]]] = {
            "transcript": [
                ("judge", path),
                ("judge", path, "--unfinished", "--pack", self.pack),
                ("har", path, "--out", there / "x.har"),
                ("diff", there, self.out),
                ("certify", there, "--key", self.home / "k", "--out", there / "c.json"),
                ("merge", there, "--out", there / "merged"),
            ],
            "report": [
                ("compare", there, self.out, "--out", there / "x.html", "--out", there / "x.csv"),
                ("compare", there, self.out, "--out", there / "x.md"),
                ("diff", there, self.out, "--out", there / "d.html", "--out", there / "d.md"),
                ("baseline", path),
                ("certify", there, "--key", self.home / "k", "--out", there / "c.json"),
            ],
            "certificate": [("verify", path, "--trust", self.home / "k.pub", "--pack", self.pack)],
            "statement": [("verify", path, "--trust", self.home / "k.pub", "--pack", self.pack)],
            "pack": [("check", there), (*run, "--pack", there)],
            "cases": [("check", there), (*run, "--pack", there), ("list", "--pack", there)],
            "target": [("check", path), ("run", path, "--dry-run")],
            "baseline": [("check", path)],
        }
        return by_kind[kind]

    def try_all(self, kind: str, data: bytes) -> None:
        path = self.put(kind, data)
        for words in self.commands(kind, path):
            result = pack_on_disk.harness(*words)
            text = result.out + result.err
            assert result.code in (0, 1, 4), (words, text)
            assert "Traceback" not in text, (words, text)
            assert not CONTROL.search(text), (words, text)
            assert not CI_COMMAND.search(text), (words, text)
            if result.code == 4:
                assert result.lines[0].startswith("ERROR: "), (words, text)
                assert len(result.lines) == 1 or kind in ("pack", "cases", "target", "baseline")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TINY_KEY", pack_on_disk.KEY)
        return Folder(tmp_path_factory.mktemp("fuzz"))


def transcript_of(lines: list[Any]) -> bytes:
    return b"".join(to_bytes(line) + b"\n" for line in lines)


def parsed(kind: str, data: bytes) -> Any:
    """Return a file as data that can be damaged."""
    if kind == "transcript":
        return [json.loads(line) for line in data.splitlines()]
    if kind == "statement":
        return json.loads(dsse.parse_envelope(data, "").payload)
    if FILES[kind].endswith(".yaml"):
        return strict_yaml.read(data.decode(), "")[0]
    return json.loads(data)


def written(folder: Folder, kind: str, value: Any) -> bytes:
    if kind == "transcript":
        return transcript_of(value if isinstance(value, list) else [value])
    if kind == "statement":
        signer = dsse.load_private_key((folder.home / "k").read_bytes(), "k")
        envelope = dsse.signed_envelope(to_bytes(value), PAYLOAD_TYPE, signer)
        return dsse.format_envelope(envelope).encode()
    return to_bytes(value)


EXAMPLES = settings.default.max_examples // 8 if settings.default else 12  # each runs commands
DAMAGE: dict[str, Callable[[st.DataObject, Folder, str], bytes]] = {
    "values": lambda data, folder, kind: written(
        folder, kind, data.draw(damaged(parsed(kind, folder.original(kind))))
    ),
    "bytes": lambda data, folder, kind: data.draw(damaged_bytes(folder.original(kind))),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_damaged_files_give_a_result_or_one_line(
    folder: Folder, kind: str, damage: str, data: st.DataObject
) -> None:
    folder.try_all(kind, DAMAGE[damage](data, folder, kind))


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_what_was_found_before_stays_repaired(folder: Folder, path: Path) -> None:
    folder.try_all(path.name.partition("-")[0], path.read_bytes())
