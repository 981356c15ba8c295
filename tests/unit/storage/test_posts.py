"""Posts of what is followed: stored, found, bounded."""

import sqlite3
from contextlib import closing

import pytest
from support.storing import ALICE, BOB, NOW, open_storage, result

from sat.api import JID
from sat.api.posts import HEART, NOWHERE, Enclosure, Place, Post, Version
from sat.api.profile import Account
from sat.storage import posts as stored
from sat.storage.files import DATABASE
from sat.storage.post_rows import Attached
from sat.storage.posts import Looked

BLOG = Place(BOB)
CLUB = Place(JID("pubsub.example.org"), "club")
CAROL = JID("carol@example.com")


@pytest.fixture
def posts(storage):
    return storage.posts("alice")


def post(id="1", text="Hello", node=BLOG, **fields):
    usual = {"author": BOB, "verified": True, "text": text, "published": NOW - 100 + int(id), "updated": NOW}
    return Post(node._replace(id=id), **{**usual, **fields})


def add(posts, *these, **how):
    return result(posts.add(these[0].place._replace(id=""), these, **how))


def ids(found):
    return [each.place.id for each in found]


WHOLE = post(
    name="Bob",
    title="A day",
    html="<p>Hello</p>",
    lang="en",
    tags=["Rain", "été"],
    enclosures=[Enclosure("https://example.org/a.png", "image/png", "a cat", 12)],
    url="https://example.org/1",
    comments=Place(BOB, "comments/1"),
    via=Place(CAROL, id="7"),
    answers=Place(CAROL, id="6"),
    versions=[Version("fr", "Un jour", "Bonjour", "<p>Bonjour</p>"), Version("de", text="Tag")],
)


def test_a_post_comes_back_as_it_was(posts):
    (added,) = add(posts, WHOLE)
    assert added == WHOLE._replace(order=added.order, unread=True)
    assert result(posts.page()) == result(posts.get([WHOLE.place])) == [added]


def test_what_it_says_in_other_languages_is_found(posts):
    add(posts, WHOLE)
    for words in ("bonjour", "jour", "hello"):
        assert ids(result(posts.search(words))) == ["1"]
    add(posts, WHOLE._replace(versions=[]))
    assert result(posts.search("bonjour")) == []


def test_what_is_put_to_a_post_is_counted_with_its_comments(posts):
    place = BLOG._replace(id="1")
    assert result(posts.attach(place, Attached([BOB]))) == []
    add(posts, post(comments=Place(BOB, "comments/1")))
    heart = {"node": Place(BOB, "comments/1"), "text": HEART}
    add(posts, post("2", **heart), post("3", author=CAROL, **heart), post("4", node=heart["node"]), listed=False)
    attached = Attached([BOB, ALICE], {"🔨": 2}, ["🔨", "♥"], 3)
    (found,) = result(posts.attach(place, attached))
    assert (found.likes, found.liked, found.said) == (3, True, 1)
    assert (found.reactions, found.reacted, found.noticed) == ({"🔨": 2}, ["🔨", "♥"], 3)
    assert result(posts.attach(place, attached)) == []
    (edited,) = add(posts, post(text="New", comments=Place(BOB, "comments/1")))
    assert (edited.text, edited.likes, edited.noticed) == ("New", 3, 3)
    (found,) = result(posts.attach(place, Attached()))
    assert (found.likes, found.liked, found.reactions, found.reacted, found.noticed) == (2, False, {}, [], 0)


@pytest.mark.parametrize("damage", ["x", "[]", '{"x":1}', '{"hearts":3,"reactions":[]}'])
def test_a_post_is_shown_though_what_is_put_to_it_is_damaged(storage, posts, damage):
    add(posts, post())
    storage.database._connection.execute("UPDATE post SET attached = ?", (damage,))
    (found,) = result(posts.page())
    assert (found.text, found.reactions) == ("Hello", {})


def test_what_is_known_already_is_no_news(posts):
    add(posts, WHOLE)
    assert add(posts, WHOLE) == []


def test_an_edited_post_keeps_its_place_and_stays_read(posts):
    add(posts, post("1", tags=["old"]), post("2"))
    (first,) = result(posts.mark_read([BLOG._replace(id="1")]))
    (edited,) = add(posts, post("1", "Changed", published=NOW, tags=["new"]))
    assert (edited.order, edited.unread, edited.text) == (first.order, False, "Changed")
    assert ids(result(posts.page())) == ["2", "1"]
    assert ids(result(posts.search("changed"))) == ["1"]
    assert ids(result(posts.search("hello"))) == ["2"]
    assert (result(posts.page(tag="old")), ids(result(posts.page(tag="new")))) == ([], ["1"])


def test_pages_go_from_the_newest_to_the_oldest(posts):
    add(posts, *(post(str(number)) for number in (3, 1, 2)))
    add(posts, post("4", node=CLUB))
    first = result(posts.page(count=2))
    assert ids(first) == ["4", "3"]
    assert ids(result(posts.page(first[-1].order))) == ["2", "1"]


