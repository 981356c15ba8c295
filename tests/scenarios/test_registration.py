"""Creating accounts on real servers: open, by invitation only, and closed."""

from __future__ import annotations

import pytest

from sat.api import Secret
from sat.api.errors import InvitationRequired, RegistrationClosed, RegistrationRefused, ServerRefused, UsernameTaken
from sat.api.forms import FieldKind
from sat.world import World
from sat.world.people import run
from sat.world.program import free_port
from sat.world.prosody import Options, Registration

NAME = {"username": "frank"}


@pytest.fixture(scope="module", params=list(Registration))
def place(request):
    """A world of each kind: (world, kind)."""
    with World(Options(registration=request.param)) as world:
        yield world, request.param


def only(kind, wanted):
    if kind is not wanted:
        pytest.skip("for another kind of server")


def register(world, fields=NAME, token=""):
    bridge = world.bridge()
    run(
        bridge.registration.register(world.domain, dict(fields), Secret("demo"), "127.0.0.1", world.prosody.port, token)
    )


def form(world, token=""):
    return run(world.bridge().registration.get_form(world.domain, "127.0.0.1", world.prosody.port, token))


def test_an_account_is_made_and_can_log_in(place):
    world, kind = place
    only(kind, Registration.OPEN)
    fields = {field.name: field for field in form(world).fields}
    assert fields["username"].required
    assert fields["password"].kind is FieldKind.PASSWORD
    register(world)
    from sat.world import people

    people.enter(world.bridge(), "frank", "frank@localhost", "demo", world.prosody.port)


def test_a_name_that_is_taken_is_told(place):
    world, kind = place
    only(kind, Registration.OPEN)
    with pytest.raises(UsernameTaken, match="alice is taken") as caught:
        register(world, {"username": "alice"})
    assert caught.value.advice == "Choose another name, perhaps alice2."


def test_a_name_that_is_none_is_told(place):
    world, kind = place
    only(kind, Registration.OPEN)
    with pytest.raises(RegistrationRefused):
        register(world, {"username": "a@b@c"})


def test_without_an_invitation_it_is_asked_for_and_with_one_it_works(place):
    world, kind = place
    only(kind, Registration.INVITED)
    with pytest.raises(InvitationRequired):
        register(world)
    token = world.prosody.invite()
    form(world, token)
    register(world, token=token)


def test_a_server_that_takes_nobody_is_told(place):
    world, kind = place
    only(kind, Registration.CLOSED)
    with pytest.raises(RegistrationClosed):
        form(world)


def test_a_port_where_nothing_is_is_told(place):
    world, kind = place
    only(kind, Registration.OPEN)
    with pytest.raises(ServerRefused):
        run(world.bridge().registration.get_form(world.domain, "127.0.0.1", free_port()))
