"""Files that others offer or share: taking them, asking for them, going on with what broke off."""

import json

import pytest
from support.pictures import png

from sat.world import until


@pytest.fixture
def offered(jp, tmp_path):
    """Have echo@localhost offer a file of that name, which it does where it was sent one."""

    def offered(name, *words):
        path = tmp_path / "sent" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"hello")
        assert jp("file", "send", str(path), "echo@localhost", "-q", *words).code == 0
        assert until(lambda: any(each["name"] == name and each["state"] == "offered" for each in transfers(jp)))

    return offered


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def transfers(jp):
    return json.loads(jp("file", "transfers", "-o", "json").out)


def find(jp, name):
    return [each for each in transfers(jp) if each["name"] == name][-1]


def test_what_a_named_contact_offers_is_taken(jp, offered, folder):
    offered("a.txt")
    done = jp("file", "receive", "echo@localhost", "--path", str(folder))
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{folder}/a.txt\n"
    offered("b.txt")
    done = jp("file", "receive", "echo@localhost", "--path", str(folder / "c.txt"), "-o", "json")
    assert json.loads(done.out)["path"] == str(folder / "c.txt")


def test_without_a_path_it_comes_into_this_folder(jp, offered, folder):
    offered("a.txt")
    done = jp.in_shell(f"cd {folder} && jp file receive echo@localhost")
    assert done.out == f"{folder}/a.txt\n"


def test_what_others_offer_is_left_alone(jp, offered, folder):
    offered("left.txt")
    done = jp("file", "receive", "bob@localhost", "--timeout", "0.2", "--path", str(folder))
    assert (done.code, done.err) == (4, "jp: No file was offered in time.\n")
    assert find(jp, "left.txt")["state"] == "offered"
    assert jp("file", "decline", "@echo@localhost").code == 0
    assert find(jp, "left.txt")["state"] == "cancelled"


def test_a_person_is_asked(jp, offered, folder):
    offered("ev\u202eil.txt", "--description", "for \x1b[31myou")
    asked = jp.on_terminal("file", "receive", "--path", str(folder))
    asked.expect("echo@localhost offers ev�il.txt (5 bytes): “for ␛[31myou”\r\nTake it? [y/N] ")
    done = asked.type("y\n").end()
    assert (done.code, done.lines[-1].rpartition("\x1b[J")[2]) == (0, f"{folder}/ev�il.txt")
    offered("unwanted.txt")
    asked = jp.on_terminal("file", "receive", "--path", str(folder)).expect("Take it? [y/N] ")
    done = asked.type("\n").end()
    assert (done.code, "it was declined" in done.out) == (20, True)
    assert find(jp, "unwanted.txt")["state"] == "cancelled"


def test_who_ends_at_the_question_leaves_it_as_it_is(jp, offered, folder):
    offered("later.txt")
    assert jp.on_terminal("file", "receive", "--path", str(folder)).expect("Take it?").type("\x04").end().code == 20
    assert find(jp, "later.txt")["state"] == "offered"
    assert jp("file", "accept", "@echo@localhost", "--path", str(folder), "--no-wait").out == ""


def test_an_offer_is_seen_small(jp, offered, folder):
    offered("photo.png")
    (id,) = [each["id"] for each in transfers(jp) if each["thumbnail"]]
    assert jp("file", "thumbnail", id, "--file", str(folder / "small.png")).code == 0
    assert (folder / "small.png").read_bytes() == png(4, 3)
    assert jp.in_shell(f"jp file thumbnail @echo@localhost > {folder}/again.png").code == 0
    assert (folder / "again.png").read_bytes() == png(4, 3)
    assert json.loads(jp("file", "thumbnail", id, "-o", "json").out)["width"] == 4
    described = jp.on_terminal("file", "thumbnail", id).end().out
    assert f"image/png, {len(png(4, 3))} bytes, 4×3" in described
    assert jp("file", "decline", id).code == 0
    offered("a.txt")
    done = jp("file", "thumbnail", find(jp, "a.txt")["id"])
    assert (done.code, "is no file with a small picture" in done.err) == (2, True)
    assert jp("file", "decline", "@echo@localhost").code == 0
    assert jp("file", "thumbnail", "none").code == 16


def test_without_a_person_nothing_is_taken_from_anybody(jp):
    done = jp("file", "receive")
    assert (done.code, "Name the contacts whose files are to be taken, or add --yes." in done.err) == (2, True)


