"""Commands and accounts on a real server: the server's commands, ours from afar, another password, the end."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

import pytest
from support.peer import Peer
from support.talk import is_online, wait

from sat.api import JID, Secret
from sat.api.errors import AuthFailed, InvalidArgument, PeerError
from sat.api.profile import ConnectionState
from sat.bridge.derive import load
from sat.plugins.presence.api import Show
from sat.world import PASSWORD, World
from sat.world.people import enter, run
from sat.xmpp import caps, disco, xml
from sat_frontends.quick_frontend.services import look

NS = "http://jabber.org/protocol/commands"
SET_STATUS = "http://jabber.org/protocol/rc#set-status"
TOLD = f"{{{caps.NS}}}c"
NEW = "a better & longer <password>"


@pytest.fixture(scope="module")
def alice(world: World):
    world.enter_profile("alice")
    return world.bridge().profile("alice")


@pytest.fixture
def dora(world: World, request):
    """An account that a test may spoil."""
    name = request.node.name.replace("_", "")[:30]
    jid = world.prosody.register(name, PASSWORD)
    bridge = world.bridge()
    enter(bridge, name, jid, PASSWORD, world.prosody.port)
    return bridge.profile(name)


def logs_in(world: World, jid: str, password: str) -> bool:
    try:
        Peer(jid, password, world.prosody.port, world.prosody.ca_file).close()
    except ConnectionError:
        return False
    return True


def test_command_of_the_server(alice, world):
    server = JID(world.domain)
    found = run(alice.ad_hoc.get_commands(server))
    assert "uptime" in [each.node for each in found]
    stage = run(alice.ad_hoc.begin(server, "uptime"))
    assert (stage.done, stage.failed) == (True, False)
    assert "running" in " ".join(note.text for note in stage.notes)
    with pytest.raises(PeerError):
        run(alice.ad_hoc.begin(server, "nothing"))


def test_what_is_told_of_us_fits_what_we_answer_from_the_first_presence_on(alice, world):
    """Else others would believe to the end of their session that we can nothing (XEP-0115)."""

    def fits(bob):
        presence = bob.expect(lambda each: each.get("from", "").startswith("alice@") and each.findall(TOLD))
        told = presence.find(TOLD)
        asked = f"<query xmlns='{disco.NS_INFO}' node='{told.get('node')}#{told.get('ver')}'/>"
        bob.send(f"<iq type='get' to='{presence.get('from')}' id='asked'>{asked}</iq>")
        answer = bob.expect(lambda each: each.get("id") == "asked").find(f"{{{disco.NS_INFO}}}query")
        assert caps.fits(xml.parse(tostring(answer)), told.get("ver"))
        return told.get("ver")

    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        before = fits(bob)
        world.daemon.restart()
        assert fits(bob) == before
        again = world.bridge().profile("alice")
        wait(lambda: is_online(again), "she is back")
        run(again.settings.set_setting("attention.allow", "false"))
        assert fits(bob) != before
        run(again.settings.set_setting("attention.allow", "true"))
        assert fits(bob) == before


def test_looking_around(alice, world):
    place = run(look(alice, JID(world.domain)))
    assert "a server" in place.what
    assert world.prosody.rooms in [each.jid for each in place.items]
    assert [each.node for each in place.commands] == [
        each.node for each in run(alice.ad_hoc.get_commands(JID(world.domain)))
    ]


def test_our_own_other_program_has_us_be_there_in_another_way(alice, world):
    run(load(alice.profile, follow=False))
    daemon = alice.profile.connection.value.jid
    with Peer(world.jid("alice"), PASSWORD, world.prosody.port, world.prosody.ca_file) as phone:
        phone.available()

        def command(inside: str, **attributes: str) -> Element:
            words = " ".join(f"{name}='{value}'" for name, value in attributes.items())
            asked = f"<command xmlns='{NS}' node='{SET_STATUS}' {words}>{inside}</command>"
            phone.send(f"<iq type='set' id='c' to='{daemon}'>{asked}</iq>")
            answer = phone.expect(lambda stanza: stanza.get("id") == "c")
            found = answer.find(f"{{{NS}}}command")
            assert found is not None
            return found

        session = command("", action="execute").get("sessionid") or ""
        done = command(
            "<x xmlns='jabber:x:data' type='submit'><field var='status'><value>xa</value></field></x>",
            sessionid=session,
        )
        assert done.get("status") == "completed"

    def is_away() -> bool:
        run(load(alice.presence, follow=False))
        return alice.presence.own.value.show is Show.XA

    wait(is_away, "alice is away for long")


def test_stranger_cannot(alice, world):
    run(load(alice.profile, follow=False))
    daemon = alice.profile.connection.value.jid
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as bob:
        bob.send(f"<iq type='set' id='c' to='{daemon}'><command xmlns='{NS}' node='{SET_STATUS}'/></iq>")
        assert bob.expect(lambda stanza: stanza.get("id") == "c").get("type") == "error"


def test_password_is_changed_at_the_server_and_here(dora, world):
    run(load(dora.profile, follow=False))
    jid = dora.profile.jid.value
    run(dora.profile.change_password(Secret(NEW)))
    assert logs_in(world, jid, NEW)
    assert not logs_in(world, jid, PASSWORD)
    run(dora.profile.disconnect())
    run(dora.profile.connect())  # with the one that is stored
    with pytest.raises(AuthFailed):
        run(dora.profile.check_password(Secret(PASSWORD)))


def test_account_is_removed(dora, world):
    run(load(dora.profile, follow=False))
    jid = dora.profile.jid.value
    run(dora.profile.delete_account())
    assert not logs_in(world, jid, PASSWORD)
    run(load(dora.profile, follow=False))
    assert dora.profile.connection.value.state is ConnectionState.OFFLINE
    assert not run(dora.profile.get_account()).autoconnect


# -- invitations -------------------------------------------------------------------------------------------------


def test_two_become_contacts_by_a_link_and_a_third_does_not(alice, world):
    world.enter_profile("bob")
    eve_jid = world.prosody.register("eve", PASSWORD)
    enter(world.bridge(), "eve", eve_jid, PASSWORD, world.prosody.port)
    bob, eve = world.bridge().profile("bob"), world.bridge().profile("eve")
    own = JID(eve_jid)
    token = run(eve.invitations.invite()).uri.partition("preauth=")[2]
    run(alice.invitations.follow(own, token, "Eve"))

    def subscription(profile, jid):
        return next((each.subscription for each in run(profile.roster.get_contacts()) if each.jid == jid), None)

    wait(lambda: subscription(alice, own) == "both", "alice sees eve, and eve sees alice")
    run(bob.invitations.follow(own, token))  # it was good once
    wait(lambda: [each.jid for each in run(eve.presence.get_requests())] == [world.jid("bob")], "bob only asks")


def test_own_server_is_no_service_that_could_forget_us(dora, world):
    run(load(dora.profile, follow=False))
    assert not run(look(dora, JID(world.domain))).registers
    with pytest.raises(InvalidArgument):
        run(dora.services.unregister(JID(world.domain)))
    assert logs_in(world, dora.profile.jid.value, PASSWORD)
