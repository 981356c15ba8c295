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


@pytest.fixture(scope="module")
def world(request):
    """A world where the server is of the kind that the test names."""
    with World(Options(registration=request.param)) as world:
        yield world


OPEN, INVITED, CLOSED = (pytest.mark.parametrize("world", [kind], indirect=True, ids=str) for kind in Registration)


def register(world, fields=NAME, token=""):
    bridge = world.bridge()
    run(
        bridge.registration.register(world.domain, dict(fields), Secret("demo"), "127.0.0.1", world.prosody.port, token)
    )


def form(world, token=""):
    return run(world.bridge().registration.get_form(world.domain, "127.0.0.1", world.prosody.port, token))


@OPEN
def test_an_account_is_made_and_can_log_in(world):
    fields = {field.name: field for field in form(world).fields}
    assert fields["username"].required
    assert fields["password"].kind is FieldKind.PASSWORD
    register(world)
    from sat.world import people

    people.enter(world.bridge(), "frank", "frank@localhost", "demo", world.prosody.port)


@OPEN
def test_a_name_that_is_taken_is_told(world):
    with pytest.raises(UsernameTaken, match="alice is taken") as caught:
        register(world, {"username": "alice"})
    assert caught.value.advice == "Choose another name, perhaps alice2."


@OPEN
def test_a_name_that_is_none_is_told(world):
    with pytest.raises(RegistrationRefused):
        register(world, {"username": "a@b@c"})


@INVITED
def test_without_an_invitation_it_is_asked_for_and_with_one_it_works(world):
    with pytest.raises(InvitationRequired):
        register(world)
    token = world.prosody.invite()
    form(world, token)
    register(world, token=token)


@CLOSED
def test_a_server_that_takes_nobody_is_told(world):
    with pytest.raises(RegistrationClosed):
        form(world)


@OPEN
def test_a_port_where_nothing_is_is_told(world):
    with pytest.raises(ServerRefused):
        run(world.bridge().registration.get_form(world.domain, "127.0.0.1", free_port()))
