"""Posts and comments of what a profile follows, as its services have told them: a cache that is read without a
connection and searched. What is in it can be asked for again, so it is bounded: the newest stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred

from sat.api.posts import Place, Post
from sat.api.values import JID
from sat.storage import post_rows as rows
from sat.storage.database import Cursor, Database
from sat.storage.places import SECOND, free_order
from sat.storage.post_rows import FIELDS, JOINS, POSTS, SELECT, Attached, columns_of, post_of
from sat.storage.search import MARK, match_of, with_sound_index

PER_NODE = 1000
"""Posts that are kept of one node."""

OVERALL = 20_000
"""Posts and comments that are kept of all nodes of a profile."""

MOST = 200
"""Posts of one answer."""

_ALL = (1 << 63) - 1
_NOT_OF = (
    " AND p.author NOT IN (SELECT value FROM json_each(:without))"
    " AND n.service NOT IN (SELECT value FROM json_each(:without))"
    " AND substr(p.author, instr(p.author, '@') + 1) NOT IN (SELECT value FROM json_each(:without))"
)


class Looked(NamedTuple):
    """A node that was asked for, or has told something: when it was last asked for all that is new, in seconds since
    1970 (0: never), and whether it is ``present``: there was something."""

    place: Place
    time: float
    present: bool


class Posts:
    """The posts of one profile; ``own`` is its account."""

    def __init__(self, database: Database, profile: int, own: JID, clock: Callable[[], float]) -> None:
        self._database, self._profile, self._own, self._clock = database, profile, own, clock

    # -- what is told --------------------------------------------------------------------------------------------

    def add(
        self, node: Place, posts: Sequence[Post], *, listed: bool = True, unread_since: float = 0.0
    ) -> Deferred[list[Post]]:
        """Store what a node has; those that are new or have changed since, the newest first. New ones that were
        published since a time (seconds since 1970) are unread, if they are ``listed``: to be shown in the timeline. One
        that is known keeps its order, and is read if it was. Those that are too old to be kept are left out."""

        def work(cursor: Cursor) -> list[Post]:
            number = POSTS.number(cursor, self._profile, node)
            changed = [self._put(cursor, number, each, listed, unread_since) for each in posts if each.place.id]
            if any(changed):
                cursor.execute("UPDATE post_node SET present = 1 WHERE id = ?", (number,))
                rows.delete(cursor, POSTS.surplus(cursor, self._profile, number, PER_NODE, OVERALL))
            return self._these(cursor, [each for each in changed if each])

        return self._database.write(work)

    def _put(self, cursor: Cursor, node: int, post: Post, listed: bool, since: float) -> int:
        """Store one; its order, or 0 where nothing is new."""
        columns = columns_of(post)
        cursor.execute(f"SELECT id, {FIELDS} FROM post WHERE node = ? AND item = ?", (node, post.place.id))  # noqa: S608 - the names in it are ours
        known = cursor.fetchone()
        if known is not None:
            order: int = known[0]
            if known[1:] == columns:
                return 0
            rows.forget_words(cursor, order)
            cursor.execute(f"UPDATE post SET ({FIELDS}) = (?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?", (*columns, order))  # noqa: S608
        else:
            now = self._clock()
            # Who claims to have written it tomorrow would stand above all others until then.
            stamp = min(max(post.published or post.updated or now, 1.0), now)
            order = free_order(cursor, int(stamp * SECOND), False, "post")
            unread = listed and stamp >= since and not self.is_own(post)
            cursor.execute(
                f"INSERT INTO post (id, profile, node, item, listed, unread, {FIELDS})"  # noqa: S608
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (order, self._profile, node, post.place.id, listed, unread, *columns),
            )
        rows.index(cursor, order)
        return order

    def attach(self, place: Place, attached: Attached) -> Deferred[list[Post]]:
        """This is put to a post; the post, if it is stored and that is news."""
        value = rows.attached_of(attached)

        def work(cursor: Cursor) -> list[Post]:
            found = json.dumps(list(self._orders(cursor, [place])))
            cursor.execute(
                "UPDATE post SET attached = ? WHERE id IN (SELECT value FROM json_each(?)) AND attached != ?"
                " RETURNING id",
                (value, found, value),
            )
            return self._these(cursor, [row[0] for row in cursor.fetchall()])

        return self._database.write(work)

    def is_own(self, post: Post) -> bool:
        """Whether we have written it, and not somebody who says that they are us."""
        return post.author == self._own and (post.verified or post.place.service == self._own)

    def remove(self, places: Sequence[Place]) -> Deferred[list[Place]]:
        """These are gone, of a place without an id all that its node has; those that were stored."""

        def work(cursor: Cursor) -> list[Place]:
            found = self._orders(cursor, places)
            rows.delete(cursor, found)
            return list(found.values())

        return self._database.write(work)

    def forget(self, node: Place) -> Deferred[list[Place]]:
        """The node is followed no longer; the posts that were stored."""

        def work(cursor: Cursor) -> list[Place]:
            found = self._orders(cursor, [node._replace(id="")])
            rows.delete(cursor, found)
            cursor.execute(
                "DELETE FROM post_node WHERE profile = ? AND service = ? AND node = ?", (self._profile, *node[:2])
            )
            return list(found.values())

        return self._database.write(work)

    # -- nodes ---------------------------------------------------------------------------------------------------

    def looked(self) -> Deferred[list[Looked]]:
        """All nodes of which something is known. Those of comments that went with their posts are forgotten."""

        def work(cursor: Cursor) -> list[Looked]:
            cursor.execute(
                "DELETE FROM post_node WHERE profile = ? AND looked = 0"
                " AND NOT EXISTS (SELECT 1 FROM post p WHERE p.node = post_node.id)",
                (self._profile,),
            )
            cursor.execute(
                "SELECT service, node, looked, present FROM post_node WHERE profile = ? ORDER BY id", (self._profile,)
            )
            return [Looked(Place(JID(row[0]), row[1]), row[2], bool(row[3])) for row in cursor.fetchall()]

        return self._database.write(work)

    def note_looked(self, node: Place, present: bool) -> Deferred[None]:
        """The service was asked now for all that is new in a node, and it is there, or is not."""
        now = self._clock()

        def work(cursor: Cursor) -> None:
            changed = (now, present, POSTS.number(cursor, self._profile, node))
            cursor.execute("UPDATE post_node SET looked = ?, present = ? WHERE id = ?", changed)

        return self._database.write(work)

    def known(self, node: Place, ids: Iterable[str]) -> Deferred[set[str]]:
        """Which of these items of a node are stored."""
        wanted = json.dumps(list(ids))

        def work(cursor: Cursor) -> set[str]:
            cursor.execute(
                "SELECT p.item FROM post_node n CROSS JOIN json_each(?) j CROSS JOIN post p"
                " ON p.node = n.id AND p.item = j.value WHERE n.profile = ? AND n.service = ? AND n.node = ?",
                (wanted, self._profile, *node[:2]),
            )
            return {row[0] for row in cursor.fetchall()}

        return self._database.read(work)

    def missing(self, node: Place, ids: Iterable[str], since: float, most: int) -> Deferred[list[Place]]:
        """The newest posts of a node that are not among these, of those published since a time; at most so many."""
        values = (self._profile, *node[:2], int(since * SECOND), json.dumps(list(ids)), most)

        def work(cursor: Cursor) -> list[Place]:
            cursor.execute(
                "SELECT p.item FROM post_node n CROSS JOIN post p ON p.node = n.id"
                " WHERE n.profile = ? AND n.service = ? AND n.node = ? AND p.id >= ?"
                " AND p.item NOT IN (SELECT value FROM json_each(?)) ORDER BY p.id DESC LIMIT ?",
                values,
            )
            return [node._replace(id=row[0]) for row in cursor.fetchall()]

        return self._database.read(work)

    # -- what a person asks for ----------------------------------------------------------------------------------

    def page(
        self, before: int = 0, count: int = 20, *, unread: bool = False, tag: str = "", without: Iterable[JID] = ()
    ) -> Deferred[list[Post]]:
        """The timeline, the newest first; ``without`` are accounts and servers whose posts are left out."""
        source = f"post p INDEXED BY post_{'unread' if unread else 'listed'}"
        condition = f"p.profile = :profile AND p.{'unread' if unread else 'listed'} = 1 AND p.id < :before"
        if tag:
            source = "post_tag t CROSS JOIN post p ON p.id = t.post"
            condition = "t.profile = :profile AND t.tag = :tag AND t.post < :before AND p.listed = 1"
            condition += " AND p.unread = 1" if unread else ""
        sql = f"{SELECT} FROM {source} {JOINS} WHERE {condition} {_NOT_OF}"
        sql += f" ORDER BY {'t.post' if tag else 'p.id'} DESC LIMIT :count"
        values = self._values(before, count, without, tag=rows.folded(tag))
        return self._database.read(lambda cursor: [post_of(row) for row in cursor.execute(sql, values).fetchall()])

    def get(self, places: Sequence[Place]) -> Deferred[list[Post]]:
        """These of them that are stored, the newest first."""
        return self._database.read(lambda cursor: self._these(cursor, self._orders(cursor, places)))

    def own(self, count: int) -> Deferred[list[Post]]:
        """The newest posts of ours that can be commented on."""
        sql = (
            f"{SELECT} FROM post p INDEXED BY post_listed {JOINS} WHERE p.profile = :profile AND p.listed = 1"
            " AND p.author = :own AND p.comments_node != '' ORDER BY p.id DESC LIMIT :count"
        )
        values = self._values(0, count)
        return self._database.read(lambda cursor: [post_of(row) for row in cursor.execute(sql, values).fetchall()])

    def commented(self, node: Place) -> Deferred[list[Post]]:
        """The posts whose comments are in this node."""
        sql = (
            f"{SELECT} FROM post p INDEXED BY post_comments {JOINS} WHERE p.profile = :profile"
            " AND p.comments_node = :node AND p.comments_node != '' AND p.comments_service = :service"
            " ORDER BY p.id DESC LIMIT :count"
        )
        values = self._values(0, MOST, service=node.service, node=node.node)
        return self._database.read(lambda cursor: [post_of(row) for row in cursor.execute(sql, values).fetchall()])

    def about_us(
        self, before: int = 0, count: int = 20, *, links: Sequence[str] = (), without: Iterable[JID] = ()
    ) -> Deferred[list[Post]]:
        """What others say of posts of ours, and posts that hold one of these pieces of HTML; the newest first."""
        # They are looked for in the JSON that holds the HTML.
        pieces = {f"piece{number}": json.dumps(each)[1:-1] for number, each in enumerate(links)}
        named = " OR ".join(["0", *(f"instr(p.value, :{each})" for each in pieces)])
        ours = (
            "SELECT c.id FROM post o INDEXED BY post_listed CROSS JOIN post_node m ON m.id = o.node"
            " CROSS JOIN post_node c ON c.profile = o.profile AND c.service = o.comments_service"
            " AND c.node = o.comments_node WHERE o.profile = :profile AND o.listed = 1 AND o.author = :own"
            " AND o.comments_node != '' AND (m.service = :own OR instr(o.value, '\"verified\":true'))"
        )
        sql = (
            f"{SELECT} FROM post p INDEXED BY post_all {JOINS} WHERE p.profile = :profile AND p.id < :before"
            f" AND p.author != :own AND (p.node IN ({ours}) OR (p.listed = 1 AND ({named}))) {_NOT_OF}"
            " ORDER BY p.id DESC LIMIT :count"
        )
        values = self._values(before, count, without, **pieces)
        return self._database.read(lambda cursor: [post_of(row) for row in cursor.execute(sql, values).fetchall()])

    def search(self, text: str, before: int = 0, count: int = 20, without: Iterable[JID] = ()) -> Deferred[list[Post]]:
        """Posts and comments with all these words, the newest first; the last word may be a beginning."""
        words = match_of(text)
        query = f'scope : ("{MARK}p{self._profile}") AND {{title text}} : ({words})'
        sql = (
            f"{SELECT} FROM post_text f CROSS JOIN post p ON p.id = f.rowid {JOINS} WHERE post_text MATCH :query"
            f" AND f.rowid < :before {_NOT_OF} ORDER BY f.rowid DESC LIMIT :count"
        )
        values = self._values(before, count, without, query=query)

        def work(cursor: Cursor) -> list[Post]:
            if not words:
                return []
            ask = cursor.execute
            found = with_sound_index(cursor, lambda: ask(sql, values).fetchall(), POSTS.remake)
            return [post_of(row) for row in found]

        return self._database.write(work)

    def mark_read(self, places: Sequence[Place]) -> Deferred[list[Post]]:
        """These were seen, none: all. Those of them that were unread, the newest first, MOST at most."""

        def work(cursor: Cursor) -> list[Post]:
            if places:
                found = json.dumps(list(self._orders(cursor, places)))
                cursor.execute(
                    "UPDATE post SET unread = 0 WHERE id IN (SELECT value FROM json_each(?)) AND unread = 1"
                    " RETURNING id",
                    (found,),
                )
            else:
                cursor.execute(
                    "UPDATE post SET unread = 0 WHERE profile = ? AND unread = 1 RETURNING id", (self._profile,)
                )
            return self._these(cursor, [row[0] for row in cursor.fetchall()])

        return self._database.write(work)

    def unread(self, without: Iterable[JID] = ()) -> Deferred[dict[Place, int]]:
        """How many posts of each node were not seen; where all were, it is left out."""
        sql = (
            "SELECT n.service, n.node, count(*) FROM post p INDEXED BY post_unread"  # noqa: S608
            f" CROSS JOIN post_node n ON n.id = p.node WHERE p.profile = :profile AND p.unread = 1 {_NOT_OF}"
            " GROUP BY p.node"
        )
        values = self._values(0, 0, without)
        return self._database.read(
            lambda cursor: {Place(JID(row[0]), row[1]): row[2] for row in cursor.execute(sql, values).fetchall()}
        )

    # -- what these share ----------------------------------------------------------------------------------------

    def _values(self, before: int, count: int, without: Iterable[JID] = (), **more: Any) -> Any:
        return {
            "profile": self._profile,
            "own": self._own,
            "before": before or _ALL,
            "count": max(0, min(count, MOST)),
            "without": json.dumps(list(without)),
            **more,
        }

    def _orders(self, cursor: Cursor, places: Sequence[Place]) -> dict[int, Place]:
        return POSTS.orders(cursor, self._profile, places)

    def _these(self, cursor: Cursor, orders: Iterable[int]) -> list[Post]:
        newest = sorted(set(orders), reverse=True)[:MOST]
        sql = f"{SELECT} FROM json_each(:orders) j CROSS JOIN post p ON p.id = j.value {JOINS} ORDER BY p.id DESC"
        values: Any = {"own": self._own, "orders": json.dumps(newest)}
        return [post_of(row) for row in cursor.execute(sql, values).fetchall()]


def purge(cursor: Cursor, profile: int, limit: int) -> bool:
    """Delete a part of the posts of a profile that is gone; whether there may be more."""
    cursor.execute("SELECT id FROM post WHERE profile = ? LIMIT ?", (profile, limit))
    found = [row[0] for row in cursor.fetchall()]
    rows.delete(cursor, found)
    return bool(found)
