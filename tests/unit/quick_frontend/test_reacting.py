"""Emojis that are put to posts."""

import pytest

from sat.api import JID
from sat.api.posts import HEART, Place, Post
from sat_frontends.quick_frontend.reacting import Put, is_heart, reacted, reactions, toggled

JULIET = JID("juliet@capulet.lit")
POST = Post(Place(JULIET, id="x"), JULIET, reactions={"🎉": 2, "👍": 1}, reacted=["🎉"], likes=3)


def test_they_are_shown_clean_with_ours():
    assert reactions(POST._replace(reactions={"🎉": 2, "\u202e": 1, "👎": 0})) == [
        Put("🎉", 2, True),
        Put("�", 1, False),
    ]


def test_one_is_put_and_taken_away():
    assert toggled(POST, "👍") == ["🎉", "👍"]
    assert toggled(POST, "🎉") == []


def test_post_is_as_it_will_be_told():
    now = reacted(POST, ["👍"])
    assert (now.reactions, now.reacted, now.likes, now.liked) == ({"🎉": 1, "👍": 2}, ["👍"], 3, False)
    assert reacted(now, []).reactions == {"🎉": 1, "👍": 1}


def test_hearts_are_likes():
    liked = reacted(POST, ["🎉", "❤️"])
    assert (liked.likes, liked.liked, liked.reactions) == (4, True, POST.reactions)
    again = reacted(liked, ["🎉"])
    assert (again.likes, again.liked) == (3, False)


def test_like_in_a_comment_stays_when_an_emoji_is_put():
    assert reacted(POST._replace(liked=True), ["👍"]).liked


@pytest.mark.parametrize(("emoji", "heart"), [(HEART, True), ("❤", True), ("❤️", True), ("💙", False), ("", False)])
def test_what_a_heart_is(emoji, heart):
    assert is_heart(emoji) is heart
