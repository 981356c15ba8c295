"""The standard interfaces, and calls as strangers make them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from support.echo import ALICE, BOB, Echo, EchoApi

from sat.api import Api, Secret, method, prop, signal
from sat.api.errors import FeatureMissing, InternalError, InvalidArgument, NotFound
from sat.api.names import ROOT
from sat.bridge.objects import INTROSPECTABLE, MANAGER, PEER, Objects
from sat_frontends.bridge.blocking import run

PROPERTIES = "org.freedesktop.DBus.Properties"
ECHO = "org.salutatoi.SAT1.Echo"


@pytest.fixture
def objects():
    objects = Objects(lambda *signal: None)
    for path in (ROOT, ALICE, BOB):
        objects.publish(path, EchoApi, Echo())
    return objects


def call(objects, path, interface, member, signature="", *plain):
    return run(objects.invoke(path, interface, member, signature, list(plain)))


def test_properties_are_read(objects):
    assert call(objects, ALICE, PROPERTIES, "Get", "ss", ECHO, "Count") == ("v", (0,))
    signature, (values,) = call(objects, ALICE, PROPERTIES, "GetAll", "s", ECHO)
    assert (signature, set(values)) == ("a{sv}", {"Best", "Count"})


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("Get", "ss", ECHO, "Nothing"), NotFound),
        (("Get", "ss", "org.example.Nothing", "Count"), NotFound),
        (("GetAll", "s", "org.example.Nothing"), NotFound),
        (("GetAll", "x", 5), InvalidArgument),
        (("Set", "ssv", ECHO, "Count", 5), InvalidArgument),
        (("Nothing", ""), FeatureMissing),
    ],
)
def test_wrong_questions_for_properties_are_refused(objects, arguments, error):
    with pytest.raises(error):
        call(objects, ALICE, PROPERTIES, *arguments)


def test_properties_of_a_standard_interface_are_none(objects):
    assert call(objects, ALICE, PROPERTIES, "GetAll", "s", PEER) == ("a{sv}", ({},))


def test_the_root_lists_all_objects(objects):
    _signature, (found,) = call(objects, ROOT, MANAGER, "GetManagedObjects")
    assert set(found) == {ALICE, BOB}
    assert set(found[ALICE]) == {ECHO}
    with pytest.raises(FeatureMissing):
        call(objects, ALICE, MANAGER, "GetManagedObjects")


def test_everybody_answers_ping(objects):
    assert call(objects, ALICE, PEER, "Ping") == ("", ())


@pytest.mark.parametrize(
    ("path", "children"),
    [("/", ["org"]), ("/org/salutatoi", ["SAT1"]), (ROOT, ["profile"]), (f"{ROOT}/profile", ["alice", "bob"])],
)
def test_the_tree_can_be_walked(objects, path, children):
    root = ElementTree.fromstring(call(objects, path, INTROSPECTABLE, "Introspect")[1][0])
    assert [node.get("name") for node in root.findall("node")] == children


def test_an_object_shows_its_interfaces(objects):
    root = ElementTree.fromstring(call(objects, ALICE, INTROSPECTABLE, "Introspect")[1][0])
    assert [each.get("name") for each in root.findall("interface")] == [INTROSPECTABLE, PEER, PROPERTIES, ECHO]
    with pytest.raises(NotFound):
        call(objects, f"{ROOT}/nothing", INTROSPECTABLE, "Introspect")


@pytest.mark.parametrize(
    ("member", "signature", "plain"),
    [
        ("Join", "", []),
        ("Join", "s", ["a"]),
        ("Join", "asssbx", [["a"], "b", "", True, 5]),
        ("Join", "asx", [["a"], 5]),
        ("Wait", "s", ["long"]),
    ],
)
def test_arguments_of_other_types_are_refused(objects, member, signature, plain):
    with pytest.raises(InvalidArgument, match="the arguments are"):
        call(objects, ALICE, ECHO, member, signature, *plain)


def test_arguments_with_a_default_may_be_left_out(objects):
    for signature, plain in (("as", [["a", "b"]]), ("ass", [["a", "b"], " "]), ("asss", [["a", "b"], " ", ""])):
        assert call(objects, ALICE, ECHO, "Join", signature, *plain) == ("s", ("a b",))


def test_an_unknown_method_is_refused(objects):
    for interface in (ECHO, "", "org.example.Other"):
        with pytest.raises((FeatureMissing, NotFound)):
            call(objects, ALICE, interface, "__init__")


def test_only_declared_methods_can_be_called(objects):
    with pytest.raises(FeatureMissing):
        call(objects, ALICE, ECHO, "Later")


def test_secrets_never_leave():
    class ReturningApi(Api):
        @method
        async def get(self) -> Secret:
            """No."""

    class Returning(ReturningApi):
        async def get(self) -> Secret:
            return Secret("hunter2")

    class SignallingApi(Api):
        told = signal(Secret)

    class ShowingApi(Api):
        shown = prop(Secret, Secret(""))

    objects = Objects(lambda *signal: None)
    objects.publish(ALICE, ReturningApi, Returning())
    with pytest.raises(InternalError):
        call(objects, ALICE, "org.salutatoi.SAT1.Returning", "Get")
    for api in (SignallingApi, ShowingApi):
        with pytest.raises(TypeError, match="never leave"):
            objects.publish(BOB, api, api())
