"""The command line: one module per command."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

import click

from harness.cli.certify import certify, verify
from harness.cli.check import check
from harness.cli.explain import explain
from harness.cli.fleet import fleet
from harness.cli.gateway import prove, upstream
from harness.cli.init import init
from harness.cli.list_cases import list_cases
from harness.cli.misplaced_keys import check_command_line
from harness.cli.pack_files import freeze, smoke
from harness.cli.recorded import har, judge, merge
from harness.cli.rendered import report, table
from harness.cli.reports import baseline, compare, diff
from harness.cli.run import run
from harness.cli.serve import serve
from harness.cli.survey import survey
from harness.cli.watch import watch
from harness.util.command_words import refuse_empty
from harness.util.errors import INTERNAL_ERROR, HarnessError, internal_error
from harness.util.interruption import EXIT_CODE, signals_interrupt
from harness.util.key_shapes import without_keys
from harness.util.output_streams import is_lost, lenient_output
from harness.util.printable import printable_name

# In the order in which a new user needs them.
COMMANDS: Final = (
    *(run, survey, fleet, list_cases, explain, check, init, freeze, serve, upstream, prove, smoke),
    *(judge, report, table, diff, baseline, compare, merge, har, certify, verify, watch),
)


class Commands(click.Group):
    """Lists the commands in their order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 success, 1 a case failed, 2 interrupted, 3 internal error, "
    "4 wrong usage or unreachable target, 5 nothing selected.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda *a: version(*a),
    help="Show the version and exit.",
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Check field by field whether an LLM gateway does what its documents promise.

    `harness run` tests the reference gateway; `harness run URL --model M` tests yours.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def version(context: click.Context, option: click.Parameter, is_given: bool) -> None:
    from importlib import metadata

    if is_given:
        try:
            click.echo(f"harness, version {metadata.version('llm-gateway-conformance')}")
        except metadata.PackageNotFoundError:
            click.echo("harness, not installed")
        context.exit()


for command in COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point. An error is one line on stderr; the codes are those in the help."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with lenient_output() as output:
        with signals_interrupt():
            status = exit_code(words)
        sys.stdout.flush()
        lost = output.get("stdout")
        if is_lost(lost) and lost and lost.error:
            click.echo(
                f"ERROR: cannot write to the standard output: {lost.error.strerror}", err=True
            )
            status = status or (0 if words[:1] == ["run"] else INTERNAL_ERROR)
    sys.exit(status)


def exit_code(words: list[str]) -> int:
    """Run a command and print its error, if there is one. Return the exit code."""
    try:
        refuse_empty(words)
        check_command_line(words)
        with cli.make_context("harness", words, obj=words) as context:
            status = cli.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        return print_error(error_line(error), 4)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        exec("")  # Python would end itself with SIGINT if code of a module was interrupted
        return EXIT_CODE
    except HarnessError as error:
        return print_error(str(error), error.exit_code)
    except MemoryError:
        raise  # the entry point prints its line without memory
    except OSError as error:
        if error.filename is None or error.errno == errno.ENOMEM:
            return print_error(internal_error(error), INTERNAL_ERROR)
        return print_error(f"cannot use {printable_name(error.filename, 99)}: {error.strerror}", 4)
    except Exception as error:
        return print_error(internal_error(error), INTERNAL_ERROR)
    return status if isinstance(status, int) else 0


def print_error(message: str, code: int) -> int:
    click.echo(f"ERROR: {without_keys(message)}", err=True)
    return code


def error_line(error: click.ClickException) -> str:
    """Return the error and the command's help option, on one line."""
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context else ""
    return printable_name(" ".join(error.format_message().split()), 2000) + hint
