"""Files that go directly: sending them, folders, what is on its way."""

import io
import json
import re
import signal
import tarfile

import pytest


@pytest.fixture
def put(tmp_path):
    def put(name, data=b"hello"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return str(path)

    return put


def transfers(jp, *words):
    return json.loads(jp("file", "transfers", *words, "-o", "json").out)


def last(jp, **fields):
    """The newest of which this is so."""
    return [each for each in transfers(jp) if all(each[name] == value for name, value in fields.items())][-1]


def test_a_file_is_sent_and_each_step_is_told(jp, put):
    done = jp("file", "send", put("notes.txt"), "bob@localhost")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "⇡ notes.txt to bob@localhost: waiting for the other side, 5 bytes",
        "⇡ notes.txt to bob@localhost: sent, 5 bytes",
    ]
    assert jp("file", "send", put("notes.txt"), "bob@localhost", "--quiet").err == ""


def test_what_is_sent_is_told_as_json(jp, put):
    done = jp("file", "send", put("a"), put("b"), "dave@localhost", "-q", "-o", "json")
    sent = json.loads(done.out)
    assert [(each["name"], each["state"], each["peer"]) for each in sent] == [
        ("a", "done", "dave@localhost"),
        ("b", "done", "dave@localhost"),
    ]


def test_it_has_another_name_and_a_description_there(jp, put):
    done = jp(
        "file", "send", put("scan1.pdf"), "bob@localhost/phone", "--name", "a.pdf", "--description", "sign it", "-q"
    )
    assert done.code == 0
    sent = last(jp, name="a.pdf")
    assert (sent["peer"], sent["description"]) == ("bob@localhost/phone", "sign it")
    assert jp("file", "send", put("a"), put("b"), "bob@localhost", "--name", "c").code == 2


@pytest.mark.parametrize(("how", "encrypted"), [((), False), (("--encrypt", "omemo"), True), (("-e", "none"), False)])
def test_it_is_encrypted_as_it_is_said(jp, put, how, encrypted):
    assert jp("file", "send", put("plans"), "bob@localhost", *how, "-q").code == 0
    assert last(jp, name="plans")["encrypted"] is encrypted


def test_progress_is_written_over_and_over_on_a_terminal(jp, put):
    shown = jp.on_terminal("file", "send", put("ev\u202eil.txt"), "bob@localhost").end().out
    assert "⇡ ev�il.txt to bob@localhost: waiting for the other side, 5 bytes" in shown
    assert "⇡ ev�il.txt to bob@localhost [######          ] 2 bytes of 5 bytes · 40%" in shown
    assert shown.endswith("\x1b[J")  # nothing stays
    assert "\u202e" not in shown


def test_how_it_ended_is_told(jp, put):
    file = put("notes.txt")
    for contact, code, sentence in (
        ("fails@localhost", 1, "jp: fails@localhost does not want it."),
        ("carol", 18, "carol@localhost cannot take files directly"),
        ("nobody", 16, "No contact is called"),
    ):
        done = jp("file", "send", file, contact)
        assert (done.code, done.out) == (code, "")
        assert sentence in done.err
    assert (
        "hint: By way of the server: jp file send --upload FILE carol@localhost"
        in jp("file", "send", file, "carol").err
    )
    assert jp("file", "send", file + "x", "bob@localhost").code == 16


def test_one_that_fails_does_not_hold_up_the_others(jp, put, tmp_path):
    done = jp("file", "send", put("a"), str(tmp_path / "none"), put("c"), "bob@localhost", "-o", "json-raw")
    assert done.code == 16
    assert [each["name"] for each in json.loads(done.out)] == ["a", "c"]
    assert f"jp: The file {tmp_path}/none cannot be read" in done.err


def test_many_are_offered_a_few_at_a_time(jp, put):
    files = [put(f"many-{number:02}") for number in range(25)]
    done = jp("file", "send", *files, "bob@localhost", "-q", "-o", "json-raw")
    assert done.code == 0
    assert [each["name"] for each in json.loads(done.out)] == [f"many-{number:02}" for number in range(25)]


def test_ctrl_c_gives_them_up(jp, put):
    shown = jp.on_terminal("file", "send", put("first"), put("second"), "silent@localhost")
    done = shown.expect("second to silent@localhost: waiting").interrupt()
    assert done.code == 130
    assert [last(jp, name=name)["state"] for name in ("first", "second")] == ["cancelled", "cancelled"]


