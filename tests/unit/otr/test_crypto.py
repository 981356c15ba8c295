import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from support.tree import ROOT

from sat.api.errors import OtrMissing
from sat.otr import group
from sat.otr.crypto import AESCTR, SHA256HMAC, Counter, Digest, DsaKey, mpi, read_mpi
from sat.otr.group import PRIME, power
from sat.otr.keys import fingerprint, new_private_key, read_private_key, readable


@pytest.fixture(scope="module")
def key():
    return read_private_key(new_private_key())


# -- powers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [1, 8, 320, 1535, 1537, 20_000])
def test_powers_are_those_of_python(bits):
    base, exponent = secrets.randbelow(PRIME - 4) + 2, 1 << (bits - 1) | secrets.randbits(bits)
    assert power(base, exponent) == pow(base, exponent, PRIME)
    assert power(2, exponent) == pow(2, exponent, PRIME)


@pytest.mark.parametrize("base", [-1, 0, 1, PRIME - 1, PRIME, PRIME + 1, 1 << 4000])
def test_who_sends_a_number_with_a_known_power_is_refused(base):
    with pytest.raises(ValueError):
        power(base, 5)


@pytest.mark.parametrize(
    ("libraries", "slow"),
    [
        (group._LIBRARIES, False),
        (("/nowhere/libcrypto.so", *group._LIBRARIES), False),
        (("/nowhere/libcrypto.so",), True),
        (("libc.so.6",), True),
    ],
    ids=["usual", "not the first", "none", "hidden functions"],
)
def test_openssl_does_it_where_it_can_be_reached(monkeypatch, libraries, slow):
    monkeypatch.setattr(group, "_LIBRARIES", libraries)
    found = group._best_power()
    assert (found is group._slow_power) is slow
    assert found(3, 1 << 1000) == pow(3, 1 << 1000, PRIME)


# -- codes and streams -----------------------------------------------------------------------------------------------


def test_codes_are_compared_in_constant_time(monkeypatch):
    compared = []
    monkeypatch.setattr("sat.otr.crypto.hmac.compare_digest", lambda one, other: compared.append(one) or one == other)
    code = SHA256HMAC(b"key", b"data")[:20]  # potr cuts it, and has its own on the right
    assert isinstance(code, Digest)
    assert bytes(code) == code
    assert (bytes(code) != code) is False
    assert len(compared) == 2


def test_a_stream_begins_where_its_counter_stands():
    first, second = (AESCTR(bytes(16), Counter(prefix)).encrypt(bytes(40)) for prefix in (0, 1))
    assert first != second
    assert AESCTR(bytes(16)).decrypt(first) == bytes(40)
    # FIPS 197: AES-128 of the block of zeros under the key of zeros
    assert first[:16].hex() == "66e94bd4ef8a2c3b884cfa59ca342b2e"


def test_numbers_are_read_as_they_are_written():
    for number in (0, 1, 255, 256, PRIME):
        assert read_mpi(mpi(number) + b"rest") == (number, b"rest")
    with pytest.raises(ValueError):
        read_mpi(mpi(PRIME)[:-1])


# -- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_kept_and_read_back():
    data = new_private_key()
    assert fingerprint(read_private_key(data)) == fingerprint(read_private_key(data))
    assert fingerprint(read_private_key(new_private_key())) != fingerprint(read_private_key(data))


def test_fingerprints_are_shown_as_everybody_shows_them():
    assert readable("0123456789abcdef0123456789abcdef01234567") == "01234567 89ABCDEF 01234567 89ABCDEF 01234567"


@pytest.mark.parametrize("data", [b"", b"\x30\x03\x02\x01\x00", b"junk" * 100])
def test_what_is_no_key_is_refused(data):
    with pytest.raises(ValueError):
        read_private_key(data)


def test_a_signature_is_of_the_number_modulo_q(key):
    """libotr's is; DSA would take the leftmost bits, which another text can share."""
    value = b"\xff" * 32
    signature = key.sign(value)
    order = read_mpi(read_mpi(key.serializePublicKey()[2:])[1])[0]
    other, _ = DsaKey.parsePayload(key.serializePublicKey()[2:])
    assert other.verify(value, signature)
    assert other.verify((int.from_bytes(value, "big") % order).to_bytes(32, "big"), signature)
    assert not other.verify(value[:20] + bytes(12), signature)


def test_false_signatures_are_refused(key):
    signature = key.sign(b"x" * 32)
    assert not key.verify(b"y" * 32, signature)
    assert not read_private_key(new_private_key()).verify(b"x" * 32, signature)
    for false in (b"", signature[:39], signature + b"\0", bytes(40), b"\xff" * 40):
        assert not key.verify(b"x" * 32, false)


def test_only_the_owner_signs(key):
    other, _ = DsaKey.parsePayload(key.serializePublicKey()[2:])
    with pytest.raises(ValueError):
        other.sign(b"x" * 32)


def numbers(key: DsaKey) -> tuple[int, ...]:
    found, data = [], key.serializePublicKey()[2:]
    for _ in range(4):
        number, data = read_mpi(data)
        found.append(number)
    return tuple(found)


@pytest.mark.parametrize("change", [(0, 0), (0, 1 << 100_000), (1, 3), (2, 0), (2, 1), (3, 0)])
def test_keys_that_are_none_are_refused_or_prove_nothing(key, change):
    index, number = change
    parts = list(numbers(key))
    parts[index] = number
    try:
        false, _ = DsaKey.parsePayload(b"".join(map(mpi, parts)))
    except ValueError:
        return
    assert not false.verify(b"x" * 32, key.sign(b"x" * 32))


def test_large_keys_are_refused():
    public = dsa.generate_private_key(2048).public_key().public_numbers()
    group_ = public.parameter_numbers
    with pytest.raises(ValueError):
        DsaKey.parsePayload(b"".join(map(mpi, (group_.p, group_.q, group_.g, public.y))))


# -- potr ------------------------------------------------------------------------------------------------------------

WITHOUT = """
import sys
sys.modules["potr"] = None  # as if it were not installed
from sat.api.errors import OtrMissing
from sat.otr.session import OtrSession
from sat.otr.keys import new_private_key
try:
    OtrSession(new_private_key(), None, print)
except OtrMissing as missing:
    print(missing, missing.advice)
"""
WITH = """
import sys
from sat.otr.session import OtrSession
from sat.otr.keys import new_private_key
OtrSession(new_private_key(), None, print)
print(*sys.modules)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_potr_a_sentence_says_how_to_get_it():
    assert "pip install --no-deps python-potr==" in run(WITHOUT)


def test_it_is_the_version_that_the_setup_installs():
    requirement = OtrMissing.hint.split()[-1]
    for name in ("tools/setup", "pyproject.toml", "README.md"):
        assert requirement in Path(ROOT, name).read_text(), name


def test_nothing_of_pycrypto_or_twisted_is_loaded():
    loaded = set(run(WITH).split())
    assert "potr.crypt" in loaded
    assert {each.partition(".")[0] for each in loaded} & {"Crypto", "Cryptodome", "twisted", "asyncio"} == set()
