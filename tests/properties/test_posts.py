"""What must hold for any sequence of posts: each once, each in its own place, found as long as it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st
from support.new_database import in_memory
from support.storing import ALICE, BOB, NOW, result

from sat.api.posts import Place, Post
from sat.api.values import JID
from sat.storage.posts import Posts

CLUB = Place(JID("pubsub.example.org"), "club")
FEW = settings(max_examples=60, deadline=None)

places = st.builds(
    lambda node, id: node._replace(id=id), st.sampled_from([Place(ALICE), Place(BOB), CLUB]), st.sampled_from("12345")
)
times = st.one_of(st.sampled_from([NOW, NOW - 1, NOW - 1, 0.0]), st.floats(allow_nan=False), st.floats(NOW - 10, NOW))
told = st.builds(
    lambda place, text, tags, time: Post(place, BOB, text=text, tags=tags, published=time),
    places,
    st.sampled_from(["one word", "two words", "♥"]),
    st.lists(st.sampled_from(["a", "A", "b"]), max_size=2),
    times,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(told, min_size=1, max_size=6)),
        st.tuples(st.just("remove"), st.lists(places, max_size=3)),
        st.tuples(st.just("read"), st.lists(places, max_size=3)),
    ),
    max_size=12,
)


@contextmanager
def empty() -> Iterator[Posts]:
    database = in_memory()
    yield Posts(database, 1, ALICE, lambda: NOW)
    assert database._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database._connection.execute("INSERT INTO post_text (post_text, rank) VALUES ('integrity-check', 1)")
    result(database.close())


@FEW
@given(steps, st.integers(1, 4))
def test_pages_have_everything_once_and_in_order(given_steps, size):
    """Put together, they are what was told and not taken back, as it was told last; orders never change."""
    expected: dict[Place, Post] = {}
    orders: dict[Place, int] = {}
    unread: set[Place] = set()
    with empty() as posts:
        for kind, values in given_steps:
            if kind == "add":
                for each in values:
                    result(posts.add(each.place._replace(id=""), [each]))
                    if each.place not in expected:
                        unread.add(each.place)
                    expected[each.place] = each
            elif kind == "remove":
                gone = set(result(posts.remove(values))) if values else set()
                assert gone == set(values) & expected.keys()
                for place in gone:
                    del expected[place]
                    orders.pop(place, None)
                    unread.discard(place)
            else:
                result(posts.mark_read(values))
                unread -= set(values) or set(unread)
            for each in result(posts.get(list(expected))):
                assert orders.setdefault(each.place, each.order) == each.order
        found: list[Post] = []
        while page := result(posts.page(found[-1].order if found else 0, size)):
            found += page
        assert [each.order for each in found] == sorted({each.order for each in found}, reverse=True)
        assert {each.place: (each.text, each.tags) for each in found} == {
            place: (each.text, each.tags) for place, each in expected.items()
        }
        assert {each.place for each in found if each.unread} == unread
        assert {each.place for each in result(posts.search("word", count=200))} == {
            place for place, each in expected.items() if "word" in each.text
        }
        assert {each.place for each in result(posts.page(tag="a", count=200))} == {
            place for place, each in expected.items() if {"a", "A"} & set(each.tags)
        }
