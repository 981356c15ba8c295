"""Harmless XHTML of what is not."""

from __future__ import annotations

import time

import pytest
from support.parsing import parse

from sat.plugins.blog import cleaning
from sat.plugins.blog.cleaning import clean

REL = 'rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>a</p><script>alert(1)</script>b", "<p>a</p>b"),
        ("<p onclick='x()' style='color:red' id='a' class='b'>a</p>", "<p>a</p>"),
        ("<style>p{}</style><title>x</title>a", "a"),
        ("<svg><script>alert(1)</script></svg><math><mi>x</mi></math>a", "a"),
        ("<iframe src='https://x.test/'>b</iframe><object>c</object>a", "a"),
        ("<form action='https://x.test/'><input name='a'/><button>b</button>c</form>", "c"),
        ("<section><article>a</article></section>", "a"),
        ("<a href='javascript:alert(1)'>a</a>", "<a>a</a>"),
        ("<a href='java\tscript:alert(1)'>a</a>", "<a>a</a>"),
        ("<a href='data:text/html,x'>a</a>", "<a>a</a>"),
        ("<a href='//x.test/'>a</a><a href='/x'>b</a>", "<a>a</a><a>b</a>"),
        ("<a href='https://x.test/' target='_top' rel='opener'>a</a>", f'<a href="https://x.test/" {REL}>a</a>'),
        ("<a href='xmpp:a@x.test?;node=b'>a</a>", f'<a href="xmpp:a@x.test?;node=b" {REL}>a</a>'),
        ("<img src='http://x.test/a.png' alt='a cat'/>", "a cat"),
        ("<img src='x' onerror='alert(1)'/>", ""),
        (
            "<img src='https://x.test/a.png' width='9999'/>",
            '<img src="https://x.test/a.png" alt="" loading="lazy" referrerpolicy="no-referrer"/>',
        ),
        ("<ol start='3'><li>a</li></ol><ol start='x'></ol>", '<ol start="3"><li>a</li></ol><ol></ol>'),
        ("<p dir='rtl' lang='ar'>a</p><p dir='x' lang='\"'>b</p>", '<p dir="rtl" lang="ar">a</p><p>b</p>'),
        ("a<br>b<hr>", "a<br/>b<hr/>"),
        ("<p></p>", "<p></p>"),  # <p/> would begin one
        ("<b>a<i>b</b>c", "<b>a<i>b</i></b><i>c</i>"),
        ("a &amp; b &lt;script> &nbsp;\x00", "a &amp; b &lt;script&gt; \xa0�"),
        ("<!-- a --><![CDATA[b]]>c", "c"),
        ("", ""),
    ],
)
def test_only_what_is_harmless_is_left(html: str, left: str) -> None:
    assert clean(html) == left


def test_an_element_of_a_stanza_is_read_as_xml() -> None:
    inside = (
        "<p/>a<span/>b<script/>c<br/><style/>d<x:script xmlns:x='http://www.w3.org/1999/xhtml'>e</x:script>"
        "<p xmlns='urn:other'>f</p><title/><section><em>g &lt;b&gt;</em></section><a href='https://x.test/'/>"
    )
    element = parse(f"<div xmlns='http://www.w3.org/1999/xhtml'>{inside}</div>")
    assert cleaning.clean_element(element) == (
        f'<p></p>a<span></span>bc<br/>d<em>g &lt;b&gt;</em><a href="https://x.test/" {REL}></a>'
    )


def test_what_is_too_deep_keeps_its_words() -> None:
    html = clean("<div>" * 100 + "a<b>b</b>" + "</div>" * 100)
    assert html.count("<div>") == cleaning.DEEPEST
    assert cleaning.words(html) == "a b"


@pytest.mark.parametrize(
    "html",
    ["<div>", "<div></x>", "<div><b></div>", "<p><b><i><u><s>", "<a><p></a>", "<table><td>", "&amp;", "<", "<li>"],
)
def test_what_would_take_a_parser_long_is_cut(html: str) -> None:
    begin = time.process_time()
    assert len(clean(html * (1_000_000 // len(html)))) <= cleaning.LONGEST + 1000
    assert time.process_time() - begin < 2  # some of them took half a minute


def test_what_is_too_long_ends_with_a_mark_and_is_well_formed() -> None:
    html = clean(f"<p>{'ü&amp;' * 300_000}</p>")
    assert len(html) < cleaning.LONGEST + 100
    assert html.endswith("…</p>")
    assert len(cleaning.words(clean("<p>é</p>" * 200_000))) < cleaning.LONGEST


def test_a_text_becomes_paragraphs_and_links() -> None:
    text = "a <b>\nc\n\n\nsee (https://x.test/?a=1&b=2), ok"
    assert cleaning.from_text(text) == (
        f'<p>a &lt;b&gt;<br/>c</p><p>see (<a href="https://x.test/?a=1&amp;b=2" {REL}>'
        "https://x.test/?a=1&amp;b=2</a>), ok</p>"
    )
    assert cleaning.from_text("") == ""


def test_words_are_in_lines() -> None:
    html = "<h1>A</h1><p>b<br/>c</p><ul><li>d</li><li>e</li></ul><pre>f\n  g</pre>"
    assert cleaning.words(html) == "A\n\nb\nc\n\nd\ne\n\nf\n  g"
