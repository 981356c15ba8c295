"""Web sites ask whether it is we (XEP-0070)."""

import pytest
from support.romeo import now

from sat.api.errors import NotFound
from sat.plugins.http_auth.plugin import NS, OPEN, PATIENCE, HttpAuth
from sat.plugins.messages.plugin import Messages

FILES = "files.shakespeare.lit"
URL = "https://files.shakespeare.lit:9345/missive.html"
CONFIRM = f"<confirm xmlns='{NS}' id='a7374' method='GET' url='{URL}'/>"


@pytest.fixture
def sites(romeo):
    sites = romeo.plug(HttpAuth)
    romeo.plug(Messages)
    romeo.goes_online()
    romeo.sent()
    return sites


def by_iq(romeo, confirm=CONFIRM, sender=FILES):
    romeo.hears(f"<iq type='get' id='ha' from='{sender}'>{confirm}</iq>")


def by_message(romeo, inside=f"<body>Somebody wants a file</body><thread>t</thread>{CONFIRM}"):
    romeo.hears(f"<message from='{FILES}'>{inside}</message>")
    romeo.clock.advance(0.1)


@pytest.mark.parametrize(("allow", "said"), [(True, "type='result'"), (False, "<not-authorized")])
def test_iq_is_answered_when_the_person_says_so(romeo, sites, record, allow, said):
    settled = record(sites.settled)
    by_iq(romeo)
    assert romeo.sent() == []
    (asked,) = now(sites.get_confirmations())
    assert asked[1:] == (FILES, "GET", URL, "a7374")
    now(sites.answer(asked.number, allow))
    (xml,) = romeo.sent()
    assert said in xml
    assert "id='ha'" in xml
    assert settled == [[asked.number]]
    with pytest.raises(NotFound):
        now(sites.answer(asked.number, allow))


@pytest.mark.parametrize("allow", [True, False])
def test_message_is_answered_and_not_shown_as_one(romeo, sites, allow):
    by_message(romeo)
    assert now(romeo.plugin(Messages).get_conversations()) == []
    (asked,) = now(sites.get_confirmations())
    now(sites.answer(asked.number, allow))
    (xml,) = romeo.sent()
    assert f"<message to='{FILES}'" in xml
    assert "<thread>t</thread>" in xml
    assert CONFIRM in xml
    assert ("<not-authorized" in xml) is not allow


def test_nobody_answers(romeo, sites):
    by_iq(romeo)
    romeo.clock.advance(PATIENCE)
    assert "<not-authorized" in romeo.sent()[0]
    assert now(sites.get_confirmations()) == []


@pytest.mark.parametrize(
    ("confirm", "sender"),
    [
        (CONFIRM, "mallory@capulet.lit/x"),
        (CONFIRM.replace("https:", "javascript:"), FILES),
        (CONFIRM.replace("https://", "https://" + "x" * 3000), FILES),
        (f"<confirm xmlns='{NS}'/>", FILES),
    ],
)
def test_what_is_no_web_site_is_refused_unasked(romeo, sites, confirm, sender):
    by_iq(romeo, confirm, sender)
    assert "<not-authorized" in romeo.sent()[0]
    assert now(sites.get_confirmations()) == []


def test_flood_is_bounded(romeo, sites):
    for _ in range(OPEN + 5):
        by_message(romeo)
    assert len(now(sites.get_confirmations())) == OPEN
    assert sum("<not-authorized" in xml for xml in romeo.sent()) == 5


def test_what_the_archive_tells_is_no_request(romeo, sites):
    by_message(romeo, f"<body>x</body>{CONFIRM}<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>")
    assert now(sites.get_confirmations()) == []