def test_many_of_the_same_moment_have_orders_of_their_own(posts):
    add(posts, *(post(str(number), published=NOW - 50) for number in range(50)))
    orders = [each.order for each in result(posts.page(count=100))]
    assert len(set(orders)) == 50


@pytest.mark.parametrize("claimed", [NOW + 1e9, 0.0, -1e12, 1e300])
def test_nobody_stands_above_all_others_by_a_date(posts, claimed):
    add(posts, post("1", published=claimed, updated=claimed))
    (found,) = result(posts.page())
    assert 0 < found.order <= NOW * 1_000_000 + 1_000_000


def test_what_we_wrote_is_never_unread_and_nobody_else_can_claim_to_be_us(posts):
    add(posts, post("1", node=Place(ALICE), author=ALICE))
    add(posts, post("2", node=CLUB, author=ALICE), post("3", node=CLUB, author=ALICE, verified=False))
    assert ids(result(posts.page(unread=True))) == ["3"]


def test_what_was_seen_is_unread_no_more(posts):
    add(posts, post("1"), post("2"), post("3"))
    add(posts, post("4", node=CLUB), unread_since=NOW)
    assert result(posts.unread()) == {BLOG: 3}
    (seen,) = result(posts.mark_read([BLOG._replace(id="2"), BLOG._replace(id="9")]))
    assert (seen.place.id, seen.unread) == ("2", False)
    assert ids(result(posts.page(unread=True))) == ["3", "1"]
    assert ids(result(posts.mark_read([]))) == ["3", "1"]
    assert result(posts.unread()) == {}
    assert result(posts.mark_read([])) == []


def test_what_is_gone_is_found_nowhere(posts):
    add(posts, post("1", tags=["rain"]), post("2", tags=["rain"]))
    assert result(posts.remove([BLOG._replace(id="1"), BLOG._replace(id="9")])) == [BLOG._replace(id="1")]
    assert (
        ids(result(posts.page())) == ids(result(posts.search("hello"))) == ids(result(posts.page(tag="rain"))) == ["2"]
    )
    assert result(posts.remove([BLOG])) == [BLOG._replace(id="2")]
    assert result(posts.page()) == result(posts.search("hello")) == result(posts.page(tag="rain")) == []


def test_tags_are_compared_as_people_do(posts):
    add(posts, post("1", tags=["Été", " Straße"]))
    assert ids(result(posts.page(tag="éTÉ"))) == ids(result(posts.page(tag="STRASSE"))) == ["1"]
    assert result(posts.page(tag="ete")) == []


def test_comments_are_counted_and_stand_not_in_the_timeline(posts):
    comments = WHOLE.comments
    add(posts, WHOLE)
    add(
        posts,
        post("1", "♥", comments, author=CAROL),
        post("2", " ♥ ", comments, author=CAROL),
        post("3", "♥", comments, author=ALICE),
        post("4", "Well said", comments, author=CAROL),
        listed=False,
    )
    (found,) = result(posts.page())
    assert (found.likes, found.liked, found.said) == (2, True, 1)
    assert result(posts.unread()) == {BLOG: 1}
    assert ids(result(posts.search("well"))) == ["4"]
    assert result(posts.commented(comments)) == [found]
    assert result(posts.commented(Place(CAROL, comments.node))) == []
    result(posts.remove([comments._replace(id="3")]))
    assert not result(posts.page())[0].liked


@pytest.mark.parametrize("blocked", [BOB, JID("example.org")])
def test_who_is_left_out_is_left_out_everywhere(posts, blocked):
    add(posts, post("1", tags=["rain"]))
    add(posts, post("2", node=Place(CAROL), author=CAROL, tags=["rain"]))
    for found in (
        result(posts.page(without=[blocked])),
        result(posts.page(unread=True, without=[blocked])),
        result(posts.page(tag="rain", without=[blocked])),
        result(posts.search("hello", without=[blocked])),
    ):
        assert ids(found) == ["2"]
    assert result(posts.unread([blocked])) == {Place(CAROL): 1}


def test_only_the_newest_of_a_node_are_kept(posts, monkeypatch):
    monkeypatch.setattr(stored, "PER_NODE", 3)
    kept = add(posts, *(post(str(number)) for number in range(1, 6)))
    assert ids(kept) == ids(result(posts.page())) == ["5", "4", "3"]
    assert add(posts, post("1")) == []


def test_only_the_newest_of_all_are_kept(posts, monkeypatch):
    monkeypatch.setattr(stored, "OVERALL", 3)
    add(posts, post("1"), post("2"))
    add(posts, post("3", node=CLUB), post("4", node=CLUB))
    assert ids(result(posts.page())) == ids(result(posts.search("hello"))) == ["4", "3", "2"]


