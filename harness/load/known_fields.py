"""The fields that a protocol's own reference lists, as shipped in schemas/PROTOCOL."""

from __future__ import annotations

from typing import Final

from harness.load import files
from harness.util import paths
from harness.util.errors import FileProblems

FILE: Final = "known_fields.yaml"


def known_fields(protocol: str) -> dict[str, tuple[str, ...]]:
    """Return the paths of all fields by location: request, message, tool, response, and so on.

    A path is written as in the rows of the pack that covers the reference.

    Args:
        protocol: A folder of `schemas/`, such as `openai`.

    Raises:
        FileProblems: The file is missing or not valid YAML.
    """
    file = files.read(paths.schemas_dir() / protocol / FILE)
    if file.problems:
        raise FileProblems(file.problems)
    return {location: tuple(names) for location, names in file.data["fields"].items()}
