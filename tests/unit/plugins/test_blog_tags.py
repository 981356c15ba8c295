"""What a post is about: the tags that were given, and those in its text."""

from __future__ import annotations

import pytest
from support.blogging import OURS, begin, items
from support.romeo import Profile, now

from sat.api.posts import Draft
from sat.plugins.blog import atom, writing
from sat.plugins.blog.plugin import Blog


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        ("The #balcony, at #night-time. #Été!", ["balcony", "night-time", "Été"]),
        ("#Balcony and #balcony", ["Balcony"]),
        ("C#, #1, a#b, ##x, # heading, &#35;, #_", []),
        ("`#code` <https://example.org/#place> [#words](https://example.org) \\n\\n    #code", []),
        ("**#strong** (#brackets) “#quoted”", ["strong", "brackets", "quoted"]),
        ("#" + "a" * (atom.TAG + 1), []),
    ],
)
def test_tags_in_the_text(body: str, tags: list[str]) -> None:
    assert writing.hashtags(writing.html_of(body.replace("\\n", "\n"), False)) == tags


def test_they_are_added_to_those_that_were_given(blog: Blog) -> None:
    draft = Draft("The #balcony at #night", tags=["Night", "verona"])
    assert now(blog.preview(draft)).tags == ["Night", "verona", "balcony"]


def test_there_is_an_end_to_them(blog: Blog) -> None:
    post = now(blog.preview(Draft(" ".join(f"#tag{number}" for number in range(200)))))
    assert len(post.tags) == atom.MOST


def test_what_is_edited_has_them_in_the_text_only(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.source(OURS._replace(id="1")))
    post = (
        "<title>x</title><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>#balcony</p></div></content>"
        "<category term='balcony'/><category term='night'/>"
    )
    romeo.wire.answer("<item id='1'/>", items(("1", "", post)))
    assert told[0].tags == ["night"]
