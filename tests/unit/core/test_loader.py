from importlib import metadata
from types import SimpleNamespace

import pytest

from sat.api.manager import PluginState
from sat.core import loader as module
from sat.core.loader import Loader
from sat.core.plugin import Plugin, needs
from sat.core.settings import Registry


class Mine(Plugin):
    """Comes from elsewhere.

    A second paragraph nobody shows."""


class Needy(Plugin):
    """Needs what is not loaded."""

    other = needs(type("Absent", (Plugin,), {}))


@pytest.fixture
def entries(monkeypatch):
    """Third-party plugins, as if they were installed."""
    found = []
    monkeypatch.setattr(metadata, "entry_points", lambda group: [each for each in found if group == module.GROUP])
    return found


def entry(name, load):
    return SimpleNamespace(name=name, load=load)


def load(disabled=()):
    loader = Loader(set(disabled), Registry(), Registry())
    loader.load()
    return loader


def test_every_plugin_of_ours_loads(entries):
    loader = load()
    assert {name: status.reason for name, status in loader.status.items() if status.reason} == {}
    assert {"roster", "messages", "registration"} <= set(loader.status)
    names = [kind.name() for kind in loader.plugins]
    assert names.index("roster") < names.index("presence")


def test_what_is_switched_off_is_not_imported_and_what_needs_it_says_so(entries):
    loader = load(disabled=["roster"])
    assert loader.status["roster"].state is PluginState.DISABLED
    assert loader.status["presence"].state is PluginState.FAILED
    assert "not there" in loader.status["presence"].reason
    assert loader.status["ping"].state is PluginState.ENABLED


def test_a_third_party_plugin_comes_through_the_same_door(entries):
    entries.append(entry("mine", lambda: Mine))
    loader = load()
    assert loader.status["mine"].purpose == "Comes from elsewhere."
    assert Mine in loader.plugins


def test_one_that_cannot_be_imported_is_a_status_with_a_reason(entries):
    def broken():
        raise ImportError("no module named quantum")

    entries.append(entry("broken", broken))
    entries.append(entry("needy", lambda: Needy))
    loader = load()
    assert loader.status["broken"].state is PluginState.FAILED
    assert "quantum" in loader.status["broken"].reason
    assert "Absent" in loader.status["needy"].reason
    assert loader.status["messages"].state is PluginState.ENABLED
