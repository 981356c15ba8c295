"""What the caches of posts and of items have in common: the nodes that they are of, their bounds, and an index for the
search, which is made again at once where it is broken, for what is stored there is little."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

from sat.api.posts import Place
from sat.storage.database import Cursor
from sat.storage.search import is_broken_index

log = logging.getLogger(__name__)


class Cached(NamedTuple):
    """The names of the tables, which are ours. ``node`` has an id, a profile, a service and a node; ``item`` has an
    order as its id, a profile, the number of its node and the item's id there; ``text`` is the index of the
    ``columns`` of the view ``words``, made by the statement ``made``."""

    node: str
    item: str
    text: str
    words: str
    columns: str
    made: str

    def number(self, cursor: Cursor, profile: int, node: Place) -> int:
        """What stands for a node, which is made if need be."""
        found = self.find(cursor, profile, node)
        if found is not None:
            return found
        place = (profile, *node[:2])
        cursor.execute(f"INSERT INTO {self.node} (profile, service, node) VALUES (?, ?, ?)", place)  # noqa: S608 - the names in it are ours
        return int(cursor.lastrowid or 0)

    def find(self, cursor: Cursor, profile: int, node: Place) -> int | None:
        """What stands for a node, if it is known."""
        sql = f"SELECT id FROM {self.node} WHERE profile = ? AND service = ? AND node = ?"  # noqa: S608
        row = cursor.execute(sql, (profile, *node[:2])).fetchone()
        return None if row is None else int(row[0])

    def orders(self, cursor: Cursor, profile: int, places: Sequence[Place]) -> dict[int, Place]:
        """Those of these that are stored; of a place without an id all that its node has."""
        found = {}
        for place in places:
            sql = (
                f"SELECT p.id, p.item FROM {self.node} n CROSS JOIN {self.item} p ON p.node = n.id"  # noqa: S608
                " WHERE n.profile = ? AND n.service = ? AND n.node = ?"
            )
            if place.id:
                cursor.execute(f"{sql} AND p.item = ?", (profile, *place))
            else:
                cursor.execute(sql, (profile, *place[:2]))
            found.update({order: place._replace(id=item) for order, item in cursor.fetchall()})
        return found

    def surplus(self, cursor: Cursor, profile: int, node: int, per_node: int, overall: int) -> list[int]:
        """The oldest ones, of which there are too many."""
        sql = f"SELECT id FROM {self.item} WHERE node = ? ORDER BY id DESC LIMIT -1 OFFSET ?"  # noqa: S608
        found = cursor.execute(sql, (node, per_node)).fetchall()
        sql = (
            f"SELECT id FROM {self.item} INDEXED BY {self.item}_all"  # noqa: S608
            " WHERE profile = ? ORDER BY id DESC LIMIT -1 OFFSET ?"
        )
        return [row[0] for row in {*found, *cursor.execute(sql, (profile, overall)).fetchall()}]

    # -- the index -----------------------------------------------------------------------------------------------

    def index_words(self, cursor: Cursor, order: int) -> None:
        """Bring what is stored into the index."""
        sql = (
            f"INSERT INTO {self.text} (rowid, {self.columns}) SELECT id, {self.columns} FROM {self.words} WHERE id = ?"  # noqa: S608
        )
        self._change(cursor, sql, order, made_anew=True)

    def forget_words(self, cursor: Cursor, order: int) -> None:
        """Take it out of the index, before it is changed or deleted."""
        sql = (
            f"INSERT INTO {self.text} ({self.text}, rowid, {self.columns})"  # noqa: S608
            f" SELECT 'delete', id, {self.columns} FROM {self.words} WHERE id = ?"
        )
        self._change(cursor, sql, order)

    def remake(self, cursor: Cursor) -> None:
        """Make the index again from what is stored."""
        cursor.execute(f"DROP TABLE {self.text}")
        cursor.execute(self.made)
        cursor.execute(f"INSERT INTO {self.text} ({self.text}) VALUES ('rebuild')")  # noqa: S608

    def _change(self, cursor: Cursor, sql: str, order: int, *, made_anew: bool = False) -> None:
        """Change the index; one that is made again has what is ``made_anew`` already."""
        try:
            cursor.execute(sql, (order,))
        except Exception as error:
            if not is_broken_index(error):
                raise
            log.warning("the index for the search of %s was damaged, and is made again", self.text)
            self.remake(cursor)
            if not made_anew:
                cursor.execute(sql, (order,))
