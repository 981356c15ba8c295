import pytest
from support.romeo import FULL, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, PeerError
from sat.plugins.vcard.api import LONGEST, LONGEST_NOTE, MOST, Card
from sat.plugins.vcard.plugin import NODE, Vcard
from sat.plugins.vcard.wire import NS, NS_TEMP

JULIET = JID("juliet@capulet.lit")
PUBSUB = "http://jabber.org/protocol/pubsub"
HERS = f"""<vcard xmlns='{NS}'>
    <fn><text>Juliet  Capulet</text></fn>
    <nickname><text>Jule</text></nickname><nickname><text>J.</text></nickname>
    <org><text>Capulets</text><text>Daughters</text></org><title><text>Daughter</text></title>
    <bday><date>1580-07-31</date></bday>
    <email><parameters><type><text>home</text></type></parameters><text>juliet@example.org</text></email>
    <tel><parameters><type><text>cell</text></type></parameters><uri>tel:+39-045-1</uri></tel><tel><text>12</text></tel>
    <adr><ext/><street>Via Cappello 23</street><locality>Verona</locality><country>Italy</country></adr>
    <url><uri>https://capulet.example/</uri></url><gender><sex><text>F</text></sex></gender>
    <note><text>
      What's in
      a name?
    </text></note>
  </vcard>"""
OLD = f"""<vCard xmlns='{NS_TEMP}'><FN>Romeo Montague</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>aGk=</BINVAL></PHOTO>
    <ORG><ORGNAME>Montagues</ORGNAME></ORG><EMAIL><HOME/><INTERNET/><USERID>romeo@example.org</USERID></EMAIL>
    <TEL><WORK/><NUMBER>1</NUMBER></TEL><ADR><WORK/><STREET>Street 1</STREET><LOCALITY>Mantua</LOCALITY></ADR>
    <X-SPORT>fencing</X-SPORT><DESC>in love</DESC></vCard>"""
ROMEO = Card(
    "Romeo Montague",
    organisation="Montagues",
    emails=["romeo@example.org"],
    phones=["1"],
    addresses=["Street 1, Mantua"],
    note="in love",
)


@pytest.fixture
def vcard(romeo):
    vcard = romeo.plug(Vcard)
    romeo.goes_online()
    return vcard


def item(inner: str) -> str:
    return f"<pubsub xmlns='{PUBSUB}'><items node='{NODE}'><item id='x'>{inner}</item></items></pubsub>"


def begun(work):
    return Deferred.fromCoroutine(work)


def test_card_is_read(romeo, vcard):
    work = begun(vcard.get_card(JULIET.with_resource("balcony")))
    assert f"to='{JULIET}'" in romeo.wire.asked[-1]
    romeo.wire.answer(NODE, item(HERS))
    assert now(work) == Card(
        "Juliet Capulet",
        "Jule",
        "Capulets, Daughters",
        "Daughter",
        "1580-07-31",
        ["juliet@example.org"],
        ["+39-045-1", "12"],
        ["Via Cappello 23, Verona, Italy"],
        ["https://capulet.example/"],
        "What's in\n      a name?",
    )


@pytest.mark.parametrize("condition", ["item-not-found", "not-authorized", "service-unavailable", "forbidden"])
def test_older_card_is_read_where_there_is_no_newer_one(romeo, vcard, condition):
    work = begun(vcard.get_card(JULIET))
    romeo.wire.refuse(NODE, condition)
    romeo.wire.answer(NS_TEMP, OLD)
    assert now(work) == ROMEO


@pytest.mark.parametrize("newer", ["", item("<vcard xmlns='urn:other'/>"), item(f"<vcard xmlns='{NS}'/>")])
def test_empty_newer_card_counts_for_none(romeo, vcard, newer):
    work = begun(vcard.get_card(JULIET))
    romeo.wire.answer(NODE, newer)
    romeo.wire.refuse(NS_TEMP, "service-unavailable")
    assert now(work) == Card()


def test_whose_server_is_gone_is_told_so(romeo, vcard):
    work = begun(vcard.get_card(JULIET))
    romeo.wire.refuse(NODE, "remote-server-not-found")
    romeo.wire.refuse(NS_TEMP, "remote-server-not-found")
    with pytest.raises(PeerError):
        now(work)


