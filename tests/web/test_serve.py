"""A port that is free and fast, words that a person can use, and the application for other servers."""

import contextlib
import socket

import pytest

from speechlabel.errors import WorkspaceError
from speechlabel.web.serve import free_socket


@pytest.fixture
def busy():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


def test_a_busy_port_is_passed_over_and_the_found_one_is_held(busy):
    with contextlib.closing(free_socket("127.0.0.1", busy)) as first:
        port = first.getsockname()[1]
        assert busy < port < busy + 100
        with contextlib.closing(free_socket("127.0.0.1", port)) as second:
            assert second.getsockname()[1] > port


def test_answers_will_not_wait_for_acknowledgements(busy):
    with contextlib.closing(free_socket("127.0.0.1", busy)) as found:
        assert found.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's algorithm on


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_refused_in_words(host):
    with pytest.raises(WorkspaceError, match="choose another with --port"):
        free_socket(host, 65_530)
