"""Driver of the `anthropic` and `openai` packages for Python; see `driver_jobs`."""

from __future__ import annotations

import importlib
import json
import sys

arguments = json.loads(sys.argv[1])
sys.path[:0] = arguments["paths"]
package = importlib.import_module(arguments["package"])
scripts = importlib.import_module(f"{arguments['package']}_scripts")
importlib.import_module("driver_jobs").serve(scripts.by_protocol(package))
