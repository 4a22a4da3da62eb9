"""An installed harness does nothing to the tests of others, until it is used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import pack_on_disk
from tests.support.plugins import NO_AUTOLOAD

TEST = """
import sys

def test_own():
    for heavy in ("harness.run", "harness.fire", "harness.load", "httpx", "jsonschema", "yaml"):
        assert heavy not in sys.modules, heavy
"""
USE = """
import pytest

def test_conformant(llm_gateway):
    run = llm_gateway("{url}", model="builtin-1", api_key_env="TINY_KEY", packs="{pack}")
    assert run.result == "conformant"
    assert run.failures == []
    assert run.outcome("seed") == run.outcome("tiny/n") == "pass"

def test_failing(llm_gateway):
    run = llm_gateway("{bad}", model="builtin-1", api_key_env="TINY_KEY", packs=["{pack}"])
    assert run.result == "non-conformant"
    [failure] = run.failures
    assert "refused" in failure
    assert "tiny/seed" in failure

def test_selection(llm_gateway):
    words = dict(model="builtin-1", api_key_env="TINY_KEY", packs=["{pack}"], cases=["n"])
    run = llm_gateway("{bad}", **words)
    assert run.result == "partial"
    assert [case["id"] for case in run.report["cases"]] == ["n"]
    assert run.report["selection"] == {{"cases": ["n"]}}

def test_mistakes(llm_gateway):
    with pytest.raises(TypeError, match="no option modle"):
        llm_gateway("{url}", modle="x")
    with pytest.raises(Exception, match="no case `sead`; did you mean `seed`"):
        llm_gateway("builtin", packs=["{pack}"], cases=["sead"])
    with pytest.raises(Exception, match="cannot reach"):
        llm_gateway("http://127.0.0.1:9/v1", model="m", packs=["{pack}"])
    with pytest.raises(Exception, match="takes a number above 0"):
        llm_gateway("builtin", packs=["{pack}"], rpm=-1.0)
"""  # fmt: skip


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that has the harness with its entry point."""
    info = tmp_path / "site/llm_gateway_conformance-9.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: llm-gateway-conformance\nVersion: 9\n", "utf-8")
    project = (pack_on_disk.ROOT / "pyproject.toml").read_text("utf-8")
    assert '[project.entry-points.pytest11]\n"harness.plugin" = "harness.plugin"\n' in project
    (info / "entry_points.txt").write_text("[pytest11]\nharness.plugin = harness.plugin\n", "utf-8")
    folders = (str(tmp_path / "site"), str(pack_on_disk.ROOT))
    return {"PYTHONPATH": os.pathsep.join(folders), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""}


def test_case_files_are_no_tests_until_an_option_is_given(
    tmp_path: Path, installed: dict[str, str]
) -> None:
    home = tmp_path / "project"
    pack_on_disk.pack(home / "tiny")
    (home / "test_own.py").write_text(TEST, "utf-8")
    options = ("-p", "no:xdist", "-p", "no:hypothesispytest", "-q")
    result = pack_on_disk.run_process("pytest", *options, cwd=home, env=installed)
    assert (result.code, result.err) == (0, "")
    assert "1 passed" in result.out

    for words in (["--llm-target=builtin"], ["-p", "harness.plugin"]):
        words += ["tiny", "-k", "seed"]
        result = pack_on_disk.run_process("pytest", *options, *words, cwd=home, env=installed)
        assert "1 passed" in result.out, result.out


def test_a_test_runs_cases_against_a_gateway(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", NO_AUTOLOAD[next(iter(NO_AUTOLOAD))])
    with pack_on_disk.gateway() as url, pack_on_disk.gateway(pack_on_disk.refuse_seed) as bad:
        test = Path("test_gateway.py")
        test.write_text(USE.format(url=url, bad=bad, pack=tiny_pack), "utf-8")
        result = pack_on_disk.run_pytest(test, "-q")
    assert result.code == 0, result.out
    assert "4 passed" in result.out
