"""Keys in the desktop's Secret Service (GNOME Keyring, KWallet, KeePassXC), if one is running and unlocked.

Nothing here starts a service or asks a person: a daemon may run before or without a desktop. Every function blocks
for at most about :data:`PATIENCE` seconds and never raises: without a keyring the answer is "no".
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds to wait for the service in all."""

_NAME = "org.freedesktop.secrets"


def put(profile: str, item: str, secret: str) -> bool:
    """Store a secret; whether it is there now."""

    def work(collection: Any) -> bool:
        label = f"Salut à Toi: key of the profile {profile}"
        collection.create_item(label, _attributes(profile, item), secret.encode(), replace=True)
        return True

    return bool(_with_collection(work)) and get(profile, item) == secret


def get(profile: str, item: str) -> str:
    """The secret, or nothing."""

    def work(collection: Any) -> str:
        for found in collection.search_items(_attributes(profile, item)):
            return str(found.get_secret().decode())
        return ""

    return _with_collection(work) or ""


def remove(profile: str, item: str) -> None:
    """Forget a secret."""

    def work(collection: Any) -> None:
        for found in collection.search_items(_attributes(profile, item)):
            found.delete()

    _with_collection(work)


def _attributes(profile: str, item: str) -> dict[str, str]:
    # item tells apart profiles of the same name in different folders.
    return {"service": "salut-a-toi", "profile": profile, "item": item}


def _with_collection(work: Callable[[Any], Any]) -> Any:
    """The result of a work on the default collection, or None after a failure or too long a time."""
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return None
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(_attempt(work)), name="sat-keyring", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if not results:
        log.warning("the keyring does not answer")
        return None
    return results[0]


def _attempt(work: Callable[[Any], Any]) -> Any:
    try:
        import secretstorage
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import Proxy

        connection = secretstorage.dbus_init()
        try:
            if not Proxy(message_bus, connection).NameHasOwner(_NAME)[0]:
                return None
            collection = secretstorage.get_default_collection(connection)
            if collection.is_locked():  # unlocking it would ask the person
                return None
            return work(collection)
        finally:
            connection.close()
    except Exception as error:  # another program's service: whatever it does, we do without
        log.info("no keyring: %s: %s", type(error).__name__, error)
        return None
