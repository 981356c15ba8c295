"""What is on its way, as frontends keep it, and what is said of it."""

import pytest
from support.fake_transfers import Files, Transfers
from support.fakes import Loop

from sat.api import JID
from sat.api.errors import NotFound, TooManyTransfers
from sat.plugins.transfers.api import Direction, Transfer, TransferState, Way
from sat_frontends.quick_frontend import transfer_words as words
from sat_frontends.quick_frontend import transfers

BOB = JID("bob@localhost")
MB = 1024 * 1024


class Scene:
    def __init__(self):
        self.loop, self.api = Loop(), Transfers()
        self.files = Files(self.api)
        self.all = transfers.Transfers(self.api, self.files, self.loop.clock)
        self.undo = self.all.listen()
        self.told, self.offered = [], []
        self.all.changed.connect(self.told.append)
        self.all.offered.connect(self.offered.append)

    def act(self, id, action, path=""):
        self.loop.now(self.all.act(id, action, path))


@pytest.fixture
def scene():
    return Scene()


def sends(**fields):
    return Transfer("1", Direction.SEND, "a.txt", 3 * MB, peer=BOB, **fields)


def receives(**fields):
    return Transfer("1", Direction.RECEIVE, "a.txt", 3 * MB, peer=BOB, **fields)


# -- the model -----------------------------------------------------------------------------------------------------


def test_what_is_offered_is_told_once(scene):
    scene.api.put(receives(state=TransferState.OFFERED))
    scene.api.put(receives(state=TransferState.OFFERED, description="again"))
    assert [each.id for each in scene.offered] == ["1"]
    assert [each.description for each in scene.all.asking] == ["again"]
    scene.api.put(sends(state=TransferState.OFFERED)._replace(id="2"))
    assert len(scene.offered) == 1  # that is for the other side


def test_what_moves_is_told_again_when_time_has_passed(scene):
    scene.api.put(sends())
    scene.api.put(sends(state=TransferState.CONNECTING)._replace(id="2"))
    scene.told.clear()
    scene.all.look_again()
    assert scene.told == ["1"]


def test_what_was_offered_before_is_no_news(scene):
    scene.api.known["1"] = receives(state=TransferState.OFFERED)
    scene.loop.now(scene.all.load())
    assert (len(scene.all.asking), scene.offered) == (1, [])


def test_loading_forgets_what_is_gone(scene):
    scene.api.put(sends())
    scene.api.known.clear()
    scene.loop.now(scene.all.load())
    assert (len(scene.all), scene.told) == (0, ["1", "1"])


def test_a_daemon_without_them_has_none(scene):
    scene.api.fails["get_all"] = NotFound(what="transfers")
    scene.loop.now(scene.all.load())
    assert len(scene.all) == 0


def test_the_files_of_a_folder_are_told_by_it(scene):
    """But those that did not come."""
    live, told = scene.all, scene.told
    one = scene.api.put(receives()._replace(id="in", within="folder"))
    assert live.find("in") is None
    scene.api.put(one, state=TransferState.FAILED, partial=True)
    assert live.find("in") is not None
    scene.api.put(one, state=TransferState.RUNNING)
    assert (live.find("in"), told[-1]) == (None, "in")


def test_what_is_forgotten_goes(scene):
    scene.api.put(sends())
    scene.api.end("1")
    scene.act("1", words.Action.FORGET)
    assert scene.all.find("1") is None
    for undo in scene.undo:
        undo()
    scene.api.put(sends())
    assert len(scene.all) == 0


def test_what_waits_for_a_person_stands_first_and_what_has_ended_last(scene):
    for id, state in (("done", "done"), ("runs", "running"), ("asks", "offered"), ("later", "running")):
        scene.api.put(receives(state=TransferState(state))._replace(id=id))
    rows = scene.all.rows(lambda jid: {BOB: "Bo\x1bb"}[jid])
    assert [each.id for each in rows] == ["asks", "later", "runs", "done"]
    assert {each.who for each in rows} == {"from Bo␛b"}
    assert [each.id for each in scene.all.under_way] == ["runs", "later"]


