"""Jobs -> what `curl`, called as a document calls it, gets from the target. Imports no harness."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from typing import Any

if __name__ == "__main__":
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))

jobs: Any = importlib.import_module("driver_jobs")
Job = dict[str, Any]


def snippet(job: Job) -> Job:
    """The document's own line, in a shell that has the key in the variable it names."""
    code = "".join(jobs.blocks(job["snippet"]))
    code = jobs.filled(code.replace("https://ai.megallm.io", job["base_url"]), job)
    environment = {**os.environ, "MEGALLM_API_KEY": job["api_key"]}
    done = subprocess.run(
        ["sh", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OSError(done.returncode, done.stderr.strip())
    return {"printed": done.stdout, "last": json.loads(done.stdout)}


if __name__ == "__main__":
    jobs.serve({"snippet": snippet})
