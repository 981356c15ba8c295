"""Fixtures of the tests of rooms."""

from __future__ import annotations

import pytest
from support.muc import RoomHost, goes_online
from support.romeo import Profile

from sat.plugins.carbons.plugin import Carbons
from sat.plugins.chat_states.plugin import ChatStates
from sat.plugins.correction.plugin import Correction
from sat.plugins.messages.plugin import Messages
from sat.plugins.reactions.plugin import Reactions
from sat.plugins.receipts.plugin import Receipts
from sat.plugins.retraction.plugin import Retraction
from sat.plugins.rooms.plugin import Rooms


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
