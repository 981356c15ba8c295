import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from libervia.pages.login.page import own_path
from libervia.server.text import rich


def links(text):
    return [link.get("href") for link in html.fromstring(f"<p>{rich(text)}</p>").iter("a")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.example/b?c=d&e=f.", ["https://a.example/b?c=d&e=f"]),
        ("(http://a.example/x_(y)) and", ["http://a.example/x_(y)"]),
        ("[http://a.example]!", ["http://a.example"]),
        ("XMPP:bob@example.org?join", ["XMPP:bob@example.org?join"]),
        ("http://a.example/…", ["http://a.example/"]),
        ("javascript:alert(1) data:text/html,x file:///etc ftp://x vbscript:x", []),
        ('http://a.example/"onclick="x', ["http://a.example/"]),
    ],
)
def test_only_harmless_links_are_made(text, expected):
    assert links(text) == expected


def test_links_are_bounded_in_number():
    assert len(links("http://a " * 500)) == 100


@given(st.text(alphabet=st.sampled_from("<>\"'&:/.()[]`\\ \n\tahtpxm\u202e\x1b"), max_size=60))
def test_text_stays_text(text):
    tree = html.fromstring(f"<p>{rich('http://x ' + text)}</p>")
    assert {each.tag for each in tree.iter()} <= {"p", "a"}
    for link in tree.iter("a"):
        assert link.get("href").lower().startswith(("http://", "https://", "xmpp:"))
        assert set(link.keys()) == {"href", "rel", "target"}


@given(st.text(max_size=50))
def test_one_never_leaves_the_site_after_the_log_in(text):
    assert own_path(text).startswith("/")
    assert not own_path(text).startswith(("//", "/\\"))
