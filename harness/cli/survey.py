"""`harness survey`: finds out what a target does with each field, without a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.options import run_options
from harness.cli.printing import say
from harness.cli.run import quiet_failures, read_options
from harness.model.options import OPTIONS
from harness.util.errors import INTERNAL_ERROR, Unreachable
from harness.util.interruption import EXIT_CODE

if TYPE_CHECKING:
    from harness.survey.session import SurveySession

# The options of `harness run` about where the target is and how requests are sent.
TAKEN: Final = (
    *("packs", "model", "api_key_env", "headers", "ca", "insecure", "name", "target_version"),
    *("out", "concurrency", "tier", "rpm", "tpm", "timeout", "upstream"),
    *("max_requests", "max_tokens", "max_seconds", "keep_going"),
)


@click.command()
@click.argument("target", default="")
@run_options(TAKEN, out="survey")
@click.pass_obj
def survey(words: Sequence[str], /, **given: Any) -> int:
    """Find out what TARGET does with each field of its protocol; no verdict.

    TARGET is a base URL, a target file, or a name, as for `harness run`; nothing that it declares
    is used. --pack anthropic-messages surveys the Messages protocol (default: Chat Completions).

    Writes the compatibility table (survey.html, survey.md, survey.json), and target.yaml,
    claims.yaml and baseline.yaml, with which `harness run` checks that it stays like this.
    """
    from harness.run import hold_output_dir
    from harness.survey.session import SurveySession

    options = read_options({o.field: None for o in OPTIONS} | given, words)
    with hold_output_dir(Path(options.out)), quiet_failures(problems := list[str]()):
        session = SurveySession(options, may_send=True)
        session.announce = say
        status = run_survey(session, Path(options.out))
    for problem in [*problems, *session.problems][:1]:
        click.echo(f"ERROR: {session.redact(problem)}", err=True)
        return INTERNAL_ERROR
    return status


def run_survey(session: SurveySession, out: Path) -> int:
    """Survey the target and write the files. Returns the exit code. Raises HarnessError."""
    from harness.survey.claims import write_checks
    from harness.survey.outputs import survey_data, write_tables
    from harness.survey.session import complete
    from harness.survey.terminal import next_lines, table_lines

    ended = complete(session)
    if not ended and not session.entries:
        say("interrupted before anything was decided; there is no table")
        return EXIT_CODE
    if not session.entries:
        raise Unreachable(session.stopped or "nothing was answered")
    data = survey_data(session)
    write_tables(out, data)
    say("\n".join(table_lines(data)))
    written = write_checks(out, session, data)
    say(
        "\n".join(
            [*next_lines(out, written, session.options), *map(session.redact, session.messages)]
        )
    )
    return EXIT_CODE if not ended else 1 if data["incomplete"] else 0
