"""`harness serve`, `prove`: the builtin gateway alone, and the cases against its mutants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harness.prove import Matrix


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--mutant", metavar="ID", help="Be wrong in this one way.")
@click.option("--variant", metavar="ID", help="Be different in this harmless way.")
@click.option("--rpm", type=click.IntRange(1), help="Requests a minute, then 429.")
def serve(port: int, mutant: str | None, variant: str | None, rpm: int | None) -> int:
    """Run the builtin gateway, for any client; Ctrl-C ends it."""
    from harness.builtin import KEYS
    from harness.servers.loopback import run_until_interrupted

    def ready(url: str) -> None:
        click.echo(f"OPENAI_BASE_URL={url}/v1\nOPENAI_API_KEY={KEYS['key']}\nmodel builtin-1; Ctrl-C ends it")

    try:
        run_until_interrupted(port, ready, mutant=mutant, variant=variant, rpm=rpm or 0)
    except KeyError as error:
        raise click.UsageError(str(error.args[0])) from error
    except OSError as error:
        raise click.UsageError(f"cannot listen on port {port}: {error.strerror}") from error
    return 0


@click.command()
@click.option("--pack", "packs", multiple=True, metavar="P", help="A pack's name or folder.")
@click.option("--mutant", "only", multiple=True, metavar="ID", help="Only this mutant.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def prove(packs: tuple[str, ...], only: tuple[str, ...], workers: int) -> int:
    """Show that every case can fail: the kill matrix of the builtin gateway's mutants."""
    from harness.prove import prove as proven

    matrix = proven(packs, workers, only, told=lambda name: None)
    show(matrix, partial=bool(only))
    return 0 if matrix.right() or (only and not matrix.survivors()) else 1


def show(matrix: Matrix, partial: bool) -> None:
    survivors = matrix.survivors()
    for name, mutant in matrix.mutants.items():
        kills = {kill.case for kill in matrix.kills[name]}
        mark = "SURVIVES" if mutant in survivors else "killed"
        click.echo(f"{mark:<9}{name:<44} {mutant.case}: {mutant.rule}  (and {max(len(kills) - 1, 0)} more cases)")
        if mutant in survivors:
            for kill in matrix.kills[name][:5]:
                click.echo(f"         caught instead by {kill.case}: {kill.rule}")
    for name, accusations in matrix.accused.items():
        click.echo(f"{'ACCUSED' if accusations else 'passes':<9}{name}")
        for line in accusations[:20]:
            click.echo(f"         {line}")
    toothless = [] if partial else matrix.toothless()
    for case in toothless:
        click.echo(f"TOOTHLESS {case}: no mutant is caught by a demand of its own")
    accused = sum(bool(lines) for lines in matrix.accused.values())
    click.echo(
        f"{len(matrix.mutants)} mutants, {len(survivors)} survive; {len(matrix.cases)} cases, "
        f"{len(toothless)} toothless; {len(matrix.accused)} right gateways, {accused} accused; {matrix.shots} shots each"
    )
