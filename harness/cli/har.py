"""`harness har`: converts a transcript for the network panel of a browser."""

from __future__ import annotations

import json
from pathlib import Path

import click

from harness.util.errors import UsageError


@click.command()
@click.argument("transcript", metavar="TRANSCRIPT")
@click.option("--out", metavar="FILE", help="Output file (default: beside TRANSCRIPT, as .har).")
def har(transcript: str, out: str | None) -> int:
    """Write TRANSCRIPT as HAR 1.2, which the network panel of a browser opens.

    TRANSCRIPT is a transcript.jsonl, or the folder that a run wrote. Keys stay redacted.
    """
    from harness.report.har import to_har
    from harness.run import transcript as transcripts
    from harness.run.metadata import own_version

    given = Path(transcript)
    path = given / "transcript.jsonl" if given.is_dir() else given
    header, exchanges, _ = transcripts.read(path)
    log = to_har(str(header.get("started", "")), own_version(), exchanges)
    to = Path(out) if out else path.with_suffix(".har")
    text = json.dumps(log, ensure_ascii=False, indent=1)
    try:
        to.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"cannot write {to}: {error.strerror}") from error
    click.echo(f"{len(log['log']['entries'])} requests: {to}")
    return 0