def test_a_person_does_something(scene):
    scene.api.put(receives(state=TransferState.OFFERED))
    scene.act("1", words.Action.ACCEPT, "/a/folder")
    assert scene.all.find("1").state is TransferState.CONNECTING
    scene.act("1", words.Action.CANCEL)
    assert scene.all.find("1").state is TransferState.CANCELLED
    scene.api.put(receives(state=TransferState.FAILED, partial=True))
    scene.act("1", words.Action.RESUME)
    assert scene.all.find("1").state is TransferState.CONNECTING
    scene.api.put(receives(state=TransferState.OFFERED))
    scene.act("1", words.Action.DECLINE)
    assert [call[0] for call in scene.files.calls] == ["accept", "resume", "decline"]
    scene.act("1", words.Action.OPEN)
    assert scene.files.count("accept") == 1
    with pytest.raises(NotFound):
        scene.act("none", words.Action.CANCEL)


def test_speed_and_time_left_follow_the_last_seconds(scene):
    scene.api.put(sends(moved=0))
    assert (scene.all.speed("1"), scene.all.left("1")) == (0.0, None)
    scene.loop.time += 2
    scene.api.put(sends(moved=MB))
    assert scene.all.speed("1") == MB / 2
    assert scene.all.left("1") == 4.0
    assert scene.all.row("1").progress == "1.0 MB of 3.0 MB · 33% · 512 KB/s · 4 s left"
    scene.loop.time += 30
    assert scene.all.speed("1") == MB / 32  # it stands still
    scene.api.end("1")
    assert (scene.all.speed("1"), scene.all.row("1").progress) == (0.0, "3.0 MB")


def test_what_is_gone_on_with_is_not_fast_for_what_was_here(scene):
    scene.api.put(receives(moved=2 * MB))
    scene.loop.time += 1
    scene.api.put(receives(moved=2 * MB + 1000))
    assert scene.all.speed("1") == 1000


def test_a_pace_forgets_what_is_long_ago_and_begins_again():
    pace = transfers.Pace()
    for second in range(100):
        pace.note(second, 1000 * second)
    assert pace.speed(99) == 1000
    assert len(pace._samples) < 15
    pace.note(100, 0)
    assert (pace.speed(100), pace.left(100, 5)) == (0.0, None)
    pace.note(100.1, 1000)
    assert pace.speed(100.1) == 0.0  # too short to be said
    assert transfers.Pace().speed(1) == 0.0


# -- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transfer", "state", "actions"),
    [
        (receives(state=TransferState.OFFERED), "offered", ["accept", "decline"]),
        (sends(state=TransferState.OFFERED), "waiting for the other side", ["cancel"]),
        (receives(state=TransferState.OFFERED, pipe=True), "waiting for the other side", ["cancel"]),
        (sends(state=TransferState.CONNECTING), "connecting", ["cancel"]),
        (sends(), "sending", ["cancel"]),
        (receives(), "receiving", ["cancel"]),
        (receives(state=TransferState.CHECKING), "checking", ["cancel"]),
        (sends(state=TransferState.DONE, path="/a/b"), "sent", ["forget"]),
        (receives(state=TransferState.DONE, path="/a/b"), "received", ["open", "forget"]),
        (receives(state=TransferState.DONE, path="", pipe=True), "received", ["forget"]),
        (
            receives(state=TransferState.DONE, path="/q/b", quarantined=True),
            "received, put apart as it could be run",
            ["open", "forget"],
        ),
        (sends(state=TransferState.CANCELLED), "cancelled", ["forget"]),
        (receives(state=TransferState.CANCELLED), "declined", ["forget"]),
        (receives(state=TransferState.CANCELLED, moved=9), "cancelled", ["forget"]),
        (receives(state=TransferState.CANCELLED, partial=True), "cancelled, a part is here", ["resume", "forget"]),
        (
            receives(state=TransferState.CANCELLED, error="CancelledThere", details={"peer": "bob@b.lit", "why": ""}),
            "The transfer with bob@b.lit was cancelled there.",
            ["forget"],
        ),
        (receives(state=TransferState.FAILED), "It failed.", ["forget"]),
        (
            receives(state=TransferState.FAILED, partial=True, error="NotFound", details={"what": "\x1b[31mway"}),
            "There is no ␛[31mway. A part is here.",
            ["resume", "forget"],
        ),
    ],
)
def test_what_is_said_and_what_can_be_done(transfer, state, actions):
    assert words.state(transfer) == state
    assert words.actions(transfer) == actions
    assert all(each in words.ACTIONS for each in words.actions(transfer))


