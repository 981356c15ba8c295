"""Posts of ours in the terminal: written, published now or later, kept, changed; with files."""

from __future__ import annotations

import pytest
from blogs import TOWN, column, made
from support.pictures import png
from world import CAROL, ME, Console

from sat.api.errors import FeatureMissing, InvalidArgument, NotConnected
from sat.api.posts import NOWHERE, Draft, Enclosure, Place
from sat.plugins.blog_drafts.api import Kept
from sat_frontends.primitivus import post_dialog
from sat_frontends.quick_frontend import draft_list
from sat_frontends.quick_frontend.moments import read_moment

NOW = 1_750_000_000.0  # a Sunday, 15:06:40 UTC
MINE = "printf -- '---\\ntitle: Mine\\ntags: a, b\\n---\\nText' > \"$1\""

pytestmark = pytest.mark.usefixtures("posts")


@pytest.fixture
def console(open_console) -> Console:
    return open_console(size=(100, 24))


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_dialog, "now", lambda: NOW)
    monkeypatch.setattr(draft_list, "now", lambda: NOW)


def said(console: Console) -> str:
    return " ".join(console.text.split())


# -- new ones ----------------------------------------------------------------------------------------------------


def test_new_post_is_written_in_the_editor(timeline, apis, set_editor):
    folder = set_editor(f'cp "$1" "$0.saw"; {MINE}')
    timeline.press("n")
    assert "title:" in (folder / "editor.saw").read_text()
    assert "Your post: Mine" in timeline.text
    assert "#a #b" in timeline.text
    assert made(apis.blog, "publish") == [], "it is asked first"
    timeline.press("enter")
    (call,) = made(apis.blog, "publish")
    assert (call[1].title, call[1].tags, call[1].body, call[2]) == ("Mine", ["a", "b"], "Text", Place(ME))
    assert "Mine" in timeline.text
    assert made(apis.blog_drafts, "keep") == []


def test_key_that_is_pressed_twice_publishes_once(timeline, apis, set_editor):
    set_editor(MINE)
    timeline.press("n").press("enter", "enter")
    assert len(made(apis.blog, "publish")) == 1
    assert not timeline.app.root.depth


def test_nothing_written_is_nothing_asked(timeline, set_editor):
    set_editor("true")
    assert not timeline.press("n").app.root.depth


def test_what_cannot_be_published_is_a_draft(timeline, apis, set_editor):
    set_editor(MINE)
    apis.blog.fails["publish"] = NotConnected(profile="alice")
    timeline.press("n").press("enter")
    assert "is kept as a draft" in said(timeline)
    assert "is not connected" in said(timeline)
    (kept,) = apis.blog_drafts.kept.values()
    assert (kept.draft.title, kept.node) == ("Mine", Place(ME))


def test_what_cannot_be_kept_either_stays_on_the_screen(timeline, apis, set_editor):
    set_editor(MINE)
    apis.blog.fails["publish"] = NotConnected(profile="alice")
    apis.blog_drafts.fails["keep"] = InvalidArgument(reason="There are too many drafts.")
    timeline.press("n").press("enter")
    assert "There are too many drafts." in timeline.text
    apis.blog.fails.clear()
    timeline.press("enter")
    assert made(apis.blog, "publish")[-1][1].title == "Mine"
    assert not timeline.app.root.depth


def test_what_is_no_post_is_there_the_next_time(timeline, apis, set_editor):
    set_editor("printf -- '---\\ntitel: x\\n---\\n' > \"$1\"")
    timeline.press("n")
    assert "A post has no “titel”" in said(timeline)
    folder = set_editor('cp "$1" "$0.saw"; sed -i s/titel/title/ "$1"')
    timeline.press("n")
    assert "titel" in (folder / "editor.saw").read_text()
    assert "Your post: x" in timeline.text


def test_escape_and_keep_lose_nothing(timeline, apis, set_editor):
    set_editor(MINE)
    timeline.press("n").press("esc")
    assert "kept as a draft: D shows them" in said(timeline)
    timeline.press("n").press("right").press("right").press("enter")
    assert [each.draft.title for each in apis.blog_drafts.kept.values()] == ["Mine", "Mine"]
    assert made(apis.blog, "publish") == []


def test_it_is_thrown_away_only_when_that_is_said_twice(timeline, apis, set_editor):
    set_editor(MINE)
    timeline.press("n").press(*["right"] * 5).press("enter")
    assert "What you have just written is lost." in timeline.text
    timeline.press("enter")
    assert "Your post: Mine" in timeline.text, "the first answer is the careful one"
    timeline.press("enter").press("right").press("enter")
    assert not timeline.app.root.depth
    assert apis.blog_drafts.kept == {}


def test_it_is_written_on(timeline, set_editor):
    set_editor(MINE)
    timeline.press("n")
    set_editor('echo "More" >> "$1"')
    timeline.press(*["right"] * 4).press("enter")
    assert "│More " in timeline.text
    set_editor("true")
    timeline.press(*["right"] * 4).press("enter")
    assert "│More " in timeline.text, "an editor that changes nothing leads back to the question"


