"""The secrets of one open profile, encrypted and authenticated at rest."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sat.api.errors import StorageError
from sat.storage.database import Cursor, Database
from sat.storage.keys import DecryptionFailed, seal, unseal

PASSWORD_KEY = "password"  # noqa: S105 - the name of the secret
"""The key under which the account's password is kept."""

log = logging.getLogger(__name__)

_LIMIT = 1 << 20


class Vault:
    """Secrets by name. The password of the account is called ``password``."""

    def __init__(self, database: Database, number: int, profile: str, key: bytes) -> None:
        self._database = database
        self._number = number
        self._profile = profile
        self._key = key

    def __repr__(self) -> str:
        return f"Vault({self._profile!r})"

    async def get(self, key: str) -> str | None:
        """A secret, or None. Errors: StorageError when it cannot be read any more."""
        row = await self._database.read(
            lambda cursor: cursor.execute(
                "SELECT sealed FROM secret WHERE profile = ? AND key = ?", (self._number, key)
            ).fetchone()
        )
        if row is None:
            return None
        try:
            return unseal(self._key, row[0], self._context(key)).decode()
        except DecryptionFailed:
            raise StorageError(reason=f"the stored secret “{key}” is damaged") from None

    async def set(self, key: str, value: str) -> None:
        """Keep a secret; it is on the disk when this returns."""
        if len(value) > _LIMIT:
            raise ValueError("the secret is too large")
        sealed = sealed_secret(self._key, self._profile, key, value)
        await self._database.write(lambda cursor: write_secret(cursor, self._number, key, sealed))

    async def set_many(self, values: Mapping[str, str | None]) -> None:
        """Keep or forget several secrets, all or none; it is on the disk when this returns."""
        if any(len(value or "") > _LIMIT for value in values.values()):
            raise ValueError("a secret is too large")
        rows = [(key, value and sealed_secret(self._key, self._profile, key, value)) for key, value in values.items()]

        def work(cursor: Cursor) -> None:
            for key, sealed in rows:
                if sealed:
                    write_secret(cursor, self._number, key, sealed)
                else:
                    delete_secret(cursor, self._number, key)

        await self._database.write(work)

    async def all(self, beginning: str) -> dict[str, str]:
        """The secrets whose names begin so, by the rest of their names. One that cannot be read any more is left out,
        and told in the log."""
        rows = await self._database.read(
            lambda cursor: cursor.execute(
                "SELECT key, sealed FROM secret WHERE profile = ? AND substr(key, 1, ?) = ?",
                (self._number, len(beginning), beginning),
            ).fetchall()
        )
        found = {}
        for key, sealed in rows:
            try:
                found[key[len(beginning) :]] = unseal(self._key, sealed, self._context(key)).decode()
            except DecryptionFailed:
                log.error("the stored secret “%s” of %s is damaged", key, self._profile)
        return found

    async def delete(self, key: str) -> None:
        """Forget a secret."""
        await self._database.write(lambda cursor: delete_secret(cursor, self._number, key))

    def _context(self, key: str) -> str:
        return _context(self._profile, key)


class Secrets:
    """Those of one plugin: names of different plugins do not meet."""

    def __init__(self, vault: Vault, namespace: str) -> None:
        self._vault, self._namespace = vault, namespace

    async def get(self, key: str) -> str | None:
        """A secret, or None. Errors: StorageError when it cannot be read any more."""
        return await self._vault.get(self._key(key))

    async def set(self, key: str, value: str) -> None:
        """Keep a secret; it is on the disk when this returns. Nothing is kept of an empty one."""
        await (self._vault.set(self._key(key), value) if value else self._vault.delete(self._key(key)))

    async def set_many(self, values: Mapping[str, str | None]) -> None:
        """Keep or forget (None) several secrets, all or none; it is on the disk when this returns."""
        await self._vault.set_many({self._key(key): value for key, value in values.items()})

    async def all(self) -> dict[str, str]:
        """Every secret of the plugin, by its name."""
        return await self._vault.all(self._key(""))

    def _key(self, key: str) -> str:
        return f"{self._namespace}/{key}"


def sealed_secret(vault_key: bytes, profile: str, key: str, value: str) -> bytes:
    """A secret as it is stored."""
    return seal(vault_key, value.encode(), _context(profile, key))


def write_secret(cursor: Cursor, number: int, key: str, sealed: bytes) -> None:
    """Put a sealed secret into its row."""
    cursor.execute(
        "INSERT INTO secret (profile, key, sealed) VALUES (?, ?, ?)"
        " ON CONFLICT (profile, key) DO UPDATE SET sealed = excluded.sealed",
        (number, key, sealed),
    )


def delete_secret(cursor: Cursor, number: int, key: str) -> None:
    """Delete the row of a secret."""
    cursor.execute("DELETE FROM secret WHERE profile = ? AND key = ?", (number, key))


def _context(profile: str, key: str) -> str:
    # Authenticated with each secret, so that rows cannot be exchanged.
    return f"secret\0{profile}\0{key}"
