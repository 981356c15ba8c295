import time

import pytest

from sat.otr.text import MAX_HTML, clean, readable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "a < b && c > d",
        "if (a<b and c>d)",
        "use <b> for bold",
        "<3",
        "AT&T",
        "x &lt; y & z",
        "<foo>bar</foo>",
        "a\n\tb",
    ],
)
def test_plain_texts_stay_as_they_are(text):
    assert readable(text.encode()) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>a</b>&#27;[2J&#0;", "a[2J\ufffd"),
        ("hello &lt;world&gt; &amp; co", "hello <world> & co"),
        ("&quot;it&apos;s&quot; &#39;you&#39;", "\"it's\" 'you'"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ('<FONT COLOR="#ff0000">red &amp; <b>bold</b></FONT>', "red & bold"),
        ("<html><body><p>one</p><p>two</p></body></html>", "one\ntwo"),
        ('<a href="https://example.org/?a=1&amp;b=2">here</a>', "here (https://example.org/?a=1&b=2)"),
        ('<a href="https://example.org/">https://example.org/</a>', "https://example.org/"),
        ("<a href='https://evil.example/'>https://good.example/</a>", "https://good.example/ (https://evil.example/)"),
        ('<b>look</b> <img src="x" alt="a cat">', "look a cat"),
        ("<b>a</b><script>alert(1)</script>b", "ab"),
        ("<i>kept: <foo></i>", "kept: <foo>"),
        ("<b>&lt;script&gt;</b>", "<script>"),
    ],
)
def test_html_becomes_its_words(html, text):
    assert readable(html.encode()) == text


@pytest.mark.parametrize(
    "data",
    [b"a\0b", b"a\x1b[31mb", b"a\x9bb", b"a\xff\xfeb", "a\u009bb".encode(), "\ud800".encode("utf-8", "surrogatepass")],
)
def test_nothing_in_it_acts(data):
    text = readable(data)
    assert "\ufffd" in text
    assert not any(ord(each) < 32 or 0x7F <= ord(each) <= 0x9F or 0xD800 <= ord(each) < 0xE000 for each in text)


def test_lines_stay():
    assert clean("a\r\nb\n\tc") == "a\nb\n\tc"
    assert clean("a\rb") == "a\ufffdb"


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<b>",
        "<a href=",
        "<a href='",
        "</a>",
        "<b ",
        "&",
        "&amp;",
        "<script>",
        "<br>",
        "href ",
        "<a href='x'>",
        "&#",
    ],
)
def test_a_long_text_takes_no_time(piece):
    """It is taken apart in one go: what goes back at each piece would take minutes."""
    text = piece * (MAX_HTML // len(piece) - 8) + "<b>x</b>"
    before = time.process_time()
    readable(text.encode())
    assert time.process_time() - before < 2.0


def test_a_text_that_is_too_long_stays_html():
    text = "<b>x</b>" * MAX_HTML
    assert readable(text.encode()) == text
