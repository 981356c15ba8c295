"""Posts in several languages."""

import pytest

from sat.api import JID
from sat.api.posts import Place, Post, Version
from sat_frontends.quick_frontend.languages import languages, own_language, spoken

JULIET = JID("juliet@capulet.lit")
POST = Post(
    Place(JULIET, id="x"),
    JULIET,
    title="Light",
    text="What light",
    html="<p>What light</p>",
    lang="en",
    versions=[Version("fr-CH", "Lumière", "Quelle lumière", "<p>Quelle lumière</p>"), Version("fr", "Clarté")],
)


@pytest.mark.parametrize(
    ("lang", "title"),
    [("fr", "Clarté"), ("fr-CH", "Lumière"), ("FR-ch", "Lumière"), ("en-GB", "Light"), ("de", "Light"), ("", "Light")],
)
def test_post_is_shown_in_the_language_that_is_nearest(lang, title):
    assert spoken(POST, lang).title == title


def test_nothing_of_it_is_lost():
    shown = spoken(POST, "fr-CH")
    assert (shown.place, shown.text, shown.html) == (POST.place, "Quelle lumière", "<p>Quelle lumière</p>")
    assert languages(shown) == ["fr-CH", "en", "fr"]
    assert spoken(shown, "en")._replace(versions=[]) == POST._replace(versions=[])
    assert spoken(POST, "de") is POST


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LANG": "fr_CH.UTF-8"}, "fr-CH"),
        ({"LANG": "de_DE@euro", "LC_MESSAGES": "es"}, "es"),
        ({"LC_ALL": "C.UTF-8", "LANG": "fr_FR"}, ""),
        ({"LANG": "POSIX"}, ""),
        ({}, ""),
    ],
)
def test_language_of_the_terminal(environ, lang):
    assert own_language(environ) == lang
