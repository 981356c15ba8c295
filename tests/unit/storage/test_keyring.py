"""The desktop's keyring: a real one where gnome-keyring is installed, and all the ways of having none."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.storing import BOB, Turned
from twisted.internet.defer import Deferred

from sat.api.errors import ProfileKeyMissing
from sat.api.profile import Account
from sat.storage import keyring
from sat.storage.storage import Storage
from sat.world import Bus


@pytest.fixture
def bus(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session bus for one test, that starts no service."""
    with Bus(folder) as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        yield bus.address


@pytest.fixture
def service(bus: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An unlocked keyring."""
    places = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME")}
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        env={**os.environ, **places},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    daemon.stdin.write(b"login password")
    daemon.stdin.close()
    until = time.monotonic() + 20
    while not keyring.put("probe", "probe", "x") and time.monotonic() < until:
        time.sleep(0.1)
    yield daemon
    daemon.kill()
    daemon.wait()


def opened(folder: Path) -> tuple[Turned, Storage]:
    reactor = Turned()
    return reactor, reactor.until(Storage.open(folder / "data", reactor))


def password(reactor: Turned, storage: Storage) -> str | None:
    async def get() -> str | None:
        return await (await storage.profiles.open("bob")).get("password")

    return reactor.until(get())


def guard(storage: Storage) -> str:
    return storage.profiles._rows["bob"].sealed.guard


def test_a_real_keyring(folder, service):
    reactor, storage = opened(folder)
    reactor.until(storage.profiles.create("bob", Account(BOB), "secret"))
    assert guard(storage) == "keyring"
    assert not (folder / "data" / "key").exists()
    reactor.until(storage.close())
    reactor, storage = opened(folder)
    assert password(reactor, storage) == "secret"

    item = json.loads(storage.profiles._rows["bob"].sealed.options)["item"]
    assert len(keyring.get("bob", item)) == 64
    reactor.until(storage.profiles.set_lock("bob", "", "lock"))
    assert keyring.get("bob", item) == ""
    reactor.until(storage.profiles.set_lock("bob", "lock", ""))
    assert password(reactor, storage) == "secret"

    service.kill()
    service.wait()
    with pytest.raises(ProfileKeyMissing, match="keyring"):
        password(reactor, storage)
    reactor.until(storage.close())


def test_a_bus_without_a_keyring(folder, bus):
    reactor, storage = opened(folder)
    reactor.until(storage.profiles.create("bob", Account(BOB), "secret"))
    assert guard(storage) == "file"
    assert password(reactor, storage) == "secret"
    reactor.until(storage.close())


@pytest.mark.parametrize("address", ["", "unix:path=/nowhere", "nonsense"])
def test_no_bus(monkeypatch, address):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert keyring.put("bob", "item", "x") is False
    assert keyring.get("bob", "item") == ""
    keyring.remove("bob", "item")


def test_a_bus_that_never_answers(folder, monkeypatch):
    import socket

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(folder / "silent"))
        silent.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={folder}/silent")
        monkeypatch.setattr(keyring, "PATIENCE", 0.1)
        assert keyring.get("bob", "item") == ""
        # Meanwhile the event loop turns: the daemon's first profile only takes a little longer.
        reactor, storage = opened(folder)
        done = Deferred.fromCoroutine(storage.profiles.create("bob", Account(BOB)))
        assert not done.called
        reactor.until(done)
        assert guard(storage) == "file"
        reactor.until(storage.close())
