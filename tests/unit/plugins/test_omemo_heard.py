"""Who is known to have devices."""

from __future__ import annotations

from sat.api import JID
from sat.plugins.omemo import heard
from sat.plugins.omemo.heard import Heard
from sat.plugins.omemo.names import NEW, OLD

JULIET, NURSE, PARIS = JID("juliet@capulet.lit"), JID("nurse@capulet.lit"), JID("paris@verona.lit")


def test_one_list_with_devices_is_enough_and_none_takes_both():
    known = Heard()
    assert known.can(JULIET) is None
    assert not known.note(NEW, JULIET, {})  # nothing new: the other version may have some
    assert known.can(JULIET) is None
    assert known.note(OLD, JULIET, {27183: None})
    assert known.can(JULIET) is True
    assert not known.note(OLD, JULIET, {27183: None, 5: None})
    assert known.note(OLD, JULIET, {})
    assert known.can(JULIET) is False


def test_it_is_remembered_until_they_have_none():
    known = Heard()
    known.remember([JULIET, NURSE])
    known.begin_session()
    assert known.can(JULIET) is True
    known.note(NEW, JULIET, {})
    assert known.can(JULIET) is True  # half an answer
    known.note(OLD, JULIET, {})
    assert known.can(JULIET) is False
    assert known.able == [NURSE]


def test_a_crowd_does_not_grow_without_end(monkeypatch):
    monkeypatch.setattr(heard, "MOST", 2)
    known = Heard()
    for owner in (JULIET, NURSE, PARIS):
        known.note(NEW, owner, {1: None})
    assert known.able == [NURSE, PARIS]
    assert not known.lists(JULIET)
