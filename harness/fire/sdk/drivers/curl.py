"""Driver that runs `curl` as a document calls it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from typing import Any

sys.path[:0] = json.loads(sys.argv[1])["paths"]
jobs: Any = importlib.import_module("driver_jobs")
Job = dict[str, Any]


def snippet(job: Job) -> Job:
    """Runs the document's command in a shell; the key is in the variable that it uses."""
    code = "".join(jobs.code_blocks(job["snippet"]))
    code = jobs.fill_snippet(code.replace("https://ai.megallm.io", job["base_url"]), job)
    environment = {**os.environ, "MEGALLM_API_KEY": job["api_key"]}
    process = subprocess.run(
        ["sh", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise OSError(process.returncode, process.stderr.strip())
    return {"printed": process.stdout, "last": json.loads(process.stdout)}


jobs.serve({"anthropic": sys.modules["__main__"]})