def test_post_of_a_community_is_published_there(console, apis, set_editor):
    apis.blogs.put(CAROL, "Peace", "Ho", service=TOWN.service, node=TOWN.node)
    set_editor('echo "Ours" >> "$1"')
    console.type("/blog blogs.example.org/verona").press("enter").press("n")
    assert "In: verona at blogs.example.org" in console.text
    console.press("enter")
    assert made(apis.blog, "publish")[0][2] == TOWN


# -- later -------------------------------------------------------------------------------------------------------


def test_it_is_published_later(timeline, apis, set_editor):
    set_editor(MINE)
    timeline.press("n").press("right").press("enter").type("yesterday").press("enter")
    assert "“yesterday” is no time; write 18:30" in said(timeline)
    timeline.press("ctrl u").type("18:30").press("enter")
    (kept,) = apis.blog_drafts.kept.values()
    assert kept.due == read_moment("18:30", NOW, lambda time: 0)
    assert "It is published 18:30, also if primitivus is closed." in said(timeline)
    assert not timeline.app.root.depth


def test_what_is_due_can_be_a_draft_again(console, apis):
    apis.blog_drafts.kept["d"] = Kept("d", Draft("Text", "Soon"), Place(ME), NOW, NOW + 3600)
    console.press("f4").press("D")
    assert "is published" in console.text
    console.press("enter")
    assert "It is published 16:06; Keep makes it a draft again." in said(console)
    console.press("right").press("enter")
    assert "When: 2025-06-15 16:06" in console.text
    console.press("esc").press("esc")
    assert apis.blog_drafts.kept["d"].due, "nothing was changed"
    console.press("enter").press("right").press("right").press("enter")
    assert apis.blog_drafts.kept["d"].due == 0


# -- drafts ------------------------------------------------------------------------------------------------------


@pytest.fixture
def drafts(console, apis) -> Console:
    apis.blog_drafts.kept = {
        "a": Kept("a", Draft("First text", "First", tags=["x"]), Place(ME), NOW - 60),
        "b": Kept("b", Draft("Second text", "Second"), TOWN, NOW, 0, "NotConnected", {"profile": "alice"}),
    }
    return console.press("f4").press("D")


def test_drafts_are_listed_with_what_becomes_of_them(drafts):
    assert drafts.lines[0].startswith(" Drafts")
    assert "Second text" in column(drafts, 41, 100)
    assert "not connected. · for verona at blogs.example.org" in " ".join(column(drafts, 41, 100).split())
    drafts.press("j")
    assert "First text" in column(drafts, 41, 100)
    assert "kept 15:05" in drafts.text
    assert "Enter publish" in drafts.text
    drafts.press("esc")
    assert drafts.lines[0].startswith(" Timeline")


def test_what_is_changed_elsewhere_is_seen_at_once(drafts, apis):
    drafts.asyncio.run_until_complete(apis.blog_drafts.keep(Draft("x", "From elsewhere"), Place(ME)))
    drafts.settle()
    assert "From elsewhere" in drafts.text
    drafts.asyncio.run_until_complete(apis.blog_drafts.drop("b"))
    drafts.settle()
    assert "Second" not in drafts.text


def test_draft_is_edited(drafts, apis, set_editor):
    set_editor("sed -i 's/First text/Better text/' \"$1\"")
    drafts.press("j").press("e").press("right").press("right").press("enter")
    assert made(apis.blog_drafts, "keep")[-1][1:] == (Draft("Better text", "First", tags=["x"]), Place(ME), "a", 0.0)
    assert len(apis.blog_drafts.kept) == 2
    assert "Better text" in drafts.text


def test_draft_is_published(drafts, apis):
    drafts.press("j").press("enter").press("enter")
    assert made(apis.blog_drafts, "publish") == [("publish", "a")]
    assert "First" not in drafts.text
    assert apis.blogs.nodes[Place(ME)][-1].title == "First"


def test_draft_that_is_refused_is_there_still(drafts, apis):
    apis.blog_drafts.fails["publish"] = FeatureMissing(who="blogs.example.org", feature="blogs")
    drafts.press("enter").press("enter")
    assert set(apis.blog_drafts.kept) == {"a", "b"}
    assert made(apis.blog_drafts, "keep") == []
    assert "kept as a draft" in said(drafts)


def test_draft_is_deleted_after_asking(drafts, apis):
    drafts.press("d")
    assert "Delete “Second”" in drafts.text
    drafts.press("enter")
    assert len(apis.blog_drafts.kept) == 2
    drafts.press("d").press("right").press("enter")
    assert set(apis.blog_drafts.kept) == {"a"}


