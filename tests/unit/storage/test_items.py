"""Items of nodes that are kept: stored, found, bounded."""

import sqlite3
from contextlib import closing

import pytest
from support.storing import BOB, NOW, open_storage, result

from sat.api import JID
from sat.api.posts import Place
from sat.api.profile import Account
from sat.storage import items as stored
from sat.storage.files import DATABASE
from sat.storage.items import NewItem

NODE = Place(JID("pubsub.example.org"), "sensors")
OTHER = Place(BOB, "notes")


@pytest.fixture
def items(storage):
    return storage.items("alice")


def item(id, text="warm", **fields):
    return NewItem(id, **{"xml": f"<t>{text}</t>", "publisher": "bob@example.org", "text": text, **fields})


def ids(found):
    return [each.place.id for each in found]


def test_items_come_back_the_newest_first(items):
    assert result(items.add(NODE, [item("a"), item("b"), item("c")])) == 3
    found = result(items.page(NODE))
    assert ids(found) == ["c", "b", "a"]
    assert found[0][:4] == (NODE._replace(id="c"), "<t>warm</t>", "bob@example.org", NOW)
    older = result(items.page(NODE, found[0].order, 1))
    assert ids(older) == ["b"]
    assert result(items.page(OTHER)) == []
    assert result(items.nodes()) == {NODE: 3}
    assert ids(result(items.get([NODE._replace(id="b"), OTHER._replace(id="b"), NODE]))) == ["b"]


def test_what_changes_is_new_and_what_does_not_stays(items):
    result(items.add(NODE, [item("a"), item("b")]))
    assert result(items.add(NODE, [item("a")])) == 0
    assert ids(result(items.page(NODE))) == ["b", "a"]
    assert result(items.add(NODE, [item("a", "cold")])) == 1
    assert ids(result(items.page(NODE))) == ["a", "b"]
    assert (ids(result(items.search("cold"))), ids(result(items.search("warm")))) == (["a"], ["b"])


def test_all_is_replaced(items):
    result(items.add(NODE, [item("a"), item("b")]))
    result(items.add(OTHER, [item("a")]))
    assert result(items.replace(NODE, [item("b"), item("c")])) == 1
    assert ids(result(items.page(NODE))) == ["c", "b"]
    assert result(items.replace(NODE, [])) == 0
    assert result(items.nodes()) == {NODE: 0, OTHER: 1}


def test_words_are_found_everywhere_or_in_a_node(items):
    result(items.add(NODE, [item("a", "Été in Verona"), item("b", "winter")]))
    result(items.add(OTHER, [item("c", "verona again")]))
    assert ids(result(items.search("veron"))) == ["c", "a"]
    assert ids(result(items.search("verona ete"))) == ["a"]
    assert ids(result(items.search("verona", [OTHER]))) == ["c"]
    assert ids(result(items.search("verona", [NODE, OTHER], 1))) == ["c"]
    for words, where in (("verona", [Place(BOB, "none")]), ("", []), ('" OR *', []), ("p1", [])):
        assert result(items.search(words, where)) == []


def test_what_is_gone_is_found_nowhere(items):
    result(items.add(NODE, [item("a"), item("b"), item("c")]))
    result(items.remove([NODE._replace(id="b"), NODE._replace(id="x")]))
    assert ids(result(items.page(NODE))) == ids(result(items.search("warm"))) == ["c", "a"]
    result(items.remove([NODE]))
    assert result(items.search("warm")) == []
    assert result(items.nodes()) == {NODE: 0}, "it is kept fresh all the same"


def test_a_node_is_forgotten_whole_or_what_is_old_of_it(storage):
    now = [NOW]
    items = stored.Items(storage.database, storage.profiles.number_of("alice"), lambda: now[0])
    result(items.add(NODE, [item("a")]))
    now[0] += 100
    result(items.add(NODE, [item("b")]))
    assert result(items.forget(NODE, NOW + 50)) == 1
    assert ids(result(items.page(NODE))) == ["b"]
    assert result(items.forget(NODE)) == 1
    assert (result(items.nodes()), result(items.search("warm")), result(items.forget(NODE))) == ({}, [], 0)


def test_what_is_kept_is_bounded(items, monkeypatch):
    monkeypatch.setattr(stored, "PER_NODE", 3)
    monkeypatch.setattr(stored, "OVERALL", 4)
    assert result(items.add(NODE, [item(str(number)) for number in range(9)])) == 3
    assert ids(result(items.page(NODE))) == ["8", "7", "6"]
    result(items.add(OTHER, [item("x"), item("y")]))
    assert result(items.nodes()) == {NODE: 2, OTHER: 2}
    large = item("l", xml="<t>" + "x" * stored.LARGEST + "</t>", text="deep " + "x" * stored.WORDS + " lost")
    result(items.add(OTHER, [large]))
    (found,) = result(items.search("deep"))
    assert (found.place.id, found.xml) == ("l", "")
    assert result(items.search("lost")) == []


def test_an_item_without_an_id_is_none(items):
    assert result(items.add(NODE, [item("")])) == 0


def test_profiles_do_not_see_each_others(storage, items):
    result(storage.profiles.create("carol", Account(JID("carol@example.com"))))
    hers = storage.items("carol")
    for each in (items, hers):
        result(each.add(NODE, [item("a")]))
    assert len(result(hers.search("warm"))) == 1
    result(hers.remove([NODE]))
    assert ids(result(items.page(NODE))) == ["a"]
    result(hers.add(NODE, [item("b")]))
    result(storage.profiles.delete("carol"))
    assert ids(result(items.search("warm"))) == ["a"]
    for table in ("pubsub_item", "pubsub_node"):
        assert storage.database._connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


@pytest.mark.parametrize("change", ["search", "edit", "remove", "add"])
def test_a_broken_index_is_made_again(tmp_path, change):
    folder = tmp_path / "data"
    storage = open_storage(folder)
    result(storage.items("alice").add(NODE, [item("a"), item("b")]))
    result(storage.close())
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        connection.execute("UPDATE pubsub_text_data SET block = x'00ff00' WHERE id > 10")
    storage = open_storage(folder)
    items = storage.items("alice")
    if change == "edit":
        result(items.add(NODE, [item("a", "cold")]))
    elif change == "remove":
        result(items.remove([NODE._replace(id="a")]))
    elif change == "add":
        result(items.add(NODE, [item("c", "cold")]))
    assert ids(result(items.search("warm"))) == (["b", "a"] if change in ("search", "add") else ["b"])
    result(storage.close())
