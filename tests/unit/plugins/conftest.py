"""Fixtures of the tests of rooms, of blogs, of the timeline, and of files, encrypted ones too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import followed
from support.fake_jingle import Offers
from support.files import DATA
from support.muc import RoomHost, goes_online
from support.romeo import Profile, now
from support.sealed_pair import sealed

from sat.core import disk
from sat.plugins.attachments import plugin as attachments_plugin
from sat.plugins.attachments import reading
from sat.plugins.blog.plugin import Blog
from sat.plugins.carbons.plugin import Carbons
from sat.plugins.chat_states.plugin import ChatStates
from sat.plugins.correction.plugin import Correction
from sat.plugins.files import carrying, incoming, keeping
from sat.plugins.files import plugin as files_plugin
from sat.plugins.files.plugin import Files
from sat.plugins.messages.plugin import Messages
from sat.plugins.reactions.plugin import Reactions
from sat.plugins.receipts.plugin import Receipts
from sat.plugins.retraction.plugin import Retraction
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.shares import fetching, index
from sat.plugins.shares import plugin as shares_plugin
from sat.plugins.thumbnails import plugin as thumbnails_plugin
from sat.plugins.timeline.plugin import Timeline
from sat.plugins.upload import plugin as upload_plugin


@pytest.fixture
def rooms(romeo: Profile) -> Rooms:
    """The plugin, online, with those that meet its messages."""
    for kind in (Carbons, Correction, Retraction, Reactions, Receipts):
        romeo.plug(kind)
    rooms: Rooms = romeo.plug(Rooms)
    romeo.plug(ChatStates)
    goes_online(romeo)
    return rooms


@pytest.fixture
def messages(romeo: Profile, rooms: Rooms) -> Messages:
    """What is written in rooms."""
    return romeo.plugin(Messages)


@pytest.fixture
def host(romeo: Profile, rooms: Rooms) -> RoomHost:
    """The room's side."""
    return RoomHost(romeo)


@pytest.fixture
def timeline(romeo: Any) -> Timeline:
    """The plugin, offline, with juliet as a contact; ``romeo.told`` is what it has told frontends."""
    timeline: Timeline = romeo.plug(Timeline)
    romeo.told = []
    timeline.undo(timeline.published.connect(lambda posts: romeo.told.append([each.text for each in posts])))
    timeline.undo(timeline.retracted.connect(lambda gone: romeo.told.append([f"-{each.id}" for each in gone])))
    followed.befriend(romeo, followed.JULIET)
    return timeline


@pytest.fixture
def online(romeo: Profile, timeline: Timeline) -> Timeline:
    """A session in which all that is asked at the beginning was answered: there is nothing."""
    followed.goes_online(romeo)
    return timeline


@pytest.fixture
def blog(romeo: Profile) -> Blog:
    """The plugin, online."""
    made: Blog = romeo.plug(Blog)
    romeo.goes_online()
    return made


@pytest.fixture
def threadless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read and written at once."""

    async def at_once(work: Callable[[], object], unwanted: object = None) -> object:
        return work()

    own = (attachments_plugin, reading, files_plugin, incoming, shares_plugin, thumbnails_plugin, upload_plugin)
    for each in (disk, index, carrying, keeping, fetching, *own):
        monkeypatch.setattr(each, "in_thread", at_once)
    monkeypatch.setattr(incoming, "to_end_in_thread", at_once)


@pytest.fixture
def sealed_pair(folder: Path, threadless: None) -> Iterator[Any]:
    """Two that send each other what nobody between them can read."""
    with sealed(folder) as pair:
        yield pair


@pytest.fixture
def files(romeo: Profile, threadless: None, tmp_path: Path) -> Files:
    """The plugin, online; what is received goes to the folder ``here``."""
    made: Files = romeo.plug(Files)
    romeo.goes_online()
    now(romeo.settings.set_setting("files.folder", str(tmp_path / "here")))
    romeo.sent()
    return made


@pytest.fixture
def offers(romeo: Profile, files: Files, monkeypatch: pytest.MonkeyPatch) -> Offers:
    """What the plugin offers to others."""
    made = Offers(romeo.clock)
    monkeypatch.setattr(files.jingle, "offer", made.offer)
    return made


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Where received files go."""
    return tmp_path / "here"


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    """A file of ours."""
    path = tmp_path / "plans.bin"
    path.write_bytes(DATA)
    return path
