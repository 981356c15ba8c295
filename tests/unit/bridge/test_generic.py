from __future__ import annotations

import pytest
from support.echo import ALICE, Echo, EchoApi

from sat.api.errors import InvalidArgument, NotFound
from sat.api.names import ROOT
from sat.bridge.direct import DirectBridge, DirectTransport
from sat_frontends.bridge.access import Bridge
from sat_frontends.bridge.blocking import run
from sat_frontends.bridge.generic import introspect, object_path, split, to_wire, watch_by_name


class DirectAccess(Bridge):
    def __init__(self, bridge):
        super().__init__()
        self.direct = bridge

    def transport(self, path):
        return DirectTransport(self.direct.objects, self.direct._watchers, path)


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def bridge(echo):
    bridge = DirectBridge()
    bridge.publish(ALICE, EchoApi, echo)
    return DirectAccess(bridge)


def call(bridge, name, *arguments, path="profile/alice"):
    return run(bridge.call_by_name(path, name, list(arguments)))


@pytest.mark.parametrize("name", ["Echo.Join", "echo.join", "org.salutatoi.SAT1.Echo.Join"])
def test_a_method_is_called_by_name(bridge, name):
    assert call(bridge, name, ["a", "b"], "-") == "a-b"


def test_structs_are_lists(bridge):
    thing = ["n", "a@b", "red", 1, 2, True, ["t"], ["i"], {"note": "x", "size": 9, "words": {"a": "b"}}]
    assert call(bridge, "Echo.Echo", thing) == [*thing[:4], 2.0, *thing[5:7], ["i", {}], thing[8]]
    assert call(bridge, "Echo.Echo", thing[:8])[-1] == {}


def test_secrets_are_given_as_text(bridge):
    assert call(bridge, "Echo.Measure", "hunter2") == 7


def test_methods_without_a_result_give_nothing(bridge):
    assert call(bridge, "Echo.SetCount", 5) is None
    assert call(bridge, "org.freedesktop.DBus.Properties.Get", "org.salutatoi.SAT1.Echo", "Count") == 5


@pytest.mark.parametrize("name", ["Echo.Nothing", "Join", "", "echo", "Other.Join"])
def test_unknown_names_are_told(bridge, name):
    with pytest.raises(NotFound):
        call(bridge, name)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Echo.SetCount", ["5"]),
        ("Echo.SetCount", [True]),
        ("Echo.SetCount", [5, 6]),
        ("Echo.Join", ["a"]),
        ("Echo.Join", [[5]]),
        ("Echo.Echo", [["n"]]),
        ("Echo.Measure", [5]),
        ("Echo.SetCount", [None]),
        ("Echo.SetCount", [2**63]),
        ("Echo.Echo", [["n", "a@b", "red", 1, 2, True, [], ["i"], {"size": 2**63}]]),
    ],
)
def test_arguments_that_do_not_fit_are_told(bridge, name, arguments):
    with pytest.raises(InvalidArgument):
        call(bridge, name, *arguments)


def test_signals_are_watched_by_name(bridge, echo):
    seen = []
    undo = run(watch_by_name(bridge, "profile/alice", "Echo.Said", seen.append))
    echo.said.emit(["a"])
    undo()
    echo.said.emit(["b"])
    assert seen == [[["a"]]]


def test_what_an_object_offers_is_described(bridge):
    node = run(introspect(bridge, "profile/alice"))
    join = next(each for each in node.members if each.name == "Join")
    assert (join.short, join.kind, join.doc) == ("Echo.Join", "method", "One text of many.")
    assert [each.signature for each in join.arguments] == ["as", "s", "s", "b"]
    assert {each.kind for each in node.members} == {"method", "signal", "property"}
    assert run(introspect(bridge)).children == [f"{ROOT}/profile"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ROOT),
        ("/", ROOT),
        ("profile/alice", ALICE),
        ("profile/a-b", f"{ROOT}/profile/a_2db"),
        (ALICE, ALICE),
        ("profile", f"{ROOT}/profile"),
    ],
)
def test_paths_can_be_short(path, expected):
    assert object_path(path) == expected


def test_signatures_are_split():
    assert split("sa{sv}(xs)aasa(a{s(x)}b)") == ["s", "a{sv}", "(xs)", "aas", "a(a{s(x)}b)"]


def test_bytes_are_base64():
    assert to_wire("ay", "AP8=", "x") == b"\0\xff"
