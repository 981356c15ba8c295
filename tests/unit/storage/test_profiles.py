"""Profiles, their secrets and their locks."""

from __future__ import annotations

import stat

import pytest
from support.storing import ALICE, BOB, heard, open_storage, result, said

from sat.api.errors import (
    InvalidArgument,
    ProfileDamaged,
    ProfileExists,
    ProfileKeyMissing,
    ProfileLocked,
    ProfileNotFound,
    StorageError,
    WrongProfilePassword,
)
from sat.api.profile import Account
from sat.storage import keys
from sat.storage.profiles import StoredProfile

PASSWORD = "sésame-of-the-account"
LOCK = "lock-of-the-profile"


pytestmark = pytest.mark.usefixtures("light_locks")


@pytest.fixture
def profiles(storage):
    return storage.profiles


def create(profiles, name="bob", lock=""):
    result(profiles.create(name, Account(BOB, host="h", port=5, autoconnect=False), PASSWORD, lock))


def password(profiles, name="bob", lock=""):
    return result(result(profiles.open(name, lock)).get("password"))


def test_created_and_listed(profiles):
    create(profiles, lock=LOCK)
    assert result(profiles.list()) == [
        StoredProfile("alice", Account(ALICE), "", True),
        StoredProfile("bob", Account(BOB, host="h", port=5, autoconnect=False), "password", False),
    ]
    with pytest.raises(ProfileExists):
        create(profiles)


@pytest.mark.parametrize("name", ["", " ", "a ", "x" * 65, "a\nb", "a\0b", "\u202eabc"])
def test_names_that_cannot_be(profiles, name):
    with pytest.raises(InvalidArgument):
        create(profiles, name)


def test_the_default_comes_first(profiles):
    create(profiles)
    result(profiles.set_default("bob"))
    assert [(p.name, p.default) for p in result(profiles.list())] == [("bob", True), ("alice", False)]
    result(profiles.delete("bob"))
    assert [(p.name, p.default) for p in result(profiles.list())] == [("alice", True)]


def test_an_account_changes(profiles):
    result(profiles.set_account("alice", Account(ALICE, resource="desk")))
    assert result(profiles.list())[0].account == Account(ALICE, resource="desk")
    with pytest.raises(ProfileNotFound):
        result(profiles.set_account("nobody", Account(ALICE)))


def test_an_account_of_another_version_is_read(storage):
    result(
        storage.database.write(
            lambda c: c.execute("UPDATE profile SET account = ?", ('{"jid": "alice@example.org", "new": 1}',)).rowcount
        )
    )
    result(storage.profiles.load())
    assert result(storage.profiles.list())[0].account == Account(ALICE)


def test_secrets_come_back_after_a_new_start(tmp_path):
    storage = open_storage(tmp_path)
    create(storage.profiles)
    vault = result(storage.profiles.open("bob"))
    result(vault.set("otr", "private key"))
    result(vault.set("otr", "another"))
    result(storage.close())
    storage = open_storage(tmp_path)
    vault = result(storage.profiles.open("bob"))
    assert result(vault.get("password")) == PASSWORD
    assert result(vault.get("otr")) == "another"
    result(vault.delete("otr"))
    assert result(vault.get("otr")) is None
    result(storage.close())


@pytest.mark.parametrize("lock", ["", LOCK])
def test_no_secret_is_on_the_disk_in_clear(tmp_path, lock):
    storage = open_storage(tmp_path)
    create(storage.profiles, lock=lock)
    vault = result(storage.profiles.open("bob", lock))
    secrets = [PASSWORD.encode(), vault._key, vault._key.hex().encode()]
    secrets += [LOCK.encode()] if lock else []
    assert PASSWORD not in repr(vault)
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"key", "lock", "sat.db", "sat.db-wal", "sat.db-shm"}
    for _ in range(2):  # with the log, then without
        for path in tmp_path.iterdir():
            data = path.read_bytes()
            assert not [secret for secret in secrets if secret in data], path
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        result(storage.database.close())
    result(storage.close())


