from __future__ import annotations

import enum
from typing import Any, NamedTuple

import _dbus_bindings as bindings
import pytest
from support.echo import FULL, THING, Colour, Inner, Thing

from sat.api import JID, Secret
from sat.api.contract import is_struct
from sat.api.errors import InvalidAddress, InvalidArgument
from sat.api.names import signature
from sat.bridge.codec import clean, decoder, encoder, holds_secret, variant
from sat.bridge.direct import across


def wire(kind: Any, value: Any) -> Any:
    """A value as it comes out of a message."""
    return across(signature(kind), (encoder(kind)(value),))[0]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (str, "s"),
        (JID, "s"),
        (Colour, "s"),
        (bool, "b"),
        (int, "x"),
        (float, "d"),
        (bytes, "ay"),
        (Secret, "h"),
        (list[str], "as"),
        (dict[str, list[int]], "a{sax}"),
        (type(None), ""),
        (Inner, "(sa{sv})"),
        (list[Inner], "a(sa{sv})"),
        (Thing, "(sssxdbas(sa{sv})a{sv})"),
    ],
)
def test_signatures(kind, expected):
    assert signature(kind) == expected


@pytest.mark.parametrize("kind", [object, Any, tuple[str, str], set[str], str | None])
def test_what_cannot_cross_is_refused(kind):
    with pytest.raises(TypeError, match="cannot cross"):
        signature(kind)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("value", [THING, FULL])
def test_values_come_back_as_they_were(value, strict):
    back = decoder(Thing, strict)(wire(Thing, value))
    assert back == value
    assert [type(each) for each in back] == [type(each) for each in value]
    assert type(back.inner) is Inner
    assert all(type(each) is str for each in back.tags)


def test_only_what_differs_from_its_default_is_sent():
    assert wire(Inner, Inner("i")) == ("i", {})
    assert wire(Thing, THING._replace(size=8))[-1] == {"size": 8}


def test_variants_have_the_declared_type():
    sent = wire(Thing, FULL)[-1]
    assert isinstance(sent["size"], bindings.Int64)
    assert isinstance(sent["data"], bytes)
    assert isinstance(sent["sure"], bindings.Boolean)
    assert isinstance(sent["factor"], bindings.Double)
    assert sent["colours"].signature == "s"
    assert sent["inners"].signature == "(sa{sv})"


@pytest.mark.parametrize(("kind", "value"), [(list[str], []), (dict[str, str], {}), (bytes, b""), (list[Inner], [])])
def test_empty_variants_have_a_type(kind, value):
    assert across("v", (variant(kind)(value),)) == [value]


# -- a newer daemon and an older frontend --------------------------------------------------------------------------


class Newer(NamedTuple):
    name: str
    size: int = 0
    shape: str = "round"


def test_a_frontend_ignores_fields_that_it_does_not_know():
    assert decoder(Inner)(wire(Newer, Newer("n", 2, "square"))) == Inner("n", 2)


def test_the_daemon_refuses_fields_that_it_does_not_know():
    with pytest.raises(InvalidArgument, match="Inner has no field shape"):
        decoder(Inner, strict=True)(wire(Newer, Newer("n", 2, "square")))


def test_a_frontend_takes_the_default_for_a_field_of_another_type():
    assert decoder(Inner)(across("(sa{sv})", (("n", {"size": "big"}),))[0]) == Inner("n", 0)


def test_the_daemon_refuses_a_field_of_another_type():
    with pytest.raises(InvalidArgument, match="size must be of the D-Bus type x"):
        decoder(Inner, strict=True)(across("(sa{sv})", (("n", {"size": "big"}),))[0])


def test_a_frontend_keeps_a_choice_that_it_does_not_know():
    green = decoder(Colour)(bindings.String("green"))
    assert isinstance(green, Colour)
    assert green not in list(Colour)
    assert (str(green), green.value, f"{green}") == ("green", "green", "green")
    assert Colour.RED is decoder(Colour)(bindings.String("red"))


def test_the_daemon_refuses_a_choice_that_it_does_not_know():
    with pytest.raises(InvalidArgument, match="“green” is none of red, blue"):
        decoder(Colour, strict=True)(bindings.String("green"))


# -- a hostile caller ------------------------------------------------------------------------------------------------


def test_the_daemon_normalises_addresses():
    assert decoder(JID, strict=True)(bindings.String("Alice@Example.ORG")) == "alice@example.org"


@pytest.mark.parametrize("address", ["", "@", "a b@c", "a@b/\n"])
def test_the_daemon_refuses_what_is_no_address(address):
    with pytest.raises(InvalidAddress):
        decoder(JID, strict=True)(bindings.String(address))


def test_an_optional_address_may_be_empty_but_not_wrong():
    sent = wire(Thing, THING)
    assert decoder(Thing, strict=True)(sent).keeper == ""
    sent = wire(Thing, THING._replace(keeper=JID("@")))
    with pytest.raises(InvalidAddress) as caught:
        decoder(Thing, strict=True)(sent)
    assert caught.value.details["argument"] == "keeper"


def test_errors_say_where():
    sent = across("(sssxdbas(sa{sv})a{sv})", ((*THING[:7], ("i", {"what": "x"}), {}),))[0]
    with pytest.raises(InvalidArgument, match="inner: Inner has no field what"):
        decoder(Thing, strict=True)(sent)


# -- strings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800b", "\udfff"])
def test_what_no_bus_string_can_hold_is_replaced(text):
    expected = text.translate(dict.fromkeys((0, 0xD800, 0xDFFF), "\ufffd"))
    assert across("s", (text,)) == [expected]
    value = FULL._replace(
        name=text, tags=[text], note=text, words={text: text}, best=Inner(text), inners=[Inner(text)], keeper=JID(text)
    )
    back = decoder(Thing)(wire(Thing, value))
    assert back.name == back.note == back.tags[0] == back.words[expected] == back.best.name == expected
    assert back.inners[0].name == back.keeper == expected
    assert back._replace(
        name="", tags=[], note="", words={}, best=Inner(""), inners=[], keeper=JID("")
    ) == FULL._replace(name="", tags=[], note="", words={}, best=Inner(""), inners=[], keeper=JID(""))


@pytest.mark.parametrize("text", ["", "é", "\U0001f600", "\ufffe\uffff", "\u202e", "\x1b[31m"])
def test_other_strings_cross_as_they_are(text):
    assert across("s", (text,)) == [text]


def test_a_number_that_is_too_big_is_an_error():
    with pytest.raises(OverflowError):
        across("x", (2**63,))


def test_a_wrong_type_is_an_error():
    with pytest.raises(TypeError):
        across("s", (5,))
    with pytest.raises(ValueError):
        across("x", ("five",))


def test_cleaning_keeps_types():
    array = clean(bindings.Array(["\0"], signature="s"))
    assert array == ["\ufffd"]
    assert array.signature == "s"
    assert clean(Inner("\0", 5)) == ("\ufffd", 5)


# -- secrets ---------------------------------------------------------------------------------------------------------


def test_secrets_are_found_anywhere():
    class Deep(NamedTuple):
        lists: list[dict[str, Secret]]

    assert holds_secret(Deep)
    assert not holds_secret(Thing)


def test_a_choice_is_no_struct():
    assert not is_struct(enum.Flag)
    assert is_struct(Inner)
