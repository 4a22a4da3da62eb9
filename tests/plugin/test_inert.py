"""`-p harness.plugin` does not affect other tests, and imports nothing for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import pack_on_disk
from tests.support.plugins import NO_AUTOLOAD, PLUGIN_ARGS

DISTRIBUTION = "llm-gateway-conformance"  # pytest lists it as a plugin if it is installed
TEST = """
import sys

def test_own(request):
    for heavy in ("harness.run", "harness.fire", "harness.load", "httpx", "jsonschema", "yaml"):
        assert heavy not in sys.modules, heavy
    assert not request.config.pluginmanager.hasplugin("llm-door")
"""


@pytest.mark.parametrize(
    "words", [[], ["--html=page.html"], ["-n", "1"], ["-v", "-x", "-k", "own"]]
)
def test_plugin_does_not_affect_other_tests(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "test_own.py").write_text(TEST, "utf-8")
    (tmp_path / "rows.yaml").write_text("rows: []\n", "utf-8")
    result = pack_on_disk.run_process("pytest", *PLUGIN_ARGS, *words, cwd=tmp_path, env=NO_AUTOLOAD)
    assert (result.code, result.err) == (0, "")
    assert "conform" not in result.out.replace(DISTRIBUTION, "")
    if "--html=page.html" in words:
        page = (tmp_path / "page.html").read_text("utf-8")
        assert "conform" not in page.replace(DISTRIBUTION, "")
        assert "col-result" in page


def test_all_options_start_with_llm(tmp_path: Path) -> None:
    """Options of other plugins, such as --timeout, keep their names."""
    result = pack_on_disk.run_process(
        "pytest", *PLUGIN_ARGS, "--help", cwd=tmp_path, env=NO_AUTOLOAD
    )
    section = result.out.partition("conformance of LLM gateways:")[2].partition("\n\n")[0]
    options = [word for word in section.split() if word.startswith("--")]
    assert len(options) >= 14
    assert all(option.startswith("--llm-") for option in options)


def test_packs_in_folders_that_pytest_skips_are_not_loaded(tmp_path: Path) -> None:
    """pytest does not search node_modules and similar folders for tests."""
    pack_on_disk.pack(tmp_path / "node_modules/somebody/pack")
    (tmp_path / "test_own.py").write_text(TEST, "utf-8")
    result = pack_on_disk.run_process(
        "pytest", *PLUGIN_ARGS, "--html=page.html", cwd=tmp_path, env=NO_AUTOLOAD
    )
    assert result.code == 0
