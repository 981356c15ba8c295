"""How the random key of a profile is kept: sealed by another key, which comes from one of three guards.

``password``: derived from the profile's own password. ``keyring``: an item in the desktop's Secret Service.
``file``: the file ``key`` in the folder, readable by its owner only. What each protects against is written in
``docs/decisions/006-secrets-at-rest.md``. Everything here blocks, and runs aside.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sat.api.errors import ProfileDamaged, ProfileKeyMissing, StorageError, WrongProfilePassword
from sat.storage import keyring

log = logging.getLogger(__name__)

PASSWORD, KEYRING, FILE = "password", "keyring", "file"

KEY_SIZE = 32
_NONCE_SIZE = 12

# RFC 9106 §4, the second recommended choice; memory is in KiB.
_ARGON2ID = {"kdf": "argon2id", "iterations": 3, "lanes": 4, "memory": 65536}
# Where OpenSSL has no Argon2id (before 3.2): also 64 MiB.
_SCRYPT = {"kdf": "scrypt", "n": 65536, "r": 8, "p": 1}


class Sealed(NamedTuple):
    """A profile's key as it is stored."""

    guard: str
    options: str
    key: bytes


class DecryptionFailed(Exception):
    """The key is another, or what was sealed has been changed."""


def seal(key: bytes, text: bytes, context: str) -> bytes:
    """Encrypt and authenticate (AES-256-GCM); ``context`` is authenticated only."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, text, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """The reverse of :func:`seal`. Errors: DecryptionFailed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], context.encode())
    except (InvalidTag, ValueError):
        raise DecryptionFailed from None


def wrap(profile: str, key: bytes, lock: str, folder: Path, use_keyring: bool) -> Sealed:
    """Seal a profile's key under its password or, without one, under the best guard there is."""
    if lock:
        options = _new_options()
        guard, outer = PASSWORD, _derive(lock, options)
    else:
        item = os.urandom(16).hex()
        options = {"item": item}
        outer = os.urandom(KEY_SIZE)
        if use_keyring and keyring.put(profile, item, outer.hex()):
            guard = KEYRING
        else:
            guard, options, outer = FILE, {}, _file_key(profile, folder, create=True)
    return Sealed(guard, json.dumps(options), seal(outer, key, _context(profile)))


def unwrap(profile: str, sealed: Sealed, lock: str, folder: Path) -> bytes:
    """A profile's key. Errors: WrongProfilePassword, ProfileKeyMissing, ProfileDamaged, StorageError."""
    try:
        return unseal(_outer(profile, sealed, lock, folder), sealed.key, _context(profile))
    except DecryptionFailed:
        if sealed.guard == PASSWORD:
            raise WrongProfilePassword(profile=profile) from None
        raise ProfileKeyMissing(profile=profile, place="what should open it") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        log.error("the key of the profile %s is not as we write it: %r", profile, error)
        raise ProfileDamaged(profile=profile) from None


def forget(profile: str, sealed: Sealed) -> None:
    """Remove from the keyring what is not used any more."""
    if sealed.guard == KEYRING:
        with suppress(ValueError, KeyError, TypeError):  # damaged: nobody knows what to remove
            keyring.remove(profile, json.loads(sealed.options)["item"])


def _outer(profile: str, sealed: Sealed, lock: str, folder: Path) -> bytes:
    """The key that opens the profile's key."""
    options = json.loads(sealed.options)
    if sealed.guard == PASSWORD:
        return _derive(lock, options)
    if sealed.guard == KEYRING:
        found = keyring.get(profile, options["item"])
        if not found:
            raise ProfileKeyMissing(profile=profile, place="the desktop's keyring")
        return bytes.fromhex(found)
    return _file_key(profile, folder, create=False)


def _context(profile: str) -> str:
    return f"profile key\0{profile}"


def _new_options() -> dict[str, object]:
    return {**(_ARGON2ID if _has_argon2id() else _SCRYPT), "salt": os.urandom(16).hex()}


def _has_argon2id() -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    try:
        Argon2id(salt=b"\0" * 16, length=KEY_SIZE, iterations=1, lanes=1, memory_cost=8)
    except UnsupportedAlgorithm:
        return False
    return True


def _derive(lock: str, options: dict[str, object]) -> bytes:
    salt, numbers = bytes.fromhex(str(options["salt"])), {k: v for k, v in options.items() if isinstance(v, int)}
    if options["kdf"] == "argon2id":
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        return Argon2id(
            salt=salt,
            length=KEY_SIZE,
            iterations=numbers["iterations"],
            lanes=numbers["lanes"],
            memory_cost=numbers["memory"],
        ).derive(lock.encode())
    if options["kdf"] == "scrypt":
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        return Scrypt(salt=salt, length=KEY_SIZE, n=numbers["n"], r=numbers["r"], p=numbers["p"]).derive(lock.encode())
    raise StorageError(reason="the profile's key is sealed in a way that this program does not know")


def _file_key(profile: str, folder: Path, create: bool) -> bytes:
    path = folder / "key"
    if create and not path.exists():
        _write_private(path, os.urandom(KEY_SIZE))
    # A file that is not as we write it is left alone: perhaps a person can put it right.
    key = path.read_bytes() if path.exists() else b""
    if len(key) != KEY_SIZE:
        raise ProfileKeyMissing(profile=profile, place=f"the file {path}")
    return key


def _write_private(path: Path, data: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    new.rename(path)