def test_what_is_read_is_bounded(romeo, vcard):
    many = "".join(f"<tel><uri>tel:{number}</uri></tel>" for number in range(5_000))
    note = "x\u0085" * 9_000
    work = begun(vcard.get_card(JULIET))
    romeo.wire.answer(
        NODE,
        item(
            f"<vcard xmlns='{NS}'><fn><text>{'n ' * 4_000}</text></fn><fn/><email/><email><text> </text></email>{many}"
            f"<bday><a><b>no</b></a></bday><note><text>{note}</text></note></vcard>"
        ),
    )
    card = now(work)
    assert (len(card.name), len(card.phones), card.emails, card.birthday) == (LONGEST - 1, MOST, [], "")
    assert len(card.note) <= LONGEST_NOTE


def writes(romeo, vcard, card, newer=None, older=OLD):
    """What is written of both cards: the newer one, then the older."""
    work = begun(vcard.set_own(card))
    if newer is None:
        romeo.wire.refuse(NODE, "item-not-found")
    else:
        romeo.wire.answer(NODE, item(newer))
    if vcard.options.for_all:
        assert "to=" not in romeo.wire.asked[-1]
        romeo.wire.answer(NS_TEMP, older)
        written = romeo.wire.asked[-1]
        romeo.wire.answer(NS_TEMP)
    else:
        written = ""
    published = romeo.wire.asked[-1]
    romeo.wire.answer(NODE)
    now(work)
    return published, written


def test_own_card_is_written_to_both_and_nothing_else_in_them_is_lost(romeo, vcard):
    published, written = writes(
        romeo, vcard, ROMEO._replace(phones=["1", "2"], note="", nickname=" Ro \n meo ", emails=[]), HERS
    )
    assert "<X-SPORT>fencing</X-SPORT>" in written
    assert "<BINVAL>aGk=</BINVAL>" in written
    assert "<TEL><WORK/><NUMBER>1</NUMBER></TEL>" in written, "its type stays"
    assert "<TEL><NUMBER>2</NUMBER></TEL>" in written
    assert "<LOCALITY>Mantua</LOCALITY>" in written
    assert "<NICKNAME>Ro meo</NICKNAME>" in written
    assert "EMAIL" not in written
    assert "DESC" not in written
    assert "<fn><text>Romeo Montague</text></fn>" in published
    assert "<gender>" in published
    assert "juliet@example.org" not in published
    assert "<tel><uri>tel:2</uri></tel>" in published
    assert "<value>presence</value>" in published


def test_birthday_that_is_no_date_is_written_as_text(romeo, vcard):
    assert "<bday><date>--07-31</date></bday>" in writes(romeo, vcard, Card(birthday="--07-31"))[0]
    published, written = writes(romeo, vcard, Card(birthday="in July"))
    assert "<bday><text>in July</text></bday>" in published
    assert "<BDAY>in July</BDAY>" in written


def test_older_card_is_not_written_where_contacts_only_may_read(romeo, vcard):
    now(romeo.settings.set_setting("vcard.for_all", "false"))
    published, written = writes(romeo, vcard, Card("Romeo"))
    assert ("Romeo" in published, written) == (True, "")


def test_server_without_older_cards(romeo, vcard):
    work = begun(vcard.set_own(Card("Romeo")))
    romeo.wire.refuse(NODE, "item-not-found")
    romeo.wire.refuse(NS_TEMP, "service-unavailable")
    romeo.wire.answer(NODE)
    now(work)


def test_nothing_is_written_over_what_could_not_be_read(romeo, vcard):
    work = begun(vcard.set_own(Card("Romeo")))
    romeo.wire.refuse(NODE, "internal-server-error")
    with pytest.raises(PeerError):
        now(work)
    work = begun(vcard.set_own(Card("Romeo")))
    romeo.wire.answer(NODE, item(HERS))
    romeo.wire.refuse(NS_TEMP, "internal-server-error")
    with pytest.raises(PeerError):
        now(work)
    work = begun(vcard.set_own(Card("Romeo")))
    romeo.wire.refuse(NODE, "service-unavailable")
    with pytest.raises(FeatureMissing):
        now(work)
    assert not [each for each in romeo.wire.asked if "type='set'" in each]


@pytest.mark.parametrize(
    "card", [Card("x" * (LONGEST + 1)), Card(phones=["1"] * (MOST + 1)), Card(note="x" * (LONGEST_NOTE + 1))]
)
def test_card_that_holds_too_much_is_not_written(vcard, card):
    with pytest.raises(InvalidArgument):
        now(vcard.set_own(card))


def test_own_card_is_asked_of_the_account(romeo, vcard):
    work = begun(vcard.get_card(JID(FULL)))
    assert "to=" not in romeo.wire.asked[-1]
    romeo.wire.refuse(NODE, "item-not-found")
    romeo.wire.refuse(NS_TEMP, "item-not-found")
    assert now(work) == Card()
