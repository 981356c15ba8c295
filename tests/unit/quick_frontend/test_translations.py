"""Messages in several languages."""

from support import fakes

from sat.api.messages import Extra
from sat_frontends.quick_frontend.translations import Translation, also, spoken, translations

BODIES = {"": "hello", "fr": "salut", "pt-BR": "oi"}
HELLO = fakes.message(1, "salut")._replace(extra=Extra(lang="fr", bodies=BODIES, subjects={"de": "Fest"}))


def test_the_others_are_told():
    assert translations(HELLO) == [
        Translation("", "", "hello"),
        Translation("pt-BR", "", "oi"),
        Translation("de", "Fest", ""),
    ]
    assert also(HELLO) == "also in another language, pt-BR, de"
    plain = fakes.message(2, "salut")
    assert (translations(plain), also(plain)) == ([], "")
    assert translations(HELLO._replace(retracted=True)) == []
    assert also(plain._replace(extra=Extra(lang="fr", bodies={"fr": "salut", "de": "salut"}))) == ""


def test_one_is_chosen():
    assert (spoken(HELLO, "PT").body, spoken(HELLO, "PT").extra.lang) == ("oi", "pt-BR")
    assert spoken(HELLO, "de").subject == "Fest"
    assert spoken(HELLO, "fr") == spoken(HELLO, "ru") == HELLO
