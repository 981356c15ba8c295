"""Texts in several languages, and texts that came as XHTML only."""

import pytest
from support.romeo import now

from sat.api import JID
from sat.api.errors import InvalidArgument, InvalidSetting
from sat.api.messages import PLAIN, Extra
from sat.plugins.correction.plugin import Correction
from sat.plugins.messages.languages import MOST, read_languages
from sat.plugins.messages.plugin import Messages
from sat.plugins.replies.plugin import Replies
from sat.xmpp.xhtml import NOTHING

JULIET = JID("juliet@capulet.lit")
BODIES = "<body>hello</body><body xml:lang='fr'>salut</body><body xml:lang='pt-BR'>oi</body>"
XHTML = "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>{}</body></html>"


@pytest.fixture
def messages(romeo, monkeypatch):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    romeo.plug(Replies, Correction)
    romeo.goes_online()
    return romeo.plugin(Messages)


def heard(romeo, messages, inside, attributes=""):
    romeo.hears(f"<message from='{JULIET}/x' type='chat' id='1' {attributes}>{inside}</message>")
    romeo.turn()
    return now(messages.get_history(JULIET))[-1]


@pytest.mark.parametrize(
    ("wanted", "shown", "lang"),
    [
        ("", "hello", ""),
        ("fr", "salut", "fr"),
        ("FR-ca, en", "salut", "fr"),
        ("de pt", "oi", "pt-BR"),
        ("de", "hello", ""),
    ],
)
def test_what_is_shown_is_in_a_language_that_one_reads_and_all_are_kept(romeo, messages, wanted, shown, lang):
    now(romeo.settings.set_setting("messages.languages", wanted))
    message = heard(romeo, messages, BODIES + "<subject xml:lang='fr'>Fête</subject><subject>Party</subject>")
    assert (message.body, message.extra.lang) == (shown, lang)
    assert message.subject == ("Fête" if lang == "fr" else "Party")
    assert message.extra.bodies == {"": "hello", "fr": "salut", "pt-BR": "oi"}
    assert message.extra.subjects == {"fr": "Fête", "": "Party"}


def test_what_names_no_language_is_in_that_of_the_message(romeo, messages):
    message = heard(romeo, messages, BODIES, "xml:lang='en'")
    assert (message.body, message.extra.lang, set(message.extra.bodies)) == ("hello", "en", {"en", "fr", "pt-BR"})


def test_else_the_first_is_shown(romeo, messages):
    message = heard(romeo, messages, "<body xml:lang='fr'>salut</body><body xml:lang='de'>hallo</body>")
    assert (message.body, message.extra.lang) == ("salut", "fr")


def test_one_text_is_one_text(romeo, messages):
    assert heard(romeo, messages, "<body>hello</body>").extra == PLAIN
    assert heard(romeo, messages, "<body>hello</body>", "xml:lang='en'").extra == PLAIN, "the server says so of all"
    assert heard(romeo, messages, "<body xml:lang='fr'>salut</body>").extra == Extra(lang="fr")


def test_a_flood_of_languages_is_bounded(romeo, messages):
    flood = "".join(f"<body xml:lang='a{number}'>{number}</body>" for number in range(500))
    assert len(heard(romeo, messages, "<body>x</body>" + flood).extra.bodies) == MOST


def test_the_same_is_sent_in_several(romeo, messages):
    extra = Extra(lang="en", bodies={"fr": "salut", "pt-BR": "oi"}, subjects={"fr": "Fête"})
    now(messages.send(JULIET, "hello", subject="Party", extra=extra))
    romeo.turn()
    (sent,) = [each for each in romeo.sent() if "<body" in each]
    for text in ("<body xml:lang='en'>hello", "<body xml:lang='fr'>salut", "<body xml:lang='pt-BR'>oi"):
        assert text in sent
    assert "<subject xml:lang='en'>Party" in sent
    assert "<subject xml:lang='fr'>Fête" in sent
    stored = now(messages.get_history(JULIET))[-1]
    assert (stored.body, stored.extra.bodies) == ("hello", {"fr": "salut", "pt-BR": "oi", "en": "hello"})
    now(romeo.plugin(Correction).correct(stored.id, "good day"))
    romeo.turn()
    (sent,) = [each for each in romeo.sent() if "<body" in each]
    assert "salut" not in sent, "what it said before in other languages is corrected, too"
    stored = now(messages.get_history(JULIET))[-1]
    assert (stored.body, stored.extra.bodies) == ("good day", {})


