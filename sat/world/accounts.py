"""Prosody's data files, written directly: an account in a few milliseconds, where prosodyctl takes half a second.

Their form is the same in Prosody 0.12 and 13; prosodyctl's commands are not.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from pathlib import Path

from sat.world.lua import lua

_ITERATIONS = 4096  # the least that SCRAM allows (RFC 5802 §5.1)


def write_account(data: Path, domain: str, user: str, password: str, password_hash: str) -> None:
    """Store an account. ``password_hash`` is SHA-1 or SHA-256; empty stores the password itself."""
    account: dict[str, object] = {"password": password}
    if password_hash:
        account = _scram_keys(password, password_hash.replace("-", "").lower())
    _write(data, domain, "accounts", user, account)


def write_roster(data: Path, domain: str, user: str, contacts: dict[str, tuple[str, list[str]]]) -> None:
    """Store a contact list, all subscriptions “both”."""
    roster: dict[object, object] = {
        jid: {"subscription": "both", "name": name, "groups": dict.fromkeys(groups, True)}
        for jid, (name, groups) in contacts.items()
    }
    roster[False] = {"version": 1, "pending": {}}
    _write(data, domain, "roster", user, roster)


def write_invitation(data: Path, domain: str) -> str:
    """Store an invitation for a new account of any name, valid for an hour; its token."""
    token, now = secrets.token_urlsafe(12), int(time.time())
    invitation = {"type": "register", "jid": domain, "token": token, "allow_registration": True}
    invitation["uri"] = f"xmpp:{domain}?register;preauth={token}"
    times = {"created_at": now, "expires": now + 3600}
    path = data / _encoded(domain) / "invite_token.dat"
    path.parent.mkdir(exist_ok=True)
    # The server takes used ones out of this file. So it is added to, not written anew: it is a Lua program.
    before = path.read_text() if path.exists() else "return {};"
    after = f"local all = (function() {before} end)(); all[{lua(token)}] = {lua(invitation | times)}; return all;\n"
    _replace(path, after)
    return token


def _scram_keys(password: str, digest: str) -> dict[str, object]:
    salt = secrets.token_hex(16)
    salted = hashlib.pbkdf2_hmac(digest, password.encode(), salt.encode(), _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", digest)
    return {
        "salt": salt,
        "iteration_count": _ITERATIONS,
        "stored_key": hashlib.new(digest, client_key).hexdigest(),
        "server_key": hmac.digest(salted, b"Server Key", digest).hex(),
    }


def _write(data: Path, domain: str, store: str, user: str, value: object) -> None:
    folder = data / _encoded(domain) / store
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_encoded(user)}.dat"
    _replace(path, f"return {lua(value)};\n")


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)


def _encoded(name: str) -> str:
    # Prosody's util.datamanager: letters and digits as they are, other bytes as % and two hex digits.
    return "".join(_char(byte) for byte in name.encode())


def _char(byte: int) -> str:
    char = chr(byte)
    return char if char.isascii() and char.isalnum() else f"%{byte:02x}"