def test_posts_and_drafts_are_not_confused(drafts, apis):
    drafts.press("l").press("c").press("+").press("N").press("f")
    assert not drafts.app.root.depth
    assert {call[0] for call in (*apis.blog.calls, *apis.timeline.calls)} <= {
        "get_following",
        "get_timeline",
        "get_stories",
    }
    drafts.press("i")
    assert "not published: The profile alice is not connected." in said(drafts)


def test_drafts_are_opened_by_a_command(console, apis):
    apis.blog_drafts.kept["a"] = Kept("a", Draft("Text", "Mine"), Place(ME), NOW)
    console.type("/blog-drafts").press("enter")
    assert "Mine" in console.text
    console.press("f4").press("f4")
    assert console.lines[0].startswith(" Drafts")
    console.press("esc").press("f4")
    assert console.lines[0].startswith(" Timeline")


# -- files -------------------------------------------------------------------------------------------------------


def attach(console: Console, path: object, title: str, *keys: str) -> Console:
    console.press(*["right"] * 3).press("enter").type(str(path)).press("enter").type(title)
    return console.press(*keys)


def test_file_is_attached(timeline, apis, set_editor, tmp_path):
    (tmp_path / "rose [1].png").write_bytes(png(4, 4))
    set_editor(MINE)
    attach(timeline.press("n"), tmp_path / "rose [1].png", "A [red] rose", "enter")
    url = "https://upload.localhost/1/rose [1].png"
    assert "▤ rose [1].png" in timeline.text
    timeline.press("enter")
    assert made(apis.blog, "publish")[0][1].enclosures == [Enclosure(url, "image/png", "A [red] rose", len(png(4, 4)))]


def test_picture_is_put_into_the_text(timeline, apis, set_editor, tmp_path):
    (tmp_path / "rose.png").write_bytes(png(4, 4))
    set_editor(MINE)
    attach(timeline.press("n"), tmp_path / "rose.png", "A [red] rose", "down", " ", "down", "enter")
    timeline.press("enter")
    draft = made(apis.blog, "publish")[0][1]
    assert draft.body == "Text\n\n![A \\[red\\] rose](<https://upload.localhost/1/rose.png>)"
    assert draft.enclosures == []


def test_file_that_is_not_there_is_told_where_it_is_named(timeline, set_editor, tmp_path):
    set_editor(MINE)
    attach(timeline.press("n"), tmp_path / "none", "", "enter")
    assert "none cannot be read" in timeline.text
    timeline.press("esc")
    assert "Your post: Mine" in timeline.text


def test_path_is_completed_by_tab(timeline, set_editor, tmp_path):
    for name in ("rose-red.png", "rose-white.png"):
        (tmp_path / name).write_bytes(png(4, 4))
    set_editor(MINE)
    timeline.press("n").press(*["right"] * 3).press("enter").type(f"{tmp_path}/ros").press("tab")
    assert "rose-red.png rose-white.png" in said(timeline)
    timeline.type("r").press("tab")
    assert "rose-red.png" in timeline.text
    timeline.press("tab").type("Red")
    assert "What it shows: Red" in timeline.text, "there was nothing more to complete"


# -- what is there already ---------------------------------------------------------------------------------------


def test_own_post_is_changed_and_deleted(console, apis, set_editor):
    apis.blogs.put(ME, "Of mine", "Own", id="own")
    set_editor("sed -i 's/mine/ours/' \"$1\"")
    console.press("f4").press("e")
    assert "A new text of your post: Own" in console.text
    console.press("enter")
    assert made(apis.blog, "edit")[0][2].body == "Of ours"
    assert "Of ours" in console.text
    console.press("d")
    assert "Delete “Own”" in console.text
    console.press("enter")
    assert made(apis.blog, "delete") == [], "the first answer is the careful one"
    console.press("d").press("right").press("enter")
    assert made(apis.blog, "delete") == [("delete", Place(ME, id="own"))]
    assert "Of ours" not in console.text
    console.press("e").press("d").press("N")
    assert len(made(apis.blog, "edit")) == 1
    assert "Only a post of yours can be changed." in console.text


def test_changed_text_of_a_post_can_wait(console, apis, set_editor):
    apis.blogs.put(ME, "Of mine", "Own", id="own", comments=NOWHERE)
    set_editor("sed -i 's/mine/ours/' \"$1\"")
    console.press("f4").press("e").press("esc").press("D")
    assert "changes a post" in console.text
    console.press("enter").press("enter")
    assert made(apis.blog, "edit")[0][1:] == (Place(ME, id="own"), Draft("Of ours", "Own", comments=False))


def test_own_post_is_renamed(console, apis):
    apis.blogs.put(ME, "Of mine", "Own", id="own")
    console.press("f4").press("N")
    assert "Last part: own" in console.text
    console.press("ctrl u").type("better").press("enter")
    assert made(apis.blog, "rename") == [("rename", Place(ME, id="own"), "better")]
    assert "The post is better now" in console.text
    console.type(":").press("backspace").type("/blog-rename better best").press("enter")
    assert apis.blogs.nodes[Place(ME)][-1].place.id == "best"
