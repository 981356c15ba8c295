"""The parser of streams, and what is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.xmpp import xml
from sat.xmpp.xml import BEFORE_LOGIN, LANG, NS_CLIENT, STANZA, Element, Limits, StreamParser, XmlError, to_text

HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"


class Heard:
    def __init__(self, limits: Limits = STANZA) -> None:
        self.headers: list[Element] = []
        self.stanzas: list[Element] = []
        self.closed = 0
        self.parser = StreamParser(self.headers.append, self.stanzas.append, self._close, limits)
        self.parser.feed(HEADER)

    def _close(self) -> None:
        self.closed += 1

    def feed(self, text: str | bytes) -> list[Element]:
        self.parser.feed(text.encode() if isinstance(text, str) else text)
        return self.stanzas


def test_reads_header_stanzas_and_end() -> None:
    heard = Heard()
    stanzas = heard.feed(" <message to='a'><body>x</body></message>\n<iq/></stream:stream>")
    assert heard.headers[0].attributes == {"version": "1.0"}
    assert [(each.uri, each.name) for each in stanzas] == [(NS_CLIENT, "message"), (NS_CLIENT, "iq")]
    assert xml.text_of(xml.child(stanzas[0], "body")) == "x"
    assert heard.closed == 1


def test_reads_namespaces_prefixes_and_languages() -> None:
    (stanza,) = Heard().feed(
        "<c:message xmlns:c='jabber:client' xml:lang='eo'><x xmlns='urn:x' xmlns:y='urn:y' y:a='1'><y:z/></x>"
        "</c:message>"
    )
    assert (stanza.uri, stanza.attributes[LANG]) == (NS_CLIENT, "eo")
    inner = xml.child(stanza, "x", "urn:x")
    assert inner is not None
    assert inner.attributes == {("urn:y", "a"): "1"}
    assert xml.child(inner, "z", "urn:y") is not None


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        ("<!DOCTYPE x>", "restricted-xml"),
        ("<message><!-- c --></message>", "restricted-xml"),
        ("<message><?php x?></message>", "restricted-xml"),
        ("<message>&e;</message>", "not-well-formed"),
        ("<message>&#0;</message>", "not-well-formed"),
        ("<message>&#27;</message>", "not-well-formed"),
        ("<message><body></message>", "not-well-formed"),
        ("<message a='1' a='2'/>", "not-well-formed"),
        ("<x:message/>", "not-well-formed"),
        (b"<message>\xc0\x80</message>", "not-well-formed"),
        (b"<message>\xff</message>", "not-well-formed"),
        (b"<message>\xed\xa0\x80</message>", "not-well-formed"),
        ("stray", "bad-format"),
        ("<stream:stream>", "invalid-xml"),
        ("<a>" * 101, "policy-violation"),
        ("<message>" + "<a/>" * 50_001, "policy-violation"),
        ("<message>" + "<a xmlns='u'/>" * 5_001, "policy-violation"),
        ("<message>" + "".join(f"<a xmlns:n{i}='u{i}'/>" for i in range(5_001)), "policy-violation"),
        ("<message " + " ".join(f"a{i}=''" for i in range(101)) + "/>", "policy-violation"),
        ("<" + "m" * 1_000 + "/>", "policy-violation"),
        ("<message " + "m" * 1_000 + "=''/>", "policy-violation"),
        ("<" + "m" * 1_100_000, "policy-violation"),
        ("<message a='" + "m" * 1_100_000, "policy-violation"),
        ("<message><body>" + "m" * 1_100_000, "policy-violation"),
        ("<message><body>" + "m" * 1_100_000 + "</body></message>", "policy-violation"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_refuses(data: str | bytes, condition: str) -> None:
    heard = Heard()
    with pytest.raises(XmlError) as caught:
        heard.feed(data)
    assert caught.value.condition == (condition if data != "<!DOCTYPE x>" else "not-well-formed")
    assert not heard.stanzas


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;'>]>",
        "<!DOCTYPE x SYSTEM 'http://127.0.0.1/x.dtd'>",
        "<!-- c -->",
        "<?php x?>",
        "<!DOCTYPE x [<!-- " + "p" * 60_000,
    ],
    ids=lambda text: text[:20],
)
def test_refuses_before_the_stream(prolog: str) -> None:
    parser = StreamParser(lambda _: None, lambda _: None, lambda: None)
    with pytest.raises(XmlError) as caught:
        parser.feed(prolog.encode())
    assert caught.value.condition == "restricted-xml"


def test_refuses_another_encoding() -> None:
    parser = StreamParser(lambda _: None, lambda _: None, lambda: None)
    with pytest.raises(XmlError) as caught:
        parser.feed(b"<?xml version='1.0' encoding='UTF-16'?><x/>")
    assert caught.value.condition == "unsupported-encoding"


def test_a_large_stanza_is_fine_and_the_next_counts_anew() -> None:
    heard = Heard()
    for _ in range(3):
        heard.feed("<message><body>" + "m" * 1_000_000 + "</body></message>")
    assert len(heard.stanzas) == 3


def test_little_is_accepted_before_the_log_in() -> None:
    with pytest.raises(XmlError):
        Heard(BEFORE_LOGIN).feed("<x>" + "m" * 70_000)


def test_whitespace_between_stanzas_is_thrown_away() -> None:
    heard = Heard()
    for _ in range(300):
        heard.feed(b" " * 10_000)
    heard.feed("<message/>" + " " * 2_000_000 + "<message/>")
    assert len(heard.stanzas) == 2


def test_byte_by_byte_gives_the_same() -> None:
    text = "<message xml:lang='de'><body>grüße &amp; 🙂\n</body><x xmlns='urn:x' a='&lt;'/></message>"
    heard = Heard()
    for byte in text.encode():
        heard.feed(bytes([byte]))
    assert [to_text(each) for each in heard.stanzas] == [to_text(each) for each in Heard().feed(text)]


def test_a_stanza_is_there_with_its_last_byte() -> None:
    heard = Heard()
    heard.feed("<message to='" + "x" * 500)
    heard.feed("'")
    heard.feed("/")
    assert not heard.stanzas
    assert heard.feed(">")


def test_stop_is_heard_in_the_middle() -> None:
    heard = Heard()
    got: list[Element] = []

    def received(element: Element) -> None:
        got.append(element)
        heard.parser.stop()

    heard.parser = StreamParser(lambda _: None, received, lambda: None)
    heard.parser.feed(HEADER + b"<proceed xmlns='urn:x'/><evil/><<<")
    assert [each.name for each in got] == ["proceed"]


def test_element_leaves_out_what_is_none() -> None:
    assert to_text(xml.element("iq", NS_CLIENT, to=None, type="get", from_="a")) == "<iq type='get' from='a'/>"


def test_children_say_their_namespace_once() -> None:
    iq = xml.element("iq", NS_CLIENT)
    query = xml.add(iq, "query", "urn:q", node="n")
    xml.add(query, "item", None, "<&>")
    assert to_text(iq) == "<iq><query xmlns='urn:q' node='n'><item>&lt;&amp;&gt;</item></query></iq>"


def test_what_tx_xmpp_makes_is_written_the_same() -> None:
    from tx_xmpp import data_form

    form = data_form.Form("submit", formNamespace="urn:f")
    form.addField(data_form.Field("text-single", "a", "b & c"))
    parent = xml.element("iq", NS_CLIENT)
    parent.addChild(form.toElement())
    assert to_text(parent) == (
        "<iq><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>urn:f</value></field>"
        "<field type='text-single' var='a'><value>b &amp; c</value></field></x></iq>"
    )


def test_what_xml_cannot_hold_is_replaced() -> None:
    made = xml.element("m", None, a="\x00\ud800'\"\n")
    xml.set_text(made, "\x1b[31m\ufffe\r\n\t")
    assert to_text(made) == "<m a='\ufffd\ufffd&apos;&quot;&#10;'>\ufffd[31m\ufffd&#13;\n\t</m>"


names = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\n\t\r'\"<&>"))


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Element:
    made = xml.element(draw(names), draw(st.sampled_from(["urn:a", "urn:b", NS_CLIENT])))
    made.attributes = draw(st.dictionaries(names | st.tuples(st.just("urn:q"), names), texts, max_size=3))
    for _ in range(draw(st.integers(0, 2)) if depth else 0):
        child = draw(trees(depth=depth - 1))
        child.parent = made
        made.children.append(child)
    text = draw(texts)
    if text:
        made.children.append(text)
    return made


def shape(element: Element) -> tuple[object, ...]:
    children = [each if isinstance(each, str) else shape(each) for each in element.children]
    return element.uri, element.name, dict(element.attributes), children


@given(trees())
def test_what_is_written_is_read_again(tree: Element) -> None:
    assert shape(Heard().feed(to_text(tree))[0]) == shape(tree)
