"""Who calls over the bus, and that it is noticed when they have left."""

from types import SimpleNamespace

import pytest
from twisted.internet.defer import Deferred, fail

from sat.api.errors import NoBus
from sat.bridge.callers import Callers, when_left
from sat.bridge.link import DBUS

JP = ":1.42"


class Bus:
    """Notes what it is asked, and answers when it is told to."""

    def __init__(self):
        self.asked = []
        self.answers = {}

    def ask(self, message):
        self.asked.append(message.get_member())
        answer = self.answers[message.get_member()] = Deferred()
        return answer

    def has_owner(self, there):
        self.answers["NameHasOwner"].callback(SimpleNamespace(get_args_list=lambda: [there]))


def changed(name=JP, owner="", sender=DBUS):
    return SimpleNamespace(
        get_sender=lambda: sender, get_member=lambda: "NameOwnerChanged", get_args_list=lambda: [name, JP, owner]
    )


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def callers(bus):
    return Callers(bus.ask)


def test_who_leaves_is_told_once(bus, callers):
    left = []
    with callers.calling(JP):
        when_left(lambda: left.append(1))
        when_left(lambda: left.append(2))
    bus.has_owner(True)
    callers.heard(changed(":1.7"))
    callers.heard(changed(owner=JP))  # it has just come
    callers.heard(changed(sender=":1.66"))  # somebody else says so
    assert left == []
    callers.heard(changed())
    callers.heard(changed())
    assert left == [1, 2]
    assert bus.asked == ["AddMatch", "NameHasOwner", "RemoveMatch"]


def test_who_had_left_before_we_listened_is_told_too(bus, callers):
    left = []
    with callers.calling(JP):
        when_left(lambda: left.append(1))
    bus.has_owner(False)
    assert left == [1]


def test_it_can_be_taken_back(bus, callers):
    left = []
    with callers.calling(JP):
        undo = when_left(lambda: left.append(1))
    undo()
    undo()
    callers.heard(changed())
    assert (left, bus.asked) == ([], ["AddMatch", "NameHasOwner", "RemoveMatch"])


def test_without_a_bus_all_have_left():
    callers, left = Callers(lambda message: fail(NoBus())), []
    with callers.calling(JP):
        when_left(lambda: left.append(1))
    callers.all_left()
    assert left == [1]


def test_calls_within_the_process_belong_to_nobody(bus, callers):
    with callers.calling(JP):
        pass
    when_left(lambda: None)()
    assert bus.asked == []