def test_where_nothing_could_be_put_nobody_waits(jp, folder):
    (folder / "there.txt").touch()

    def told(*words):
        done = jp("file", "receive", "bob@localhost", *words)
        return done.code, done.err.splitlines()[0]

    assert told("--path", str(folder / "there.txt")) == (19, f"jp: {folder}/there.txt exists already.")
    assert told("--path", str(folder / "none" / "a.txt")) == (2, f"jp: There is no folder {folder}/none.")
    assert told("--path", f"{folder}/none/") == (2, f"jp: There is no folder {folder}/none/.")
    assert told("--path", str(folder / "new.txt"), "--multiple")[0] == 2
    assert told("--path", "/proc/sys/fs/mqueue") == (4, "jp: Nothing can be written in /proc/sys/fs/mqueue.")


def test_what_has_ended_is_forgotten_by_its_id_and_nothing_else(jp, offered):
    done = jp("file", "forget", "123")
    assert (done.code, done.err.splitlines()) == (
        16,
        ["jp: There is no transfer 123.", "hint: jp file transfers shows all."],
    )
    offered("waits.txt")
    done = jp("file", "forget", find(jp, "waits.txt")["id"])
    assert (done.code, done.err.splitlines()[0]) == (
        2,
        "jp: waits.txt is no transfer that has ended: its state is “offered”.",
    )
    assert jp("file", "decline", "@echo@localhost").code == 0


def test_several_are_taken_until_time_is_up(own, tmp_path):
    jp, _ = own
    files = []
    for name in ("a", "broken.txt", "run.sh"):
        files.append(tmp_path / name)
        files[-1].write_bytes(b"hello")
    assert jp("file", "send", *map(str, files), "echo@localhost", "-q").code == 0
    done = jp("file", "receive", "--yes", "--multiple", "--timeout", "1", "--path", str(tmp_path))
    assert sorted(done.lines) == [f"{tmp_path}/a", f"{tmp_path}/run.sh"]
    assert sorted(done.err.splitlines()) == [
        "jp: broken.txt: The transfer with echo@localhost broke off: the connection was lost.",
        "run.sh could be run, so it was put apart.",
    ]
    assert done.code == 4


def test_one_that_broke_off_is_gone_on_with(jp, offered, folder):
    offered("broken.bin")
    done = jp("file", "receive", "echo@localhost", "--path", str(folder))
    reason = "The transfer with echo@localhost broke off: the connection was lost."
    id = find(jp, "broken.bin")["id"]
    hint = f"To go on with what is here: jp file resume {id}"
    assert (done.code, done.out, done.err) == (4, "", f"jp: {reason}\nhint: {hint}\n")
    shown = jp.on_terminal("file", "transfers", "--color=never", COLUMNS="180").end().lines[-1]
    assert f"{reason} A part is here." in shown
    refused = jp("file", "forget", id)
    assert (refused.code, "Add --yes if you are sure." in refused.err) == (2, True)
    done = jp("file", "resume", id)
    assert (done.code, done.out) == (0, f"{folder}/broken.bin\n")
    again = jp("file", "resume", id)
    assert (again.code, "is no file that broke off: its state is “done”" in again.err) == (2, True)


def test_an_offer_is_taken_by_its_id(jp, offered, folder):
    offered("a.txt")
    id = find(jp, "a.txt")["id"]
    assert jp("file", "accept", id, "--path", str(folder)).out == f"{folder}/a.txt\n"
    assert jp("file", "accept", id).code == 2
    assert jp("file", "decline", "@echo@localhost").code == 16


