"""`harness smoke`: choice of the smoke subset of packs."""

from __future__ import annotations

import os

import click

from harness.util.errors import UsageError


@click.command()
@click.argument("packs", nargs=-1, metavar="[PACK]...")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 2,
    help="Number of processes.",
)
def smoke(packs: tuple[str, ...], workers: int) -> int:
    """Choose the cases of `harness run --smoke`: a fifth of the shots that kills the most mutants.

    Runs every case against every mutant, which takes minutes, and writes
    smoke.json into the folder of each PACK (default: those of the builtin target).
    """
    from harness import run
    from harness.load.smoke import smoke_path, smoke_text
    from harness.prove.smoke import candidates, smokes

    opened = run.load_session(run.Options(packs=packs))
    found = smokes(opened.packs.values(), candidates(packs, workers))
    for name, chosen in found.items():
        pack = opened.packs[name]
        try:
            smoke_path(pack).write_text(smoke_text(chosen), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {smoke_path(pack)}: {error.strerror}") from error
        click.echo(
            f"{name}: {len(chosen.cases)} of {len(pack.cases)} cases, which catch "
            f"{chosen.catches} of {chosen.mutants} mutants"
        )
    return 0
