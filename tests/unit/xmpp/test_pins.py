import pytest
from hypothesis import given, strategies

from sat.api.errors import InvalidArgument
from sat.xmpp.pins import read_pin

PAIRS = ":".join(f"{number:02X}" for number in range(32))
PIN = f"SHA256:{PAIRS}"


@pytest.mark.parametrize(
    "written",
    [
        PIN,
        f"  {PIN.lower()}\n",
        PAIRS,
        PAIRS.replace(":", ""),
        f"sha256:{PAIRS.replace(':', '').lower()}",
        f"sha256 Fingerprint={PAIRS}",
        PAIRS.replace(":", " "),
    ],
)
def test_a_fingerprint_is_known_however_it_is_written(written: str) -> None:
    assert read_pin(written) == PIN


def test_nothing_is_no_pin() -> None:
    assert read_pin("") == read_pin("  ") == ""


@pytest.mark.parametrize(
    "text", ["*", "any", PAIRS[:-1], f"{PAIRS}:00", f"SHA1:{PAIRS}", f"{PAIRS},{PAIRS}", "SHA256:"]
)
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="is no fingerprint"):
        read_pin(text)


@given(strategies.text())
def test_whatever_is_written_is_a_fingerprint_or_refused(text: str) -> None:
    try:
        pin = read_pin(text)
    except InvalidArgument:
        return
    assert pin == "" or len(pin) == len(PIN)