def test_a_lock(profiles):
    create(profiles, lock=LOCK)
    with pytest.raises(ProfileLocked):
        result(profiles.open("bob"))
    with pytest.raises(WrongProfilePassword):
        result(profiles.open("bob", "wrong"))
    assert password(profiles, lock=LOCK) == PASSWORD
    with pytest.raises(ProfileNotFound):
        result(profiles.open("nobody"))


def test_a_lock_changes(profiles):
    create(profiles)
    result(profiles.set_lock("bob", "", LOCK))
    with pytest.raises(WrongProfilePassword):
        result(profiles.set_lock("bob", "", "x"))
    with pytest.raises(WrongProfilePassword):
        result(profiles.set_lock("bob", "wrong", "x"))
    result(profiles.set_lock("bob", LOCK, "é" * 500))
    assert password(profiles, lock="é" * 500) == PASSWORD
    result(profiles.set_lock("bob", "é" * 500, ""))
    assert password(profiles) == PASSWORD


def test_the_real_derivation(profiles, light_locks):
    light_locks.undo()
    sealed = keys.wrap("bob", b"k" * 32, LOCK, profiles._folder, False)
    assert '"memory": 65536' in sealed.options
    assert keys.unwrap("bob", sealed, LOCK, profiles._folder) == b"k" * 32
    with pytest.raises(WrongProfilePassword):
        keys.unwrap("bob", sealed, "Lock-of-the-profile", profiles._folder)


def test_scrypt_where_argon2id_is_missing(profiles, monkeypatch):
    monkeypatch.setattr(keys, "_has_argon2id", lambda: False)
    create(profiles, lock=LOCK)
    assert "scrypt" in profiles._rows["bob"].sealed.options
    assert password(profiles, lock=LOCK) == PASSWORD


def test_a_way_of_sealing_from_the_future(profiles):
    sealed = keys.Sealed("password", '{"kdf": "new", "salt": "00"}', b"x" * 60)
    with pytest.raises(StorageError, match="does not know"):
        keys.unwrap("bob", sealed, LOCK, profiles._folder)


def test_the_key_file_is_lost(storage):
    create(storage.profiles)
    key = storage.profiles._folder / "key"
    for content in (None, b"", b"short", b"x" * 32):
        key.unlink()
        if content is not None:
            key.write_bytes(content)
        with pytest.raises(ProfileKeyMissing):
            result(storage.profiles.open("bob"))
        key.touch()
    key.unlink()
    result(storage.messages("bob").add([heard()]))
    result(storage.profiles.forget_secrets("bob"))
    assert password(storage.profiles) is None
    assert len(result(storage.messages("bob").history(BOB))) == 1


def test_a_short_key_file_is_not_overwritten(storage):
    create(storage.profiles)
    (storage.profiles._folder / "key").write_bytes(b"x" * 31)
    with pytest.raises(ProfileKeyMissing):
        create(storage.profiles, "carol")
    assert (storage.profiles._folder / "key").read_bytes() == b"x" * 31


def test_a_forgotten_lock(profiles):
    create(profiles, lock=LOCK)
    result(profiles.forget_secrets("bob", "new"))
    assert password(profiles, lock="new") is None


OPTIONS = ["{", "", "[]", "5", "{}", '{"kdf": "argon2id"}', '{"kdf": "argon2id", "salt": "x"}', '{"item": 5}', "null"]
OPTIONS += ['{"kdf": "scrypt", "salt": "00", "n": 3, "r": 8, "p": 1}']


