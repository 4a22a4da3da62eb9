"""`harness freeze` and `harness smoke`: write the files that are computed from a pack's cases."""

from __future__ import annotations

import os

import click

from harness.cli.printing import say
from harness.cli.reports import write_file
from harness.util.errors import UsageError

WORKERS = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 2,
    help="Number of processes.",
)


@click.command()
@click.argument("packs", nargs=-1, required=True, metavar="PACK...")
def freeze(packs: tuple[str, ...]) -> int:
    """Write the cases that the present version of PACK requires to requirements/VERSION.yaml.

    Certificates of that version depend on these cases only, whatever is added later. The file of a
    version is never changed: for other requirements, raise the version in pack.yaml.
    """
    from harness.language.behaviours import BY_ID
    from harness.load.pack_folders import pack_folder
    from harness.load.packs import load_packs
    from harness.load.requirements import requirements_path, requirements_text

    folders = {str(pack_folder(name)) for name in packs}
    for pack in load_packs(packs, tuple(BY_ID)):
        if pack.folder not in folders:
            continue  # a pack that another one extends
        path, text = requirements_path(pack.folder, pack.version), requirements_text(pack)
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            raise UsageError(
                f"{path} already exists with other cases: raise the version of {pack.id}"
            )
        write_file(path, text)
        say(f"{path}: {len(pack.cases)} cases")
    return 0


@click.command()
@click.argument("packs", nargs=-1, metavar="[PACK]...")
@WORKERS
def smoke(packs: tuple[str, ...], workers: int) -> int:
    """Choose the cases of `harness run --smoke`: a fifth of the shots that kills the most mutants.

    Runs every case against every mutant, which takes minutes, and writes
    smoke.json into the folder of each PACK (default: those of the builtin target).
    """
    from harness.load.smoke import smoke_path, smoke_text
    from harness.prove.smoke import candidates, smokes
    from harness.run import Options, load_session

    loaded = load_session(Options(packs=packs)).packs
    for name, chosen in smokes(loaded.values(), candidates(packs, workers)).items():
        write_file(smoke_path(loaded[name]), smoke_text(chosen))
        say(
            f"{name}: {len(chosen.cases)} of {len(loaded[name].cases)} cases, which catch "
            f"{chosen.catches} of {chosen.mutants} mutants"
        )
    return 0
