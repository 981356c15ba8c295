"""Files that older programs offer."""

import os

import pytest
from support.fake_jingle import PEER, streams
from support.files import DATA, befriend, latest, only, pour
from support.parsing import parse
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api.transfers import TransferState
from sat.plugins.jingle.quiet import QUIET
from sat.plugins.jingle.session import PATIENCE
from sat.plugins.stream_initiation.plugin import NS, NS_NEGOTIATION, OF_ONE, PROFILE, StreamInitiation
from sat.plugins.stream_initiation.session import OPENED_WITHIN
from sat.xmpp import bytestreams, ibb


@pytest.fixture
def old(romeo, files, monkeypatch):
    """The plugin; ``old.expected`` are the streams that are to be opened, by method."""
    plugin = romeo.plug(StreamInitiation)
    befriend(romeo)
    plugin.expected = []

    def expecting(method):
        def expect(peer, sid):
            plugin.expected.append((method, peer, sid, Deferred()))
            return plugin.expected[-1][-1]

        return expect

    monkeypatch.setattr(plugin.socks5, "expect", expecting("socks5"))
    monkeypatch.setattr(plugin.in_band, "expect", expecting("in-band"))
    return plugin


def offer(romeo, *methods, sender=PEER, profile=PROFILE, id="a0", more="<range/>"):
    options = "".join(f"<option><value>{each}</value></option>" for each in methods or (ibb.NS, bytestreams.NS))
    form = f"<x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>{options}</field></x>"
    romeo.hears(
        f"<iq type='set' id='q' from='{sender}'><si xmlns='{NS}' id='{id}' mime-type='text/plain' profile='{profile}'>"
        f"<file xmlns='{PROFILE}' name='../old.txt' size='{len(DATA)}' hash='552da749930852c69ae5d2141d3766b1'>"
        f"<desc>Old</desc>{more}</file><feature xmlns='{NS_NEGOTIATION}'>{form}</feature></si></iq>"
    )


def answer(romeo):
    (xml,) = romeo.sent()
    return xml


def test_a_file_of_an_older_program_is_taken(romeo, files, old, here):
    offer(romeo)
    waits = only(files)
    assert (waits.name, waits.size, waits.type, waits.description, waits.asks) == (
        "old.txt", len(DATA), "text/plain", "Old", True,
    )  # fmt: skip
    now(files.accept(waits.id))
    assert f"<value>{bytestreams.NS}</value>" in answer(romeo)
    ((method, peer, sid, opened),) = old.expected
    assert (method, peer, sid) == ("socks5", PEER, "a0")
    here_, there, _ = streams()
    opened.callback(here_)
    pour(there, DATA)
    assert only(files).state is TransferState.DONE
    assert (here / "old.txt").read_bytes() == DATA
    assert old._open == []


def test_in_stanzas_where_that_is_all_they_know(romeo, files, old):
    offer(romeo, ibb.NS)
    now(files.accept(only(files).id))
    assert f"<value>{ibb.NS}</value>" in answer(romeo)
    assert old.expected[0][0] == "in-band"


def test_a_part_goes_on(romeo, files, old, here):
    offer(romeo)
    now(files.accept(only(files).id))
    ours, there, _ = streams()
    romeo.turn()
    old.expected[0][-1].callback(ours)
    pour(there, DATA[:600_000])
    now(there.close())
    left = (here / "old.txt.part").stat().st_size
    romeo.sent()
    offer(romeo, id="a1")
    now(files.accept(latest(files).id))
    ranges = [each for each in parse(answer(romeo)).firstChildElement().elements() if each.name == "file"]
    assert ranges[0].firstChildElement()["offset"] == str(left)
    ours, there, _ = streams()
    old.expected[1][-1].callback(ours)
    pour(there, DATA[left:])
    assert (here / "old.txt").read_bytes() == DATA


def test_one_from_which_nothing_comes_any_more_is_given_up(romeo, files, old, here):
    offer(romeo)
    now(files.accept(only(files).id))
    ours, there, _ = streams()
    romeo.turn()
    old.expected[0][-1].callback(ours)
    pour(there, DATA[:600_000])
    for _ in range(3):
        assert only(files).state is TransferState.RUNNING
        romeo.clock.advance(QUIET)
    over = only(files)
    assert (over.error, over.details["reason"]) == ("TransferBroken", "nothing comes any more")
    assert over.partial
    assert old._open == []


def test_nobody_wants_it(romeo, files, old):
    offer(romeo)
    now(files.decline(only(files).id))
    assert "<forbidden" in answer(romeo)


@pytest.mark.parametrize("accepted", [False, True])
def test_nothing_is_waited_for_for_ever(romeo, files, old, here, accepted):
    offer(romeo)
    if accepted:
        now(files.accept(only(files).id))
        romeo.turn()
    romeo.clock.advance(OPENED_WITHIN if accepted else PATIENCE)
    assert only(files).is_over
    assert old._open == []
    assert not here.exists() or os.listdir(here) in ([], ["old.txt.part"])


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ({"sender": "paris@verona.lit/x"}, "service-unavailable"),
        ({"profile": "urn:x"}, "bad-profile"),
        ({"id": ""}, "bad-profile"),
        ({"methods": ["jabber:iq:oob"]}, "no-valid-streams"),
    ],
)
def test_what_is_refused(romeo, files, old, change, condition):
    offer(romeo, *change.pop("methods", ()), **change)
    assert f"<{condition}" in answer(romeo)
    assert now(files.transfers.get_all()) == []


def test_a_peer_offers_some_at_a_time(romeo, files, old):
    for number in range(OF_ONE):
        offer(romeo, id=str(number))
    assert romeo.sent() == []
    offer(romeo, id="more")
    assert "<resource-constraint" in answer(romeo)
    romeo.goes_offline()
    assert all(each.is_over for each in now(files.transfers.get_all()))
