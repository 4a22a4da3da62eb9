"""`harness freeze`: what a version of a pack requires, laid down for good. Decides nothing."""

from __future__ import annotations

import click

from harness.util.errors import UsageError


@click.command()
@click.argument("packs", nargs=-1, required=True, metavar="PACK...")
def freeze(packs: tuple[str, ...]) -> int:
    """Write down which cases the present version of PACK requires: its requirements/VERSION.yaml.

    Certificates of that version rest on these cases, whatever is added later. What is frozen stays
    so: to change it, raise the version in pack.yaml.
    """
    from harness.language.behaviours import BY_ID
    from harness.load import load_packs, pack_folder
    from harness.load.requirements import requirements_path, requirements_text

    folders = {str(pack_folder(name)) for name in packs}
    for pack in load_packs(packs, tuple(BY_ID)):
        if pack.folder not in folders:
            continue  # one that another extends
        path, text = requirements_path(pack.folder, pack.version), requirements_text(pack)
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            raise UsageError(
                f"{path} is there and says otherwise: what is frozen stays so; raise the version "
                f"of {pack.id}"
            )
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from error
        click.echo(f"{path}: {len(pack.cases)} cases")
    return 0
