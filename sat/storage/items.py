"""Items of nodes as their services have told them, for those who keep a copy of a node here (XEP-0060): read without
a connection and searched. What is in it can be asked for again, so it is bounded: the newest stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred

from sat.api.posts import Place
from sat.api.values import JID
from sat.storage.cached import Cached
from sat.storage.database import Cursor, Database
from sat.storage.places import SECOND, free_order
from sat.storage.search import MARK, match_of, with_sound_index

PER_NODE = 1000
"""Items that are kept of one node."""

OVERALL = 10_000
"""Items that are kept of all nodes of a profile."""

LARGEST = 32 * 1024
"""Characters of an item that is kept with its XML; of a larger one it is only known that it is there."""

WORDS = 20_000
"""Characters of an item that can be found."""

MOST = 500
"""Items of one answer."""

ITEM_TEXT = """CREATE VIRTUAL TABLE pubsub_text USING fts5 (
    text, scope, content = 'pubsub_words', content_rowid = 'id', columnsize = 0, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2')"""
"""How the index is made: by the migration, and again when it is found broken."""

ITEMS = Cached("pubsub_node", "pubsub_item", "pubsub_text", "pubsub_words", "text, scope", ITEM_TEXT)
_ALL = (1 << 63) - 1
_SELECT = "SELECT n.service, n.node, i.item, i.xml, i.publisher, i.updated, i.id"


class NewItem(NamedTuple):
    """An item as its service tells it; ``text`` are its words, for the search."""

    id: str
    xml: str = ""
    publisher: str = ""
    text: str = ""


class StoredItem(NamedTuple):
    """An item as it is kept: where it is, since when (``updated``, seconds since 1970), and its place among the
    others, the newest has the highest."""

    place: Place
    xml: str
    publisher: str
    updated: float
    order: int


class Items:
    """The items that one profile keeps."""

    def __init__(self, database: Database, profile: int, clock: Callable[[], float]) -> None:
        self._database, self._profile, self._clock = database, profile, clock

    # -- what is told --------------------------------------------------------------------------------------------

    def add(self, node: Place, items: Sequence[NewItem]) -> Deferred[int]:
        """Store what a node has, the oldest first; how many were new or have changed. One that has changed is new."""
        return self._database.write(lambda cursor: self._put_all(cursor, node, items))

    def replace(self, node: Place, items: Sequence[NewItem]) -> Deferred[int]:
        """These are all that a node has, the oldest first; how many were new or have changed. Nothing else stays."""

        def work(cursor: Cursor) -> int:
            kept = {each.id for each in items}
            known = ITEMS.orders(cursor, self._profile, [node._replace(id="")])
            _delete(cursor, [order for order, place in known.items() if place.id not in kept])
            return self._put_all(cursor, node, items)

        return self._database.write(work)

    def _put_all(self, cursor: Cursor, node: Place, items: Sequence[NewItem]) -> int:
        number, now, changed = ITEMS.number(cursor, self._profile, node), self._clock(), 0
        newest = cursor.execute("SELECT max(id) FROM pubsub_item WHERE node = ?", (number,)).fetchone()[0] or 0
        order = max(int(now * SECOND), newest + 1)  # a clock that jumps back changes no order
        for item in items[-PER_NODE:]:
            values = (item.xml if len(item.xml) <= LARGEST else "", item.publisher, item.text[:WORDS])
            sql = "SELECT id, xml, publisher, text FROM pubsub_item WHERE node = ? AND item = ?"
            known = cursor.execute(sql, (number, item.id)).fetchone()
            if not item.id or (known is not None and known[1:] == values):
                continue
            if known is not None:
                _delete(cursor, [known[0]])
            order = free_order(cursor, order, False, "pubsub_item") + 1
            cursor.execute(
                "INSERT INTO pubsub_item (id, profile, node, item, updated, xml, publisher, text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (order - 1, self._profile, number, item.id, now, *values),
            )
            ITEMS.index_words(cursor, order - 1)
            changed += 1
        if changed:
            _delete(cursor, ITEMS.surplus(cursor, self._profile, number, PER_NODE, OVERALL))
        return changed

    def remove(self, places: Sequence[Place]) -> Deferred[None]:
        """These are gone, of a place without an id all that its node has."""
        return self._database.write(lambda cursor: _delete(cursor, ITEMS.orders(cursor, self._profile, places)))

    def forget(self, node: Place, before: float = 0.0) -> Deferred[int]:
        """Keep nothing of a node any more, or only what was stored since a time (seconds since 1970); how many items
        were forgotten."""

        def work(cursor: Cursor) -> int:
            number = ITEMS.find(cursor, self._profile, node)
            sql = "SELECT id FROM pubsub_item WHERE node = ? AND (updated < ? OR ? = 0)"
            found = [row[0] for row in cursor.execute(sql, (number, before, before)).fetchall()]
            _delete(cursor, found)
            if not before:
                cursor.execute("DELETE FROM pubsub_node WHERE id = ?", (number,))
            return len(found)

        return self._database.write(work)

    # -- what a person asks for ----------------------------------------------------------------------------------

    def nodes(self) -> Deferred[dict[Place, int]]:
        """The nodes that are kept, and how many items of each."""
        sql = (
            "SELECT n.service, n.node, count(i.id) FROM pubsub_node n LEFT JOIN pubsub_item i ON i.node = n.id"
            " WHERE n.profile = ? GROUP BY n.id ORDER BY n.id"
        )
        return self._database.read(
            lambda cursor: {
                Place(JID(row[0]), row[1]): row[2] for row in cursor.execute(sql, (self._profile,)).fetchall()
            }
        )

    def page(self, node: Place, before: int = 0, count: int = 50) -> Deferred[list[StoredItem]]:
        """Items of a node, the newest first."""
        sql = (
            f"{_SELECT} FROM pubsub_node n CROSS JOIN pubsub_item i INDEXED BY pubsub_item_node ON i.node = n.id"
            " WHERE n.profile = ? AND n.service = ? AND n.node = ? AND i.id < ? ORDER BY i.id DESC LIMIT ?"
        )
        return self._rows(sql, (self._profile, *node[:2], before or _ALL, _bounded(count)))

    def get(self, places: Sequence[Place]) -> Deferred[list[StoredItem]]:
        """Those of these that are stored."""

        def work(cursor: Cursor) -> list[StoredItem]:
            sql = f"{_SELECT} FROM pubsub_item i CROSS JOIN pubsub_node n ON n.id = i.node WHERE i.id = ?"
            orders = ITEMS.orders(cursor, self._profile, [each for each in places if each.id])
            return [_item(row) for each in orders for row in cursor.execute(sql, (each,)).fetchall()]

        return self._database.read(work)

    def search(self, text: str, nodes: Iterable[Place] = (), count: int = 50) -> Deferred[list[StoredItem]]:
        """Items with all these words, the newest first; the last word may be a beginning. Of all nodes, or of these."""
        words, nodes = match_of(text), list(nodes)
        sql = (
            f"{_SELECT} FROM pubsub_text f CROSS JOIN pubsub_item i ON i.id = f.rowid"
            " CROSS JOIN pubsub_node n ON n.id = i.node WHERE pubsub_text MATCH ? ORDER BY f.rowid DESC LIMIT ?"
        )

        def work(cursor: Cursor) -> list[StoredItem]:
            known = [ITEMS.find(cursor, self._profile, each) for each in nodes]
            scopes = [f'"{MARK}n{each}"' for each in known if each is not None]
            if not words or (nodes and not scopes):
                return []
            scope = " OR ".join(scopes) or f'"{MARK}p{self._profile}"'
            values = (f"scope : ({scope}) AND text : ({words})", _bounded(count))
            ask = cursor.execute
            return [_item(row) for row in with_sound_index(cursor, lambda: ask(sql, values).fetchall(), ITEMS.remake)]

        return self._database.write(work)

    def _rows(self, sql: str, values: Sequence[Any]) -> Deferred[list[StoredItem]]:
        return self._database.read(lambda cursor: [_item(row) for row in cursor.execute(sql, values).fetchall()])


def _bounded(count: int) -> int:
    return max(0, min(count, MOST))


def _item(row: Sequence[Any]) -> StoredItem:
    service, node, item, xml, publisher, updated, order = row
    return StoredItem(Place(JID(service), node, item), xml, publisher, updated, order)


def _delete(cursor: Cursor, orders: Iterable[int]) -> None:
    for order in orders:
        ITEMS.forget_words(cursor, order)
        cursor.execute("DELETE FROM pubsub_item WHERE id = ?", (order,))


def purge(cursor: Cursor, profile: int, limit: int) -> bool:
    """Delete a part of the items of a profile that is gone; whether there may be more."""
    found = cursor.execute("SELECT id FROM pubsub_item WHERE profile = ? LIMIT ?", (profile, limit)).fetchall()
    _delete(cursor, [row[0] for row in found])
    return bool(found)
