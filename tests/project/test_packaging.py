"""Wheel, sdist and editable installs find cases, schemas and targets from any folder.

Dependencies come from the running environment: only the distribution itself is installed, each time
into an environment that has nothing else of its own.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).resolve().parents[2]
INSTALL_KINDS = ("wheel", "sdist", "editable", "image")


def run(*command: str | Path, cwd: Path) -> str:
    completed = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return completed.stdout


def environment_with_dependencies(folder: Path) -> Path:
    """Create a virtual environment that sees the packages of the running one."""
    venv.create(folder)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return folder


def pip_install(environment: Path, *arguments: str, cwd: Path) -> None:
    python = str(environment / "bin/python")
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", python, "install"]
    run(*pip, *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def pip_arguments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The requirement for pip by install kind; the wheel is built from the sdist."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return {
        "wheel": [str(wheel)],
        "sdist": [str(sdist)],
        "editable": ["--editable", str(ROOT)],
        "image": [str(image_source(out / "source"))],
    }


def image_source(folder: Path) -> Path:
    """Copy the files that .containerignore leaves to the build of the image."""
    lines = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    for path in [ROOT / line[1:] for line in lines if line.startswith("!")]:
        folder.mkdir(exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module", params=INSTALL_KINDS)
def bin_folder(
    request: pytest.FixtureRequest,
    pip_arguments: dict[str, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The command folder of an environment with the distribution installed."""
    environment = environment_with_dependencies(tmp_path_factory.mktemp(request.param))
    offline = ["--no-deps", "--no-build-isolation"]
    pip_install(environment, *offline, *pip_arguments[request.param], cwd=environment)
    return environment / "bin"


def test_install_lists_the_same_cases_as_the_checkout(bin_folder: Path, tmp_path: Path) -> None:
    checkout = run(sys.executable, "-m", "harness", "list", cwd=ROOT)
    assert run(bin_folder / "harness", "list", cwd=tmp_path) == checkout


def test_both_command_names_print_the_same_version(bin_folder: Path, tmp_path: Path) -> None:
    names = ("harness", "llm-conformance")
    assert len({run(bin_folder / name, "--version", cwd=tmp_path) for name in names}) == 1


def test_install_uses_its_own_files(
    bin_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    code = (
        "from harness.util import paths\n"
        "print(paths.__file__, paths.cases_dir(), paths.schemas_dir(), sep='\\n')"
    )
    home = ROOT if "editable" in request.node.name else bin_folder.parent
    for path in run(bin_folder / "python", "-c", code, cwd=tmp_path).splitlines():
        assert Path(path).is_relative_to(home)


def test_install_writes_a_report(bin_folder: Path, tmp_path: Path) -> None:
    run(bin_folder / "harness", "run", "--case", "temperature", "--out", "out", cwd=tmp_path)
    assert (tmp_path / "out/report.html").stat().st_size > 10_000
    assert (tmp_path / "out/report.json").is_file()


def test_wheel_contains_all_files(pip_arguments: dict[str, list[str]]) -> None:
    inside = set(zipfile.ZipFile(pip_arguments["wheel"][0]).namelist())
    paths = [p for folder in ("harness", "cases", "schemas") for p in (ROOT / folder).rglob("*")]
    files = [path.relative_to(ROOT) for path in paths if path.is_file()]
    names = {str(file) for file in files if "__pycache__" not in file.parts}
    expected = {name if name.startswith("harness/") else f"harness/_data/{name}" for name in names}
    assert expected - inside == set()


def test_wheel_metadata_name_license_and_extras(pip_arguments: dict[str, list[str]]) -> None:
    wheel = zipfile.ZipFile(pip_arguments["wheel"][0])
    (metadata,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    lines = wheel.read(metadata).decode("utf-8").splitlines()
    assert "License-Expression: Apache-2.0" in lines
    assert {"Provides-Extra: certify", "Provides-Extra: clients"} <= set(lines)
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_documented_install_command_is_enough_for_certificates(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "certification.md").read_text("utf-8")
    [command] = [line for line in page.splitlines() if line.startswith("$ pip install")]
    environment = environment_with_dependencies(tmp_path / "environment")
    # Dependencies are present already; pip fails if one is missing.
    offline = ["--no-index", "--no-build-isolation"]
    pip_install(environment, *offline, *shlex.split(command)[3:], cwd=ROOT)
    run(environment / "bin" / "harness", "certify", "--new-key", "key.pem", cwd=tmp_path)
    assert (tmp_path / "key.pem").is_file()
