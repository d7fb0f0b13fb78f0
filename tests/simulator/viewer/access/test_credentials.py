"""What opens a trainer is drawn anew, differs by port, and is not given away."""

import socket
from typing import Any

import pytest

from simulator.viewer.access.credentials import Access, grant_access, make_token

TOKEN = "a" * 43


def test_every_start_draws_another_token() -> None:
    drawn = {grant_access({}, port=8080).token for _ in range(50)} | {make_token() for _ in range(50)}
    assert len(drawn) == 100
    assert min(map(len, drawn)) >= 43, "256 bits"


def test_a_token_from_the_environment_is_taken() -> None:
    assert grant_access({"EPIFLUORO_TOKEN": TOKEN}, port=8080).token == TOKEN


@pytest.mark.parametrize("token", ["wslink-secret", "epifluoro", "a" * 31, "a" * 40 + "&", "ä" * 40])
def test_a_guessable_or_malformed_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="at least 32 letters"):
        grant_access({"EPIFLUORO_TOKEN": token}, port=8080)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_must_be_known(port: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 65535, got {port}"):
        Access(token=TOKEN, port=port)


def test_two_ports_share_neither_name_nor_value_nor_key() -> None:
    one, two = Access(token=TOKEN, port=8080), Access(token=TOKEN, port=8081)
    assert one.cookie != two.cookie
    assert one.ticket != two.ticket
    assert one.key != two.key


def test_what_a_browser_keeps_does_not_give_the_token_away() -> None:
    access = Access(token=TOKEN, port=8080)
    assert TOKEN not in access.ticket + access.key + access.cookie + repr(access)
    assert access.ticket != access.key


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, f"http://127.0.0.1:8080/?token={TOKEN}"),
        ({"host": "::1"}, f"http://[::1]:8080/?token={TOKEN}"),
        ({"host": "lab", "secure": True}, f"https://lab:8080/?token={TOKEN}"),
    ],
)
def test_the_link(changes: dict[str, Any], url: str) -> None:
    assert Access(token=TOKEN, port=8080, **changes).url() == url


def test_bound_to_this_machine_alone_it_answers_to_no_other_name() -> None:
    assert grant_access({}, port=8080).hosts == {"127.0.0.1", "localhost", "::1"}


def test_more_names_come_by_option_and_by_environment() -> None:
    access = grant_access({"EPIFLUORO_HOSTS": "Lab.example.org., 10.0.0.7"}, port=8080, host="10.0.0.5", names=["[fd00::1]"])
    assert access.hosts == {"127.0.0.1", "localhost", "::1", "10.0.0.5", "lab.example.org", "10.0.0.7", "fd00::1"}
    assert access.host == "fd00::1", "links show the name that was given"


def test_bound_to_every_address_it_answers_to_this_machines_names_and_no_wildcard() -> None:
    access = grant_access({}, port=8080, host="0.0.0.0")
    assert socket.gethostname().lower() in access.hosts
    assert access.hosts.isdisjoint({"0.0.0.0", "::", ""})
    assert access.host in access.hosts


@pytest.mark.parametrize("name", ["http://lab", "lab:8080/x", "a b", "a;b", ","])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no host's name"):
        grant_access({}, port=8080, names=[name])
