"""The environment is read whole, whoever writes into it meanwhile."""

from __future__ import annotations

import os
import sys
import threading

import httpx
import pytest

from harness.util.environment import TRIES, environment, undisturbed


def test_it_is_read_again_where_a_variable_vanished() -> None:
    tries: list[int] = []

    def read() -> str:
        tries.append(len(tries))
        if len(tries) < 3:
            raise KeyError("PYTEST_CURRENT_TEST")
        return "read"

    assert (undisturbed(read), len(tries)) == ("read", 3)


def test_what_goes_wrong_every_time_is_raised() -> None:
    tries: list[int] = []

    def read() -> str:
        tries.append(0)
        raise KeyError("always")

    with pytest.raises(KeyError):
        undisturbed(read)
    assert len(tries) == TRIES + 1


def test_a_client_is_made_while_another_thread_writes() -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for number in range(50):
                os.environ[f"HARNESS_TEST_{number}"] = "x"
            for number in range(50):
                del os.environ[f"HARNESS_TEST_{number}"]

    writer = threading.Thread(target=write)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # as often as can be: without it, few of these are disturbed
    writer.start()
    try:
        for _ in range(30):
            undisturbed(lambda: httpx.Client(trust_env=True)).close()
            assert "PATH" in environment()
    finally:
        stop.set()
        writer.join()
        sys.setswitchinterval(usual)
