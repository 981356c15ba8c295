"""The files of posts."""

import pytest

from sat.api import JID
from sat.api.posts import Enclosure, Place, Post
from sat_frontends.quick_frontend.post_files import described, files, in_text, is_picture, pictures_in

JULIET = JID("juliet@capulet.lit")
ROSE = "https://files.capulet.lit/1/r%C3%B4se.png"


def test_enclosures_then_pictures_in_the_text_each_once():
    html = f'<p><img src="{ROSE}" alt="A rose"/><img src="https://e.org/2.jpg"/><img alt="x"/></p>'
    post = Post(Place(JULIET, id="x"), JULIET, html=html, enclosures=[Enclosure(ROSE, "image/png", "Ours", 9)])
    assert [(each.url, each.title) for each in files(post)] == [(ROSE, "Ours"), ("https://e.org/2.jpg", "")]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "xmpp:a@b", "https://[", "x y"])
def test_what_is_not_of_the_web_is_no_file(url):
    assert files(Post(Place(JULIET, id="x"), JULIET, enclosures=[Enclosure(url)])) == []


def test_they_are_bounded():
    many = [Enclosure(f"https://e.org/{number}") for number in range(100)]
    assert len(files(Post(Place(JULIET, id="x"), JULIET, enclosures=many))) == 20


def test_what_is_said_of_pictures_is_read():
    assert pictures_in('<img src="https://e.org/1" alt="a &lt;b&gt;">') == [
        Enclosure("https://e.org/1", "image/*", "a <b>")
    ]
    assert pictures_in("<img" * 3 + "<p") == []


@pytest.mark.parametrize(
    ("file", "picture"),
    [
        (Enclosure(ROSE), True),
        (Enclosure("https://e.org/x?y.png"), False),
        (Enclosure("https://e.org/x", "image/webp"), True),
        (Enclosure("https://[x.png"), False),
    ],
)
def test_what_is_worth_fetching(file, picture):
    assert is_picture(file) is picture


def test_file_is_described_in_a_clean_line():
    assert described(Enclosure(ROSE, title="A\x1b rose", size=98304)) == "rôse.png 96 KB “A␛ rose”"
    assert described(Enclosure(ROSE, title="rôse.png"), 3, 4, 1024) == "rôse.png 3×4 1.0 KB"
    assert described(Enclosure("https://e.org/", size=-1)) == "https://e.org/"


def test_picture_in_markdown_is_what_it_is_called():
    assert in_text(Enclosure(ROSE, title="A [red]\n rose\\")) == f"![A \\[red\\] rose\\\\](<{ROSE}>)"
