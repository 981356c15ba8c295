from __future__ import annotations

import logging

import pytest
from support.echo import ALICE, BOB, FULL, THING, Colour, Echo, EchoApi, Inner

from sat.api import JID, Api, Secret, method
from sat.api.errors import (
    FeatureMissing,
    InternalError,
    InvalidAddress,
    InvalidArgument,
    NotFound,
    ProfileLocked,
)
from sat.api.names import ROOT
from sat.api.posts import NOWHERE, Place
from sat.bridge.derive import load, release
from sat.bridge.direct import DirectBridge
from sat_frontends.bridge.blocking import run


@pytest.fixture
def bridge():
    return DirectBridge()


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def remote(bridge, echo):
    bridge.publish(ALICE, EchoApi, echo)
    return bridge.client(ALICE, EchoApi)


# -- methods -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thing", [THING, FULL])
def test_a_method_is_called(remote, echo, thing):
    assert run(remote.echo(thing)) == thing
    assert echo.heard == [thing]
    assert echo.heard[0] is not thing


def test_a_client_is_of_its_interface(remote):
    assert isinstance(remote, EchoApi)


def test_arguments_by_name_and_by_default(remote, echo):
    assert run(remote.join(["a", "b"])) == "a b"
    assert run(remote.join(["a", "b"], "-")) == "a-b"
    assert run(remote.join(words=["a", "b"], upper=True)) == "A B"
    assert run(remote.join(["a"], owner=JID("B@c"))) == "a b@c"
    assert echo.heard[0] == ""
    assert isinstance(echo.heard[-1], JID)


class PlacesApi(Api):
    """A place that may be left out."""

    @method
    async def describe(self, place: Place = NOWHERE) -> str:
        """Say where it is."""


class Places(PlacesApi):
    async def describe(self, place: Place = NOWHERE) -> str:
        return "nowhere" if place == NOWHERE else place.node


def test_a_default_may_hold_no_address(bridge):
    bridge.publish(ALICE, PlacesApi, Places())
    places = bridge.client(ALICE, PlacesApi)
    assert run(places.describe()) == run(places.describe(NOWHERE)) == "nowhere"
    assert run(places.describe(Place(JID("b@c"), "x"))) == "x"
    with pytest.raises(InvalidAddress):
        run(places.describe(Place(JID(""), "x")))


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((["a"], "b", JID(""), True, 5), {}), ((["a"],), {"words": ["b"]}), ((["a"],), {"colour": 1})],
)
def test_wrong_arguments_are_errors_of_the_caller(remote, echo, args, kwargs):
    with pytest.raises(TypeError):
        run(remote.join(*args, **kwargs))
    assert echo.heard == []


def test_secrets_cross(remote, echo):
    assert run(remote.measure(Secret("hunter2"))) == 7
    assert run(remote.measure(Secret("hunter2"), Secret("ab"))) == 9
    assert all(isinstance(each, Secret) for each in echo.heard)


# -- errors ------------------------------------------------------------------------------------------------------------


def test_an_error_keeps_its_name_and_details(remote):
    with pytest.raises(NotFound) as caught:
        run(remote.fail("known"))
    assert caught.value == NotFound(what="thing “ü”", more="details")


