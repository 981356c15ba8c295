import re

import pytest
from support.fakes import JULIET, NURSE, message

from sat.api.messages import Attachment, Extra, Mention, MessageState
from sat_frontends.jp.output import Output
from sat_frontends.jp.transcript import Transcript, cells

TIME = r"\d\d:\d\d "


def line(given, **options):
    return Transcript(Output(), {JULIET: "Juliet\x1b[2J"}).line(given, **options)


def test_a_message_of_a_contact():
    assert re.fullmatch(TIME + r"Juliet␛\[2J: hello", line(message(1, "hello")))


def test_a_stranger_is_called_by_the_whole_address():
    assert re.fullmatch(TIME + f"{NURSE}: hello", line(message(1, "hello", peer=NURSE)))


def test_ours_say_how_far_they_came():
    ours = message(1, "hello", outgoing=True, state=MessageState.DELIVERED)
    assert line(ours).endswith("hello ✓✓")
    failed = message(1, "hello", outgoing=True, state=MessageState.FAILED, error="No such\x1b account.")
    assert line(failed).endswith("hello ✗ No such␛ account.")


def test_further_lines_are_indented_or_joined():
    long = message(1, "one\ntwo")
    assert line(long).endswith("one\n      two")
    assert "\n" not in line(long, one_line=True)


def test_a_subject_stands_first():
    assert line(message(1, "hello", subject="News\n")).endswith("[News␤] hello")


def test_days_are_separated(capsys):
    transcript = Transcript(Output(), {})
    for order in (0, 1, 60 * 24):
        transcript.show(message(order, "hello"))
    lines = capsys.readouterr().out.splitlines()
    assert [each.startswith("──") for each in lines] == [True, False, False, True, False]


def coloured(given, **options):
    """The line on a terminal in colours, from the text on."""
    return Transcript(Output(color="always"), {JULIET: "Juliet"}).line(given, **options).partition(":\x1b[0m ")[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("so *it* is", "so {1}*it*{0} is"),
        ("_so_ ~no~ `code`", "{3}_so_{0} {9}~no~{0} {36}`code`{0}"),
        ("*_both_*", "{1}*{0}{1;3}_both_{0}{1}*{0}"),
        ("> *said*", "{2}> {0}{2;1}*said*{0}"),
        ("```\n*x*\n```", "{36}```{0}␤{36}*x*{0}␤{36}```{0}"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("*a\x1b[31m*", "{1}*a␛[31m*{0}"),
    ],
)
def test_styles_are_shown_in_colours_and_nothing_of_the_text_is_one(text, shown):
    wanted = re.sub(r"\{([\d;]+)\}", "\x1b[\\1m", shown)
    assert coloured(message(1, text), one_line=True) == wanted


def test_styles_are_not_shown_without_colours_or_where_they_are_none():
    assert line(message(1, "so *it* is")).endswith("so *it* is")
    assert coloured(message(1, "so *it* is", extra=Extra(unstyled=True))) == "so *it* is"


def test_who_is_named_is_set_off():
    mention = Mention(6, 9, JULIET, own=True)
    assert coloured(message(1, "hello you", extra=Extra(mentions=[mention]))) == "hello \x1b[1;33myou\x1b[0m"


def test_what_somebody_does_has_their_name():
    assert line(message(1, "/me waves")).endswith(": * Juliet␛[2J waves")
    assert line(message(1, "/me *waves*\nand goes"), one_line=True).endswith(": * Juliet␛[2J *waves*␤and goes")
    assert line(message(1, "/meander")).endswith(": /meander")
    ours = message(1, "/me waves", outgoing=True, state=MessageState.SENT)
    assert line(ours).endswith(f": * {ours.sender.local} waves ✓")


def test_cells_for_scripts():
    assert cells(message(1, "a\nb", outgoing=True))[1:] == (JULIET, "out", "a\nb", "sent")


def test_what_cannot_be_read_says_why_in_the_place_of_the_text():
    lost = message(1)._replace(body="", error="This message was encrypted,\tand cannot be read.")
    assert cells(lost)[3] == lost.error
    assert cells(lost._replace(body="hello"))[3] == "hello"
    assert cells(lost._replace(outgoing=True))[3] == ""


def test_the_address_of_an_encrypted_file_is_not_shown():
    plain, sealed = (Attachment(f"{scheme}://a.lit/x#key", "talk.pdf") for scheme in ("https", "aesgcm"))
    assert line(message(1)._replace(body="", attachments=[plain])).endswith("▤ talk.pdf https://a.lit/x#key")
    assert line(message(1)._replace(body="", attachments=[sealed])).endswith("▤ talk.pdf")
    assert [cells(message(1)._replace(body="", attachments=[each]))[3] for each in (plain, sealed)] == [
        plain.url,
        "talk.pdf",
    ]
