"""Conversations as text and as JSON."""

import io
import json

import pytest
from support import fakes
from support.fakes import JULIET, Loop

from sat.api import JID
from sat.api.messages import MessageKind
from sat_frontends.quick_frontend.exporting import export

ROOM = JID("balcony@rooms.capulet.lit")


@pytest.fixture
def messages():
    return fakes.Messages()


def written(messages, peer, **how):
    file = io.StringIO()
    loop = Loop()
    loop.now(export(file, messages, peer, **{"as_json": False, **how}))
    return file.getvalue()


def put(messages, *all):
    messages.stored.update({each.id: each for each in all})


def test_text_says_who_wrote_also_in_a_room(messages):
    put(
        messages,
        fakes.message(1, "what light?\nIt is the east", peer=ROOM, kind=MessageKind.GROUPCHAT)._replace(
            sender=ROOM.with_resource("Romeo\x1b[31m")
        ),
        fakes.message(2, "", peer=ROOM, retracted=True, kind=MessageKind.GROUPCHAT)._replace(
            sender=ROOM.with_resource("Nurse")
        ),
    )
    first, second, third = written(messages, ROOM).splitlines()
    assert first.partition(" ")[2] == f"{ROOM}/Romeo␛[31m: what light?"
    assert second == "    It is the east"
    assert third.partition(" ")[2] == f"{ROOM}/Nurse: (taken back)"


@pytest.mark.parametrize(("most", "first"), [(0, 0), (3, 1197), (500, 700), (700, 500), (5000, 0)])
def test_all_or_the_last_ones_in_their_order(messages, most, first):
    put(messages, *(fakes.message(order + 1, str(order), peer=JULIET) for order in range(1200)))
    lines = written(messages, JULIET, as_json=True, most=most).splitlines()
    assert [json.loads(each)["body"] for each in lines] == [str(each) for each in range(first, 1200)]
