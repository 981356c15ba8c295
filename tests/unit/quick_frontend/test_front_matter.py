"""Posts as files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.api.errors import InvalidArgument
from sat.api.posts import Draft, Enclosure, Translation
from sat_frontends.quick_frontend.front_matter import from_draft, read, to_draft, to_written


def test_text_without_a_fence_is_only_text():
    assert to_draft("Title?\n---\nrule") == Draft("Title?\n---\nrule")


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("tags: a, b c", ["a", "b c"]),
        ("tags: [a, 'it''s', \"x, \\\"y\\\"\"]", ["a", "it's", 'x, "y"']),
        ("tags:\n  - a\n  - 'b'", ["a", "b"]),
        ("keywords: #a", ["a"]),
        ("tags:", []),
        ("tags: []", []),
    ],
)
def test_lists(line, tags):
    assert to_draft(f"---\n{line}\n---\nx").tags == tags


def test_what_is_not_said_stays():
    before = Draft("old", "Title", lang="fr", tags=["a"], slug="s", comments=False, xhtml=True)
    assert to_draft("---\n# a note\n\nlang: en\r\n---\r\nnew\n", before) == before._replace(body="new", lang="en")


def test_texts_of_one_line_keep_commas_and_colons():
    assert to_draft("---\ntitle: One, two: three\n---\n").title == "One, two: three"
    assert to_draft('---\ntitle: "# no"\n---\n').title == "# no"


@pytest.mark.parametrize("text", ["---\nx", "---\nnothing\n---", "---\ntitle: a\ntitle: b\n---", "---\ntitel: a\n---"])
def test_what_cannot_be_read(text):
    with pytest.raises(InvalidArgument):
        to_draft(text)


def test_fields_of_others_are_left_to_those_who_want_them():
    page = read("---\nlayout: post\nauthor:\n  name: x\ntitle: a\n---\nb")
    assert page.one("layout") == "post"
    assert to_draft("---\nlayout: post\n---\nb", strict=False).body == "b"


def test_a_date_is_when_it_was_published_elsewhere():
    assert to_draft("---\ndate: 2025-06-15 17:06:40 +0200\n---\nb").published == 1_750_000_000.0
    assert to_draft("---\ntitle: x\n---\nb", Draft("", published=5.0)).published == 5.0
    with pytest.raises(InvalidArgument, match="date is a moment"):
        to_draft("---\ndate: yesterday\n---\nb", strict=False)


def test_a_draft_is_not_published_by_mistake():
    text = "---\ndraft: yes\n---\nb"
    assert to_written(text) == (Draft("b"), True)
    with pytest.raises(InvalidArgument, match="it is a draft"):
        to_draft(text)
    assert to_draft("---\ndraft: false\n---\nb") == Draft("b")
    assert to_written("---\npublished: false\n---\nb", strict=False).unfinished


SEVERAL = (
    "---\ntitle: Light\nlang: en\n---\nBut soft\n\n"
    "--- lang: fr\ntitle: 'L''aube'\n---\nMais doux\n---\nfin\n\n--- lang: de\n---\n"
)


def test_several_languages_are_in_one_file():
    draft = to_draft(SEVERAL, Draft("", translations=[Translation("it", "", "Ma")]))
    assert draft.translations == [Translation("fr", "L'aube", "Mais doux\n---\nfin"), Translation("de")]
    assert (draft.body, draft.title, draft.lang) == ("But soft", "Light", "en")
    for wrong in (
        SEVERAL.replace("de", "fr"),
        SEVERAL.replace("de", "en"),
        SEVERAL.replace("lang: de", "lang: no language"),
        SEVERAL.replace("lang: de\n---", "lang: de\nslug: x\n---"),
        SEVERAL.replace("lang: de\n---", "lang: de"),
    ):
        with pytest.raises(InvalidArgument):
            to_draft(wrong)


def test_a_line_that_looks_like_another_language_can_be_text():
    draft = Draft("a\n--- lang: fr\n\\--- language: fr\n--- Romeo")
    text = from_draft(draft)
    assert "\n\\--- lang: fr\n\\\\--- language: fr\n--- Romeo\n" in text
    assert to_draft(text) == draft
    assert to_draft("no fence\n--- lang: fr").body == "no fence\n--- lang: fr"


def test_files_of_a_post():
    (file,) = to_draft('---\nfiles: ["https://x.lit/a.png image/png 2048 a window, open"]\n---\n').enclosures
    assert file == Enclosure("https://x.lit/a.png", "image/png", "a window, open", 2048)
    assert to_draft("---\nfiles:\n  - https://x.lit/a - 0 one, two\n---\n").enclosures[0].title == "one, two"
    assert to_draft("---\nfiles: []\n---\n", Draft("", enclosures=[file])).enclosures == []
    with pytest.raises(InvalidArgument, match="A file is"):
        to_draft("---\nfiles: [a.png]\n---\n")
    assert to_draft("---\nfiles: [a.png]\n---\n", strict=False).enclosures == []


_LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")) | st.just(" "), max_size=30).map(
    lambda text: " ".join(text.split())
)
_ODD = st.sampled_from(
    ["", "---", "--- lang: fr", "\\--- lang: de", "\\\\--- language:  x ", "- a", "title: b", "  indented"]
)
_BODY = st.lists(_LINE | _ODD, max_size=5).map(lambda lines: "\n".join(lines).strip("\n"))
_WORD = st.text("abc-1é", max_size=5)
_FILE = st.builds(
    Enclosure,
    url=_WORD.map("https://x.lit/{}".format),
    type=st.sampled_from(["", "image/png"]),
    title=_LINE,
    size=st.integers(0, 1 << 40),
)
_LANGUAGES = ["fr", "de", "pt-BR"]


@given(
    st.builds(
        Draft,
        body=_BODY,
        title=_LINE,
        xhtml=st.booleans(),
        lang=st.sampled_from(["", "en", "pt-PT"]),
        tags=st.lists(_LINE.filter(lambda text: bool(text) and not text.startswith("#")), max_size=3),
        comments=st.booleans(),
        enclosures=st.lists(_FILE, max_size=2),
        slug=_WORD,
        published=st.integers(0, 4_000_000_000).map(float),
        translations=st.lists(
            st.builds(Translation, st.sampled_from(_LANGUAGES), _LINE, _BODY),
            max_size=3,
            unique_by=lambda each: each.lang,
        ),
    )
)
def test_what_is_written_is_read_again(draft):
    assert to_draft(from_draft(draft)) == draft
