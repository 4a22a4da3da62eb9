"""Wheel, sdist and editable installs each find cases, schemas and targets, from any folder.

What the distribution depends on is borrowed from the running environment: only the distribution
itself is installed anew, each time into an environment that has nothing else of its own.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("wheel", "sdist", "editable")


def do(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The argument that pip gets for each way; the wheel is built from the sdist's own files."""
    out = tmp_path_factory.mktemp("dist")
    do(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return {"wheel": [str(wheel)], "sdist": [str(sdist)], "editable": ["--editable", str(ROOT)]}


@pytest.fixture(scope="module", params=WAYS)
def installed(
    request: pytest.FixtureRequest,
    built: dict[str, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of an environment's commands, with the distribution installed that way."""
    home = tmp_path_factory.mktemp(request.param)
    venv.create(home)
    (own,) = home.glob("lib/python*/site-packages")
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "--python",
        home / "bin/python",
        "install",
    ]
    do(*pip, "--no-deps", "--no-build-isolation", *built[request.param], cwd=home)
    return home / "bin"


def test_every_way_lists_every_case(installed: Path, tmp_path: Path) -> None:
    here = do(sys.executable, "-m", "harness", "list", cwd=ROOT)
    assert do(installed / "harness", "list", cwd=tmp_path) == here


def test_the_alias_is_the_command(installed: Path, tmp_path: Path) -> None:
    said = [
        do(installed / name, "--version", cwd=tmp_path) for name in ("harness", "llm-conformance")
    ]
    assert said[0] == said[1]


def test_every_way_runs_what_it_installed(
    installed: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = (
        "import harness.where as w; print(w.__file__, w.cases_dir(), w.schemas_dir(), sep='\\n')"
    )
    home = ROOT if "editable" in request.node.name else installed.parent
    for path in do(installed / "python", "-c", where, cwd=tmp_path).splitlines():
        assert Path(path).is_relative_to(home)


def test_every_way_leaves_a_report(installed: Path, tmp_path: Path) -> None:
    do(installed / "harness", "run", "--case", "temperature", "--out", "out", cwd=tmp_path)
    assert (tmp_path / "out/report.html").stat().st_size > 10_000
    assert (tmp_path / "out/report.json").is_file()


def test_the_wheel_lacks_no_file(built: dict[str, list[str]]) -> None:
    inside = set(zipfile.ZipFile(built["wheel"][0]).namelist())
    ours = [path for room in ("harness", "cases", "schemas") for path in (ROOT / room).rglob("*")]
    files = [path.relative_to(ROOT) for path in ours if path.is_file()]
    named = {str(file) for file in files if "__pycache__" not in file.parts}
    moved = {name if name.startswith("harness/") else f"harness/_data/{name}" for name in named}
    assert moved - inside == set()


def test_the_extra_that_the_readme_installs_brings_what_certificates_need(tmp_path: Path) -> None:
    """Its command, as it stands there; what it needs is borrowed, or the command would fail."""
    readme = (ROOT / "README.md").read_text("utf-8")
    [command] = [line for line in readme.splitlines() if line.startswith("pip install")]
    venv.create(tmp_path / "v")
    (own,) = (tmp_path / "v").glob("lib/python*/site-packages")
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(tmp_path / "v" / "bin" / "python")]
    words = [*shlex.split(command)[1:], "--no-index", "--no-build-isolation"]
    assert "does not provide the extra" not in do(*pip, *words, cwd=ROOT)
    do(tmp_path / "v" / "bin" / "harness", "certify", "--new-key", "k.pem", cwd=tmp_path)
