"""Message styling, with the examples of XEP-0393."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat_frontends.quick_frontend.styling import lines, spans


def shown(line):
    """Each styled part with the first letters of its styles."""
    return "|".join(
        f"{''.join(style[:2] for style in span.styles)}:{span.text}" if span.styles else span.text
        for span in spans(line)
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("plain span", "plain span"),
        ("*strong span*", "st:*|st:strong span|st:*"),
        ("plain _emphasis_ plain", "plain |em:_|em:emphasis|em:_| plain"),
        ("`pre` plain *strong*", "co:`pre`| plain |st:*|st:strong|st:*"),
        ("*strong*plain*", "st:*|st:strong|st:*|plain*"),
        ("* plain *strong*", "* plain |st:*|st:strong|st:*"),
        ("Everyone ~dis~likes cake.", "Everyone |st:~|st:dis|st:~|likes cake."),
        ("This is `*monospace*`", "This is |co:`*monospace*`"),
        ("*`monospace and bold`*", "st:*|stco:`monospace and bold`|st:*"),
        ("*_both_*", "st:*|stem:_|stem:both|stem:_|st:*"),
        ("not strong*", "not strong*"),
        ("*not strong", "*not strong"),
        ("*not *strong", "*not *strong"),
        ("*not strong *", "*not strong *"),
        ("**", "**"),
        ("***", "***"),
        ("****", "****"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("", ""),
    ],
)
def test_spans(line, expected):
    assert shown(line) == expected


def blocks(text):
    return [(line.depth, line.code, line.spans[0].text if line.spans else "") for line in lines(text)]


def test_code_ends_with_its_fence_or_its_quotation():
    assert blocks("```ignored\n*x* > y\n```\nplain") == [
        (0, True, "```ignored"),
        (0, True, "*x* > y"),
        (0, True, "```"),
        (0, False, "plain"),
    ]
    assert blocks("> ```\n> (println)\nplain") == [(1, True, "```"), (1, True, "(println)"), (0, False, "plain")]


def test_quotations_in_quotations():
    assert blocks(">> That that is, is.\n> Said the old hermit.\nWho?") == [
        (2, False, "That that is, is."),
        (1, False, "Said the old hermit."),
        (0, False, "Who?"),
    ]


@given(st.text(st.sampled_from("*_~`> ab\n"), max_size=60))
def test_nothing_is_lost_or_made_up(text):
    assert "\n".join(line.prefix + "".join(span.text for span in line.spans) for line in lines(text)) == text


@pytest.mark.parametrize("text", ["*a " * 30_000, "*a* " * 30_000, "*_~`" * 25_000, ">" * 100_000, "*" * 100_000])
def test_a_hostile_text_is_whole(text):
    """A parser that looks for each end again and again would run into the limit of a test's time here."""
    (line,) = lines(text)
    assert line.prefix + "".join(span.text for span in line.spans) == text
