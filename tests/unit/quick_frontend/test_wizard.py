from __future__ import annotations

import pytest
from support.fakes import Loop, Manager, Registration

from sat.api.errors import (
    AuthFailed,
    Cancelled,
    CertificateSelfSigned,
    InvalidAddress,
    InvitationRequired,
    NoInvitation,
    ServerNotFound,
    StorageFull,
    UsernameTaken,
)
from sat.api.forms import Field, FieldKind, Form
from sat_frontends.quick_frontend.profiles import Profiles
from sat_frontends.quick_frontend.wizard import Step, Wizard

REFUSED = AuthFailed(server="montague.lit", user="romeo")
FORM = Form(
    "Register",
    "",
    [
        Field("username", FieldKind.TEXT, "Name", [], required=True),
        Field("password", FieldKind.PASSWORD, "Password", [], required=True),
        Field("captcha", FieldKind.TEXT, "What do you see?", [], image=b"1", image_type="image/png"),
    ],
)


class Scene:
    def __init__(self):
        self.loop, self.manager = Loop(), Manager()
        self.profiles = Profiles(self.manager, self.manager.profile)
        self.loop.now(self.profiles.start())
        self.registration = Registration(FORM)
        self.wizard = Wizard(self.profiles, self.registration, self.loop.spawn)
        self.steps: list[Step] = []
        self.wizard.changed.connect(self.steps.append)

    def at_password(self, address="romeo@montague.lit"):
        self.wizard.log_in()
        self.wizard.enter_address(address)
        return self.wizard

    def at_form(self, server="montague.lit"):
        self.wizard.register()
        self.wizard.enter_server(server)
        return self.wizard

    def fills_in(self):
        self.wizard.form.enter("username", "romeo")
        self.wizard.form.enter("password", "rosaline")
        self.wizard.form.enter("captcha", "a rose")


@pytest.fixture
def scene():
    return Scene()


def test_logging_in(scene):
    scene.at_password(" Romeo@Montague.lit ").enter_password("rosaline")
    assert scene.steps == [Step.ADDRESS, Step.PASSWORD, Step.CONNECTING, Step.DONE]
    assert scene.wizard.address == "romeo@montague.lit"
    assert (scene.wizard.profile, scene.profiles.current) == ("romeo", "romeo")
    assert scene.manager.calls[-1] == ("create_profile", "romeo", "romeo@montague.lit", "rosaline")


@pytest.mark.parametrize("text", ["", "montague.lit", "@montague.lit", "ro meo@montague.lit"])
def test_an_address_that_is_none_stays_to_be_mended(scene, text):
    scene.wizard.log_in()
    assert scene.wizard.check_address(text)
    scene.wizard.enter_address(text)
    assert scene.wizard.step is Step.ADDRESS
    assert isinstance(scene.wizard.error, InvalidAddress)
    assert scene.wizard.address == text
    assert scene.wizard.check_address("romeo@montague.lit") == ""


@pytest.mark.parametrize(
    ("error", "page"),
    [(REFUSED, Step.PASSWORD), (ServerNotFound(server="montague.lit"), Step.ADDRESS), (StorageFull(), Step.PASSWORD)],
)
def test_an_error_goes_to_the_page_that_can_mend_it(scene, error, page):
    scene.manager.prepare = lambda profile: profile.fails.update(connect=error)
    scene.at_password().enter_password("wrong")
    assert (scene.wizard.step, scene.wizard.error) == (page, error)
    assert scene.wizard.address == "romeo@montague.lit"
    assert len(scene.profiles) == 0
    scene.manager.prepare = lambda profile: None
    scene.at_password().enter_password("right")
    assert (scene.wizard.step, scene.wizard.error) == (Step.DONE, None)


SHOWN = "SHA256:" + ":".join(f"{number:02X}" for number in range(32))
LISTENED = CertificateSelfSigned(server="montague.lit", fingerprint=SHOWN)


def refused(scene):
    """The server has shown a certificate of its own making."""
    scene.manager.prepare = lambda profile: profile.fails.update(connect=LISTENED)
    scene.at_password().enter_password("rosaline")
    scene.manager.prepare = lambda profile: None
    return scene.wizard


