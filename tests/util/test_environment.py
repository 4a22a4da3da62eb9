"""The environment is read consistently while other threads change it."""

from __future__ import annotations

import os
import sys
import threading

import httpx
import pytest

from harness.util.environment import MAX_TRIES, copy_environment, retry_on_change


def test_reading_is_retried_if_a_variable_disappeared() -> None:
    tries: list[int] = []

    def read() -> str:
        tries.append(len(tries))
        if len(tries) < 3:
            raise KeyError("PYTEST_CURRENT_TEST")
        return "read"

    assert (retry_on_change(read), len(tries)) == ("read", 3)


def test_lasting_error_is_raised() -> None:
    tries: list[int] = []

    def read() -> str:
        tries.append(0)
        raise KeyError("always")

    with pytest.raises(KeyError):
        retry_on_change(read)
    assert len(tries) == MAX_TRIES + 1


def test_client_can_be_created_while_another_thread_writes() -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for number in range(50):
                os.environ[f"HARNESS_TEST_{number}"] = "x"
            for number in range(50):
                del os.environ[f"HARNESS_TEST_{number}"]

    writer = threading.Thread(target=write)
    default_interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # switch threads often, so that reads and writes overlap
    writer.start()
    try:
        for _ in range(30):
            retry_on_change(lambda: httpx.Client(trust_env=True)).close()
            assert "PATH" in copy_environment()
    finally:
        stop.set()
        writer.join()
        sys.setswitchinterval(default_interval)
