"""Finds the functions and classes of a package that other packages of the harness use."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

HARNESS = Path(__file__).resolve().parents[2] / "harness"
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Name(NamedTuple):
    """A name in a module, `harness.run.session` and `Session`."""

    module: str
    name: str


@cache
def modules() -> Mapping[str, ast.Module]:
    """The syntax trees of the package by dotted module name."""
    paths = [path for path in HARNESS.rglob("*.py") if "_data" not in path.parts]
    trees = {}
    for path in paths:
        parts = path.relative_to(HARNESS.parent).with_suffix("").parts
        trees[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text("utf-8"))
    return trees


def imports(tree: ast.Module) -> Iterator[tuple[str, Name]]:
    """The names that `from ... import` binds in a module, with what they refer to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("harness"):
            for alias in node.names:
                yield alias.asname or alias.name, Name(str(node.module), alias.name)


def uses(tree: ast.Module) -> Iterator[Name]:
    """The names of other modules that a module uses: imported, or as `module.name`."""
    bound = dict(imports(tree))
    yield from bound.values()
    imported = {name: ".".join(target) for name, target in bound.items()}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in imported:
                yield Name(imported[name], attribute)


def definition(name: Name) -> Definition | None:
    """The function or class that a name refers to, through re-exports."""
    tree = modules().get(name.module)
    if tree is None:
        return None
    for node in tree.body:
        if isinstance(node, Definition) and node.name == name.name:
            return node
    origin = dict(imports(tree)).get(name.name)
    return definition(origin) if origin else None


def package(module: str) -> str:
    return ".".join(module.split(".")[:2])


def public() -> dict[Name, Definition]:
    """The functions and classes that a module of another package uses."""
    names = {
        name
        for module, tree in modules().items()
        for name in uses(tree)
        if package(name.module) != package(module)
    }
    return {name: node for name in sorted(names) if (node := definition(name))}
