"""Powers in the group in which OTR exchanges keys (RFC 3526 §2: 1536 bits), by the OpenSSL that Python is linked with.

Its Montgomery multiplication takes a tenth of the time of Python's ``pow``, and the same time for each exponent. The
``cryptography`` library has no such function, and will take away the exchange of keys that it had it in.
"""

from __future__ import annotations

import _ssl
import ctypes
from collections.abc import Callable
from contextlib import suppress

# RFC 3526 §2: 2^1536 - 2^1472 - 1 + 2^64 * (floor(2^1406 * π) + 741804)
PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
    "670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
    16,
)
_SIZE = 192  # bytes of a number in it
# What Python is linked with (itself, where _ssl is built in), else the system's.
_LIBRARIES = (getattr(_ssl, "__file__", None), "libcrypto.so.3")

Power = Callable[[int, int], int]


def is_usable(number: int) -> bool:
    """Whether a public number keeps secrets: the powers of 0, 1 and -1 are known to everybody."""
    return 2 <= number <= PRIME - 2


def power(base: int, exponent: int, modulus: int = PRIME) -> int:
    """``pow(base, exponent, PRIME)``. Errors: ValueError for a base that is not usable. The modulus is there because
    potr gives it."""
    if modulus != PRIME or not is_usable(base):
        raise ValueError("this number is not one for the exchange of keys")
    return _power(base, exponent % (PRIME - 1))


def _slow_power(base: int, exponent: int) -> int:
    return pow(base, exponent, PRIME)


def _openssl_power(library: str | None) -> Power:
    """Errors: OSError, AttributeError where the library is missing or hides its functions."""
    # PyDLL keeps the interpreter's lock: what is shared below is used by one thread at a time.
    openssl = ctypes.PyDLL(library)
    number = ctypes.c_void_p
    for name in ("BN_new", "BN_CTX_new", "BN_MONT_CTX_new", "BN_bin2bn"):
        getattr(openssl, name).restype = number
    openssl.BN_bin2bn.argtypes = [ctypes.c_char_p, ctypes.c_int, number]
    openssl.BN_bn2binpad.argtypes = [number, ctypes.c_char_p, ctypes.c_int]
    openssl.BN_MONT_CTX_set.argtypes = [number] * 3
    openssl.BN_mod_exp_mont_consttime.argtypes = [number] * 6
    openssl.BN_clear.argtypes = [number]

    context = openssl.BN_CTX_new()
    modulus = openssl.BN_bin2bn(PRIME.to_bytes(_SIZE, "big"), _SIZE, None)
    montgomery = openssl.BN_MONT_CTX_new()
    openssl.BN_MONT_CTX_set(montgomery, modulus, context)
    base_, exponent_, result = (openssl.BN_new() for _ in range(3))

    def power(base: int, exponent: int) -> int:
        openssl.BN_bin2bn(base.to_bytes(_SIZE, "big"), _SIZE, base_)
        openssl.BN_bin2bn(exponent.to_bytes(_SIZE, "big"), _SIZE, exponent_)
        done = openssl.BN_mod_exp_mont_consttime(result, base_, exponent_, modulus, context, montgomery)
        openssl.BN_clear(exponent_)
        if not done:
            raise MemoryError
        buffer = ctypes.create_string_buffer(_SIZE)
        openssl.BN_bn2binpad(result, buffer, _SIZE)
        openssl.BN_clear(result)
        return int.from_bytes(buffer.raw, "big")

    return power


def _best_power() -> Power:
    for library in _LIBRARIES:
        with suppress(OSError, AttributeError):
            found = _openssl_power(library)
            if found(3, 1_000) == _slow_power(3, 1_000):
                return found
    return _slow_power


_power = _best_power()
