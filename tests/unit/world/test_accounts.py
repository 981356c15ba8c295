import hashlib
import hmac
import re

import pytest

from sat.world.accounts import write_account, write_roster


def test_names_are_encoded_as_prosody_does(tmp_path):
    write_account(tmp_path, "sat.test", "zoé-1", "demo", "")
    path = tmp_path / "sat%2etest/accounts/zo%c3%a9%2d1.dat"
    assert path.read_text() == 'return { ["password"] = "demo" };\n'
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("password_hash", "digest"), [("SHA-1", "sha1"), ("SHA-256", "sha256")])
def test_password_itself_is_not_stored(tmp_path, password_hash, digest):
    write_account(tmp_path, "localhost", "alice", "pässword", password_hash)
    text = (tmp_path / "localhost/accounts/alice.dat").read_text()
    assert "ssword" not in text
    stored = dict(re.findall(r'\["(\w+)"\] = "?([0-9a-f]+)"?', text))
    # RFC 5802 §3, worked out anew.
    salted = hashlib.pbkdf2_hmac(digest, "pässword".encode(), stored["salt"].encode(), int(stored["iteration_count"]))
    assert hashlib.new(digest, hmac.digest(salted, b"Client Key", digest)).hexdigest() == stored["stored_key"]
    assert hmac.digest(salted, b"Server Key", digest).hex() == stored["server_key"]


def test_contact_list(tmp_path):
    write_roster(tmp_path, "localhost", "alice", {"bob@localhost": ("Bob", ["Friends"])})
    assert (
        '["bob@localhost"] = { ["subscription"] = "both"; ["name"] = "Bob"; ["groups"] = { ["Friends"] = true } }'
        in (tmp_path / "localhost/roster/alice.dat").read_text()
    )
