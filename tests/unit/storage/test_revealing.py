"""What could not be read, and then could."""

import pytest
from support.storing import BOB, NOW, heard, result

from sat.api.messages import Secured, Trust
from sat.storage.edit_values import EditKind, NewEdit

SEALED = Secured("omemo", Trust.BLIND, "ab", whole=True)


@pytest.fixture
def unread(messages):
    """A message without a text."""
    (message,) = result(messages.add([heard("", stanza_id="1", error="no key fits", archive_id="a")]))
    return message


def text(body="at last", **fields):
    return heard(body, stanza_id="1", encrypted=SEALED, **fields)


def test_it_says_what_it_says_where_it_stands(messages, unread):
    shown = result(messages.reveal(unread.id, text(subject="about")))
    assert shown == unread._replace(body="at last", subject="about", error="", encrypted=SEALED)
    assert result(messages.search("last")) == [shown]
    assert result(messages.reveal(unread.id, text("another"))) is None, "once"


def test_why_it_cannot_be_read_changes(messages, unread):
    assert result(messages.reveal(unread.id, heard("", error="never"))).error == "never"
    assert result(messages.reveal(unread.id, heard("", error="never"))) is None


def test_an_archive_tells_it_again(messages, unread):
    (added,) = again = result(messages.add([text(archive_id="a", delayed=True)]))
    assert (added, [each.body for each in again.revealed]) == (None, ["at last"])
    assert [each.body for each in result(messages.history(BOB))] == ["at last"]


def test_what_was_readable_does_not_change(messages):
    (first,) = result(messages.add([heard("first", stanza_id="1", archive_id="a", encrypted=SEALED)]))
    assert result(messages.add([text("forged", archive_id="a")])).revealed == []
    assert result(messages.reveal(first.id, text("forged"))) is None
    (clear,) = result(messages.add([heard("clear", stanza_id="2")]))
    assert result(messages.reveal(clear.id, text("forged"))) is None


def test_what_is_taken_back_stays_so(messages, unread):
    result(messages.take_edit(NewEdit(BOB, EditKind.RETRACT, "1", "", BOB, False, NOW, "r")))
    assert result(messages.reveal(unread.id, text())) is None


@pytest.mark.parametrize(("seal", "shown"), [(SEALED, "corrected"), (Secured(), "at last")])
def test_what_corrected_it_meanwhile_has_to_be_believed(messages, unread, seal, shown):
    edit = NewEdit(BOB, EditKind.CORRECT, "1", "corrected", BOB, False, NOW, "c", encrypted=seal)
    assert result(messages.take_edit(edit)).body == "corrected"
    assert result(messages.reveal(unread.id, text())).body == shown
    versions = [each.body for each in result(messages.versions(unread.id))]
    assert versions == (["at last", "corrected"] if shown == "corrected" else ["at last"])
