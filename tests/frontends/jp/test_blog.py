"""Blogs on the command line."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

LIGHT = "bob@localhost//what-light"


def fields(line):
    return line.split("\t")


def body_of(jp, place):
    return json.loads(jp("api", "blog.source", json.dumps(place), "-o", "json").out)


# -- reading -----------------------------------------------------------------------------------------------------


def test_list_has_a_line_for_each_post(jp):
    lines = jp("blog", "list", "bob@localhost").lines
    address, _, *rest = fields(lines[0])
    assert (address, rest[:4]) == ("bob@localhost//tagged", ["bob@localhost", "yes", "", "No title, but a tag"])
    assert rest[4:] == ["balcony,ni␛[31mght", "0", "0", "read", "en", "", "", "0"]
    assert fields(lines[1])[4:9] == ["What light", "But soft,\\nwhat ␛[31mlight", "", "1", "2"]
    assert fields(lines[0])[1].endswith("+00:00")
    assert len(jp("blog", "list", "bob@localhost", "-n", "1").lines) == 1
    assert jp("blog", "list", "bob@localhost", "-n", "0").code == 2


@pytest.mark.parametrize(
    "place",
    [
        LIGHT,
        "bob@localhost/urn:xmpp:microblog:0/what-light",
        "xmpp:bob@localhost?;node=urn%3Axmpp%3Amicroblog%3A0;item=what-light",
    ],
)
def test_post_is_named_in_several_ways(jp, place):
    (post,) = json.loads(jp("blog", "get", place, "-o", "json").out)
    assert (post["title"], post["place"]["id"]) == ("What light", "what-light")


def test_a_community_is_named_by_service_and_node(jp):
    (line,) = jp("blog", "list", "blogs.localhost/verona").lines
    assert fields(line)[0] == "blogs.localhost/verona/peace"
    assert fields(jp("blog", "get", "blogs.localhost/verona/peace").lines[0])[4] == "In ␛[31mtown"


def test_what_is_no_post_or_not_there(jp):
    assert jp("blog", "get", "xmpp:bob@localhost?message").code == 17
    assert jp("blog", "like", "bob@localhost").code == 17
    assert jp("blog", "get", "bob@localhost//nothing").code == 16
    assert jp("blog", "list", "nobody").code == 16


def test_post_for_people(jp):
    shown = jp.on_terminal("blog", "get", LIGHT, "--color=never").end().lines
    assert shown[:3] == ["What light", "Bob <bob@localhost> ✓ 15 Jun 2025 15:07", ""]
    assert shown[3:6] == ["But soft,", "what ␛[31mlight", ""]
    assert shown[6] == "▤ https://localhost/window.png image/png 2.0 KB “her ␛[31mwindow”"
    assert shown[-1] == "2 comments · 1 like · bob@localhost//what-light"
    coloured = jp.on_terminal("blog", "get", LIGHT, "--color=always").end().out
    assert "\x1b[1mWhat light\x1b[0m" in coloured
    assert "\x1b[31m" not in coloured


def test_comments_stand_below_what_they_answer(jp):
    shown = jp.on_terminal("blog", "comments", LIGHT, "--color=never").end()
    assert "\u202e" not in shown.out
    assert shown.lines[0].startswith("Ev␛[31mil <evil@localhost> (not verified) ")
    assert shown.lines[1] == "  It is� the east"
    assert shown.lines[3].startswith("  Bob <bob@localhost> ✓")
    assert shown.lines[4] == "    And Juliet"
    lines = [fields(line) for line in jp("blog", "comments", LIGHT).lines]
    assert [line[5] for line in lines] == ["It is� the east", "And Juliet"]
    assert lines[0][0] == "bob@localhost/urn:xmpp:microblog:0:comments/what-light/c1"
    assert fields(jp("blog", "get", lines[0][0]).lines[0])[5] == "It is� the east"


FISH = "carol@localhost//fish"


def test_a_post_is_read_in_a_language_of_the_person(jp):
    shown = jp.on_terminal("blog", "get", FISH, "--color=never", LC_ALL="fr_CH.UTF-8").end()
    assert shown.lines[0] == "Au ␛[31mmarché"
    assert "Du poisson" in shown.lines
    assert shown.lines[-1].endswith(f" · also in en · {FISH}")
    assert "At the market" in jp.on_terminal("blog", "get", FISH, "--color=never").end().out
    assert "Au ␛[31mmarché" in jp.on_terminal("blog", "list", "carol", "--lang", "fr", "--color=never").end().out
    for choice, title in (
        ((), "At the market"),
        (("--lang", "fr-FR"), "Au ␛[31mmarché"),
        (("-l", "it"), "At the market"),
    ):
        line = fields(jp("blog", "get", FISH, *choice, LC_ALL="fr_CH.UTF-8").lines[0])
        assert line[4] == title, "what programs read does not depend on the locale"
    assert line[10:12] == ["en", "fr"]
    (post,) = json.loads(jp("blog", "get", FISH, "--lang", "fr", "-o", "json").out)
    assert (post["lang"], post["text"], post["versions"][0]["title"]) == ("fr", "Du poisson", "At the market")


def test_reactions_are_shown(jp):
    last = jp.on_terminal("blog", "get", FISH, "--color=never").end().lines[-1]
    assert last.startswith("3 noticed it · 👍2 🎉1 · yours: 👍 · also in fr")
    assert fields(jp("blog", "list", "carol").lines[0])[12:] == ["👍 2,🎉 1", "3"]
    (post,) = json.loads(jp("blog", "list", "carol", "-o", "json").out)
    assert (post["reactions"], post["reacted"], post["noticed"]) == ({"👍": 2, "🎉": 1}, ["👍"], 3)


@pytest.mark.parametrize("width", ["80", "60"])
def test_list_on_a_terminal_has_addresses_that_can_be_typed(jp, width):
    shown = jp.on_terminal("blog", "timeline", "--color=never", COLUMNS=width).end()
    assert "\x1b" not in shown.out
    assert any(line.startswith("* ") and line.endswith("blogs.localhost/verona/peace") for line in shown.lines)
    assert all(len(line) <= int(width) + 20 for line in shown.lines)


# -- writing -----------------------------------------------------------------------------------------------------


def test_post_is_published_from_words_stdin_and_a_file(own, tmp_path):
    jp, _ = own
    assert jp("blog", "set", "Hello", "world", "--title", "First", "--slug", "first").lines == [
        "alice@localhost//first"
    ]
    done = jp(
        "blog", "set", "--slug", "piped", "--tag", "#a", "--tag", "b", "-l", "fr", "--no-comments", given="Salut\n"
    )
    assert done.lines == ["alice@localhost//piped"]
    (post,) = json.loads(jp("blog", "get", "me//piped", "-o", "json").out)
    assert (post["text"], post["tags"], post["lang"], post["comments"]["node"]) == ("Salut", ["a", "b"], "fr", "")
    page = tmp_path / "post.md"
    page.write_text("---\ntitle: 'It''s: here'\ntags: [x, \"y, z\"]\ncomments: no\nslug: filed\n---\n\nBody\n")
    assert jp("blog", "set", "--file", str(page), "--title", "Other").lines == ["alice@localhost//filed"]
    (post,) = json.loads(jp("blog", "get", "me//filed", "-o", "json").out)
    assert (post["title"], post["tags"], post["text"]) == ("Other", ["x", "y, z"], "Body")
    assert jp("blog", "set", "--slug", "first", "again").code == 19
    assert jp("blog", "set", "   ").code == 17
    assert jp("blog", "set", "words", "--file", str(page)).code == 2
    assert jp("blog", "set", "--community", "blogs.localhost/verona", "--slug", "ho", "Ho").lines == [
        "blogs.localhost/verona/ho"
    ]


def test_file_that_is_no_post_is_told_by_line(jp, tmp_path):
    page = tmp_path / "post.md"
    for text, said in (
        ("---\ntitel: x\n---\nBody", "A post has no “titel”"),
        ("---\ntitle: x\nnonsense\n---\nBody", "Line 3 is no “name: value”"),
        ("---\ntitle: x\nBody", "no other one that ends"),
        ("---\ncomments: perhaps\n---\nBody", "comments is yes or no"),
    ):
        page.write_text(text)
        done = jp("blog", "set", "--file", str(page))
        assert (done.code, said in done.err) == (17, True), done.err
    page.write_bytes(b"\xff\xfe")
    assert jp("blog", "set", "--file", str(page)).code == 17


def test_files_are_put_on_the_server_with_a_post(own, tmp_path):
    jp, _ = own
    (tmp_path / "window.png").write_bytes(b"\x89PNG")
    done = jp("blog", "set", "Look", "--slug", "look", "--attach", str(tmp_path / "window.png"))
    assert done.code == 0
    (post,) = json.loads(jp("blog", "get", "me//look", "-o", "json").out)
    (file,) = post["enclosures"]
    assert file["url"].endswith("/window.png")
    assert file["size"] == 4


def test_preview_sends_nothing(own):
    jp, _ = own
    before = jp("blog", "list").out
    assert fields(jp("blog", "preview", "*soft*").lines[0])[5] == "*soft*"
    assert "soft" in jp.on_terminal("blog", "preview", "soft", "--color=never").end().out
    assert jp("blog", "list").out == before


def editor(folder: Path, script: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_post_is_changed_in_an_editor(own, tmp_path):
    jp, _ = own
    script = editor(tmp_path, 'cp "$1" "$0.saw"; sed -i \'s/mine/ours/; s/^title: Own/title: Ours/\' "$1"')
    done = jp.on_terminal("blog", "edit", "me//own", EDITOR=script).end()
    assert done.code == 0
    seen = (tmp_path / "editor.saw").read_text()
    assert seen == '---\ntitle: Own\ntags: ["a, b"]\nlanguage: en\ncomments: yes\n---\n\nOf *mine*\n'
    (post,) = json.loads(jp("blog", "get", "me//own", "-o", "json").out)
    assert (post["title"], post["text"], post["tags"]) == ("Ours", "Of *ours*", ["a, b"])


def test_new_post_is_written_in_an_editor(own, tmp_path):
    jp, _ = own
    script = editor(tmp_path, 'echo "Written" >> "$1"')
    assert jp.on_terminal("blog", "edit", EDITOR=script).end().code == 0
    assert fields(jp("blog", "list").lines[0])[5] == "Written"


def test_what_is_not_published_is_kept_and_its_place_told(own, tmp_path):
    jp, _ = own
    temporary = {"TMPDIR": str(tmp_path), "COLUMNS": "400"}
    script = editor(tmp_path, "printf -- '---\\ntitel: x\\n---\\nLong work' > \"$1\"")
    done = jp.on_terminal("blog", "edit", EDITOR=script, **temporary).end()
    assert jp("blog", "drafts").lines == [], "it cannot be read"
    (kept,) = tmp_path.glob("jp-post-*.md")
    assert done.code == 17
    assert str(kept) in done.out
    assert "Long work" in kept.read_text()
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    kept.write_text("---\ntitle: x\n---\nLong work")
    assert jp("blog", "set", "--file", str(kept)).code == 0
    kept.unlink()
    failing = editor(tmp_path, 'echo more >> "$1"; exit 3')
    done = jp.on_terminal("blog", "edit", "me//own", EDITOR=failing, **temporary).end()
    (kept,) = tmp_path.glob("jp-post-*.md")
    assert (done.code, "ended with 3" in done.out) == (20, True)
    assert jp("blog", "edit", "me//own", "--file", str(kept)).code == 0
    kept.unlink()
    assert jp.on_terminal("blog", "edit", "me//own", EDITOR="true", **temporary).end().code == 20
    assert list(tmp_path.glob("jp-post-*.md")) == [], "nothing was written, so nothing is kept"
    assert jp("blog", "edit", "me//own").code == 2, "nobody is there"


def test_delete_asks(own):
    jp, _ = own
    assert jp("blog", "delete", "me//own").code == 2
    shown = jp.on_terminal("blog", "delete", "me//own").expect("Delete “Own”?")
    assert shown.type("n\n").end().code == 20
    assert jp("blog", "delete", "me//own", "--yes").code == 0
    assert jp("blog", "get", "me//own").code == 16


# -- what is said of it ------------------------------------------------------------------------------------------


def test_comment_like_and_repeat(own):
    jp, _ = own
    assert jp("blog", "comment", LIGHT, "so", "it", "is", "--answers", "c1").code == 0
    assert fields(jp("blog", "comments", LIGHT).lines[-1])[5] == "so it is"
    assert jp("blog", "like", LIGHT).code == 0
    (post,) = json.loads(jp("blog", "get", LIGHT, "-o", "json").out)
    assert (post["likes"], post["liked"], post["said"]) == (2, True, 3)
    assert jp("blog", "unlike", LIGHT).code == 0
    assert fields(jp("blog", "get", LIGHT).lines[0])[7] == "1"
    done = jp("blog", "repeat", LIGHT, "Hear:")
    assert done.lines[0].startswith("alice@localhost//")
    shown = jp.on_terminal("blog", "get", done.lines[0], "--color=never").end().out
    assert f"repeated from {LIGHT}" in shown
    jp("blog", "set", "--slug", "mute", "--no-comments", "Hush")
    assert jp("blog", "comment", "me//mute", "no").code == 1


def test_reactions_are_put_and_taken_back(own):
    jp, _ = own
    assert jp("blog", "react", FISH, "😀", "🎉").code == 0
    assert fields(jp("blog", "get", FISH).lines[0])[12] == "👍 1,🎉 2,😀 1"
    assert jp("blog", "react", FISH).code == 0
    (post,) = json.loads(jp("blog", "get", FISH, "-o", "json").out)
    assert (post["reactions"], post["reacted"]) == ({"👍": 1, "🎉": 1}, [])
    assert jp("blog", "react", "carol", "👍").code == 17


def test_post_gets_another_address(own, tmp_path):
    jp, _ = own
    assert jp("blog", "rename", "me//own", "mine").lines == ["alice@localhost//mine"]
    assert jp("blog", "get", "me//own").code == 16
    jp("blog", "set", "--slug", "other", "Other")
    assert jp("blog", "rename", "me//mine", "other").code == 19
    page = tmp_path / "post.md"
    page.write_text("---\nslug: ours\n---\nNew")
    assert jp("blog", "edit", "me//mine", "--file", str(page)).lines == ["alice@localhost//ours"]
    assert fields(jp("blog", "get", "me//ours").lines[0])[5] == "New"
    assert jp("blog", "edit", "me//ours", "--file", str(page)).lines == ["alice@localhost//ours"]


def test_access(own):
    jp, _ = own
    assert jp("blog", "access").lines == ["everybody\t\t"]
    assert jp("blog", "access", "groups", "--group", "Friends", "--group", "Work").code == 0
    assert jp("blog", "access").lines == ["groups\tFriends,Work\t"]
    assert jp("blog", "access", "listed", "--contact", "carol").code == 0
    assert json.loads(jp("blog", "access", "-o", "json").out)["listed"] == ["carol@localhost"]
    assert "Did you mean contacts?" in jp("blog", "access", "contact").err
    for words in (["groups"], ["contacts", "--group", "Friends"], ["listed"], ["--group", "Friends"]):
        assert jp("blog", "access", *words).code == 2


# -- following ---------------------------------------------------------------------------------------------------


def test_following(own):
    jp, _ = own
    assert jp("blog", "following").lines == [
        "bob@localhost\tbob@localhost\t0",
        "blogs.localhost/verona\tblogs.localhost\t1",
        "alice@localhost\talice@localhost\t0",
    ]
    assert jp("blog", "follow", "carol").code == 0
    assert jp("blog", "unfollow", "blogs.localhost/verona").code == 0
    assert [fields(line)[0] for line in jp("blog", "following").lines] == [
        "bob@localhost", "alice@localhost", "carol@localhost",
    ]  # fmt: skip


def test_what_was_said_to_us(jp):
    said, named = (fields(line) for line in jp("blog", "answers").lines)
    assert said[4:] == ["comment", "Well ␛[31msaid", "What light", "bob@localhost//what-light"]
    assert named[4:] == ["mention", "Today ␛[31monly", "", ""]
    found = json.loads(jp("blog", "answers", "-n", "1", "-o", "json").out)
    assert [each["on"]["id"] for each in found] == ["what-light"]
    assert len(jp("blog", "answers", "--before", str(found[0]["post"]["order"])).lines) == 1
    shown = jp.on_terminal("blog", "answers", "--color=never", COLUMNS="140").end().out
    assert "on “What light”" in shown
    assert "names you" in shown
    assert jp("blog", "answers", "-n", "0").code == 2


def test_timeline_is_paged_and_marked(own):
    jp, _ = own
    newest = json.loads(jp("blog", "timeline", "-n", "1", "-o", "json").out)
    assert newest[0]["place"]["id"] == "peace"
    older = json.loads(jp("blog", "timeline", "--before", str(newest[0]["order"]), "-o", "json").out)
    assert [each["place"]["id"] for each in older] == ["own", "tagged", "what-light"]
    assert len(jp("blog", "timeline", "--tag", "#balcony").lines) == 1
    assert [fields(line)[9] for line in jp("blog", "timeline", "--unread", "--mark-read").lines] == ["unread"]
    assert jp("blog", "timeline", "--unread").lines == []
    assert jp("blog", "timeline", "--timeout", "1").code == 2
    jp("blog", "set", "new")
    assert jp("blog", "timeline", "--mark-all-read").code == 0
    assert jp("blog", "timeline", "--unread").lines == []


def test_timeline_is_watched(own):
    jp, daemon = own
    with jp.start("blog", "timeline", "--watch", "-n", "2", "--verbose", "--mark-read") as watching:
        assert watching.stderr.readline() == "Watching the timeline.\n"
        jp("blog", "set", "--slug", "live", "Now \x1b[31mlive")
        line = watching.stdout.readline()
        assert (fields(line)[0], fields(line)[5]) == ("alice@localhost//live", "Now ␛[31mlive")
        jp("blog", "set", "Then")
        assert fields(watching.stdout.readline())[5] == "Then"
        assert watching.wait(20) == 0
    assert [fields(each)[0] for each in jp("blog", "timeline", "--unread").lines] == ["blogs.localhost/verona/peace"]
    assert jp("blog", "timeline", "--watch", "--timeout", "0.1").code == 4
    assert jp("blog", "timeline", "--no-wait").code == 2
    with jp.start("blog", "timeline", "--watch", "--no-wait", "--verbose", "-o", "json") as watching:
        watching.stderr.readline()
        jp("blog", "set", "--title", "Object", "of JSON")
        assert json.loads(watching.stdout.readline())["title"] == "Object"
        daemon.stop()
        assert watching.wait(20) == 5


def test_the_watch_waits_for_the_daemon(own):
    jp, daemon = own
    with jp.start("blog", "timeline", "--watch", "-n", "1", "--verbose") as watching:
        assert watching.stderr.readline() == "Watching the timeline.\n"
        daemon.stop()
        assert "The daemon sat is not running. Waiting for it" in watching.stderr.readline()
        daemon.start()
        assert watching.stderr.readline() == "Watching the timeline.\n"
        assert "The daemon is back." in watching.stderr.readline()
        jp("blog", "set", "Again")
        assert fields(watching.stdout.readline())[5] == "Again"
        assert watching.wait(20) == 0


def test_discover(jp):
    assert jp("blog", "discover").lines == [
        "blogs.localhost/verona\tVer␛[31mona\tTwo households\tfollowed\tbob@localhost,carol@localhost",
        "carol@localhost\tCarol\t\t\t",
    ]
    assert [fields(line)[1] for line in jp("blog", "discover", "carol").lines] == ["Carol"]
    assert [each["title"] for each in json.loads(jp("blog", "discover", "blogs.localhost", "-o", "json").out)] == [
        "Ver\x1b[31mona"
    ]
    assert "Nobody tells" in jp.on_terminal("blog", "discover", "me").end().out


def test_stories(own):
    jp, _ = own
    assert fields(jp("blog", "stories", "--unread").lines[0])[5] == "Today ␛[31monly"
    assert "Today ␛[31monly" in jp.on_terminal("blog", "stories", "--mark-read").end().out
    assert json.loads(jp("blog", "stories", "-o", "json").out)[0]["unread"] is False
    assert jp("blog", "stories", "--unread").lines == []


def test_search(jp):
    assert [fields(line)[4] for line in jp("blog", "search", "soft").lines] == ["What light"]
    assert jp("blog", "search", "nowhere", "to be").lines == []


def test_completion(jp):
    assert "contacts" in jp("__complete", "--", "blog", "access", "").out
    assert "blogs.localhost/verona" in jp("__complete", "--", "blog", "unfollow", "").out
    assert "bob@localhost" in jp("__complete", "--", "blog", "list", "").out
