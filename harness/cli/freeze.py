"""`harness freeze`: writes the requirements of a pack's version."""

from __future__ import annotations

import click

from harness.util.errors import UsageError


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
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from error
        click.echo(f"{path}: {len(pack.cases)} cases")
    return 0