@pytest.mark.parametrize("guard", ["password", "keyring", "file"])
@pytest.mark.parametrize("options", OPTIONS)
def test_damaged_options_of_a_key_are_that_profiles_fault(storage, guard, options):
    create(storage.profiles)
    change = ("UPDATE profile SET guard = ?, guard_options = ? WHERE name = 'bob'", (guard, options))
    result(storage.database.write(lambda c: c.execute(*change).rowcount))
    result(storage.profiles.load())
    if guard == "file" and options not in ("{", ""):  # it needs none
        assert password(storage.profiles) == PASSWORD
        return
    with pytest.raises((ProfileDamaged, ProfileKeyMissing)) as caught:
        result(storage.profiles.open("bob", LOCK))
    assert isinstance(caught.value, ProfileDamaged) or guard == "keyring"
    assert result(storage.profiles.open("alice"))
    result(storage.profiles.delete("bob"))


@pytest.mark.parametrize(
    "account", ["{", "[]", "5", "{}", '{"jid": 5}', '{"jid": "a@b", "port": "5222"}', '{"jid": ""}']
)
def test_an_account_that_cannot_be_read_hides_no_other(storage, account, caplog):
    create(storage.profiles)
    change = ("UPDATE profile SET account = ? WHERE name = 'bob'", (account,))
    result(storage.database.write(lambda c: c.execute(*change).rowcount))
    result(storage.profiles.load())
    assert [profile.name for profile in result(storage.profiles.list())] == ["alice"]
    assert "the profile bob cannot be read" in caplog.text


@pytest.mark.parametrize("change", ["exchange", "flip", "truncate", "profile"])
def test_changed_secrets_are_not_believed(storage, change):
    create(storage.profiles)
    vault = result(storage.profiles.open("bob"))
    result(vault.set("other", "value"))
    statements = {
        "exchange": "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE key = 'password') WHERE key = 'other'",
        "flip": "UPDATE secret SET sealed = CAST(zeroblob(12) || substr(sealed, 13) AS BLOB) WHERE key = 'other'",
        "truncate": "UPDATE secret SET sealed = substr(sealed, 1, 5) WHERE key = 'other'",
        "profile": "UPDATE profile SET name = CASE name WHEN 'bob' THEN 'x' ELSE name END",
    }
    result(storage.database.write(lambda c: c.execute(statements[change]).rowcount))
    if change == "profile":
        result(storage.profiles.load())
        with pytest.raises(ProfileKeyMissing):
            result(storage.profiles.open("x"))
    else:
        with pytest.raises(StorageError, match="damaged"):
            result(vault.get("other"))


def test_deletion_takes_everything(storage):
    def rows():
        tables = ("profile", "secret", "store", "conversation", "message", "unindexed")
        connection = storage.database._connection
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}

    before = rows()
    create(storage.profiles)
    messages = storage.messages("bob")
    result(messages.add([heard(f"word {n}") for n in range(1500)]))
    assert len(result(messages.search("word"))) == 50
    result(messages.add([heard("late word", delayed=True, time=1.7e9), said(id="x")]))
    result(storage.store("bob", "x").set("k", 1))
    result(storage.profiles.delete("bob"))
    assert rows() == before
    create(storage.profiles)
    assert result(storage.messages("bob").search("word")) == []
    index = "INSERT INTO message_text (message_text, rank) VALUES ('integrity-check', 1)"
    result(storage.database.write(lambda c: c.execute(index).rowcount))
    with pytest.raises(ProfileNotFound):
        storage.messages("nobody")
    with pytest.raises(ProfileNotFound):
        result(storage.profiles.delete("nobody"))


def test_an_interrupted_deletion_is_finished(tmp_path):
    storage = open_storage(tmp_path)
    create(storage.profiles)
    result(storage.messages("bob").add([heard()]))
    result(storage.database.write(lambda c: c.execute("UPDATE profile SET name = NULL WHERE name = 'bob'").rowcount))
    result(storage.close())
    storage = open_storage(tmp_path)
    assert [profile.name for profile in result(storage.profiles.list())] == ["alice"]
    assert result(storage.database.read(lambda c: c.execute("SELECT count(*) FROM message").fetchone()[0])) == 0
    result(storage.close())