def test_a_certificate_is_trusted_by_who_types_the_end_of_its_fingerprint(scene):
    wizard = refused(scene)
    assert (wizard.step, wizard.error, wizard.fingerprint) == (Step.ADDRESS, LISTENED, SHOWN)
    wizard.look_at_certificate()
    wizard.trust(" 1c:1d:1e:1f ")
    assert (wizard.step, wizard.pin) == (Step.PASSWORD, SHOWN)
    wizard.enter_password("rosaline")
    assert wizard.step is Step.DONE
    assert scene.manager.profiles["romeo"].account.pin == SHOWN


@pytest.mark.parametrize("typed", ["", "1F", "1D:1E:1F", "00:01:02:03", "yes", "SHA256:1C:1D:1E:FF"])
def test_a_certificate_is_not_trusted_for_less(scene, typed):
    wizard = refused(scene)
    wizard.look_at_certificate()
    wizard.trust(typed)
    assert (wizard.step, wizard.pin, wizard.fingerprint) == (Step.CERTIFICATE, "", SHOWN)
    assert "not the last digits" in str(wizard.error)
    wizard.back()
    assert (wizard.step, wizard.fingerprint) == (Step.ADDRESS, "")


def test_a_certificate_is_trusted_for_one_address_only(scene):
    wizard = refused(scene)
    wizard.look_at_certificate()
    wizard.trust(SHOWN)
    wizard.back()
    wizard.enter_address("romeo@montague.lit")
    assert wizard.pin == SHOWN
    wizard.back()
    wizard.enter_address("romeo@capulet.lit")
    assert wizard.pin == ""


def test_a_certificate_is_trusted_where_an_account_is_created(scene):
    scene.registration.fails["get_form"] = LISTENED
    wizard = scene.at_form()
    assert (wizard.step, wizard.error, wizard.fingerprint) == (Step.SERVER, LISTENED, SHOWN)
    wizard.look_at_certificate()
    assert (wizard.step, wizard.domain) == (Step.CERTIFICATE, "montague.lit")
    wizard.back()
    assert wizard.step is Step.SERVER
    wizard.enter_server("montague.lit")
    wizard.look_at_certificate()
    scene.registration.fails.clear()
    wizard.trust(SHOWN)
    assert wizard.step is Step.FORM
    scene.fills_in()
    wizard.submit_form()
    assert wizard.step is Step.DONE
    assert [call[-1] for call in scene.registration.calls if call[0] == "register"] == [SHOWN]
    assert scene.manager.profiles["romeo"].account.pin == SHOWN


def test_a_certificate_is_trusted_for_one_server_only(scene):
    scene.registration.fails["get_form"] = LISTENED
    wizard = scene.at_form()
    wizard.look_at_certificate()
    scene.registration.fails.clear()
    wizard.trust(SHOWN)
    wizard.back()
    wizard.enter_server("capulet.lit")
    assert wizard.pin == ""
    scene.at_form()
    wizard.pin = SHOWN
    wizard.log_in()
    assert wizard.pin == ""


def test_back_keeps_what_was_entered(scene):
    scene.at_password().back()
    assert scene.wizard.step is Step.ADDRESS
    assert scene.wizard.address == "romeo@montague.lit"
    scene.wizard.back()
    assert scene.wizard.step is Step.WELCOME


def connecting(scene):
    """The person waits for the server; the daemon ends it with an error when it is told to disconnect."""
    made = []

    def prepare(profile):
        made.append(profile)
        profile.gate.closed = True

    scene.manager.prepare = prepare
    scene.at_password().enter_password("rosaline")
    assert scene.wizard.busy
    return made[0]


def test_cancelling_stops_the_connection_and_forgets_the_profile(scene):
    profile = connecting(scene)
    scene.wizard.cancel()
    assert (scene.wizard.step, scene.wizard.status) == (Step.CONNECTING, "Stopping…")
    profile.fails["connect"] = Cancelled()
    profile.gate.open(scene.loop)
    assert ("disconnect",) in profile.calls
    assert (scene.wizard.step, scene.wizard.error) == (Step.PASSWORD, None)
    assert len(scene.profiles) == 0


def test_cancelling_twice_waits_for_nothing(scene):
    profile = connecting(scene)
    scene.wizard.cancel()
    scene.wizard.cancel()
    assert scene.wizard.step is Step.PASSWORD
    profile.fails["connect"] = REFUSED
    profile.gate.open(scene.loop)
    assert (scene.wizard.step, scene.wizard.error) == (Step.PASSWORD, None)