def test_nodes_are_remembered(posts):
    result(posts.note_looked(CLUB, False))
    add(posts, post("1"))
    assert result(posts.looked()) == [Looked(CLUB, NOW, False), Looked(BLOG, 0.0, True)]
    assert result(posts.known(BLOG, ["1", "2"])) == {"1"}
    assert result(posts.known(CLUB, ["1"])) == set()
    add(posts, post("1", node=Place(BOB, "comments")), listed=False)
    result(posts.remove([Place(BOB, "comments")]))
    assert [each.place for each in result(posts.looked())] == [CLUB, BLOG]
    assert result(posts.forget(BLOG)) == [BLOG._replace(id="1")]
    assert result(posts.looked()) == [Looked(CLUB, NOW, False)]


def test_profiles_do_not_see_each_others(storage, posts):
    result(storage.profiles.create("carol", Account(CAROL)))
    hers = storage.posts("carol")
    add(posts, post("1", tags=["rain"]))
    add(hers, post("1", "Hello carol", tags=["rain"]))
    assert [each.text for each in result(hers.search("hello"))] == ["Hello carol"]
    assert [each.text for each in result(hers.page(tag="rain"))] == ["Hello carol"]
    result(hers.mark_read([]))
    assert result(posts.unread()) == {BLOG: 1}
    result(storage.profiles.delete("carol"))
    assert ids(result(posts.page())) == ["1"]
    for table in ("post", "post_node", "post_tag"):
        rows = storage.database._connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert rows == (1,)


def test_a_broken_index_is_made_again(tmp_path):
    with_index = tmp_path / "data"
    storage = open_storage(with_index)
    add(storage.posts("alice"), post("1"), post("2"))
    result(storage.close())
    with closing(sqlite3.connect(with_index / DATABASE)) as connection, connection:
        connection.execute("UPDATE post_text_data SET block = x'00ff00' WHERE id > 10")
    storage = open_storage(with_index)
    posts = storage.posts("alice")
    assert ids(result(posts.search("hello"))) == ["2", "1"]
    result(storage.close())


@pytest.mark.parametrize("change", ["edit", "remove", "add"])
def test_a_broken_index_stops_no_change(tmp_path, change):
    folder = tmp_path / "data"
    storage = open_storage(folder)
    add(storage.posts("alice"), post("1"), post("2"))
    result(storage.close())
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        connection.execute("UPDATE post_text_data SET block = x'00ff00' WHERE id > 10")
    storage = open_storage(folder)
    posts = storage.posts("alice")
    if change == "edit":
        add(posts, post("1", "Bye"))
    elif change == "add":
        add(posts, post("3", "Bye"))
    else:
        result(posts.remove([BLOG._replace(id="1")]))
    assert ids(result(posts.search("hello"))) == (["2", "1"] if change == "add" else ["2"])
    assert storage.database._connection.execute("INSERT INTO post_text (post_text) VALUES ('integrity-check')")
    result(storage.close())


def test_what_cannot_be_read_hides_nothing_else(storage, posts):
    add(posts, WHOLE)
    storage.database._connection.execute("UPDATE post SET value = '{'")
    (found,) = result(posts.page())
    assert (found.text, found.comments, found.via) == ("Hello", WHOLE.comments, NOWHERE)


def test_no_question_looks_at_more_than_it_needs(storage, posts, monkeypatch):
    """Each is answered by an index, in the order of the index."""
    plans = []

    class Explaining:
        def execute(self, sql, values=()):
            plans.append([row[3] for row in storage.database._connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)])
            return storage.database._connection.execute(sql, values)

    for name in ("read", "write"):
        monkeypatch.setattr(posts._database, name, lambda work: work(Explaining()))
    posts.page()
    posts.page(unread=True)
    posts.page(tag="rain", unread=True)
    posts.search("word")
    posts.own(5)
    posts.commented(CLUB)
    assert len(plans) == 6
    for plan in plans:
        assert not [line for line in plan if line.startswith("SCAN") and "VIRTUAL TABLE" not in line]
        assert not [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line]


def test_what_is_said_to_us(posts):
    mine, theirs = Place(ALICE, "comments/1"), Place(BOB, "comments/2")
    own = {"node": Place(ALICE), "author": ALICE}
    add(posts, post("1", comments=mine, **own))
    add(posts, post("2", node=CLUB, author=ALICE, verified=False, comments=theirs))  # somebody says that we wrote it
    add(posts, post("3", node=mine), post("4", node=mine, author=ALICE), post("5", node=mine, text=HEART), listed=False)
    add(posts, post("6", node=theirs), listed=False)
    link = f'href="xmpp:{ALICE}"'
    add(posts, post("7", html=f"<a {link}>"), post("8", html=f"<a href='xmpp:{CAROL}'>", text=link), post("9"))
    add(posts, post("10", html=f"<a {link}>", **own))
    told = {"links": [link, "é<"]}
    assert ids(result(posts.about_us(**told))) == ["7", "5", "3"]
    assert ids(result(posts.about_us(count=1, **told))) == ["7"]
    (first,) = result(posts.get([BLOG._replace(id="7")]))
    assert ids(result(posts.about_us(first.order, **told))) == ["5", "3"]
    assert ids(result(posts.about_us())) == ["5", "3"]
    assert result(posts.about_us(without=[BOB], **told)) == []
