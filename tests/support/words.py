"""Finds retired words (the second table of docs/glossary.md) in the project's files.

`python -m tests.support.words [PATH...]` prints every place.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
ANYWHERE, NAMES, PROSE = "anywhere", "names", "prose"
WHOLE_NAMES, FUNCTIONS = "whole names", "functions"
FOLDERS = ("harness", "tests", "benchmarks", "cases", "schemas", "docs", ".github", "reports")
TOP_FILES = ("*.md", "*.toml", "action.yml", "mkdocs.yml", ".pre-commit-config.yaml", ".ci/run")
# Their string literals are sent to targets, or are a mock's answers.
SENT = ("harness/testbed/", "harness/language/behaviours/", "tests/", "harness/fire/sdk/drivers/")
ROW = re.compile(
    r"^\| (.+?) \| .+? \| (anywhere|names|whole names|functions|prose) \|$", re.MULTILINE
)
NAME_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


# Keys of report.json, which is a stable format; the types of the report declare them.
REPORT_KEYS = {
    "harness/report/case_types.py": frozenset({"demanded"}),
    "harness/report/data.py": frozenset({"fronts", "says", "told"}),
}

# Sentence forms that the glossary retires, in docstrings.
FORMS = re.compile(
    r"\A(?:What|Who|Whoever|Nobody|Of) |\bMay not\b|(?:\A|[.;] )(?:Pure|Data|Decides nothing)\."
    r"|(?<!here )\bis no (?!longer)"
)


class Use(NamedTuple):
    """One retired word in one line of a file."""

    path: str
    line: int
    word: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.word!r} in {self.text.strip()[:90]!r}"


@cache
def retired() -> dict[str, frozenset[str]]:
    """The retired words by where they are checked."""
    kinds = (ANYWHERE, NAMES, WHOLE_NAMES, FUNCTIONS, PROSE)
    words: dict[str, set[str]] = {kind: set() for kind in kinds}
    for cell, where in ROW.findall(GLOSSARY.read_text("utf-8")):
        words[where] |= {word.strip() for word in cell.split(",")}
    return {where: frozenset(names) for where, names in words.items()}


def in_name(name: str) -> str | None:
    """The retired word that an identifier consists of or contains."""
    if name.strip("_").lower() in retired()[WHOLE_NAMES]:
        return name
    parts = {part.lower() for part in NAME_PART.findall(name)}
    return next(iter(sorted(parts & (retired()[NAMES] | retired()[ANYWHERE]))), None)


@cache
def prose_pattern() -> re.Pattern[str]:
    """Matches a retired word, except within an id: `upstream.said.thinking`, `relay-integrity`."""
    words = sorted(retired()[PROSE] | retired()[ANYWHERE], key=len, reverse=True)
    return re.compile(
        rf"(?<![\w.$])({'|'.join(map(re.escape, words))})(?!\w|\.\w|-integrity)", re.IGNORECASE
    )


def in_prose(path: str, line: int, text: str) -> Iterator[Use]:
    for number, part in enumerate(text.splitlines()):
        for match in prose_pattern().finditer(part):
            yield Use(path, line + number, match[1].lower(), part)


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The identifiers that a module defines or binds."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.alias(asname=str(name)):
                yield node.lineno, name


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str()) as text), *_]:
                    yield text


def in_docstring(path: str, line: int, text: str) -> Iterator[Use]:
    """Retired words and sentence forms of a docstring."""
    yield from in_prose(path, line, text)
    for match in FORMS.finditer(text):
        yield Use(path, line, match[0].strip(), text[match.start() :].splitlines()[0])


def messages(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """String literals of at least two words that are not docstrings."""
    skipped = {id(text) for text in docstrings(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in skipped and " " in text.strip():
                yield node.lineno, text


def in_names(path: str, tree: ast.AST) -> Iterator[Use]:
    """Retired words in the name of the module and in the identifiers that it binds."""
    for part in NAME_PART.findall(Path(path).stem):
        if part in retired()[NAMES] | retired()[ANYWHERE]:
            yield Use(path, 1, part, path)
    for line, name in names(tree):
        if word := in_name(name):
            yield Use(path, line, word, name)
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.strip("_") in retired()[FUNCTIONS]:
                    yield Use(path, node.lineno, name, name)


def in_python(path: str, source: str) -> Iterator[Use]:
    tree = ast.parse(source)
    yield from in_names(path, tree)
    for text in docstrings(tree):
        yield from in_docstring(path, text.lineno, str(text.value))
    if not path.startswith(SENT):
        for line, message in messages(tree):
            yield from in_prose(path, line, message)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield from in_prose(path, token.start[0], token.string)


def in_case_file(path: str, source: str) -> Iterator[Use]:
    """Comments and `why` texts; everything else can be sent."""
    in_why = 0
    for number, line in enumerate(source.splitlines(), 1):
        indent = len(line) - len(line.lstrip(" "))
        if match := re.match(r"\s*(?:- )?(why|description|note|title): ", line):
            in_why = line.index(match[1]) + 1
        elif indent < in_why or re.match(r"\s*(?:- )?[\w$.\"']+:( |$)", line):
            in_why = 0
        text = line if in_why else "".join(re.findall(r"(?:^|\s)#.*", line))
        yield from in_prose(path, number, text)


def in_schema(path: str, source: str) -> Iterator[Use]:
    """Titles and descriptions."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (value[k] for k in ("title", "description") if isinstance(value.get(k), str))
            yield from (text for item in value.values() for text in texts(item))
        elif isinstance(value, list):
            yield from (text for item in value for text in texts(item))

    for text in texts(json.loads(source)):
        yield from in_prose(path, 1, text)


def uses(path: str) -> list[Use]:
    """The retired words of one file of the project, named from its root."""
    source = (ROOT / path).read_text("utf-8")
    if path.endswith(".py"):
        places = in_python(path, source)
    elif path.startswith("schemas/") and path.endswith(".json"):
        places = in_schema(path, source)
    elif path.startswith(("cases/", "schemas/")):
        places = in_case_file(path, source)
    else:
        places = in_prose(path, 1, source)
    return sorted(use for use in set(places) if use.text not in REPORT_KEYS.get(path, ()))


def files(*only: str) -> list[str]:
    """The files that are checked, or those of them that lie under the given paths."""
    suffixes = (".py", ".yaml", ".yml", ".json", ".md", ".jinja2", ".js", ".cjs", ".toml", ".txt")
    paths: Iterable[Path] = (
        *(p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in suffixes),
        *(p for pattern in TOP_FILES for p in ROOT.glob(pattern)),
    )
    names = sorted(path.relative_to(ROOT).as_posix() for path in paths)
    ours = [n for n in names if n != "docs/glossary.md" and "/.venv/" not in n and is_part(n)]
    return [name for name in ours if not only or name.startswith(only)]


def is_part(name: str) -> bool:
    """Reports of local runs lie in reports/ and are not part of the project."""
    if name.startswith("cases/"):
        return name.endswith(".yaml")
    return not name.startswith("reports/") or name == "reports/README.md"


if __name__ == "__main__":
    places = [use for name in files(*sys.argv[1:]) for use in uses(name)]
    print(*places, f"{len(places)} retired words", sep="\n")
