from __future__ import annotations

from support.conversation import Scene, many
from support.fakes import message

from sat.api.errors import FeatureMissing, NotConnected, StorageFull
from sat.api.messages import MessageState
from sat_frontends.quick_frontend.chat import ChatChange, What

UNREAD = MessageState.UNREAD


# -- history -----------------------------------------------------------------------------------------------------


def test_the_newest_page_is_loaded_once():
    scene = Scene(*many(1, 120))
    scene.loop.now(scene.chat.load())
    assert scene.what() == [What.LOADING, What.RESET, What.LOADING]
    assert scene.orders() == list(range(71, 121))
    scene.loop.now(scene.chat.load())
    assert scene.what() == []


def test_older_pages_come_before():
    scene = Scene(*many(1, 120)).loads()
    position = scene.chat.find("m71")
    scene.loop.now(scene.chat.load_older())
    assert scene.orders() == list(range(21, 121))
    assert scene.chat.find("m71") == position
    # The row that was first has lost its day and heading.
    assert scene.told == [
        ChatChange(What.LOADING),
        ChatChange(What.OLDER, position - 50, position),
        ChatChange(What.UPDATED, position, position + 1),
        ChatChange(What.LOADING),
    ]


def test_without_an_archive_the_store_is_the_end():
    scene = Scene(*many(1, 60)).loads()
    assert scene.chat.has_older
    scene.loop.now(scene.chat.load_older())
    assert not scene.chat.has_older
    asked = scene.messages.count("get_history")
    scene.loop.now(scene.chat.load_older())
    assert scene.messages.count("get_history") == asked


def test_the_archive_is_asked_when_the_store_has_no_more():
    scene = Scene(*many(101, 110), archive=[many(91, 100), [], many(81, 90)]).loads()
    assert scene.archive.count("fetch_older") == 0
    scene.loop.now(scene.chat.load_older())
    assert scene.orders() == list(range(91, 111))
    scene.loop.now(scene.chat.load_older())  # past a page without anything to show
    assert scene.orders() == list(range(81, 111))
    scene.loop.now(scene.chat.load_older())
    assert not scene.chat.has_older


def test_an_archive_that_cannot_be_asked_now_can_be_later():
    scene = Scene(*many(101, 110), archive=[many(91, 100)]).loads()
    scene.archive.fails["fetch_older"] = NotConnected(profile="romeo")
    scene.loop.now(scene.chat.load_older())
    assert (scene.chat.has_older, scene.chat.error) == (True, None)
    scene.archive.fails.clear()
    scene.loop.now(scene.chat.load_older())
    assert scene.orders() == list(range(91, 111))


def test_a_server_without_archive_is_asked_once():
    scene = Scene(*many(101, 110), archive=[]).loads()
    scene.archive.fails["fetch_older"] = FeatureMissing(who="example.org", feature="archives")
    scene.loop.now(scene.chat.load_older())
    assert (scene.chat.has_older, scene.chat.error) == (False, None)


def test_one_page_at_a_time():
    scene = Scene(*many(1, 300)).loads()
    scene.messages.gate.closed = True
    scene.loop.spawn(scene.chat.load_older())
    scene.loop.spawn(scene.chat.load_older())
    assert scene.chat.loading
    scene.messages.gate.open(scene.loop)
    assert not scene.chat.loading
    assert scene.orders() == list(range(201, 301))


def test_a_failure_is_shown_and_can_be_tried_again():
    scene = Scene(*many(1, 120)).loads()
    scene.messages.fails["get_history"] = StorageFull()
    scene.loop.now(scene.chat.load_older())
    assert scene.chat.error == StorageFull()
    scene.messages.fails.clear()
    scene.loop.now(scene.chat.load_older())
    assert scene.chat.error is None
    assert len(scene.orders()) == 100


def test_a_long_conversation_needs_little_memory_and_can_be_read_both_ways():
    scene = Scene(*many(1, 20_000), keep=200).loads()
    for _ in range(20):
        scene.loop.now(scene.chat.load_older())
        assert len(scene.orders()) <= 200
    assert scene.chat.has_newer
    assert scene.back_down()[-1] == 20_000
    assert What.DROPPED in scene.what()
    scene.messages.arrives(message(20_001))
    assert scene.orders()[-1] == 20_001


def test_what_comes_while_reading_far_back_is_there_on_the_way_back():
    scene = Scene(*many(1, 500), keep=100).loads()
    for _ in range(4):
        scene.loop.now(scene.chat.load_older())
    scene.messages.arrives(*many(501, 570))
    assert scene.orders()[-1] < 500
    assert scene.back_down() == list(range(471, 571))


def test_what_comes_while_a_newer_page_is_on_its_way_is_not_forgotten():
    scene = Scene(*many(1, 120), keep=100).loads()
    scene.loop.now(scene.chat.load_older())
    scene.loop.now(scene.chat.load_older())
    scene.messages.gate.closed = True
    scene.loop.spawn(scene.chat.load_newer())
    scene.messages.arrives(message(121))
    scene.messages.gate.open(scene.loop)
    assert scene.back_down()[-1] == 121


def test_back_to_the_newest_at_once():
    scene = Scene(*many(1, 500), keep=100).loads()
    for _ in range(4):
        scene.loop.now(scene.chat.load_older())
    scene.loop.now(scene.chat.show_newest())
    assert scene.orders() == list(range(451, 501))


def test_a_search_result_is_reached():
    scene = Scene(*many(1, 3000)).loads()
    position = scene.loop.now(scene.chat.reach(7))
    assert scene.chat.row(position).message.order == 7
    assert scene.loop.now(scene.chat.reach(2990)) is not None
    assert scene.loop.now(scene.chat.reach(5000)) is None


# -- after the daemon was away -----------------------------------------------------------------------------------


def test_what_was_missed_is_there_after_resync():
    scene = Scene(*many(1, 10, outgoing=True)).loads()
    position = scene.chat.find("m9")
    scene.messages.stored["m9"] = scene.messages.stored["m9"]._replace(state=MessageState.DELIVERED)
    scene.messages.stored["m11"] = message(11, state=UNREAD)
    scene.loop.now(scene.chat.resync())
    assert scene.orders() == list(range(1, 12))
    assert scene.chat.row(position).message.state is MessageState.DELIVERED
    assert What.RESET in scene.what()


def test_no_gap_stays_when_much_was_missed():
    scene = Scene(*many(1, 10)).loads()
    scene.messages.stored.update((each.id, each) for each in many(11, 200))
    scene.loop.now(scene.chat.resync())
    assert scene.orders() == list(range(151, 201))
    scene.loop.now(scene.chat.load_older())
    assert scene.orders() == list(range(101, 201))


def test_who_reads_far_back_stays_there():
    scene = Scene(*many(1, 500), keep=100).loads()
    for _ in range(4):
        scene.loop.now(scene.chat.load_older())
    before = scene.orders()
    scene.messages.stored.update((each.id, each) for each in many(501, 700))
    scene.loop.now(scene.chat.resync())
    assert scene.orders() == before
    assert scene.back_down()[-1] == 700


def test_an_answer_from_before_is_not_used():
    scene = Scene(*many(1, 120)).loads()
    scene.messages.gate.closed = True
    scene.loop.spawn(scene.chat.load_older())
    scene.loop.spawn(scene.chat.resync())
    scene.messages.gate.open(scene.loop)
    assert scene.orders() == list(range(71, 121))
    assert not scene.chat.loading
