"""Size rules of the package. Which package may import which is declared in pyproject.toml."""

from __future__ import annotations

import ast
import graphlib
import statistics
from functools import cache
from pathlib import Path

from tests.support import public_api

HARNESS = Path(__file__).resolve().parents[2] / "harness"
MODULES = sorted(path for path in HARNESS.rglob("*.py") if "_data" not in path.parts)
MAX_LINES, MAX_FUNCTION_LINES = 200, 30


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_at_most_two_modules_lie_beside_the_packages() -> None:
    assert [path.name for path in HARNESS.glob("*.py")] == ["__init__.py", "__main__.py"]


def test_modules_have_fewer_than_200_lines() -> None:
    assert [str(path) for path in MODULES if lines(path) >= MAX_LINES] == []


def test_half_of_the_modules_have_fewer_than_120_lines() -> None:
    assert statistics.median(map(lines, MODULES)) < 120


def test_functions_have_fewer_than_30_lines() -> None:
    functions = [
        (path, node)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = [
        f"{path}:{node.lineno}: {node.name}"
        for path, node in functions
        if (node.end_lineno or 0) - node.lineno + 1 >= MAX_FUNCTION_LINES
    ]
    assert functions
    assert too_long == []


def test_every_module_has_a_docstring() -> None:
    missing = [str(path) for path in MODULES if not ast.get_docstring(tree(path))]
    assert missing == []


def test_imports_are_absolute() -> None:
    relative = [
        f"{path}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_functions_and_classes_that_other_packages_use_have_docstrings() -> None:
    public = public_api.public()
    missing = [".".join(name) for name, node in public.items() if not ast.get_docstring(node)]
    assert len(public) > 100
    assert missing == []


def imported_modules(path: Path) -> set[str]:
    """Return what a file imports when it is loaded, or for its types; not inside functions."""
    blocks = [node for node in tree(path).body if isinstance(node, ast.If)]
    names: set[str] = set()
    for node in (*tree(path).body, *(inner for block in blocks for inner in block.body)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_no_import_cycles_between_files() -> None:
    modules = {
        ".".join(path.relative_to(HARNESS.parent).with_suffix("").parts).removesuffix(
            ".__init__"
        ): path
        for path in MODULES
    }
    graph = {name: imported_modules(path) & modules.keys() for name, path in modules.items()}
    for name, imported in graph.items():
        # `from package import module` needs the package only if it names nothing else of it.
        imported -= {name, *(package for package in imported if is_package_of(package, imported))}
    graphlib.TopologicalSorter(graph).prepare()


def is_package_of(package: str, modules: set[str]) -> bool:
    return any(module.startswith(f"{package}.") for module in modules)
