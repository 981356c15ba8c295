"""python-potr, with our cryptography in it instead of pycrypto's, which nobody can build any more.

Importing this raises ``OtrMissing`` where potr is not installed.
"""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import Any

from sat.api.errors import OtrMissing
from sat.otr import crypto, group

_REPLACED = "potr.compatcrypto.pycrypto"
_ASKED_FOR = (
    crypto.SHA1,
    crypto.SHA256,
    crypto.SHA1HMAC,
    crypto.SHA256HMAC,
    crypto.AESCTR,
    crypto.Counter,
    crypto.getrandbits,
    crypto.randrange,
)


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _bytes(number: int, size: int = 0) -> bytes:
    return number.to_bytes(max(size, (number.bit_length() + 7) // 8), "big")


def _tlvs(data: bytes) -> list[tuple[int, bytes]]:
    """The records behind a text, as type and value. Those that are cut off are left out; more than a few are sent by
    nobody. potr's own refuses the whole message for one record that it does not know, and recurses for each."""
    found: list[tuple[int, bytes]] = []
    while len(data) >= 4 and len(found) < 20:
        kind, size = _int(data[:2]), _int(data[2:4])
        if len(data) < 4 + size:
            break
        found.append((kind, data[4 : 4 + size]))
        data = data[4 + size :]
    return found


def _load() -> tuple[Any, Any]:
    # It writes keys into its log.
    logging.getLogger("potr").setLevel(logging.CRITICAL + 1)
    ours: Any = ModuleType(_REPLACED)
    vars(ours).update({each.__name__: each for each in _ASKED_FOR})
    sys.modules[_REPLACED] = ours
    try:
        from potr import crypt, proto, utils
        from potr.compatcrypto import common
    except ImportError as error:
        raise OtrMissing from error
    finally:
        del sys.modules[_REPLACED]
    common.registerkeytype(crypto.DsaKey)
    crypt.pow = group.power
    # potr's take a step for each byte.
    for module in (utils, crypt):
        module.bytes_to_long, module.long_to_bytes = _int, _bytes
    proto.TLV.parse = staticmethod(_tlvs)
    return crypt, proto


crypt, proto = _load()