def test_registering(scene):
    scene.at_form()
    assert scene.wizard.step is Step.FORM
    scene.fills_in()
    scene.wizard.submit_form()
    assert scene.steps[2:] == [Step.FORM, Step.REGISTERING, Step.CONNECTING, Step.DONE]
    sent = {"username": "romeo", "captcha": "a rose"}
    assert ("register", "montague.lit", sent, "rosaline", "") in scene.registration.calls
    assert scene.wizard.address == "romeo@montague.lit"


def test_a_form_that_is_not_filled_in_is_not_sent(scene):
    scene.at_form().submit_form()
    assert scene.wizard.step is Step.FORM
    assert scene.wizard.form.error("username")
    assert scene.registration.count("register") == 0


def test_a_name_that_is_taken_can_be_changed(scene):
    fresh = FORM._replace(fields=[*FORM.fields[:2], FORM.fields[2]._replace(image=b"2")])
    scene.registration.forms = [FORM, fresh]
    taken = UsernameTaken(user="romeo", server="montague.lit")
    scene.registration.fails["register"] = taken
    scene.at_form()
    scene.fills_in()
    scene.wizard.submit_form()
    assert (scene.wizard.step, scene.wizard.error) == (Step.FORM, taken)
    form = scene.wizard.form
    assert form.form == fresh
    assert (form.value("username"), form.value("password")) == ("romeo", "rosaline")
    assert form.value("captcha") == "", "another picture has another answer"


def test_a_server_that_takes_nobody(scene):
    scene.registration.fails["get_form"] = InvitationRequired(server="montague.lit")
    scene.at_form()
    assert (scene.wizard.step, scene.wizard.server) == (Step.SERVER, "montague.lit")
    assert scene.wizard.error == InvitationRequired(server="montague.lit")


def test_an_invitation(scene):
    scene.at_form("xmpp:romeo@montague.lit?register;preauth=TOKEN")
    assert ("get_form", "montague.lit", "TOKEN") in scene.registration.calls
    assert scene.wizard.form.value("username") == "romeo"


def test_a_link_that_is_no_invitation_stays_to_be_mended(scene):
    scene.at_form("xmpp:romeo@montague.lit?message")
    assert scene.wizard.step is Step.SERVER
    assert "no invitation" in str(scene.wizard.error)


def test_who_has_an_invitation_is_asked_for_its_link(scene):
    scene.wizard.invited()
    assert scene.wizard.step is Step.INVITATION
    scene.wizard.enter_server("montague.lit")
    assert (scene.wizard.step, scene.wizard.error) == (Step.INVITATION, NoInvitation(link="montague.lit"))
    assert scene.registration.calls == []
    scene.registration.fails["get_form"] = ServerNotFound(server="montague.lit")
    scene.wizard.enter_server("xmpp:romeo@montague.lit?register;preauth=TOKEN")
    assert (scene.wizard.step, scene.wizard.error) == (Step.INVITATION, ServerNotFound(server="montague.lit"))
    scene.registration.fails.clear()
    scene.wizard.enter_server("xmpp:romeo@montague.lit?register;preauth=TOKEN")
    assert scene.wizard.step is Step.FORM
    scene.wizard.back()
    assert scene.wizard.step is Step.INVITATION


def test_an_account_that_was_made_but_cannot_connect_is_not_made_again(scene):
    scene.manager.prepare = lambda profile: profile.fails.update(connect=REFUSED)
    scene.at_form()
    scene.fills_in()
    scene.wizard.submit_form()
    assert (scene.wizard.step, scene.wizard.error) == (Step.PASSWORD, REFUSED)
    assert scene.wizard.address == "romeo@montague.lit"


def test_a_form_that_comes_too_late_is_not_shown(scene):
    scene.registration.gate.closed = True
    scene.at_form().cancel()
    scene.registration.gate.open(scene.loop)
    assert scene.wizard.step is Step.SERVER


def test_the_demo(scene):
    scene.wizard.demo()
    assert scene.wizard.step is Step.DEMO
    scene.wizard.back()
    assert scene.wizard.step is Step.WELCOME
