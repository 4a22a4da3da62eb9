"""SDKs are installed once into a cache, by the installer that is available."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from harness.fire.sdk import driver, install, installers
from harness.model.sdk import SDKS, Sdk
from tests.support import fake_sdks

NODE = Sdk("made-typescript", ("anthropic",), "node", "made", "1.0.0", "x.cjs")
INSTALLER = """
import os, pathlib, sys
home = pathlib.Path(sys.argv[-1])
(home / "module").write_text(os.environ.get("SOME_KEY", "no key here"))
with open(sys.argv[1], "a") as log:
    log.write("installed\\n")
CODE
"""


def installer(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str = "") -> Path:
    """Replaces npm; the file that it returns has one line for each run."""
    script, log = folder / "npm.py", folder / "log"
    script.write_text(INSTALLER.replace("CODE", code))
    command = [sys.executable, str(script), str(log)]
    monkeypatch.setattr(install, "install_command", lambda sdk: command)
    return log


def test_installation_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = installer(tmp_path, monkeypatch)
    homes = {asyncio.run(install.installed_path(NODE, tmp_path, ())) for _ in range(2)}
    assert [(home / "module").read_text() for home in homes] == ["no key here"]
    assert log.read_text() == "installed\n"


def test_concurrent_runs_install_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = installer(tmp_path, monkeypatch)

    async def both() -> None:
        await asyncio.gather(*(install.installed_path(NODE, tmp_path, ()) for _ in range(2)))

    asyncio.run(both())
    assert log.read_text() == "installed\n"


def test_failed_installation_leaves_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails after it wrote a file, and an earlier installation was killed in the middle."""
    installer(tmp_path, monkeypatch, "sys.exit('ERROR: no network')")
    left = tmp_path / "clients" / "made-typescript-node-1.0.0.part"
    left.mkdir(parents=True)
    (left / "half").write_text("")
    with pytest.raises(
        installers.SdkUnavailable, match=r"cannot install made 1\.0\.0: ERROR: no net"
    ):
        asyncio.run(install.installed_path(NODE, tmp_path, ()))
    assert [path.suffix for path in left.parent.iterdir()] == [".lock"]
    installer(tmp_path, monkeypatch)
    home = asyncio.run(install.installed_path(NODE, tmp_path, ()))
    assert [path.name for path in home.iterdir()] == ["module"]


def test_installer_does_not_see_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", fake_sdks.KEY)
    installer(tmp_path, monkeypatch)
    home = asyncio.run(install.installed_path(NODE, tmp_path, (fake_sdks.KEY,)))
    assert (home / "module").read_text() == "no key here"


def test_slow_installation_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installer(tmp_path, monkeypatch, "import threading; threading.Event().wait()")
    monkeypatch.setattr(install, "INSTALL_TIMEOUT", 0.5)
    with pytest.raises(installers.SdkUnavailable, match="took more than"):
        asyncio.run(install.installed_path(NODE, tmp_path, ()))


def test_unwritable_cache_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installer(tmp_path, monkeypatch)
    (tmp_path / "clients").write_text("a file")
    with pytest.raises(installers.SdkUnavailable, match=r"made-typescript-node-1\.0\.0: "):
        asyncio.run(install.installed_path(NODE, tmp_path, ()))


def test_available_installer_installs_the_pinned_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sdk = SDKS["anthropic-python-0.69"]
    assert installers.pip_command(sdk)[-2:] == ["anthropic==0.69.0", "--target"]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert installers.pip_command(sdk)[:3] == ["/bin/uv", "pip", "install"]
    node = SDKS["anthropic-typescript"]
    assert installers.npm_command(node)[0] == "/bin/npm"
    assert installers.npm_command(node)[-2:] == ["@anthropic-ai/sdk@1.12.0", "--prefix"]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(installers.SdkUnavailable, match="neither pip nor uv is available"):
        installers.pip_command(sdk)


GO_SDKS = [sdk for sdk in SDKS.values() if sdk.language == "go"]


def test_go_driver_is_built_without_the_callers_workspace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    command = installers.install_command(SDKS["openai-go"])
    assert command[:2] == ["/bin/go", "build"]
    assert (Path(command[command.index("-C") + 1]) / "go.sum").is_file()
    assert install.SETTINGS["GOWORK"] == "off"
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(installers.SdkUnavailable, match="go is not on the PATH"):
        installers.install_command(SDKS["openai-go"])


def test_gem_is_installed_in_its_pinned_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    command = installers.install_command(SDKS["anthropic-ruby"])
    assert command[:2] == ["/bin/gem", "install"]
    assert command[command.index("anthropic") + 1 :][:2] == ["--version", "1.65.0"]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(installers.SdkUnavailable, match="gem is not on the PATH"):
        installers.install_command(SDKS["anthropic-ruby"])


@pytest.mark.parametrize("sdk", GO_SDKS, ids=lambda sdk: sdk.id)
def test_go_driver_requires_the_pinned_version(sdk: Sdk) -> None:
    folder = installers.DRIVERS / "go" / sdk.driver
    assert f"{sdk.package} v{sdk.version}" in (folder / "go.mod").read_text()
    assert f"{sdk.package} v{sdk.version} h1:" in (folder / "go.sum").read_text()


def test_go_driver_is_built_again_if_its_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installers, "DRIVERS", tmp_path)
    for name in ("jobs", "openai"):
        (tmp_path / "go" / name).mkdir(parents=True)
        (tmp_path / "go" / name / "main.go").write_text("package main\n")
    names = [install.cache_name(SDKS["openai-go"])]
    for name in ("jobs", "openai"):
        (tmp_path / "go" / name / "main.go").write_text("package main // changed\n")
        names.append(install.cache_name(SDKS["openai-go"]))
    assert len({*names}) == 3
    assert all(name.startswith("openai-go-3.98.0-") for name in names)


@pytest.mark.skipif(shutil.which("gofmt") is None, reason="gofmt is not on the PATH")
def test_go_drivers_are_formatted() -> None:
    command = ["gofmt", "-l", str(installers.DRIVERS / "go")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


def test_installed_sdk_is_used_unless_its_major_version_is_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sdk = SDKS["openai-python"]
    assert driver.installed_version(sdk) == metadata.version("openai")
    monkeypatch.setattr(metadata, "version", lambda name: "1.50.0")
    assert driver.installed_version(sdk) == ""

    def not_installed(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", not_installed)
    assert driver.installed_version(sdk) == ""


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("openai-python-1.109", "1.109.1"),
        ("openai-typescript", "7.57.0"),
        ("anthropic-ruby", "1.65.0"),
    ],
)
def test_sdk_that_is_not_installed_runs_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    sdk = SDKS[name]
    home = tmp_path / "clients" / install.cache_name(sdk)
    home.mkdir(parents=True)
    sdk_driver = asyncio.run(driver.make_driver(sdk, tmp_path, ()))
    assert sdk_driver.version == version
    assert str(home) in sdk_driver.command[-1]
    assert Path(sdk_driver.command[-2]).is_file()  # the driver


def test_cache_folder_is_configurable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(driver.CACHE_VARIABLE, "/some/where")
    assert driver.cache_folder() == Path("/some/where")
    monkeypatch.delenv(driver.CACHE_VARIABLE)
    assert driver.cache_folder().name == "llm-gateway-conformance"


def test_error_line_of_the_installer_is_reported() -> None:
    assert install.error_line(b"\n") == "the installer gave no reason"
    assert install.error_line(b"error: no space\nhint: make some\n") == "error: no space"
