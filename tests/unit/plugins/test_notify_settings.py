import pytest
from support.muc import ROOM, enter
from support.parsing import parse
from support.romeo import now

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.bookmarks import notify, wire
from sat.plugins.notify_settings import plugin
from sat.plugins.notify_settings.api import Choice, Notify
from sat.plugins.notify_settings.plugin import NotifySettings
from sat.plugins.rooms.bookmarks import Bookmark
from sat.xmpp import xml

JULIET = JID("juliet@capulet.lit")


@pytest.fixture
def settings(romeo, rooms):
    return romeo.plug(NotifySettings)


def conference(inside):
    return parse(f"<conference xmlns='{wire.NS}'><extensions>{inside}</extensions></conference>")


def said(inside):
    return f"<notify xmlns='{notify.NS}'>{inside}</notify>"


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<never/>", "never"),
        ("<on-mention/>", "mention"),
        ("<always/><never identity-category='client'/>", "never"),
        ("<never identity-category='client'/><always identity-category='client' identity-type='pc'/>", "always"),
        ("<never identity-category='client' identity-type='phone'/><on-mention/>", "mention"),
        ("<never identity-category='gateway'/>", ""),
        ("<sometimes/>", ""),
        ("", ""),
    ],
)
def test_what_holds_for_us_is_read(inside, told):
    assert wire.read(ROOM, conference(said(inside))).notify == told


def test_no_extensions_and_those_of_others():
    assert wire.read(ROOM, parse(f"<conference xmlns='{wire.NS}'/>")).notify == ""
    assert wire.read(ROOM, conference("<pinned xmlns='urn:x'/>")).notify == ""


def written(value, inside):
    return xml.to_text(wire.write(Bookmark(ROOM, notify=value), conference(inside)), wire.NS)


def test_what_is_written_keeps_what_others_have_written():
    phone = "<never identity-category='client' identity-type='phone'/>"
    more = "<always><advanced><x xmlns='custom:1'/></advanced></always><on-mention identity-category='client'/>"
    made = written("never", "<pinned xmlns='urn:x'/>" + said(phone + more))
    assert "<pinned xmlns='urn:x'/>" in made
    assert phone in made
    assert "<never><advanced><x xmlns='custom:1'/></advanced></never>" in made
    assert "<never identity-category='client'/>" in made
    assert "always" not in made
    assert "on-mention" not in made


def test_what_is_written_where_nothing_was():
    assert f"<extensions><notify xmlns='{notify.NS}'><on-mention/></notify></extensions>" in written("mention", "")
    assert "<always/>" not in written("", said("<always/>"))
    assert "<advanced>" in written("", said("<always><advanced><x xmlns='custom:1'/></advanced></always>"))
    assert "extensions" not in xml.to_text(wire.write(Bookmark(ROOM), None), wire.NS)


def test_choice_for_a_room_is_in_its_bookmark(romeo, settings, host, rooms, record):
    told = record(settings.chosen)
    enter(host)
    assert settings.wanted(ROOM) is Notify.MENTION, "everybody can enter it"
    now(settings.choose(ROOM, Notify.NEVER))
    assert rooms.bookmarks.find(ROOM).notify == "never"
    assert "notify" in rooms.bookmarks.unsent(ROOM)
    assert (settings.wanted(ROOM), now(settings.get_choices())) == (Notify.NEVER, [Choice(ROOM, Notify.NEVER)])
    now(rooms.bookmarks.learn(rooms.bookmarks.find(ROOM)._replace(notify="always")))
    assert settings.wanted(ROOM) is Notify.ALWAYS, "another program has chosen that"
    now(settings.choose(ROOM, Notify.DEFAULT))
    assert told == [[Choice(ROOM, each)] for each in (Notify.NEVER, Notify.ALWAYS, Notify.DEFAULT)]
    assert settings.wanted(ROOM.with_resource("juliet")) is Notify.ALWAYS


def test_choice_for_a_contact_is_kept_here(romeo, settings, monkeypatch):
    assert settings.wanted(JULIET) is Notify.ALWAYS
    now(settings.choose(JULIET, Notify.NEVER))
    romeo._plugins.pop(NotifySettings).stop()
    again = romeo.plug(NotifySettings)
    assert again.wanted(JULIET) is Notify.NEVER
    monkeypatch.setattr(plugin, "MOST", 1)
    with pytest.raises(InvalidArgument):
        now(again.choose(JID("nurse@capulet.lit"), Notify.NEVER))
    now(again.choose(JULIET, Notify.DEFAULT))
    assert now(again.get_choices()) == []
