from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat_frontends.quick_frontend import text
from sat_frontends.quick_frontend.text import PLACEHOLDER, clean, clean_line, doubtful, short, width

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x00\x07\x1b\x7f\x85\x9b\r\n\t\u2028\u202e\u2066\u200e\u200f\u061c\u200b\u200d\ufeff\u0301\u05b4א"
        ),
    )
)
NEVER = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u2028\u2029", *map(chr, range(0xE0000, 0xE0080))}
NEVER |= {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), *map(chr, range(0xD800, 0xE000))}


@given(HOSTILE)
def test_nothing_that_acts_is_left(hostile):
    assert set(clean(hostile)) & (NEVER - {"\n", "\t"}) == set()
    assert set(clean_line(hostile)) & (NEVER | {*"\u200b\u200e\u200f\u061c\ufeff"}) == set()


@given(HOSTILE)
def test_clean_text_stays_as_it_is(hostile):
    assert clean(clean(hostile)) == clean(hostile)
    assert clean_line(clean_line(hostile)) == clean_line(hostile)


@given(HOSTILE)
def test_clean_text_can_be_written(hostile):
    clean(hostile).encode()


@given(
    st.text(
        st.characters(categories=("L", "N", "P", "S")).filter(lambda char: char not in text._INVISIBLE + "\U0010eeee")
    )
)
def test_letters_and_signs_stay(harmless):
    assert clean_line(harmless) == harmless


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x9b31mred", f"{PLACEHOLDER}31mred"),
        ("2J\u202egnp.exe", f"2J{PLACEHOLDER}gnp.exe"),
        ("a\x7fb", "a␡b"),
        ("a\r\nb", "a\nb"),
        ("a\u200b\u200b\u200b\u200bb", f"a\u200b{PLACEHOLDER}b"),
        ("z" + "\u0301" * 50 + "!", "z" + "\u0301" * 8 + PLACEHOLDER + "!"),
        ("shown\U000e0068\U000e0069", f"shown{PLACEHOLDER * 2}"),
        ("a\u200fb", f"a{PLACEHOLDER}b"),
        ("\ud83d", PLACEHOLDER),
    ],
)
def test_what_becomes_visible(hostile, shown):
    assert clean(hostile) == shown


@pytest.mark.parametrize(
    "harmless",
    ["Salut à Toi\n\tça va ?", "👨‍👩‍👧 ❤️ 🇫🇷", "می‌خواهم", "שלום\u200f!", "नमस्ते", "é́", "Привет, мир"],
)
def test_scripts_and_emoji_stay(harmless):
    assert clean(harmless) == harmless


def test_a_name_has_one_line():
    assert clean_line("bob\n<alice> hi\t!") == "bob␤<alice> hi␉!"


@given(HOSTILE.map(clean_line), st.integers(0, 40))
def test_short_fits(line, columns):
    cut = short(line, columns)
    assert width(cut) <= columns
    assert cut == line or not cut or cut.endswith("…")


def test_width():
    assert width("日本") == 4
    assert width("e\u0301") == 1
    assert short("日本語", 5) == "日本…"
    assert short("salut", 5) == "salut"


@pytest.mark.parametrize("address", ["bob@example.org", "иван@пример.рф", "たろう太郎@例え.jp", "été@example.org"])
def test_one_script_is_not_doubtful(address):
    assert doubtful(address) == ""


def test_mixed_scripts_are_doubtful():
    assert "Cyrillic and Latin" in doubtful("p\u0430ypal@example.org")
    assert "Cyrillic and Latin" in doubtful("bob@ex\u0430mple.org")
    assert doubtful("bob@example.org/\u0430b") == ""  # a resource is no name


@pytest.fixture
def paris(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Paris")
    text.clocks.tzset()
    yield
    monkeypatch.undo()
    text.clocks.tzset()


@pytest.mark.usefixtures("paris")
def test_times_are_those_of_this_machine():
    winter, summer = 1_764_072_000.0, 1_753_444_800.0  # 2025-11-25 and 2025-07-25, 12:00 UTC
    assert (text.utc_offset(winter), text.utc_offset(summer)) == (3600, 7200)
    assert (text.clock(winter), text.clock(summer)) == ("13:00", "14:00")
    assert text.day(winter, winter + 10.5 * 3600) == "Today"
    assert text.day(winter, winter + 11.5 * 3600) == "Yesterday"
    assert text.moment(summer, winter) == "25 Jul 14:00"


@given(st.floats(allow_nan=False))
def test_no_time_of_others_is_a_fault(time):
    text.clock(time), text.day(time, 0.0), text.moment(time, 0.0)


def test_placeholders_are_visible():
    assert unicodedata.category(PLACEHOLDER) == "So"
