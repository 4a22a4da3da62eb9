"""The pytest plugins that a run needs, loaded without this environment's other plugins."""

from __future__ import annotations

NO_AUTOLOAD = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
PLUGINS = ("harness.plugin", "xdist", "pytest_metadata.plugin", "pytest_html.plugin")
PLUGIN_ARGS = [part for name in PLUGINS for part in ("-p", name)]
