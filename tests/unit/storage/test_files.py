"""The folder: who may use it, and what becomes of a damaged database (R9, R12)."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from pathlib import Path

import pytest
from support.storing import BOB, NOW, Turned, heard, open_storage, result

from sat.api.errors import DaemonRunning, DamageFound, StorageDamaged, StorageError
from sat.storage import backup, migrations
from sat.storage.files import DAILY, DATABASE
from sat.storage.search import Narrow
from sat.storage.storage import Storage


def filled(folder: Path, number: int = 300) -> None:
    """A storage with so many messages, closed."""
    storage = open_storage(folder)
    result(storage.messages("alice").add([heard(f"word {n}") for n in range(number)]))
    result(storage.messages("alice").search("word"))
    result(storage.close())


def count(storage: Storage) -> int:
    if not result(storage.profiles.list()):
        return 0
    return len(result(storage.messages("alice").history(BOB, limit=500)))


def set_aside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.corrupt-*") if not path.name.endswith(("-wal", "-shm")))


def test_nobody_else_may_look(tmp_path):
    folder = tmp_path / "a" / "b"
    before = os.umask(0)
    try:
        storage = open_storage(folder)
        result(storage.messages("alice").add([heard()]))
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        result(storage.close())
        folder.chmod(0o755)
        result(open_storage(folder).close())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_one_daemon_at_a_time(tmp_path):
    storage = open_storage(tmp_path)
    with pytest.raises(DaemonRunning) as caught:
        open_storage(tmp_path)
    assert caught.value.details == {"pid": str(os.getpid())}
    result(storage.messages("alice").add([heard()]))  # the first one is undisturbed
    result(storage.close())
    result(open_storage(tmp_path).close())


def test_a_failed_start_leaves_the_lock_free(tmp_path):
    (tmp_path / DATABASE).mkdir()
    for _ in range(2):
        with pytest.raises(StorageError):
            open_storage(tmp_path)


def test_a_newer_database_is_left_alone(tmp_path):
    filled(tmp_path, 1)
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="newer version"):
        open_storage(tmp_path)
    assert set_aside(tmp_path) == []


def damage(path: Path, kind: str) -> None:
    data = bytearray(path.read_bytes())
    if kind == "empty":
        data = bytearray()
    elif kind == "garbage":
        data = bytearray(random.Random(1).randbytes(len(data)))
    elif kind == "truncated":
        del data[len(data) // 2 :]
    elif kind == "a page of zeros":
        data[8 * 4096 : 9 * 4096] = bytes(4096)
    elif kind == "header":
        data[:16] = bytes(16)
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["empty", "garbage", "truncated", "a page of zeros", "header"])
@pytest.mark.parametrize("with_backup", [False, True])
def test_a_damaged_database_is_kept_and_replaced(tmp_path, kind, with_backup):
    filled(tmp_path)
    if with_backup:
        backup.back_up(tmp_path)
    damage(tmp_path / DATABASE, kind)
    damaged = (tmp_path / DATABASE).read_bytes()
    storage = result(Storage.open(tmp_path, None))
    (kept,) = set_aside(tmp_path)
    assert (tmp_path / kept).read_bytes() == damaged
    (notice,) = storage.notices
    assert isinstance(notice, StorageDamaged)
    assert notice.details["kept"] == kept
    assert ("backup of" in notice.details["instead"]) == with_backup
    assert count(storage) == (300 if with_backup else 0)
    result(storage.close())
    storage = open_storage(tmp_path)
    assert storage.notices == []
    assert result(storage.messages("alice").add([heard("after")]))[0]
    result(storage.close())


def test_a_damaged_backup_is_not_used(tmp_path):
    filled(tmp_path)
    backup.back_up(tmp_path)
    damage(tmp_path / DAILY, "truncated")
    damage(tmp_path / DATABASE, "truncated")
    storage = open_storage(tmp_path)
    assert storage.notices[0].details["instead"] == "an empty one"
    assert count(storage) == 0
    result(storage.close())


@pytest.mark.parametrize("seed", range(30))
def test_flipped_bytes_never_stop_the_start(tmp_path, seed):
    filled(tmp_path)
    path = tmp_path / DATABASE
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for _ in range(20):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    storage = open_storage(tmp_path)
    # Not every flip can be seen: one in a text only changes the text.
    assert storage.notices or storage.database._connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    count(storage)
    result(storage.messages("alice").add([heard("after", stanza_id="1")]))
    result(storage.messages("alice").search("word"))
    result(storage.messages("alice").conversations())
    result(storage.close())


def test_a_lost_log_is_survived(tmp_path):
    storage = open_storage(tmp_path)
    result(storage.messages("alice").add([heard()]))
    for part in ("", "-shm"):  # as after a kill and a repair by somebody who throws the log away
        (tmp_path / "copy").mkdir(exist_ok=True)
        (tmp_path / "copy" / f"{DATABASE}{part}").write_bytes((tmp_path / f"{DATABASE}{part}").read_bytes())
    (tmp_path / "copy" / "lock").write_text("1")
    result(storage.close())
    copy = open_storage(tmp_path / "copy")
    assert result(copy.messages("alice").add([heard()]))[0]
    result(copy.close())


def test_damage_found_while_running_is_looked_for_at_the_next_start(tmp_path):
    storage = open_storage(tmp_path)
    storage.database.damaged = True
    result(storage.close())
    assert (tmp_path / "lock").read_text() == str(os.getpid())
    result(open_storage(tmp_path).close())
    assert (tmp_path / "lock").read_text() == ""


class TestDaily:
    def test_a_copy_while_messages_come_in(self, tmp_path):
        storage = open_storage(tmp_path)
        result(storage.messages("alice").add([heard("before")]))
        backup.back_up(tmp_path)
        result(storage.messages("alice").add([heard("after")]))
        result(storage.close())
        copy = sqlite3.connect(tmp_path / DAILY)
        assert copy.execute("SELECT body FROM message").fetchall() == [("before",)]
        assert stat.S_IMODE((tmp_path / DAILY).stat().st_mode) == 0o600

    def test_a_damaged_database_is_not_copied_over_a_good_copy(self, tmp_path):
        filled(tmp_path)
        backup.back_up(tmp_path)
        good = (tmp_path / DAILY).read_bytes()
        damage(tmp_path / DATABASE, "a page of zeros")
        with pytest.raises((backup.Damaged, sqlite3.DatabaseError)):
            backup.back_up(tmp_path)
        assert (tmp_path / DAILY).read_bytes() == good

    def test_it_can_be_stopped(self, tmp_path):
        filled(tmp_path, 3000)
        with pytest.raises((backup.Stopped, sqlite3.OperationalError)):
            backup.back_up(tmp_path, lambda: True)
        assert not (tmp_path / DAILY).exists()
        assert not (tmp_path / f"{DAILY}.new").exists()

    def test_once_a_day(self, tmp_path):
        reactor = Turned()
        storage = reactor.until(Storage.open(tmp_path, reactor, use_keyring=False))
        assert not (tmp_path / DAILY).exists()
        reactor.advance(backup.FIRST_AFTER)
        reactor.turn()
        first = (tmp_path / DAILY).stat().st_ino
        reactor.advance(backup.DAY - 1)
        assert not storage._backup._running
        reactor.advance(1)
        reactor.turn()
        assert (tmp_path / DAILY).stat().st_ino != first
        reactor.until(storage.close())
        assert reactor.getDelayedCalls() == []

    def test_not_again_after_a_new_start(self, tmp_path):
        filled(tmp_path, 1)
        backup.back_up(tmp_path)
        reactor = Turned()
        storage = reactor.until(Storage.open(tmp_path, reactor, use_keyring=False))
        (timer,) = reactor.getDelayedCalls()
        assert timer.getTime() == pytest.approx(backup.DAY, abs=60)
        reactor.until(storage.close())

    def test_damage_is_said(self, tmp_path):
        filled(tmp_path, 30_000)  # large enough not to be checked at the start
        reactor = Turned()
        damage(tmp_path / DATABASE, "a page of zeros")
        storage = reactor.until(Storage.open(tmp_path, reactor, use_keyring=False))
        told = []
        storage.changed.connect(lambda _: told.extend(storage.notices))
        reactor.advance(backup.FIRST_AFTER)
        while not told:
            reactor.turn()
        assert set(told) == {DamageFound()}
        reactor.until(storage.close())
        assert isinstance(result(Storage.open(tmp_path, None)).notices[0], StorageDamaged)


def test_the_layout_is_ours_whatever_sqlite_makes_for_the_search(tmp_path):
    filled(tmp_path, 5)
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("CREATE TABLE message_text_more (x)")  # as a version of SQLite might
    connection.commit()
    assert migrations.has_its_layout(connection)
    connection.execute("CREATE TABLE more (x)")
    assert not migrations.has_its_layout(connection)
    connection.close()


def test_what_an_older_version_has_stored_is_found(tmp_path):
    storage = open_storage(tmp_path)
    result(storage.messages("alice").add([heard("What light through yonder window breaks?")]))
    result(storage.close())
    connection = sqlite3.connect(tmp_path / "sat.db", isolation_level=None)
    for statement in (
        "DROP TABLE spread",
        "ALTER TABLE message DROP COLUMN attachments",
        "ALTER TABLE message DROP COLUMN extra",
        "ALTER TABLE edit DROP COLUMN extra",
        "ALTER TABLE edit DROP COLUMN encrypted",
        "DROP TABLE unkept",
        "DROP TABLE pubsub_text",
        "DROP VIEW pubsub_words",
        "DROP TABLE pubsub_item",
        "DROP TABLE pubsub_node",
        "DROP TABLE post_text",
        "DROP VIEW post_words",
        "DROP TABLE post_tag",
        "DROP TABLE post",
        "DROP TABLE post_node",
        "PRAGMA user_version = 3",
        "PRAGMA application_id = 0",
    ):
        connection.execute(statement)
    connection.close()
    messages = open_storage(tmp_path).messages("alice")
    assert [message.attachments for message in result(messages.search("yon"))] == [[]]
    assert len(result(messages.search("yonder", narrow=Narrow(since=NOW - 1, until=NOW + 1)))) == 1
    assert result(messages.search("yonder", narrow=Narrow(until=NOW - 1))) == []


def test_a_failed_upgrade_changes_nothing(tmp_path, monkeypatch):
    filled(tmp_path, 5)
    from types import ModuleType

    step = ModuleType("step")

    def migrate(cursor: sqlite3.Cursor) -> None:
        cursor.execute("DROP TABLE message")
        raise ZeroDivisionError

    step.migrate = migrate
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, "m_test"))
    monkeypatch.setitem(__import__("sys").modules, "sat.storage.migrations.m_test", step)
    with pytest.raises(ZeroDivisionError):
        open_storage(tmp_path)
    monkeypatch.undo()
    storage = open_storage(tmp_path)
    assert count(storage) == 5
    assert [message.time for message in result(storage.messages("alice").history(BOB))] == [NOW] * 5
    result(storage.close())