def test_a_folder_is_sent_as_one_file_or_one_by_one(jp, put, tmp_path):
    put("trip/b.txt", b"bb")
    put("trip/day 1/a.txt")
    (tmp_path / "trip/link").symlink_to("/etc/passwd")
    folder = str(tmp_path / "trip")
    done = jp("file", "send", folder, "bob@localhost")
    assert (done.code, "--tar sends it as one file, --recursive each file in it" in done.err) == (2, True)
    sent = json.loads(jp("file", "send", "-r", folder, "dave@localhost", "-q", "-o", "json").out)
    assert [each["name"] for each in sent] == ["b.txt", "a.txt"]
    (sent,) = json.loads(jp("file", "send", "--tar", folder, "dave@localhost", "-q", "-o", "json").out)
    assert (sent["name"], sent["state"]) == ("trip.tar.gz", "done")
    assert jp("file", "send", "-r", "-t", folder, "bob@localhost").code == 2
    (tmp_path / "empty").mkdir()
    assert jp("file", "send", "-r", str(tmp_path / "empty"), "bob@localhost").code == 16


def test_what_is_packed_says_not_whose_it_is_and_is_gone_afterwards(jp, put, tmp_path):
    """By way of the fake's storage, which keeps what it was given."""
    put("trip/a.txt", b"aa")
    place = tmp_path / "tmp"
    place.mkdir()
    done = jp("file", "send", "--tar", "--upload", str(tmp_path / "trip"), "me", "-q", TMPDIR=str(place))
    assert (done.code, done.err) == (0, "")
    assert list(place.iterdir()) == []


def test_by_way_of_the_server_nobody_has_to_be_there(jp, put):
    done = jp("file", "send", put("talk.txt"), "carol", "--upload", "-q")
    assert (done.code, done.out, done.err) == (0, "", "")
    sent = json.loads(jp("message", "history", "carol", "-n", "1", "-o", "json").out)[0]
    assert [each["name"] for each in sent["attachments"]] == ["talk.txt"]
    assert jp("file", "send", put("talk.txt"), "carol", "--upload", "--description", "x").code == 2


def test_what_is_on_its_way_is_listed(jp, put):
    jp("file", "send", put("listed\t.txt"), "bob@localhost", "-q")
    id, direction, state, peer, name, moved, size, *_ = jp("file", "transfers").lines[-1].split("\t")
    assert (direction, state, peer, name, moved, size) == ("send", "done", "bob@localhost", r"listed\t.txt", "5", "5")
    shown = jp.on_terminal("file", "transfers", "--color=never").end().lines
    assert shown[0].split() == ["Id", "Name", "Who", "State", "How", "far", "When"]
    told = " ".join(shown[-1].split())
    assert re.fullmatch(rf"{id} ⇡ listed␉.txt to bob@localhost sent 5 bytes (\d+ \w+ (\d+ )?)?\d\d:\d\d", told)


def test_changes_are_shown_as_they_come(jp, put):
    watch = jp.start("file", "transfers", "--watch", "-v", "-o", "json")
    assert watch.stderr.readline() == "Watching.\n"
    jp("file", "send", put("watched"), "bob@localhost", "-q")
    states = []
    while not states or states[-1] != "done":
        told = json.loads(watch.stdout.readline())
        if told["name"] == "watched":
            states.append(told["state"])
    watch.send_signal(signal.SIGINT)
    watch.communicate()
    assert states == ["offered", "running", "done"]
    assert watch.returncode == 130


def test_a_terminal_shows_each_step_on_a_line(jp, put):
    shown = jp.on_terminal("file", "transfers", "--watch", "-v").expect("Watching.")
    jp("file", "send", put("stepwise"), "bob@localhost", "-q")
    assert "⇡ stepwise to bob@localhost: sent, 5 bytes" in shown.expect("stepwise to bob@localhost: sent").shown
    assert shown.interrupt().code == 130


def test_one_is_cancelled_and_what_has_ended_is_forgotten(own, put):
    jp, _ = own
    sending = jp.start("file", "send", put("a"), "silent@localhost", "-o", "json")
    assert "waiting for the other side" in sending.stderr.readline()
    assert [each["name"] for each in transfers(jp, "--running")] == ["a"]
    assert jp("file", "cancel", "@silent@localhost").code == 0
    out, err = sending.communicate()
    assert (sending.returncode, json.loads(out)[0]["state"], err) == (20, "cancelled", "jp: Cancelled.\n")
    assert jp("file", "cancel", "@silent@localhost").code == 16
    assert jp("file", "forget").code == 0
    assert transfers(jp) == []


def test_what_is_not_there_is_told(jp):
    for verb in ("accept", "decline", "resume", "cancel", "forget"):
        assert jp("file", verb, "no-such-id").code == 16


def test_a_packed_folder_can_be_unpacked(put, tmp_path):
    from sat_frontends.jp.packing import packed

    put("trip/a.txt", b"aa")
    (tmp_path / "trip/link").symlink_to("a.txt")
    (tmp_path / "into").mkdir()
    path = packed(str(tmp_path / "trip"), str(tmp_path / "into"))
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "into/trip.tar.gz").read_bytes())) as archive:
        assert sorted(archive.getnames()) == ["trip", "trip/a.txt", "trip/link"]
        assert {(each.uid, each.uname, each.gname) for each in archive} == {(0, "", "")}
        assert archive.extractfile("trip/a.txt").read() == b"aa"
    assert path == str(tmp_path / "into/trip.tar.gz")
