"""The stored profiles: accounts, their secrets and the locks on these."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from twisted.internet.defer import Deferred

from sat.api.errors import InvalidAddress, InvalidArgument, ProfileExists, ProfileLocked, ProfileNotFound
from sat.api.profile import Account
from sat.api.values import JID
from sat.storage import items, keys, posts
from sat.storage.aside import aside
from sat.storage.database import Cursor, Database, Reactor
from sat.storage.search import forget_words, with_sound_index
from sat.storage.vault import PASSWORD_KEY, Vault, sealed_secret, write_secret

T = TypeVar("T")

log = logging.getLogger(__name__)

_NAME_LIMIT = 64
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, InvalidAddress)
_PURGED_AT_ONCE = 1000
"""Messages deleted in one work, so that others need not wait for all of them."""


class StoredProfile(NamedTuple):
    """A profile as it is stored. ``lock`` is "password", or empty when it opens by itself."""

    name: str
    account: Account
    lock: str = ""
    default: bool = False


class _Row(NamedTuple):
    number: int
    name: str
    account: Account
    default: bool
    sealed: keys.Sealed


class Profiles:
    """All profiles. They are few, so they are kept in memory; the database is written first."""

    def __init__(self, database: Database, reactor: Reactor | None, folder: Path, use_keyring: bool) -> None:
        self._database = database
        self._reactor = reactor
        self._folder = folder
        self._use_keyring = use_keyring and reactor is not None
        self._rows: dict[str, _Row] = {}

    async def load(self) -> None:
        """Read what is stored, and finish deletions that were interrupted."""
        await self._reload()
        await self._purge()

    def number_of(self, name: str) -> int:
        """What stands for the profile in the tables; 0 is the daemon itself. Errors: ProfileNotFound."""
        return self._row(name).number if name else 0

    def account_of(self, name: str) -> Account:
        """The account of a profile. Errors: ProfileNotFound."""
        return self._row(name).account

    @property
    def domains(self) -> set[str]:
        """The servers of all accounts."""
        return {row.account.jid.domain for row in self._rows.values()}

    async def list(self) -> list[StoredProfile]:
        """The default one first, then in the order in which they were made."""
        return [
            StoredProfile(row.name, row.account, row.sealed.guard if row.sealed.guard == keys.PASSWORD else "", default)
            for row, default in self._in_order()
        ]

    async def create(self, name: str, account: Account, password: str = "", lock: str = "") -> None:
        """Store an account. ``password`` is the account's (empty: not stored), ``lock`` the profile's own (empty:
        none). Errors: ProfileExists, InvalidArgument, StorageError."""
        _check_name(name)
        if name in self._rows:
            raise ProfileExists(profile=name)
        key = os.urandom(keys.KEY_SIZE)
        sealed = await self._aside(lambda: keys.wrap(name, key, lock, self._folder, self._use_keyring))
        secret = sealed_secret(key, name, PASSWORD_KEY, password) if password else b""

        def work(cursor: Cursor) -> None:
            if cursor.execute("SELECT 1 FROM profile WHERE name = ?", (name,)).fetchone():
                raise ProfileExists(profile=name)
            number = cursor.execute(
                "INSERT INTO profile (name, account, guard, guard_options, wrapped_key) VALUES (?, ?, ?, ?, ?)",
                (name, _account_text(account), *sealed),
            ).lastrowid
            assert number is not None
            if secret:
                write_secret(cursor, number, PASSWORD_KEY, secret)

        try:
            await self._database.write(work)
        except BaseException:
            await self._aside(lambda: keys.forget(name, sealed))
            raise
        await self._reload()

    async def delete(self, name: str) -> None:
        """Forget a profile and all that is stored for it. Errors: ProfileNotFound."""
        row = self._row(name)

        def work(cursor: Cursor) -> None:
            cursor.execute("DELETE FROM secret WHERE profile = ?", (row.number,))
            cursor.execute("UPDATE profile SET name = NULL, wrapped_key = x'' WHERE id = ?", (row.number,))

        await self._database.write(work)
        await self._aside(lambda: keys.forget(name, row.sealed))
        await self._reload()
        await self._purge()

    async def set_account(self, name: str, account: Account) -> None:
        """Store another way to reach the server. Errors: ProfileNotFound."""
        await self._update(name, "account = ?", _account_text(account))

    async def set_default(self, name: str) -> None:
        """The profile that is taken when none is named. Errors: ProfileNotFound."""
        number = self._row(name).number
        await self._database.write(
            lambda cursor: cursor.execute("UPDATE profile SET is_default = (id = ?)", (number,)).rowcount
        )
        await self._reload()

    async def open(self, name: str, lock: str = "") -> Vault:
        """The profile's secrets. Errors: ProfileNotFound, ProfileLocked, WrongProfilePassword,
        ProfileKeyMissing, ProfileDamaged."""
        row = self._row(name)
        if row.sealed.guard == keys.PASSWORD and not lock:
            raise ProfileLocked(profile=name)
        key = await self._aside(lambda: keys.unwrap(name, row.sealed, lock, self._folder))
        return Vault(self._database, row.number, name, key)

    async def set_lock(self, name: str, old: str, new: str) -> None:
        """Change the profile's own password; empty is none. Errors: ProfileNotFound, WrongProfilePassword."""
        row = self._row(name)
        key = await self._aside(lambda: keys.unwrap(name, row.sealed, old, self._folder))
        await self._seal_again(row, key, new)

    async def forget_secrets(self, name: str, lock: str = "") -> None:
        """Start again with no secrets and another lock, when the old one is forgotten or its key is lost. Messages
        stay. Errors: ProfileNotFound."""
        row = self._row(name)
        await self._seal_again(row, os.urandom(keys.KEY_SIZE), lock, forgetting=True)

    # -- what these share ----------------------------------------------------------------------------------------

    async def _seal_again(self, row: _Row, key: bytes, lock: str, forgetting: bool = False) -> None:
        sealed = await self._aside(lambda: keys.wrap(row.name, key, lock, self._folder, self._use_keyring))

        def work(cursor: Cursor) -> None:
            cursor.execute(
                "UPDATE profile SET guard = ?, guard_options = ?, wrapped_key = ? WHERE id = ?", (*sealed, row.number)
            )
            if forgetting:
                cursor.execute("DELETE FROM secret WHERE profile = ?", (row.number,))

        await self._database.write(work)
        await self._aside(lambda: keys.forget(row.name, row.sealed))
        await self._reload()

    async def _update(self, name: str, assignment: str, value: str) -> None:
        number = self._row(name).number
        await self._database.write(
            lambda cursor: cursor.execute(f"UPDATE profile SET {assignment} WHERE id = ?", (value, number)).rowcount  # noqa: S608 - the names in it are ours
        )
        await self._reload()

    def _row(self, name: str) -> _Row:
        try:
            return self._rows[name]
        except KeyError:
            raise ProfileNotFound(profile=name) from None

    def _in_order(self) -> Iterable[tuple[_Row, bool]]:
        # Without a chosen one the first is the default.
        rows = sorted(self._rows.values(), key=lambda row: not row.default)
        return ((row, place == 0) for place, row in enumerate(rows))

    def _aside(self, function: Callable[[], T]) -> Deferred[T]:
        return aside(self._reactor, function)

    async def _reload(self) -> None:
        def work(cursor: Cursor) -> dict[str, _Row]:
            cursor.execute(
                "SELECT id, name, account, is_default, guard, guard_options, wrapped_key FROM profile"
                " WHERE name IS NOT NULL ORDER BY id"
            )
            rows = {}
            for number, name, account, default, *sealed in cursor.fetchall():
                try:
                    rows[name] = _Row(number, name, _account(account), bool(default), keys.Sealed(*sealed))
                except _UNREADABLE:  # damage that no check can see: the others must start
                    log.error("the profile %s cannot be read", name)
            return rows

        self._rows = await self._database.read(work)

    async def _purge(self) -> None:
        while await self._database.write(_purge_some):
            pass


