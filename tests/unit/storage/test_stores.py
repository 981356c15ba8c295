"""Stores: small values by key."""

from __future__ import annotations

import pytest
from support.storing import open_storage, result

from sat.api.errors import ProfileNotFound
from sat.api.profile import Account
from sat.api.values import JID


@pytest.mark.parametrize(
    "value", [None, True, 0, -1.5, 2**60, "", "é\0\ud800", [1, [2]], {"a": {"b": None}}, JID("a@b"), ("x", 1)]
)
def test_what_is_set_is_got_after_a_new_start(tmp_path, value):
    storage = open_storage(tmp_path)
    result(storage.store("alice", "plugin").set("key", value))
    result(storage.close())
    storage = open_storage(tmp_path)
    got = result(storage.store("alice", "plugin").get("key"))
    assert got == (list(value) if isinstance(value, tuple) else value)
    result(storage.close())


def test_defaults_and_deletion(storage):
    store = storage.store("", "x")
    assert result(store.get("key")) is None
    assert result(store.get("key", 5)) == 5
    result(store.set("key", None))
    assert result(store.get("key", 5)) is None
    result(store.delete("key"))
    result(store.delete("key"))
    assert result(store.get("key", 5)) == 5


def test_namespaces_and_profiles_are_apart(storage):
    result(storage.profiles.create("bob", Account(JID("bob@example.org"))))
    places = [(profile, namespace) for profile in ("", "alice", "bob") for namespace in ("a", "b")]
    for number, place in enumerate(places):
        result(storage.store(*place).set("key", number))
    assert [result(storage.store(*place).all()) for place in places] == [{"key": n} for n in range(6)]


def test_many_at_once(storage):
    store = storage.store("alice", "x")
    result(store.set("b", 0))
    result(store.set_many({"b": 2, "a": 1}))
    assert list(result(store.all()).items()) == [("a", 1), ("b", 2)]
    with pytest.raises(TypeError):
        result(store.set_many({"c": 3, "d": object()}))
    assert "c" not in result(store.all())


def test_what_cannot_be_kept(storage):
    with pytest.raises(ValueError, match="too large"):
        storage.store("alice", "x").set("key", "x" * (16 << 20))
    with pytest.raises(ProfileNotFound):
        storage.store("nobody", "x")


def damage(storage, text, key="b"):
    def work(cursor):
        cursor.execute("UPDATE store SET value = ? WHERE key = ?", (text, key))

    result(storage.database.write(work))


@pytest.mark.parametrize("text", ["{", "", "tru", "[" * 100_000, b"\xff\x00", "\0"])
def test_a_damaged_value_is_none_and_hides_no_other(storage, caplog, text):
    store = storage.store("alice", "x")
    result(store.set_many({"a": 1, "b": 2, "c": 3}))
    damage(storage, text)
    assert result(store.get("b", 5)) == 5
    assert result(store.all()) == {"a": 1, "c": 3}
    assert "x.b of profile 1 is damaged" in caplog.text


@pytest.mark.parametrize("stored", ["{", "5", '"text"', "null", "[]", "{}"])
def test_what_is_no_list_has_no_rows(storage, stored):
    store = storage.store("alice", "x")
    result(store.set("b", []))
    damage(storage, stored)

    def pair(row):
        first, second = row
        return first + second

    assert result(store.rows("b", pair)) == []


def test_a_damaged_row_hides_no_other(storage, caplog):
    store = storage.store("alice", "x")
    result(store.set_many({"list": ["1", "two", 3, None, "4"], "pairs": {"a": 1, "b": [], "c": 3}}))
    assert result(store.rows("list", int)) == [1, 3, 4]
    assert result(store.rows("pairs", lambda pair: int(pair[1]))) == [1, 3]
    assert result(store.rows("none", int)) == []
    assert caplog.text.count("is damaged") == 3
