"""Sending files and fetching them."""

import json
from pathlib import Path

from support.pictures import png


def put(folder: Path, name: str, data: bytes = b"hello") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def last(jp, contact="carol"):
    return json.loads(jp("message", "history", contact, "-n", "1", "-o", "json").out)[0]


def test_a_file_is_put_there_and_its_address_is_shown(jp, tmp_path):
    done = jp("file", "upload", put(tmp_path, "notes.txt"))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("https://upload.localhost/")
    about = json.loads(jp("file", "upload", put(tmp_path, "a.png", png(3, 2)), "-o", "json").out)
    assert (about["name"], about["type"], about["width"], about["height"]) == ("a.png", "image/png", 3, 2)


def test_a_file_can_be_kept_for_good(jp, tmp_path):
    done = jp("file", "upload", put(tmp_path, "notes.txt"), "--keep")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("https://upload.localhost/")


def test_a_message_takes_files_along(jp, tmp_path):
    done = jp("message", "send", "carol", "--attach", put(tmp_path, "a.png", png(3, 2)), "look", "at this")
    assert (done.code, done.out, done.err) == (0, "", "")
    file, text = json.loads(jp("message", "history", "carol", "-n", "2", "-o", "json").out)
    assert [each["name"] for each in file["attachments"]] == ["a.png"]
    assert text["body"] == "look at this"
    assert text["attachments"] == []


def test_a_file_needs_no_text(jp, tmp_path):
    done = jp("message", "send", "carol", "-a", put(tmp_path, "a.txt"), "-a", put(tmp_path, "b.txt"), "-o", "json-raw")
    sent = [json.loads(line) for line in done.lines]
    assert [each["attachments"][0]["name"] for each in sent] == ["a.txt", "b.txt"]
    assert last(jp)["id"] == sent[1]["id"]
    shown = jp.on_terminal("message", "history", "carol", "-n", "1", "--color=never").end()
    assert "▤ b.txt 5 bytes https://upload.localhost/" in shown.out.replace("\n", "")
    assert shown.out.count("https://") == 1  # the body that repeats it is not shown


def test_what_cannot_be_sent_is_told(jp, tmp_path):
    for words, code, sentence in (
        (["file", "upload", str(tmp_path / "none")], 16, "none cannot be read: no such file or directory."),
        (
            ["file", "upload", put(tmp_path, "large", b"x" * 2_000_000)],
            17,
            "large is 1.9 MB; upload.localhost takes 1.0 MB",
        ),
        (["file", "upload", put(tmp_path, "refused")], 4, "upload.localhost answered: 413 Quota reached."),
        (
            ["file", "upload", put(tmp_path, "a"), "--gone-after", "60"],
            18,
            "upload.localhost does not support ephemeral files.",
        ),
        (["file", "upload", put(tmp_path, "a"), "--keep", "--gone-after", "60"], 2, "not both"),
        (["message", "send", "carol", "-a", put(tmp_path, "a"), "--wait", "sent"], 2, "--wait waits for a text"),
        (["message", "send", "carol", "-a", str(tmp_path / "none"), "hi"], 16, "cannot be read"),
    ):
        done = jp(*words)
        assert (done.code, done.out) == (code, ""), done
        assert sentence in done.err


def test_progress_is_for_a_terminal(jp, tmp_path):
    done = jp.on_terminal("file", "upload", put(tmp_path, "ev\u202eil.txt")).end()
    assert "⇡ ev�il.txt [######          ] 2 bytes of 5 bytes · 40%" in done.out
    assert "⇡" not in jp.on_terminal("file", "upload", "--quiet", put(tmp_path, "b.txt")).end().out


def test_a_file_is_fetched_and_nothing_is_overwritten(jp, tmp_path):
    jp("message", "send", "carol", "-a", put(tmp_path, "talk.txt"))
    id = last(jp)["id"]
    target = tmp_path / "new.txt"
    assert jp("file", "get", id, "--file", str(target)).out == f"{target}\n"
    assert target.read_bytes() == b"hello"
    done = jp("file", "get", id, "--file", str(target))
    assert (done.code, "exists already; nothing was written" in done.err) == (19, True)
    assert jp("file", "get", "@carol", "--file", "-").out == "hello"
    assert jp("file", "get", last(jp)["attachments"][0]["url"], "--file", "-").out == "hello"


def test_without_a_name_it_gets_its_own(jp, tmp_path):
    jp("message", "send", "carol", "-a", put(tmp_path, "talk.txt"))
    folder = tmp_path / "here"
    folder.mkdir()
    script = f"cd {folder} && jp file get @carol && jp file get @carol -o json"
    done = jp.in_shell(script)
    assert done.lines[0] == "talk.txt"
    assert sorted(each.name for each in folder.iterdir()) == ["talk (2).txt", "talk.txt"]


def test_what_is_not_there(jp):
    assert jp("file", "get", "no-such-id").code == 16
    assert jp("file", "get", "https://nowhere.example/x").code == 16
    done = jp("file", "get", "@evil@localhost")
    assert (done.code, "no message with a file" in done.err) == (16, True)
