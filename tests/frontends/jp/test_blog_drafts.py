"""Drafts of posts on the command line."""

from __future__ import annotations

import json
import stat

LIGHT = "bob@localhost//what-light"


def kept(jp):
    return json.loads(jp("blog", "drafts", "-o", "json").out)


def editor(folder, script):
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_drafts_are_kept_shown_and_published(own, tmp_path):
    jp, _ = own
    assert jp("blog", "drafts").lines == []
    assert "jp blog edit --draft" in jp.on_terminal("blog", "drafts").end().out
    done = jp("blog", "set", "--draft", "--title", "Not \x1b[31myet", "--slug", "soon", "Half")
    assert done.lines == ["draft-1"]
    assert "jp blog draft publish draft-1" in done.err
    (line,) = jp("blog", "drafts").lines
    id, _, *rest = line.split("\t")
    assert (id, rest) == ("draft-1", ["Not ␛[31myet", "alice@localhost", "", ""])
    shown = jp("blog", "draft", "show", "draft-1").out
    assert "\ndraft: yes\n---\n\nHalf\n" in shown
    assert "Not ␛[31myet" in jp.on_terminal("blog", "draft", "show", "draft-1").end().out
    assert json.loads(jp("blog", "draft", "show", "draft-1", "-o", "json").out)["draft"]["slug"] == "soon"
    page = tmp_path / "post.md"
    page.write_text(shown.replace("Half", "Whole"))
    assert jp("blog", "draft", "edit", "draft-1", "--file", str(page)).lines == ["draft-1"]
    assert jp("blog", "draft", "publish", "draft-1").lines == ["alice@localhost//soon"]
    assert json.loads(jp("blog", "get", "me//soon", "-o", "json").out)[0]["text"] == "Whole"
    assert kept(jp) == []
    assert jp("blog", "draft", "publish", "draft-1").code == 16


def test_a_file_that_says_that_it_is_a_draft_is_not_published(own, tmp_path):
    jp, _ = own
    page = tmp_path / "post.md"
    page.write_text("---\ntitle: Later\ndraft: yes\n---\nBody\n--- lang: fr\ntitle: Puis\n---\nCorps")
    assert jp("blog", "set", "--file", str(page)).lines == ["draft-1"]
    (draft,) = kept(jp)
    assert draft["draft"]["translations"] == [{"lang": "fr", "title": "Puis", "body": "Corps"}]


def test_what_is_due_later(own):
    jp, _ = own
    done = jp("blog", "set", "--at", "+2h", "Later")
    (draft,) = kept(jp)
    assert "will be published" in done.err
    assert jp("blog", "drafts").lines[0].split("\t")[4].endswith("+00:00")
    later = jp("blog", "draft", "publish", draft["id"], "--at", "2040-01-01T00:00Z", "-o", "json")
    assert json.loads(later.out) == {"id": draft["id"], "due": 2_208_988_800.0}
    assert kept(jp)[0]["due"] == 2_208_988_800.0
    for time in ("soon", "2020-01-01", "2020-01-01T00:00Z"):
        done = jp("blog", "set", "--at", time, "x")
        assert (done.code, time in done.err) == (17, True)
    assert len(kept(jp)) == 1
    assert jp("blog", "set", "--at", "tomorrow 9:00", "x").code == 0


def test_a_draft_is_a_new_text_of_a_post(own, tmp_path):
    jp, _ = own
    script = editor(tmp_path, 'sed -i s/mine/ours/ "$1"')
    assert jp.on_terminal("blog", "edit", "me//own", "--draft", EDITOR=script).end().code == 0
    (draft,) = kept(jp)
    assert (draft["node"]["id"], draft["draft"]["body"]) == ("own", "Of *ours*")
    assert jp("blog", "drafts").lines[0].split("\t")[3] == "alice@localhost//own"
    script = editor(tmp_path, 'echo more >> "$1"')
    assert jp.on_terminal("blog", "draft", "edit", draft["id"], EDITOR=script).end().code == 0
    assert jp.on_terminal("blog", "draft", "edit", draft["id"], EDITOR="true").end().code == 20
    assert jp("blog", "draft", "publish", draft["id"]).lines == ["alice@localhost//own"]
    assert json.loads(jp("blog", "get", "me//own", "-o", "json").out)[0]["text"] == "Of *ours*\nmore"


def test_what_cannot_be_published_becomes_a_draft(own, tmp_path):
    jp, _ = own
    temporary = {"TMPDIR": str(tmp_path), "COLUMNS": "400"}
    script = editor(tmp_path, "printf -- '---\\nslug: own\\n---\\nLong work' > \"$1\"")
    done = jp.on_terminal("blog", "edit", EDITOR=script, **temporary).end()
    assert (done.code, list(tmp_path.glob("jp-post-*.md"))) == (19, [])
    (draft,) = kept(jp)
    assert f"kept as a draft: jp blog draft edit {draft['id']}" in done.out
    assert draft["draft"]["body"] == "Long work"


def test_deleting_a_draft_asks(own):
    jp, _ = own
    jp("blog", "set", "--draft", "Begun")
    assert jp("blog", "draft", "delete", "draft-1").code == 2
    shown = jp.on_terminal("blog", "draft", "delete", "draft-1").expect("Delete the draft “Begun”?")
    assert shown.type("n\n").end().code == 20
    assert jp("blog", "draft", "delete", "draft-1", "--yes").code == 0
    assert kept(jp) == []


def test_wrong_words(jp):
    assert "Did you mean publish?" in jp("blog", "draft", "publsh", "x").err
    assert jp("blog", "draft", "show", "x").code == 16
    for words in (["show", "x", "--at", "+1h"], ["publish", "x", "--file", "y"], ["edit", "x", "--at", "+1h"]):
        assert jp("blog", "draft", *words).code == 2
    assert jp("__complete", "--", "blog", "draft", "").out.split() == ["show", "edit", "publish", "delete"]
