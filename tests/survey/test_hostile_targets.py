"""Whatever a target answers, a survey ends with a table that has nothing of it as markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile import injection
from tests.hostile.bodies import STREAMS, VALUES
from tests.hostile.groups import Group, choose, groups, slug, write_pack
from tests.support import clean_outputs, pack_on_disk
from tests.support.hostile_server import hostile_server
from tests.support.small_surveys import only_document, rows_of, survey_url

GROUPS = (
    *groups("values", VALUES, protocols=["openai"]),
    *groups("streams", STREAMS, protocols=["openai"]),
    *groups("injection", injection.ANSWERS["openai"][:9], protocols=["openai"]),
    *groups("injection-errors", injection.ERRORS, protocols=["openai"]),
)


def rows_text(group: Group) -> str:
    lines = [
        f'  - {{id: "{slug(row)}", path: user, location: request, behaviour: ignored}}\n'
        for row in group.rows
    ]
    answer = "  - {id: answer, path: content, location: response, behaviour: supported}\n"
    return f"rows:\n{answer}{''.join(lines)}"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_survey_of_hostile_answers(
    group: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = only_document(write_pack(group, tmp_path / "tiny"), rows_text(group), monkeypatch)
    with hostile_server(lambda url: choose(group, url)) as server:
        result = survey_url(server.url, pack, *group.words)
    assert result.code == 0, result.out + result.err
    assert server.fetched == []
    texts = {path.name: path.read_bytes().decode("utf-8") for path in (tmp_path / "out").iterdir()}
    rows = rows_of(pack)
    assert rows["answer"]["kind"] == "supported"
    assert rows.keys() == {"answer", *map(slug, group.rows)}
    texts |= {"stdout": result.out, "stderr": result.err}
    assert clean_outputs.problems(texts, pack_on_disk.KEY) == []
