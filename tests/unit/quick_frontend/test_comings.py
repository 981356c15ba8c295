from support.fakes import JULIET, message

from sat_frontends.quick_frontend.comings import MOST_EVENTS, MOST_LINES, Comings
from sat_frontends.quick_frontend.history import ChatChange, What
from sat_frontends.quick_frontend.occupants import Traffic
from sat_frontends.quick_frontend.room_words import Piece, joined
from sat_frontends.quick_frontend.window import Window


class Scene:
    def __init__(self, *orders):
        self.window, self.told = Window(), []
        for order in orders:
            self.window.insert(message(order))
        self.comings = Comings(self.window, self.told.append)

    def passes(self, came=(), left=()):
        self.comings.pass_by(Traffic(list(came), list(left)))
        return self

    def after(self, order):
        return joined(self.comings.after(order))


def test_one_line_for_all():
    assert Scene(1).passes(["Anna"]).after(1) == "Anna came"
    assert Scene(1).passes(["Anna", "Bob"]).after(1) == "Anna and Bob came"
    assert Scene(1).passes(["Anna", "Bob"], ["Carol"]).after(1) == "Anna and Bob came, Carol left"
    scene = Scene(1).passes(["Anna"]).passes(["Bob", "Carol"], ["Dave"]).passes(["Eve"], ["Frank"])
    assert scene.after(1) == "Anna and 3 others came, 2 left"
    assert scene.told == [ChatChange(What.UPDATED, 0, 1)] * 3
    assert Scene(1).passes([], ["Anna", "Bob", "Carol"]).after(1) == "Anna and 2 others left"


def test_who_only_looked_in_leaves_no_trace():
    scene = Scene(1).passes(["Anna", "Bob"]).passes([], ["Anna", "Carol"]).passes(["Carol"], ["Bob"])
    assert scene.comings.after(1) == []
    assert Scene(1).passes().told == []


def test_a_message_begins_a_new_line():
    scene = Scene(1).passes(["Anna"])
    scene.window.insert(message(2))
    scene.passes([], ["Anna"])
    assert (scene.after(1), scene.after(2)) == ("Anna came", "Anna left")


def test_what_happened_takes_the_place_of_leaving():
    scene = Scene(1).passes([], ["Tybalt", "Paris"])
    scene.comings.explain([Piece("Tybalt", True), Piece(" was put out")], "Tybalt", "")
    assert scene.after(1) == "Paris left. Tybalt was put out"
    for number in range(20):
        scene.comings.explain([Piece(f"event {number}")])
    assert scene.after(1).count("event") == MOST_EVENTS
    assert scene.after(1).endswith("event 19")


def test_nothing_is_written_yet():
    assert Scene().passes(["Anna"]).told == []


def test_below_a_message_that_is_no_longer_in_memory():
    scene = Scene(*range(1, 11))
    scene.window.drop_newest(5)
    scene.passes(["Anna"])
    assert (scene.after(5), scene.after(10), scene.told) == ("", "Anna came", [])


def test_lines_are_bounded():
    scene = Scene()
    for order in range(1, MOST_LINES + 3):
        scene.window.insert(message(order, peer=JULIET))
        scene.passes([f"nick {order}"])
    assert (scene.after(2), scene.after(3)) == ("", "nick 3 came")


def test_names_are_hostile():
    scene = Scene(1).passes(["\u202ered\x1b[31m" + "x" * 100])
    (who, did) = scene.comings.after(1)
    assert (who.name, did) == (True, Piece(" came"))
    assert not set(who.text) & set("\u202e\x1b")
    assert len(who.text) == 40
