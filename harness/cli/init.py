"""`harness init`: commented starting points for a pack, a case, a target or a fleet."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import click

from harness.cli.printing import say
from harness.util.errors import FileProblems, UsageError, file_errors
from harness.util.file_access import MAX_YAML, read_text, write_whole
from harness.util.paths import PACK_FILE, ROWS_FILE, is_case_file_name, is_pack_folder, schemas_dir

TEMPLATES: Final = Path(__file__).parent / "templates"
DEFAULT_PATHS: Final = {
    "pack": "my-pack",
    "case": "cases.yaml",
    "target": "my-target.yaml",
    "fleet": "fleet.yaml",
}
OPENAI_TEXT: Final = "$.choices[0].message.content: {type: string, minLength: 1}"
# What the case of a template requires of an answer of each other protocol.
EXPECTED: Final = {
    "anthropic": "$.content[0].text: {type: string, minLength: 1}",
    "responses": "$.output: {type: array, minItems: 1}",
    "embeddings": "$.data[0].embedding: {type: array, minItems: 1}",
}


@click.command()
@click.argument("kind", type=click.Choice(list(DEFAULT_PATHS)))
@click.argument("path", required=False, type=click.Path(path_type=Path))
def init(kind: str, path: Path | None) -> int:
    """Write a commented starting point: a pack's folder, a case in a file, a target or fleet file.

    A case is appended to PATH if the file exists. Other existing files are never changed.
    """
    path = path or Path(DEFAULT_PATHS[kind])
    writers = {"pack": write_pack, "case": write_case}
    with file_errors("write", path):
        lines = writers[kind](path) if kind in writers else write_file(kind, path)
    say("\n".join(lines))
    return 0


def write_pack(folder: Path) -> list[str]:
    """Write a pack with one row and one case."""
    name = re.sub(r"[^a-z0-9-]+", "-", folder.resolve().name.lower()).strip("-") or "my-pack"
    texts = {file: template(file, folder, name) for file in (PACK_FILE, ROWS_FILE, "cases.yaml")}
    for file in texts:
        refuse_existing(folder / file)
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        write_whole(folder / file, text)
    return [f"{folder / file}" for file in texts] + [
        f"check it with `harness check {folder}`, then run it with `harness run --pack {folder}`"
    ]


def write_case(path: Path) -> list[str]:
    """Append a case to a case file, or write a new file with it."""
    if not is_pack_folder(path.parent) or not is_case_file_name(path.name):
        raise UsageError(f"{path}: a case file ends in .yaml and lies beside a {PACK_FILE}")
    text = case_file(path)
    if not path.exists():
        write_whole(path, text)
        return [f"{path}: a new file with one case"]
    before = read_text(path, MAX_YAML)
    if not is_block_list(before):
        raise UsageError(f"{path}: `cases` is not a list at the end of the file; add it by hand")
    first_item = re.search(r"^( *)- ", before.partition("cases:")[2], re.MULTILINE)
    indent = first_item[1] if first_item else "  "
    case = re.sub("^  ", indent, text[text.index("  # ") :], flags=re.MULTILINE)
    write_whole(path, f"{before.rstrip()}\n\n{case}")
    return [f"{path}: one more case"]


def case_file(path: Path) -> str:
    """Return a case file with one case that fits the pack in the file's folder."""
    from harness.load import files
    from harness.load.packs import load_rows

    file = files.read(path.parent / PACK_FILE)
    if file.problems or not files.validate(file, "pack"):
        raise FileProblems(file.problems)
    text = template("cases.yaml", path.parent, file.data["id"])
    rows = load_rows(path.parent, [])
    sources = list(file.data.get("sources", ()))
    text = text.replace("- id: answer", f"- id: {free_id(path)}")
    text = text.replace("row: answer", f"row: {rows[0].id if rows else 'answer'}")
    source = f"    source: {sources[0]}\n" if sources else ""
    text = text.replace("    source: docs\n", source)
    return text.replace(OPENAI_TEXT, EXPECTED.get(file.data["protocol"], OPENAI_TEXT))


def write_file(kind: str, path: Path) -> list[str]:
    """Write a target file or a fleet file."""
    refuse_existing(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, template(f"{kind}.yaml", path.parent, path.stem))
    command = "fleet" if kind == "fleet" else "run"
    return [
        f"{path}",
        f"fill it in, check it with `harness check {path}`, then `harness {command} {path}`",
    ]


def template(file: str, folder: Path, name: str) -> str:
    """Return the text of a template for a file in a folder."""
    path = TEMPLATES / Path(file).with_suffix(".template.yaml")  # not called pack.yaml: no pack
    text = path.read_text(encoding="utf-8")
    return text.replace("SCHEMAS", schemas_seen_from(folder.resolve())).replace("NAME", name)


def schemas_seen_from(folder: Path) -> str:
    """Return the path of the schemas: relative inside a checkout, absolute elsewhere."""
    schemas = schemas_dir()
    is_inside = folder.is_relative_to(schemas.parent)
    return Path(os.path.relpath(schemas, folder) if is_inside else schemas).as_posix()


def refuse_existing(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} exists already; choose another path")


def free_id(path: Path) -> str:
    """Return an id that no case in the pack's folder has."""
    texts = [read_text(file, MAX_YAML, path.parent) for file in path.parent.glob("*.yaml")]
    candidates = ["new-case", *(f"new-case-{number}" for number in range(2, 1000))]
    return next(id_ for id_ in candidates if not any(f"id: {id_}\n" in text for text in texts))


def is_block_list(text: str) -> bool:
    """Whether a case can be appended: `cases:` is the last top-level key and a block list."""
    keys = re.findall(r"^(\w+):[ \t]*(.*)$", text, re.MULTILINE)
    return bool(keys) and keys[-1][0] == "cases" and not keys[-1][1].partition("#")[0].strip()
