"""Commands: those of others, and ours (XEP-0050, XEP-0146)."""

import re

import pytest
from support.romeo import FULL, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound, PeerError
from sat.api.forms import FieldKind
from sat.plugins.ad_hoc.api import Action, Command, NoteKind
from sat.plugins.ad_hoc.plugin import NS, RUNS, AdHoc
from sat.plugins.presence.api import Show
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.remote_control.plugin import LEAVE, SET_STATUS, RemoteControl
from sat.plugins.rooms.plugin import Rooms

SERVICE = JID("service.localhost")
OTHER = f"{FULL.bare}/tower"
ITEMS = "http://jabber.org/protocol/disco#items"
INFO = "http://jabber.org/protocol/disco#info"
FORM = (
    "<x xmlns='jabber:x:data' type='form'><title>Which?</title><field var='key' type='hidden'><value>s</value></field>"
    "<field var='service' type='list-single'><option><value>httpd</value></option></field></x>"
)


@pytest.fixture
def ad_hoc(romeo):
    ad_hoc = romeo.plug(AdHoc)
    romeo.goes_online()
    return ad_hoc


def stage(inside, status="executing", session="17"):
    return f"<command xmlns='{NS}' node='config' sessionid='{session}' status='{status}'>{inside}</command>"


def start(romeo, ad_hoc, inside, status="executing"):
    work = Deferred.fromCoroutine(ad_hoc.begin(SERVICE, "config"))
    romeo.wire.answer("action='execute'", stage(inside, status))
    return now(work)


# -- theirs ------------------------------------------------------------------------------------------------------


def test_what_can_be_done_is_listed(romeo, ad_hoc):
    work = Deferred.fromCoroutine(ad_hoc.get_commands(SERVICE))
    romeo.wire.answer(
        ITEMS, f"<query xmlns='{ITEMS}'><item jid='{SERVICE}' node='list' name='List'/><item jid='{SERVICE}'/></query>"
    )
    assert now(work) == [Command(SERVICE, "list", "List")]


def test_who_has_no_commands_has_none_and_who_refuses_is_told(romeo, ad_hoc):
    work = Deferred.fromCoroutine(ad_hoc.get_commands(SERVICE))
    romeo.wire.refuse(ITEMS, "service-unavailable")
    assert now(work) == []
    work = Deferred.fromCoroutine(ad_hoc.get_commands(SERVICE))
    romeo.wire.refuse(ITEMS, "forbidden")
    with pytest.raises(PeerError):
        now(work)


def test_stages_are_answered_with_what_was_hidden_until_it_is_done(romeo, ad_hoc):
    first = start(romeo, ad_hoc, f"<actions execute='next'><prev/><next/></actions>{FORM}")
    assert (first.done, first.form.title) == (False, "Which?")
    assert first.actions == [Action.NEXT, Action.PREV]
    work = Deferred.fromCoroutine(ad_hoc.go_on(first.run, Action.NEXT, {"service": "httpd"}))
    (asked,) = [each for each in romeo.wire.asked if NS in each]
    assert f"<command xmlns='{NS}' node='config' sessionid='17' action='next'>" in asked
    assert "<value>httpd</value>" in asked
    assert "<value>s</value>" in asked
    romeo.wire.answer("action='next'", stage("<note type='warn'>Slow.</note>"))
    second = now(work)
    assert (second.run, second.actions) == (first.run, [Action.COMPLETE])
    assert [(each.kind, each.text) for each in second.notes] == [(NoteKind.WARN, "Slow.")]
    work = Deferred.fromCoroutine(ad_hoc.go_on(first.run, Action.COMPLETE))
    romeo.wire.answer("action='complete'", stage("<note>Done.</note>", "completed"))
    last = now(work)
    assert (last.run, last.done, last.failed) == ("", True, False)
    with pytest.raises(NotFound):
        now(ad_hoc.go_on(first.run, Action.COMPLETE))


def test_going_back_sends_no_answer(romeo, ad_hoc):
    first = start(romeo, ad_hoc, f"<actions><prev/><next/></actions>{FORM}")
    Deferred.fromCoroutine(ad_hoc.go_on(first.run, Action.PREV, {"service": "httpd"}))
    (asked,) = [each for each in romeo.wire.asked if NS in each]
    assert "jabber:x:data" not in asked


def test_what_is_done_is_a_table_perhaps_or_a_failure(romeo, ad_hoc):
    table = (
        "<x xmlns='jabber:x:data' type='result'><title>Services</title><reported><field var='a' label='Name'/>"
        "<field var='b'/></reported><item><field var='b'><value>1</value><value>2</value></field></item></x>"
    )
    found = start(romeo, ad_hoc, table, "completed")
    assert (found.form.columns, found.form.rows) == (["Name", "b"], [["", "1, 2"]])
    assert start(romeo, ad_hoc, "<note type='error'>No.</note>", "completed").failed
    assert start(romeo, ad_hoc, "", "canceled").failed


