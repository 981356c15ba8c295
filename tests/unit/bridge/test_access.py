"""What frontends reach the daemon by."""

from __future__ import annotations

from typing import Any

import pytest

from sat.bridge.introspection import interfaces
from sat_frontends.bridge.access import Access, Bridge, ProfileAccess

PARTS = [(kind, name) for kind in (Access, ProfileAccess, Bridge) for name in kind.__annotations__]


class Asked(Bridge):
    """A daemon of which is seen what it is asked for."""

    def transport(self, path: str) -> Any:
        return path


@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_every_interface_is_what_it_is_said_to_be(kind, part):
    bridge = Asked()
    access = bridge.profile("alice") if kind is ProfileAccess else bridge
    made = getattr(access, part)
    [api] = (each for each in interfaces() if isinstance(made, each))
    assert api.__name__ == kind.__annotations__[part]
    assert made is getattr(access, part)
    assert made is access.use(api)


def test_each_profile_has_its_own():
    bridge = Asked()
    assert bridge.profile("alice").messages is not bridge.profile("bob").messages