def test_a_file_is_asked_for(jp, folder):
    done = jp("file", "request", "bob@localhost", "notes.txt", "--path", str(folder))
    assert (done.code, done.lines) == (0, [f"{folder}/notes.txt"])
    done = jp("file", "request", "bob@localhost", "none")
    assert (done.code, done.err) == (16, "jp: There is no file none.\n")
    for told in (f"sha-256:{bytes(32).hex()}", "sha-256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="):
        assert jp("file", "request", "bob@localhost", "--hash", told, "--path", str(folder)).code == 0
    for told in ("sha-256:LPJNul+wow4=", "md5:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "sha-256:" + "x" * 64):
        assert jp("file", "request", "bob@localhost", "--hash", told).code == 2
    done = jp("file", "request", "bob@localhost", "notes.txt", "--encrypt", "omemo", "--path", str(folder))
    assert (done.code, "encrypted" in jp("file", "transfers").out) == (0, True)
    assert jp("file", "request", "bob@localhost").code == 2
    done = jp("file", "request", "carol", "x")
    assert (done.code, "hint: They have to be online with a program that shares some." in done.err) == (18, True)


def test_what_somebody_shares_is_listed(jp):
    assert jp("file", "list", "bob@localhost").lines == [
        "folder\t0\t\tmusic\t\t",
        "file\t5\t\tnotes.txt\ttext/plain\t",
    ]
    shown = jp.on_terminal("file", "list", "bob@localhost", "music/", "--color=never").end().out
    assert [line.split() for line in shown.splitlines()] == [
        ["Size", "Changed", "Name", "What", "it", "is"],
        ["2.0", "KB", "plain.ogg", "his", "�last"],
        ["3.2", "MB", "14", "Nov", "2023", "22:13", "so␛[31mng.ogg", "audio/ogg"],
    ]
    assert [each["path"] for each in json.loads(jp("file", "list", "bob@localhost", "-o", "json").out)] == [
        "music",
        "notes.txt",
    ]
    assert jp("file", "list", "bob@localhost", "nowhere").code == 16
    assert jp("file", "list", "carol").code == 18


def test_what_is_shared_is_fetched(jp, folder):
    done = jp("file", "fetch", "bob@localhost", "notes.txt", "music/plain.ogg", "--path", str(folder))
    assert (done.code, done.err) == (0, "")
    assert done.lines == [f"{folder}/notes.txt", f"{folder}/plain.ogg"]
    done = jp("file", "fetch", "bob@localhost", "music/none", "notes.txt", "--path", str(folder))
    assert (done.code, len(done.lines), done.err) == (16, 1, "jp: There is no file music/none.\n")
    assert jp("file", "fetch", "bob@localhost", "music/none").code == 16
    assert jp("file", "fetch", "bob@localhost", "a", "b", "--path", str(folder / "new")).code == 2


def test_a_whole_folder_is_fetched(jp, folder):
    done = jp("file", "fetch", "bob@localhost", "music/", "notes.txt", "--path", str(folder))
    assert (done.code, done.lines) == (0, [f"{folder}/music", f"{folder}/notes.txt"])
    assert done.err == "music/: 2 of 2 files, 1 was here before\n"
    (told, *_) = jp("file", "fetch", "bob@localhost", "/", "--path", str(folder), "-o", "json").lines
    assert json.loads(told)["folder"] is True
    done = jp("file", "fetch", "bob@localhost", "partly/", "--path", str(folder))
    assert (done.code, done.out) == (4, "")
    assert done.err.splitlines() == [
        "jp: 1 of 2 files in it did not come. The first one was plain.ogg: it is lost.",
        "hint: Fetch the folder once more: what is here already is left out.",
    ]
    assert jp("file", "fetch", "bob@localhost", "none/", "--path", str(folder)).code == 16
    done = jp("file", "fetch", "bob@localhost", "music/", "--path", str(folder / "new"))
    assert (done.code, "A folder goes into a folder" in done.err) == (2, True)


def test_we_share_and_share_no_longer(own, folder):
    jp, _ = own
    assert jp("file", "share", "list").out == ""
    done = jp("file", "share", "add", str(folder), "--with", "carol", "--group", "Friends", "--name", "Mu\x1b[1msic")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert jp("file", "list").lines == [f"Mu␛[1msic\tcarol@localhost,Friends\t{folder}\tshare-1"]
    shown = jp.on_terminal("file", "share", "list", "--color=never", COLUMNS="200").end().lines[1]
    assert "carol@localhost, the group Friends" in shown
    assert json.loads(jp("file", "share", "list", "-o", "json").out)[0]["contacts"] == ["carol@localhost"]
    assert jp("file", "share", "add", str(folder)).code == 2
    assert jp("file", "share", "remove").code == 2
    assert jp("file", "share", "ad", str(folder)).err.splitlines()[1] == "hint: Did you mean add?"
    done = jp("file", "share", "remove", "nothing")
    assert (done.code, "You share nothing that is called “nothing”." in done.err) == (16, True)
    assert jp("file", "share", "remove", "share-1").code == 0
    assert jp("file", "share", "list").out == ""


def test_words_are_completed(jp, offered):
    def words(*before):
        return [line.split("\t")[0] for line in jp("__complete", "--", *before).lines]

    assert words("file", "send", "a") == [":files"]
    assert "carol@localhost" in words("file", "send", "a.txt", "c")
    assert words("file", "share", "") == ["list", "add", "remove"]
    assert words("file", "share", "add", "") == [":files"]
    assert words("file", "list", "bob@localhost", "") == ["notes.txt", "music/"]
    assert words("file", "fetch", "bob@localhost", "music/") == ["music/plain.ogg"]  # the other one is not harmless
    assert "bob@localhost" in words("pipe", "out", "b")
    offered("completed")
    ids = [each["id"] for each in json.loads(jp("file", "transfers", "-o", "json").out)]
    assert words("file", "accept", "") == ids
    assert jp("file", "decline", "@echo@localhost").code == 0
