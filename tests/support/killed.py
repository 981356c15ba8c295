"""Children that write, or upgrade, and are killed at any moment. Run as a program; says what was found, as JSON.

A process of its own, because only one without other threads may fork.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from sat.api.errors import NotFound
from sat.storage import migrations
from sat.storage.files import DATABASE
from sat.storage.storage import Storage
from support.storing import Turned, heard, open_storage, result, said


def killed(work: Callable[[int], None], seconds: float) -> list[str]:
    """Run a work in a child, kill it so long after its first line; the whole lines that it wrote."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        try:
            work(into)
        finally:
            os._exit(1)
    os.close(into)
    select.select([out], [], [], 60)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child ended by itself"
    with os.fdopen(out) as lines:
        *whole, _ = lines.read().split("\n")
    return whole


def writes(folder: Path, into: int) -> None:
    """Add messages, alone and together; write each id when it is said to be stored."""
    reactor = Turned()
    storage = reactor.until(Storage.open(folder, reactor, use_keyring=False))
    messages = storage.messages("alice")
    start = time.time_ns()
    number = 0
    while True:
        waiting = []
        for _ in range(random.choice((1, 1, 5, 60))):
            number += 1
            unique = f"{start}-{number}"
            new = random.choice((heard, said))(f"word {unique}", stanza_id=unique, origin_id=unique)
            done = messages.add([new])
            done.addCallback(lambda added: os.write(into, f"{added[0].id}\n".encode()))
            waiting.append(done)
        for done in waiting:
            reactor.until(done)


def check(folder: Path, ids: set[str]) -> dict[str, object]:
    """What is wrong with a storage that was killed."""
    began = time.monotonic()
    storage = open_storage(folder)
    seconds = time.monotonic() - began
    messages = storage.messages("alice")
    lost = []
    for id in ids:
        try:
            result(messages.get(id))
        except NotFound:
            lost.append(id)
    count = storage.database._connection.execute("SELECT count(*) FROM message").fetchone()[0]
    found, before = 0, 0
    while page := result(messages.search("word", before=before, limit=500)):
        found += len(page)
        before = page[-1].order
    report = {
        "lost": lost,
        "integrity": storage.database._connection.execute("PRAGMA integrity_check").fetchone()[0],
        "unsearchable": count - found,
        "notice": " ".join(map(str, storage.notices)),
        "seconds": seconds,
    }
    result(storage.close())
    return report


def write_loop(folder: Path, kills: int) -> dict[str, object]:
    result(open_storage(folder).close())
    acknowledged: set[str] = set()
    reports = []
    for _ in range(kills):
        ids = set(killed(lambda into: writes(folder, into), random.uniform(0, 0.15)))
        reports.append(check(folder, ids))
        acknowledged |= ids
    reports.append(check(folder, acknowledged))
    return {"acknowledged": len(acknowledged), "reports": reports}


def upgrade_loop(folder: Path, kills: int) -> dict[str, object]:
    """Kill during an upgrade that takes a while, then let it end."""
    storage = open_storage(folder)
    ids = {message.id for message in result(storage.messages("alice").add([heard(f"word {n}") for n in range(3000)]))}
    result(storage.close())

    step = ModuleType("sat.storage.migrations.m_test")
    sys.modules[step.__name__] = step

    def migrate(cursor: object) -> None:
        os.write(step.into, b"upgrading\n")
        cursor.execute("ALTER TABLE message ADD COLUMN more TEXT NOT NULL DEFAULT ''")
        cursor.execute("UPDATE message SET more = body || hex(zeroblob(500))")
        cursor.execute("CREATE TABLE more AS SELECT * FROM message")

    step.migrate = migrate
    old, new = migrations.STEPS, (*migrations.STEPS, "m_test")
    before = f"{DATABASE}.before-{len(new)}"

    def upgrade(into: int) -> None:
        step.into = into
        migrations.STEPS = new
        open_storage(folder)
        while True:
            time.sleep(1)

    versions = []
    for _ in range(kills):
        killed(upgrade, random.uniform(0, 0.2))
        migrations.STEPS = new
        step.into = os.open(os.devnull, os.O_WRONLY)
        import sqlite3

        connection = sqlite3.connect(folder / DATABASE)
        versions.append(connection.execute("PRAGMA user_version").fetchone()[0])
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone()[0]
        kept = connection.execute("SELECT count(*) FROM message").fetchone()[0]
        connection.close()
        assert (whole, tables, kept) == ("ok", versions[-1] - len(old), len(ids)), (whole, tables, kept)
        backup = sqlite3.connect(folder / before)
        assert backup.execute("PRAGMA user_version").fetchone()[0] == len(old)
        assert backup.execute("SELECT count(*) FROM message").fetchone()[0] == len(ids)
        backup.close()
        if versions[-1] == len(new):  # back to the old one
            migrations.STEPS = old
            for part in folder.glob(f"{DATABASE}*"):
                if part.name != before:
                    part.unlink()
            (folder / before).rename(folder / DATABASE)
    migrations.STEPS = new
    return {"versions": versions, "reports": [check(folder, ids)]}


if __name__ == "__main__":
    kind, name, kills = sys.argv[1:]
    loops = {"write": write_loop, "upgrade": upgrade_loop}
    print(json.dumps(loops[kind](Path(name), int(kills))))
