"""Messages that are off the record: read as any other, and nowhere on the disk."""

from __future__ import annotations

import pytest
from support.storing import BOB, NOW, heard, result, said

from sat.api.errors import NotEditable
from sat.api.messages import Extra, MessageState
from sat.storage import unkept
from sat.storage.edit_values import EditKind, NewEdit

WORD = "rhinoceros"


def bodies(messages):
    return [each.body for each in result(messages.history(BOB))]


def talk(messages):
    """One that came and one that was written, off the record, and one of each that is kept."""
    hidden = Extra(spoiler=True, hint=WORD)
    new = [
        heard("kept", stanza_id="1", time=NOW - 9),
        heard(f"a {WORD}", stanza_id="1", time=NOW - 8)._replace(kept=False, extra=hidden),
    ]
    new += [
        said(f"no {WORD}", id="a", time=NOW - 7)._replace(kept=False, subject=WORD),
        said("kept, too", id="b", time=NOW - 6),
    ]
    return list(result(messages.add(new)))


def test_they_are_read_as_any_other(messages):
    added = talk(messages)
    assert [each.body for each in added] == bodies(messages) == ["kept", f"a {WORD}", f"no {WORD}", "kept, too"]
    assert result(messages.get(added[1].id)) == added[1]
    assert added[1].extra.hint == WORD
    assert result(messages.get("a")).subject == WORD
    assert [each.message.body for each in result(messages.pending()).messages] == [f"no {WORD}", "kept, too"]
    result(messages.add([heard(f"last {WORD}", time=NOW)._replace(kept=False)]))
    assert result(messages.conversations())[0].last.body == f"last {WORD}"


def test_nothing_of_them_is_on_the_disk(messages, tmp_path):
    talk(messages)
    assert result(messages.search(WORD)) == []
    assert [each.body for each in result(messages.search("kept"))] == ["kept, too", "kept"]
    written = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert b"kept, too" in written
    assert WORD.encode() not in written


def test_they_are_gone_when_the_profile_is_opened_again(storage, tmp_path):
    messages = storage.messages("alice")
    talk(messages)
    result(messages.search("kept"))  # they stand in the index, too
    again = storage.messages("alice")
    result(again.forget_unkept())
    assert bodies(again) == ["kept", "kept, too"]
    assert [each.body for each in result(again.search("kept"))] == ["kept, too", "kept"]
    assert result(again.unread()) == {BOB: (1, 0)}


def test_two_with_one_id_and_one_text_are_two(messages):
    """Some programs count from 1; a text that is not stored tells nothing apart."""
    new = heard("yes", stanza_id="1")._replace(kept=False)
    result(messages.add([new]))
    result(messages.add([new._replace(body="no", time=NOW + 1)]))
    assert bodies(messages) == ["yes", "no"]


def test_they_can_be_taken_back_and_reacted_to_but_not_corrected(messages):
    _, _, ours, _ = talk(messages)
    with pytest.raises(NotEditable, match="off the record"):
        result(messages.edit(ours.id, EditKind.CORRECT, "another", "e1"))
    message, _ = result(messages.edit(ours.id, EditKind.REACT, '["👍"]', "e2"))
    assert message.body == f"no {WORD}"
    react = NewEdit(BOB, EditKind.REACT, "a", '["👍"]', BOB.with_resource("phone"), False, NOW, "e3")
    assert result(messages.take_edit(react)).body == f"no {WORD}"
    assert [each.body for each in result(messages.set_edit_state(["e2"], MessageState.SENT))] == [f"no {WORD}"]
    message, _ = result(messages.edit(ours.id, EditKind.RETRACT, "", "e4"))
    assert message.retracted
    assert message.body == result(messages.get(ours.id)).body == ""


def test_those_in_memory_are_not_endless(messages, monkeypatch):
    monkeypatch.setattr(unkept, "MOST", 3)
    for number in range(5):
        result(messages.add([heard(str(number), time=NOW + number)._replace(kept=False)]))
    assert bodies(messages) == ["", "", "2", "3", "4"]
