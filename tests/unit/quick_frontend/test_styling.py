"""Message styling, with the examples of XEP-0393."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.api import JID
from sat.api.messages import Extra, Mark, Mention
from sat_frontends.quick_frontend.styling import lines, message_lines, spans, without_places


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


BOB = JID("bob@x.lit")


def named(text, *places, moved=0, **fields):
    mentions = [Mention(begin, end, BOB, own) for begin, end, own in places]
    found = message_lines(text, Extra(mentions=mentions, **fields), moved)
    return [(span.text, span.styles) for line in found for span in line.spans]


def test_who_is_named_is_a_part_of_its_own():
    assert named("hi *bob, x*", (4, 7, True)) == [
        ("hi ", ()),
        ("*", ("strong",)),
        ("bob", ("strong", "mention own")),
        (", x", ("strong",)),
        ("*", ("strong",)),
    ]
    assert named("> a\nbob", (4, 7, False)) == [("a", ()), ("bob", ("mention",))]
    assert named("* eve: bob", (4, 7, False), moved=3) == [("* eve: ", ()), ("bob", ("mention",))]
    assert named("*bob*", (1, 4, False), unstyled=True) == [("*", ()), ("bob", ("mention",)), ("*", ())]
    assert named("```\nbob", (4, 7, True)) == [("```", ()), ("bob", ())], "code is as it is"


def test_what_is_marked_beside_the_text_is_emphasised():
    marks = [Mark(3, 11, "emphasis"), Mark(3, 6, "strong"), Mark(8, 11, "strong"), Mark(0, 2, "blink")]
    extra = Extra(marks=marks, mentions=[Mention(8, 11, BOB)])
    found = [(span.text, span.styles) for line in message_lines("hi who, bob", extra) for span in line.spans]
    assert found == [
        ("hi ", ()),
        ("who", ("emphasis", "strong")),
        (", ", ("emphasis",)),
        ("bob", ("emphasis", "strong", "mention")),
    ]
    assert without_places(Extra(marks=marks, hint="h")) == Extra(hint="h")


PLACES = st.integers(-5, 50)


@given(
    st.text(st.sampled_from("*_~`> ab\n"), max_size=40),
    st.lists(st.tuples(PLACES, PLACES, st.booleans()), max_size=6),
    st.lists(st.builds(Mark, PLACES, PLACES, st.sampled_from(["strong", "code"])), max_size=6),
    st.integers(-5, 5),
)
def test_whatever_is_marked_and_named_nothing_is_lost(text, places, marks, moved):
    mentions = [Mention(begin, end, BOB, own) for begin, end, own in places]
    found = message_lines(text, Extra(mentions=mentions, marks=marks), moved)
    assert "\n".join(line.prefix + "".join(span.text for span in line.spans) for line in found) == text