def test_what_cannot_be_is_said_before_it_is_sent(romeo, ad_hoc):
    first = start(romeo, ad_hoc, f"<actions><complete/></actions>{FORM}")
    with pytest.raises(InvalidArgument, match="only by: complete"):
        now(ad_hoc.go_on(first.run, Action.NEXT))
    with pytest.raises(InvalidArgument, match="asks for no “other”"):
        now(ad_hoc.go_on(first.run, Action.COMPLETE, {"other": "1"}))
    assert not [each for each in romeo.wire.asked if NS in each]


def test_given_up_is_told_and_forgotten(romeo, ad_hoc):
    first = start(romeo, ad_hoc, FORM)
    work = Deferred.fromCoroutine(ad_hoc.cancel(first.run))
    romeo.wire.refuse("action='cancel'", "bad-request")  # it is over all the same
    now(work)
    with pytest.raises(NotFound):
        now(ad_hoc.cancel(first.run))


def test_commands_that_are_never_finished_are_bounded(romeo, ad_hoc):
    runs = [start(romeo, ad_hoc, FORM).run for _ in range(RUNS + 1)]
    with pytest.raises(NotFound):
        now(ad_hoc.cancel(runs[0]))
    work = Deferred.fromCoroutine(ad_hoc.cancel(runs[1]))
    romeo.wire.answer("action='cancel'")
    now(work)


# -- ours --------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(romeo):
    romeo.plug(Rooms)
    romeo.plug(RemoteControl)
    romeo.goes_online()
    return romeo


def asks(romeo, inside, sender=OTHER, kind="set"):
    romeo.sent()
    romeo.hears(f"<iq type='{kind}' id='a' from='{sender}'>{inside}</iq>")
    return romeo.sent()[-1]


def test_our_own_other_programs_see_what_they_may_have_us_do(served):
    listed = asks(served, f"<query xmlns='{ITEMS}' node='{NS}'/>", kind="get")
    assert f"node='{SET_STATUS}'" in listed
    assert f"node='{LEAVE}'" in listed
    assert "type='command-node'" in asks(served, f"<query xmlns='{INFO}' node='{LEAVE}'/>", kind="get")


@pytest.mark.parametrize("sender", ["juliet@capulet.lit/b", "montague.lit", f"{FULL.bare}x/tower"])
@pytest.mark.parametrize(
    ("kind", "inside"),
    [
        ("get", f"<query xmlns='{ITEMS}' node='{NS}'/>"),
        ("get", f"<query xmlns='{INFO}' node='{SET_STATUS}'/>"),
        ("set", f"<command xmlns='{NS}' node='{SET_STATUS}' action='execute'/>"),
    ],
)
def test_strangers_are_refused(served, sender, kind, inside):
    assert "<forbidden" in asks(served, inside, sender, kind)


def test_status_is_changed_from_afar(served):
    form = asks(served, f"<command xmlns='{NS}' node='{SET_STATUS}' action='execute'/>")
    session = re.search("sessionid='([^']+)'", form)[1]
    assert "<value>dnd</value>" in form
    answer = (
        f"<command xmlns='{NS}' node='{SET_STATUS}' sessionid='{session}'><x xmlns='jabber:x:data' type='submit'>"
        "<field var='status'><value>dnd</value></field><field var='status-message'><value>asleep</value></field></x>"
        "</command>"
    )
    done = asks(served, answer)
    assert "status='completed'" in done
    own = served.plugin(PresencePlugin).own.value
    assert (own.show, own.status) == (Show.DND, "asleep")
    assert "<bad-request" in asks(served, answer)  # that run is over


def test_what_is_no_status_is_said(served):
    session = re.search("sessionid='([^']+)'", asks(served, f"<command xmlns='{NS}' node='{SET_STATUS}'/>"))[1]
    done = asks(
        served,
        f"<command xmlns='{NS}' node='{SET_STATUS}' sessionid='{session}'><x xmlns='jabber:x:data' type='submit'>"
        "<field var='status'><value>dead</value></field></x></command>",
    )
    assert "<note type='error'>" in done
    assert "no status" in done


def test_command_that_is_not_there_or_given_up(served):
    assert "<item-not-found" in asks(served, f"<command xmlns='{NS}' node='launch'/>")
    session = re.search("sessionid='([^']+)'", asks(served, f"<command xmlns='{NS}' node='{LEAVE}'/>"))[1]
    cancel = f"<command xmlns='{NS}' node='{LEAVE}' sessionid='{session}' action='cancel'/>"
    assert "status='canceled'" in asks(served, cancel)
    assert "<bad-request" in asks(served, cancel)


def test_form_of_ours_reads_as_it_was_meant(served):
    from support.romeo import parse

    from sat.xmpp import forms, xml

    answer = parse(asks(served, f"<command xmlns='{NS}' node='{SET_STATUS}'/>"))
    read = forms.read(forms.find(xml.child(answer, "command", NS)))
    kinds = {field.name: field.kind for field in read.fields}
    assert kinds == {"FORM_TYPE": FieldKind.HIDDEN, "status": FieldKind.CHOICE, "status-message": FieldKind.LINES}