@pytest.mark.parametrize(
    ("extra", "reply"),
    [
        (Extra(bodies={"fr": "salut"}), ""),
        (Extra(lang="en", bodies={"": "salut"}), ""),
        (Extra(lang="en", bodies={"<": "salut"}), ""),
        (Extra(lang="en", bodies={f"a{number}": "x" for number in range(MOST)}), ""),
        (Extra(lang="en", bodies={"fr": "salut"}), "m1"),
    ],
)
def test_what_is_no_text_in_several_languages(messages, extra, reply):
    with pytest.raises(InvalidArgument):
        now(messages.send(JULIET, "hello", extra=extra, reply=reply))
    assert now(messages.get_history(JULIET)) == []


def test_a_correction_and_an_answer_are_in_one_language_too(romeo, messages):
    now(romeo.settings.set_setting("messages.languages", "fr"))
    heard(romeo, messages, "<body>helo</body>")
    replace = "<replace xmlns='urn:xmpp:message-correct:0' id='1'/>"
    message = heard(romeo, messages, BODIES + replace)
    assert (message.body, message.extra.lang, message.edited > 0) == ("salut", "fr", True)
    answer = (
        "<body>&gt; a\nb</body><body xml:lang='fr'>&gt; a\nc</body><reply xmlns='urn:xmpp:reply:0' id='lost'/>"
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/></fallback>"
    )
    assert heard(romeo, messages, answer).body == "c"


def test_ours_says_its_language(romeo, messages):
    id = now(messages.send(JULIET, "salut", extra=Extra(lang="fr", bodies={"de": "never"})))
    now(romeo.plugin(Correction).correct(id, "bonjour"))
    assert all("<body xml:lang='fr'>" in xml for xml in romeo.sent())
    assert now(messages.get_history(JULIET))[-1].extra == Extra(lang="fr")
    with pytest.raises(InvalidArgument):
        now(messages.send(JULIET, "x", extra=Extra(lang="no language'")))


def test_the_languages_of_the_system(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert read_languages("") == ["fr-FR"]
    monkeypatch.setenv("LANGUAGE", "de_AT:en")
    assert read_languages("") == ["de-AT", "en"]
    assert read_languages("pt-BR, x!, en") == ["pt-BR", "en"]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>a  <strong>b</strong>\n c</p><p>d<br/>e</p>", "a b c\nd\ne"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<a href='https://a.example/'>here</a>", "here (https://a.example/)"),
        ("<a href='javascript:x'>here</a><script>evil()</script>", "here"),
        ("&lt;b&gt;<img alt='a cat' src='https://a.example/'/>", "<b>a cat"),
        ("<img src='https://a.example/'/>", NOTHING),
        ("<span>" * 40 + "deep" + "</span>" * 40, "deep"),
        ("", NOTHING),
    ],
)
def test_a_plain_text_is_made_of_what_is_xhtml_only(romeo, messages, html, shown):
    assert heard(romeo, messages, XHTML.format(html)).body == shown


@pytest.mark.parametrize(
    "html", ["<pre>" + " " * 200_000 + "x</pre>", "<p> " * 90 + "x" + "</p>" * 90, "<p/>" * 40_000]
)
def test_a_flood_of_xhtml_costs_no_more_than_its_length(romeo, messages, html):
    assert heard(romeo, messages, XHTML.format(html)).body in ("x", NOTHING)


def test_where_there_is_a_plain_text_it_is_what_is_shown(romeo, messages):
    assert heard(romeo, messages, "<body>plain</body>" + XHTML.format("<b>other</b>")).body == "plain"


@pytest.mark.parametrize(
    "fine", ["", "fr, en", "zh-Hant-TW de-CH-1996", "x-own", "i-klingon", "sl-rozaj-biske", "en-a-bbb"]
)
def test_the_setting_takes_languages(romeo, messages, fine):
    now(romeo.settings.set_setting("messages.languages", fine))
    assert messages.options.languages == fine


@pytest.mark.parametrize("wrong", ["klingon!!", "fr, e", "français", "en--GB", "en_GB", "de-x", "fr; en"])
def test_the_setting_takes_nothing_else(romeo, messages, wrong):
    with pytest.raises(InvalidSetting, match="is the name of no language; write en, fr or pt-BR") as caught:
        now(romeo.settings.set_setting("messages.languages", wrong))
    assert str(caught.value).startswith(f"“{wrong}” is not possible for messages.languages: ")
    assert messages.options.languages == ""