def _purge_some(cursor: Cursor) -> bool:
    """Delete a part of what belongs to deleted profiles; whether there may be more."""
    row = cursor.execute("SELECT id FROM profile WHERE name IS NULL LIMIT 1").fetchone()
    if row is None:
        return False
    cursor.execute(
        "SELECT id FROM message WHERE conversation IN (SELECT id FROM conversation WHERE profile = ?) LIMIT ?",
        (row[0], _PURGED_AT_ONCE),
    )
    messages = cursor.fetchall()
    if messages:
        with_sound_index(cursor, lambda: forget_words(cursor, messages))
        cursor.executemany("DELETE FROM message WHERE id = ?", messages)
        return True
    if posts.purge(cursor, row[0], _PURGED_AT_ONCE) or items.purge(cursor, row[0], _PURGED_AT_ONCE):
        return True
    for table in ("store", "edit", "conversation", "post_node", "pubsub_node"):
        cursor.execute(f"DELETE FROM {table} WHERE profile = ?", row)  # noqa: S608 - the names in it are ours
    cursor.execute("DELETE FROM profile WHERE id = ?", row)
    return True


def _check_name(name: str) -> None:
    if not name or len(name) > _NAME_LIMIT or name != name.strip() or not name.isprintable():
        raise InvalidArgument(reason=f"“{name[:_NAME_LIMIT]}” cannot be the name of a profile.")


def _account_text(account: Account) -> str:
    return json.dumps(account._asdict())


def _account(text: str) -> Account:
    # By name, and only what is known: accounts of older and newer versions can be read.
    stored = json.loads(text)
    rest = {key: stored.get(key, default) for key, default in Account._field_defaults.items()}
    if any(type(value) is not type(Account._field_defaults[key]) for key, value in rest.items()):
        raise ValueError("a field is damaged")
    return Account(JID.parse(stored["jid"]), **rest)