def test_every_state_and_every_way_has_words():
    for state in TransferState:
        assert words.state(sends(state=state))
    assert set(words.WAYS) == set(Way)
    assert words.way(sends(way=Way.IN_BAND, encrypted=True)) == "through the servers, slowly, encrypted"
    assert words.way(sends()) == ""


def test_who_and_what():
    assert (words.who(sends()), words.who(receives(), "Bob")) == ("to bob@localhost", "from Bob")
    assert words.who(Transfer("1", Direction.SEND, "a")) == ""
    assert words.title(sends(pipe=True)._replace(name="")) == "pipe"
    assert words.title(sends()._replace(name="a\u202e\n")) == "a�␤"
    assert words.folder(receives(state=TransferState.DONE, path="/a/b/c.txt")) == "/a/b"


def test_a_folder_is_told_with_how_many_of_its_files_are_here():
    one = receives()._replace(folder=True, name="trip", path="/a/trip", files=9)
    looking = one._replace(state=TransferState.CONNECTING)
    assert (words.title(one), words.state(looking), words.counts(looking)) == (
        "trip/", "looking at what is in it", ["9 files"],
    )  # fmt: skip
    assert words.row(one._replace(came=2, known=3, failed=1)).progress.startswith(
        "5 of 9 files · 3 were here before · 1 failed"
    )
    assert words.counts(one._replace(files=1, known=1)) == ["1 of 1 file", "1 was here before"]
    assert words.counts(receives()) == []
    failed = one._replace(state=TransferState.FAILED)
    assert (words.folder(failed), words.folder(failed._replace(came=1))) == ("", "/a/trip")


@pytest.mark.parametrize(
    ("moved", "size", "state", "amount", "percent"),
    [
        (0, 100, TransferState.RUNNING, "100 bytes", "0%"),
        (40, 100, TransferState.RUNNING, "40 bytes of 100 bytes", "40%"),
        (9999, 10000, TransferState.RUNNING, "9.8 KB of 9.8 KB", "99%"),
        (500, 0, TransferState.RUNNING, "500 bytes", ""),
        (0, 0, TransferState.CONNECTING, "", ""),
        (700, 500, TransferState.RUNNING, "700 bytes of 500 bytes", "100%"),
        (-5, -5, TransferState.RUNNING, "", ""),
        (500, 0, TransferState.DONE, "500 bytes", "100%"),
        (0, 0, TransferState.DONE, "0 bytes", "100%"),
    ],
)
def test_how_much(moved, size, state, amount, percent):
    transfer = Transfer("1", Direction.SEND, "a", size, moved, state)
    assert (words.amount(transfer), words.percent(transfer)) == (amount, percent)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3599.7, "1 h"),
        (3600 + 20 * 60 + 29, "1 h 20 min"),
        (3600 + 59 * 60 + 31, "2 h"),
        (86_399, "1 d"),
        (3 * 86_400 + 4 * 3600 + 100, "3 d 4 h"),
    ],
)
def test_how_long(seconds, text):
    assert words.duration(seconds) == text
    assert words.left(seconds) == f"{text} left"


def test_how_fast_and_what_is_never_there():
    assert words.speed(0.4) == ""
    assert words.speed(1536) == "1.5 KB/s"
    assert [words.left(each) for each in (None, 1e9, float("inf"), float("nan"), -1)] == [""] * 5


def test_a_failure_keeps_its_reason(scene):
    scene.api.put(sends())
    scene.api.end("1", TooManyTransfers(limit=3))
    assert scene.all.row("1").state == "There are 3 files on their way already."


def test_who_does_not_want_it_is_called_as_they_are_known():
    details = {"peer": "bob@example.org/x1", "why": ""}
    failed = sends(state=TransferState.FAILED, error="PeerDeclined", details=details)
    failed = failed._replace(peer=JID("bob@example.org/x1"))
    assert words.state(failed, "Bob") == "Bob does not want it."
    assert words.state(failed) == "bob@example.org does not want it."


def test_what_waits_for_a_person_is_at_no_percent():
    assert words.percent(sends(state=TransferState.OFFERED)) == ""
