import re

from support.fakes import JULIET, NURSE, message

from sat.api.messages import MessageState
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


def test_cells_for_scripts():
    assert cells(message(1, "a\nb", outgoing=True))[1:] == (JULIET, "out", "a\nb", "sent")