def test_another_exception_is_a_reference_to_the_log(remote, caplog):
    with caplog.at_level(logging.ERROR), pytest.raises(InternalError) as caught:
        run(remote.fail("unknown"))
    assert "a secret thing" not in str(caught.value)
    assert caught.value.details["reference"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_wrong_address_is_told_with_the_parameter(remote):
    with pytest.raises(InvalidAddress) as caught:
        run(remote.join([], owner=JID("@")))
    assert caught.value.details == {"argument": "owner", "address": "@", "reason": "nothing stands before the @"}


def test_a_wrong_choice_is_told_with_the_parameter(remote):
    wrong = str.__new__(Colour, "green")
    with pytest.raises(InvalidArgument, match="thing: colour: “green” is none of red, blue"):
        run(remote.echo(THING._replace(colour=wrong)))


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_a_number_that_no_message_holds_is_told(remote, echo, number):
    for given in (THING._replace(count=number), THING._replace(size=number)):
        with pytest.raises(InvalidArgument, match="too big"):
            run(remote.echo(given))
    assert echo.heard == []


def test_what_is_not_there_is_an_error(bridge, remote):
    with pytest.raises(NotFound):
        run(bridge.client(BOB, EchoApi).fail(""))
    bridge.publish(BOB, type("OtherApi", (EchoApi,), {}), Echo())
    with pytest.raises(FeatureMissing, match=r"SAT1\.Echo"):
        run(bridge.client(BOB, EchoApi).fail(""))


def test_why_something_is_missing_can_be_explained(bridge, remote):
    async def missing(path):
        return ProfileLocked(profile="bob") if path == BOB else None

    bridge.objects.missing = missing
    with pytest.raises(ProfileLocked):
        run(bridge.client(BOB, EchoApi).fail(""))
    with pytest.raises(ProfileLocked):
        run(load(bridge.client(BOB, EchoApi)))


def test_what_is_asked_for_can_be_put_there(bridge, remote):
    async def missing(path):
        bridge.publish(path, EchoApi, Echo())

    bridge.objects.missing = missing
    assert run(bridge.client(BOB, EchoApi).echo(THING)) == THING


# -- signals -----------------------------------------------------------------------------------------------------------


def test_a_signal_is_heard_by_who_listens(remote, echo, record):
    first, second = record(remote.happened), record(remote.happened)
    echo.happened.emit(FULL)
    assert first == second == [FULL]
    assert first[0] is not FULL


def test_signals_stop_when_nobody_listens(bridge, remote, echo):
    seen = []
    leave = [remote.said.connect(seen.append) for _ in range(2)]
    leave[0]()
    echo.said.emit(["a"])
    assert seen == [["a"]]
    leave[1]()
    leave[1]()
    echo.said.emit(["b"])
    assert seen == [["a"]]
    assert not any(bridge._watchers.values())
    leave = remote.said.connect(seen.append)
    echo.said.emit(["c"])
    assert seen == [["a"], ["c"]]


def test_objects_have_their_own_signals(bridge, remote, echo, record):
    other = Echo()
    bridge.publish(BOB, EchoApi, other)
    seen = record(remote.said)
    other.said.emit(["of bob"])
    assert seen == []


def test_a_value_that_cannot_cross_stops_nobody(remote, echo, record, caplog):
    seen, inside = record(remote.happened), record(echo.happened)
    echo.happened.emit(THING._replace(count=2**63))
    echo.happened.emit(THING)
    assert seen == [THING]
    assert len(inside) == 2
    assert "OverflowError" in caplog.text


# -- properties --------------------------------------------------------------------------------------------------------


def test_a_property_has_its_default_until_it_is_loaded(remote, echo):
    echo.count.set(5)
    assert remote.count.value == 0
    run(load(remote))
    assert (remote.count.value, remote.best.value) == (5, Inner("none"))


def test_a_loaded_property_stays_true(remote, echo):
    run(load(remote))
    echo.best.set(Inner("b", 2))
    assert remote.best.value == Inner("b", 2)
    release(remote)
    echo.best.set(Inner("c"))
    assert remote.best.value == Inner("b", 2)


def test_who_listens_hears_changes_only(remote, echo, record):
    seen = record(remote.count.changed)
    for count in (1, 1, 2):
        echo.count.set(count)
    assert seen == [1, 2]


# -- coming and going --------------------------------------------------------------------------------------------------


def test_what_is_withdrawn_is_gone(bridge, echo):
    withdraw = bridge.publish(ALICE, EchoApi, echo)
    remote = bridge.client(ALICE, EchoApi)
    seen = []
    remote.said.connect(seen.append)
    withdraw()
    withdraw()
    echo.said.emit(["a"])
    echo.count.set(1)
    assert seen == []
    with pytest.raises(NotFound):
        run(remote.fail("known"))
    assert not echo.said
    assert not echo.count.changed


def test_one_object_has_an_interface_once(bridge, remote):
    with pytest.raises(ValueError, match="already"):
        bridge.publish(ALICE, EchoApi, Echo())


def test_an_old_undo_leaves_the_new_one_alone(bridge, echo):
    withdraw = bridge.publish(ALICE, EchoApi, echo)
    withdraw()
    bridge.publish(ALICE, EchoApi, Echo())
    withdraw()
    assert run(bridge.client(ALICE, EchoApi).join(["a"])) == "a"


def test_the_root_tells_of_objects(bridge, echo):
    seen = []
    manager = "org.freedesktop.DBus.ObjectManager"
    for member in ("InterfacesAdded", "InterfacesRemoved"):
        bridge._watchers[ROOT, manager, member] = [lambda *plain, member=member: seen.append((member, *plain))]
    withdraw = bridge.publish(ALICE, EchoApi, echo)
    name = "org.salutatoi.SAT1.Echo"
    assert seen == [("InterfacesAdded", ALICE, {name: {"Count": 0, "Best": ("none", {})}})]
    withdraw()
    assert seen[1:] == [("InterfacesRemoved", ALICE, [name])]
