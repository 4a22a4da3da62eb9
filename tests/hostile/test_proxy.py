"""The proxy that records official SDKs passes on what a hostile target sends, and records it."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.hostile.bodies import ENCODINGS, STREAMS, VALUES
from tests.hostile.framing import FRAMING
from tests.hostile.injection import ANSWERS, ERRORS, REDIRECTS
from tests.hostile.row import Row
from tests.support import fake_sdks, raw_server

ROWS: list[Row] = [*FRAMING, *ENCODINGS, *VALUES, *STREAMS, *REDIRECTS, *ERRORS]
ROWS += [*ANSWERS["openai"], *ANSWERS["anthropic"]]
WORK = """
def work(job):
    ends = []
    for number in range({count}):
        try:
            body = json.dumps({{"stream": bool(number % 2)}})
            ask(job, "POST", f"/v1/row-{{number}}-end", body).read()
            ends.append("answered")
        except Exception as error:
            ends.append(type(error).__name__)
    return {{"ok": True, "result": ends}}
"""


def test_every_answer_of_a_hostile_target_is_recorded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        while request := raw_server.read_request(sock):
            mark = re.search(rb"row-(\d+)-end", request)
            assert mark is not None
            row = ROWS[int(mark[1])]
            row.misbehave("http://127.0.0.1:1")(sock, raw_server.parse_request(request))
            return

    sdk = fake_sdks.make_sdk(tmp_path, WORK.format(count=len(ROWS)))
    with raw_server.listen(handler) as url:
        exchange = fake_sdks.send(url, sdk)
    evidence = fake_sdks.evidence(exchange)
    assert (exchange.end, len(evidence["result"])) == ("complete", len(ROWS))
    answers = [entry["answer"] for entry in evidence["wire"]]
    assert len(answers) == len(ROWS)
    assert [n for n, a in enumerate(answers) if "headers" not in a] == []
    assert [record for record in caplog.records if record.name == "asyncio"] == []
    assert len(exchange.body) < 8_000_000
