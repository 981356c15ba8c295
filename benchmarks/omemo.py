"""Messages encrypted with OMEMO, next to python-omemo alone."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oldmemo
import twomemo
from omemo import AsyncFramework, DeviceInformation, JSONType, Just, Maybe, Nothing, SessionManager, Storage, TrustLevel
from omemo.bundle import Bundle
from omemo.message import Message
from omemo.types import DeviceList
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from benchmarks.measure import medians
from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.api import JID
from sat.api.messages import Trust
from sat.api.profile import Account
from sat.plugins.omemo.engine import Engine
from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.names import NEW
from sat.storage.storage import Storage as Database
from sat.storage.vault import Secrets
from sat.xmpp.xml import Element

MESSAGES = 200  # in a round; a tenth of them are answers
TEXT = "a hundred bytes of what people write to each other when there is not that much to say, but now and"
ALICE, BOB = JID("alice@example.org"), JID("bob@example.org")


@benchmark("omemo")
def omemo(scene: Scene) -> Iterator[Row]:
    """A message from one device to another, with keys and sessions on the disk, next to the library without either."""
    with tempfile.TemporaryDirectory(prefix="sat-bench-") as folder:
        ours, bare = Ours(Path(folder)), Bare()
        cost = {
            "our sending": lambda: ours.talk(sending=True),
            "our reading": lambda: ours.talk(sending=False),
            "bare sending": lambda: bare.talk(sending=True),
            "bare reading": lambda: bare.talk(sending=False),
        }
        cpu = medians(scene.rounds, **cost)
    for what in ("sending", "reading"):
        mine, other = cpu[f"our {what}"], cpu[f"bare {what}"]
        told = f"ours: {mine * 1e3:.2f} ms, python-omemo: {other * 1e3:.2f} ms"
        yield at_most(f"OMEMO: {what} a message, CPU", round(mine / other, 2), "x python-omemo", 1.2, told)


def _result(work: Any) -> Any:
    """What something gives that waits for nothing."""
    seen: list[Any] = []
    (work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)).addBoth(seen.append)
    if isinstance(seen[0], Failure):
        seen[0].raiseException()
    return seen[0]


def _measured(write: Callable[[int, str], Any], read: Callable[[int, Any], None], sending: bool) -> float:
    """Seconds of CPU for each message of a talk; ``write`` and ``read`` take who does it, 0 or 1."""
    spent = 0.0
    for number in range(MESSAGES):
        who = 1 if number % 10 == 9 else 0
        began = time.process_time()
        message = write(who, TEXT)
        written = time.process_time()
        read(1 - who, message)
        spent += written - began if sending else time.process_time() - written
    return spent / MESSAGES


class Ours:
    """alice and bob with our engines, whose keys lie sealed in a database."""

    def __init__(self, folder: Path) -> None:
        database = _result(Database.open(folder, None))
        published: dict[Any, Element] = {}
        self._networks, self._engines = [], []
        for jid in (ALICE, BOB):
            name = jid.partition("@")[0]
            _result(database.profiles.create(name, Account(jid)))
            vault = _result(database.profiles.open(name))
            network = _Network(published, jid, Secrets(vault, "omemo"))
            self._networks.append(network)
            self._engines.append(_result(Engine.open(network, Keeping({}), jid, lambda: True)))
        for engine, other in zip(self._engines, (BOB, ALICE), strict=True):
            _result(engine.refresh(other))
        self.talk(sending=True)

    def talk(self, sending: bool) -> float:
        """What sending or reading costs."""
        return _measured(self._write, self._read, sending)

    def _write(self, who: int, text: str) -> Any:
        return _result(self._engines[who].encrypt([(BOB, ALICE)[who]], text, text))

    def _read(self, who: int, elements: Any) -> None:
        engine = self._engines[who]
        opened = _result(engine.decrypt(NEW, elements[0], (BOB, ALICE)[who]))
        _result(self._networks[who].keep(engine.changes()))
        if opened.plaintext.decode() != TEXT:
            raise RuntimeError("it was not read")


class _Network:
    """A dictionary stands for the server."""

    def __init__(self, published: dict[Any, Element], own: JID, secrets: Secrets) -> None:
        self._published, self._own, self._secrets = published, own, secrets

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        self._published[ns, self._own, device] = bundle

    def publish_soon(self, ns: str, device: int, bundle: Element) -> None:
        self._published[ns, self._own, device] = bundle

    async def fetch_bundle(self, ns: str, owner: JID, device: int) -> Element | None:
        return self._published.get((ns, owner, device))

    async def delete_bundle(self, ns: str, device: int) -> None:
        del self._published[ns, self._own, device]

    async def publish_devices(self, ns: str, devices: Element) -> None:
        self._published[ns, self._own] = devices

    async def fetch_devices(self, ns: str, owner: JID) -> Element | None:
        return self._published.get((ns, owner))

    def send_empty(self, peer: JID, encrypted: Element) -> None:
        pass

    async def keep(self, values: dict[str, str | None]) -> None:
        if values:
            await self._secrets.set_many(values)


class Bare:
    """alice and bob with the library alone: its storage is a dictionary, and nothing becomes XML."""

    def __init__(self) -> None:
        bundles: dict[tuple[str, str, int], Bundle] = {}
        lists: dict[tuple[str, str], DeviceList] = {}
        self._managers: list[Any] = []
        for jid in (ALICE, BOB):
            storage = _Values()
            backends = [twomemo.Twomemo(storage), oldmemo.Oldmemo(storage)]
            kind = _manager(bundles, lists, str(jid))
            creating = kind.create(
                backends, storage, str(jid), None, Trust.UNDECIDED.value, async_framework=AsyncFramework.TWISTED
            )
            manager = _result(creating)
            _result(manager.after_history_sync())
            self._managers.append(manager)
        for manager, other in zip(self._managers, (BOB, ALICE), strict=True):
            _result(manager.refresh_device_lists(str(other)))
        self.talk(sending=True)

    def talk(self, sending: bool) -> float:
        """What sending or reading costs."""
        return _measured(self._write, self._read, sending)

    def _write(self, who: int, text: str) -> Any:
        plain = {twomemo.twomemo.NAMESPACE: text.encode(), oldmemo.oldmemo.NAMESPACE: text.encode()}
        messages, _ = _result(self._managers[who].encrypt(frozenset([str((BOB, ALICE)[who])]), plain))
        return next(iter(messages))

    def _read(self, who: int, message: Any) -> None:
        plaintext, _, _ = _result(self._managers[who].decrypt(message))
        if plaintext.decode() != TEXT:
            raise RuntimeError("it was not read")


class _Values(Storage):
    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, JSONType] = {}

    async def _load(self, key: str) -> Maybe[JSONType]:
        return Just(self._values[key]) if key in self._values else Nothing()

    async def _store(self, key: str, value: JSONType) -> None:
        self._values[key] = value

    async def _delete(self, key: str) -> None:
        self._values.pop(key, None)


def _manager(bundles: dict[Any, Bundle], lists: dict[Any, DeviceList], own: str) -> type[SessionManager]:
    class Manager(SessionManager):
        @staticmethod
        async def _upload_bundle(bundle: Bundle) -> None:
            bundles[bundle.namespace, bundle.bare_jid, bundle.device_id] = bundle

        @staticmethod
        async def _download_bundle(namespace: str, bare_jid: str, device_id: int) -> Bundle:
            return bundles[namespace, bare_jid, device_id]

        @staticmethod
        async def _delete_bundle(namespace: str, device_id: int) -> None:
            del bundles[namespace, own, device_id]

        @staticmethod
        async def _upload_device_list(namespace: str, device_list: DeviceList) -> None:
            lists[namespace, own] = device_list

        @staticmethod
        async def _download_device_list(namespace: str, bare_jid: str) -> DeviceList:
            return lists.get((namespace, bare_jid), {})

        async def _evaluate_custom_trust_level(self, device: DeviceInformation) -> TrustLevel:
            return TrustLevel.TRUSTED

        async def _make_trust_decision(self, undecided: frozenset[DeviceInformation], identifier: str | None) -> None:
            pass

        @staticmethod
        async def _send_message(message: Message, bare_jid: str) -> None:
            pass

    return Manager
