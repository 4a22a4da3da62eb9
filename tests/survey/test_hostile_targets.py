"""Whatever a target answers, a survey ends with a table that has nothing of it as markup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.survey import session
from tests.hostile import injection
from tests.hostile.bodies import STREAMS, VALUES
from tests.hostile.groups import Group, choose, groups, slug, write_pack
from tests.support import clean_outputs, pack_on_disk
from tests.support.hostile_server import hostile_server

GROUPS = (
    *groups("values", VALUES, protocols=["openai"]),
    *groups("streams", STREAMS, protocols=["openai"]),
    *groups("injection", injection.ANSWERS["openai"][:9], protocols=["openai"]),
    *groups("injection-errors", injection.ERRORS, protocols=["openai"]),
)


def write_rows(group: Group, pack: Path) -> None:
    lines = [
        f'  - {{id: "{slug(row)}", path: user, location: request, behaviour: ignored}}\n'
        for row in group.rows
    ]
    answer = "  - {id: answer, path: content, location: response, behaviour: supported}\n"
    (pack / "rows.yaml").write_text(f"rows:\n{answer}{''.join(lines)}", "utf-8")


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_survey_of_hostile_answers(
    group: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "DOCUMENTS", {})
    monkeypatch.setenv("TINY_KEY", pack_on_disk.KEY)
    pack = write_pack(group, tmp_path / "tiny")
    write_rows(group, pack)
    options = ["--model", "builtin-1", "--api-key-env", "TINY_KEY", *group.words]
    out = tmp_path / "out"
    with hostile_server(lambda url: choose(group, url)) as server:
        result = pack_on_disk.harness("survey", server.url, "--pack", pack, "--out", out, *options)
    assert result.code == 0, result.out + result.err
    assert server.fetched == []
    texts = {path.name: path.read_bytes().decode("utf-8") for path in out.iterdir()}
    rows = {row["row"]: row["kind"] for row in json.loads(texts["survey.json"])["rows"]}
    assert rows["answer"] == "supported"
    assert rows.keys() == {"answer", *map(slug, group.rows)}
    texts |= {"stdout": result.out, "stderr": result.err}
    assert clean_outputs.problems(texts, pack_on_disk.KEY) == []
