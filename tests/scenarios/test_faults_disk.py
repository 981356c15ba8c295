"""The daemon's disk is full, fails, or has damaged the database (R7, R8, R9), on a real server."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from support.talk import all_arrived, faults, heard, history, is_online, said, say, wait

from sat.api import JID
from sat.api.errors import StorageError, StorageFull
from sat.storage.backup import back_up
from sat.world import World
from sat.world.daemon import script
from sat.world.people import run

MANY = 30


@contextmanager
def full_disk(world: World) -> Iterator[None]:
    """No room is left, until the block ends."""
    filler = Path(world.env["XDG_DATA_HOME"]) / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    yield
    filler.unlink()


@contextmanager
def failing_disk(world: World) -> Iterator[None]:
    """Every write beyond the first page of a file is an error, until the block ends."""
    before = resource.prlimit(world.daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(world.daemon.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.prlimit(world.daemon.pid, resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world whose daemon keeps its data on a file system of 4 MiB, where we may make one."""
    with World(daemon=False) as world:
        share = world.env["XDG_DATA_HOME"]
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "none", share], capture_output=True, check=False
        )
        world.mounted = done.returncode == 0
        try:
            world.daemon.start()
            world.enter_profile("alice")
            yield world
        finally:
            world.daemon.stop()
            if world.mounted:
                subprocess.run(["umount", "--lazy", share], check=True)


def jp(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script("jp"), *words], env=world.environment(), capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture
def alice(world: World) -> Any:
    return world.bridge().profile("alice")


@pytest.mark.parametrize(("broken", "error"), [(full_disk, StorageFull), (failing_disk, StorageError)])
def test_what_cannot_be_stored_is_neither_sent_nor_counted(world, alice, bob, broken, error):
    if broken is full_disk and not world.mounted:
        pytest.skip("needs the right to mount a file system")
    name = broken.__name__
    say(alice, f"{name} before")
    bob.expect_body(f"{name} before")
    wait(lambda: all_arrived(alice), "it is acknowledged")
    known = len(history(alice))
    with broken(world):
        for _ in range(3):
            with pytest.raises(error):
                say(alice, f"{name} no")
        for number in range(MANY):
            bob.say("alice@localhost", f"{name} {number}", id=f"{name}{number}")
        # The service goes on: others are answered, and alice is there.
        bob.send("<iq type='get' id='ping' to='alice@localhost/none'><ping xmlns='urn:xmpp:ping'/></iq>")
        assert bob.expect(lambda stanza: stanza.get("id") == "ping") is not None
        assert run(alice.ping.ping(JID("localhost"))) < 10
        assert is_online(alice)
        assert len(history(alice)) == known
        assert "Nothing can be stored at the moment: the disk " in jp(world, "doctor").stdout
    wait(lambda: "Nothing can be stored" not in jp(world, "doctor").stdout, "it heals")
    wait(lambda: len(heard(alice)) >= MANY and heard(alice)[-1] == f"{name} {MANY - 1}", "they are there afterwards")
    assert heard(alice)[-MANY:] == [f"{name} {number}" for number in range(MANY)]
    id = say(alice, f"{name} after")
    stanza = bob.expect(lambda each: (each.findtext("{jabber:client}body") or "").startswith(name))
    assert stanza.get("id") == id, "what was refused has not left"
    wait(lambda: all_arrived(alice), "it is acknowledged")
    log = world.daemon.log.read_text()
    assert "What comes in has to wait." in log
    assert not faults(world.daemon)


def test_killed_while_the_disk_is_full_loses_nothing(world, alice, bob):
    """P3: what was not counted comes again."""
    with failing_disk(world):
        for number in range(MANY):
            bob.say("alice@localhost", f"killed {number}", id=f"killed{number}")
        bob.send("<iq type='get' id='done'><ping xmlns='urn:xmpp:ping'/></iq>")
        bob.expect(lambda stanza: stanza.get("id") == "done")
        world.daemon.kill()
        world.daemon.start()
    again = world.bridge().profile("alice")
    wait(lambda: heard(again)[-1:] == [f"killed {MANY - 1}"], "they come again")
    assert heard(again)[-MANY:] == [f"killed {number}" for number in range(MANY)]


def test_a_damaged_database_is_replaced_by_the_copy_and_the_archive(world, alice, bob):
    """R9: nothing of what was stored after the daily copy is missing, because the server has it too."""
    data = Path(world.env["XDG_DATA_HOME"]) / "sat"
    say(alice, "before the copy")
    wait(lambda: all_arrived(alice), "it is acknowledged")
    back_up(data)
    say(alice, "after the copy")
    bob.expect_body("after the copy")
    bob.say("alice@localhost", "heard after the copy", id="copy1")
    wait(lambda: all_arrived(alice) and heard(alice)[-1] == "heard after the copy", "they are stored")
    before = [(message.body, message.outgoing) for message in history(alice)]
    world.daemon.kill()
    database = data / "sat.db"
    with database.open("r+b") as file:
        for page in range(1, os.path.getsize(database) // 4096):
            file.seek(page * 4096)
            file.write(os.urandom(512))
    for rest in data.glob("sat.db-*"):
        rest.unlink()
    world.daemon.start()
    sentence = "The database was damaged; it was set aside as sat.db.corrupt-"
    assert sentence in world.daemon.log.read_text(), "it is told"
    assert sentence in jp(world, "doctor").stdout
    assert sentence in jp(world, "status").stderr
    assert list(data.glob("sat.db.corrupt-*")), "it is kept"
    again = world.bridge().profile("alice")
    wait(lambda: len(history(again)) >= len(before), "the archive has the rest")
    assert [(message.body, message.outgoing) for message in history(again)] == before
    assert said(again)[-1].body == "after the copy"
    assert say(again, "it works")
    bob.expect_body("it works")
