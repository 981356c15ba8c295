"""What entities say of themselves, and its hash."""

from __future__ import annotations

import pytest
from support.parsing import parse

from sat.api.disco import Identity, Info
from sat.xmpp import caps, disco
from sat.xmpp.xml import to_text

NS = disco.NS_INFO
SIMPLE = (
    "<identity category='client' name='Exodus 0.9.1' type='pc'/>"
    "<feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>"
)
COMPLEX = f"""
<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>
<identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>
{SIMPLE.partition("/>")[2]}
<x xmlns='jabber:x:data' type='result'>
<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
<field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>
<field var='os'><value>Mac</value></field><field var='os_version'><value>10.5.1</value></field>
<field var='software'><value>Psi</value></field><field var='software_version'><value>0.11</value></field></x>
"""


def answer(inner: str) -> str:
    return f"<iq type='result'><query xmlns='{NS}'>{inner}</query></iq>"


@pytest.mark.parametrize(
    ("inner", "ver"), [(SIMPLE, "QgayPKawpkPSDYmwT/WM94uAlu0="), (COMPLEX, "q07IKJEyjvHSyhy//CH0CxmKi8w=")]
)
def test_the_examples_of_the_specification(inner: str, ver: str) -> None:
    """XEP-0115 §5.2 and §5.3."""
    assert caps.fits(parse(answer(inner)), ver)
    assert not caps.fits(parse(answer(inner)), ver[::-1])
    assert not caps.fits(parse(answer(inner)), ver, "md5")


def test_our_own_hash_is_that_of_what_we_say() -> None:
    info = Info([Identity("client", "pc", "Salut à Toi")], ["urn:b", "urn:a"])
    said = disco.info_element(info, "n")
    assert caps.fits(parse(f"<iq>{to_text(said)}</iq>"), caps.ver(info))
    assert disco.read_info(said) == Info(info.identities, ["urn:a", "urn:b"])


@pytest.mark.parametrize(
    "double",
    [
        "<feature var='http://jabber.org/protocol/muc'/>",
        "<identity category='client' name='Exodus 0.9.1' type='pc'/>",
        "<feature var='a&lt;b'/>",
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>a</value></field></x>" * 2,
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>a</value><value>b</value></field></x>",
    ],
)
def test_what_is_ill_formed_fits_nothing(double: str) -> None:
    """§5.4 3: even where the hash would be right."""
    from unittest.mock import patch

    with patch.object(caps, "_hashed", return_value="x"):
        assert caps.fits(parse(answer(SIMPLE)), "x")
        assert not caps.fits(parse(answer(SIMPLE + double)), "x")


def test_a_form_without_a_hidden_type_does_not_count() -> None:
    """§5.4 3.6."""
    form = "<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>a</value></field></x>"
    assert caps.fits(parse(answer(SIMPLE + form)), "QgayPKawpkPSDYmwT/WM94uAlu0=")


def test_reading_is_bounded_and_forgiving() -> None:
    info = disco.read_info(
        parse(answer("<feature var='a'/>" * 5000 + "<feature/><identity/>" + "<x xmlns='jabber:x:data'/>" * 50))
    )
    assert info.features == ["a"]
    assert len(info.forms) == disco.MOST_FORMS
    assert disco.read_info(parse("<iq/>")) == Info([], [])


def test_items() -> None:
    ns = disco.NS_ITEMS
    items = "<item jid='a.example.org' node='n' name='A'/><item/>"
    assert disco.read_items(parse(f"<iq><query xmlns='{ns}'>{items}</query></iq>")) == [
        ("a.example.org", "n", "A"),
        ("", "", ""),
    ]
    assert len(disco.read_items(parse(f"<iq><query xmlns='{ns}'>{'<item/>' * 5000}</query></iq>"))) == disco.MOST
