from dataclasses import dataclass
from importlib import metadata
from types import SimpleNamespace

import pytest

from sat.api.manager import PluginState
from sat.core import loader as module
from sat.core.loader import Loader
from sat.core.plugin import Plugin, configured, needs, wants
from sat.core.settings import Registry


class Mine(Plugin):
    """Comes from elsewhere.

    A second paragraph nobody shows."""


@dataclass
class Options:
    """Where."""

    city: str = "Verona"


class Needy(Plugin):
    """Needs what is not loaded."""

    other = needs(type("Absent", (Plugin,), {}))


@pytest.fixture
def entries(monkeypatch):
    """Third-party plugins, as if they were installed."""
    found = []
    monkeypatch.setattr(module, "declared", lambda group: found)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [each for each in found if group == module.GROUP])
    return found


def entry(name, load):
    return SimpleNamespace(name=name, load=load, value=f"acme.{name}")


def made(**members):
    """A plugin that nobody has loaded yet, from a module that is called otherwise."""
    return type("Weather", (Plugin,), {"__doc__": "Tells the weather.", "__module__": "acme_weather", **members})


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


def test_a_plugin_is_called_by_its_entry_point_whatever_its_module_is_called(entries):
    kind = made(options=configured(Options))
    entries.append(entry("weather", lambda: kind))
    loader = load()
    assert kind.name() == "weather"
    assert loader.status["weather"].state is PluginState.ENABLED
    assert "weather.city" in loader._of_profiles.entries
    loader.fail(kind.name(), "it rains")
    status = loader.status["weather"]
    assert (status.state, status.purpose, status.reason) == (PluginState.FAILED, "Tells the weather.", "it rains")


def test_who_derives_from_a_plugin_does_not_take_its_name(entries):
    kind = made()
    entries.append(entry("weather", lambda: kind))
    load()
    assert type("Storms", (kind,), {"__module__": "sat_storms.plugin"}).name() == "storms"


def test_a_third_party_plugin_is_switched_off_by_the_name_of_its_entry_point(entries):
    entries.append(entry("weather", lambda: pytest.fail("it was imported")))
    loader = load(disabled=["weather"])
    assert loader.status["weather"].state is PluginState.DISABLED


def test_nobody_takes_the_place_of_another(entries):
    first, second = made(), made()
    entries += [entry("roster", lambda: first), entry("weather", lambda: first), entry("weather", lambda: second)]
    loader = load()
    assert loader.status["roster"].state is PluginState.ENABLED
    assert any(each.name() == "roster" and each.__module__ == "sat.plugins.roster.plugin" for each in loader.plugins)
    assert first in loader.plugins
    assert second not in loader.plugins
    for name in ("roster (acme.roster)", "weather (acme.weather)"):
        assert loader.status[name].state is PluginState.FAILED
        assert loader.status[name].reason == "there is a plugin of that name already"


def test_one_class_is_one_plugin(entries):
    kind = made()
    entries += [entry("rain", lambda: kind), entry("sun", lambda: kind)]
    loader = load()
    assert loader.plugins.count(kind) == 1
    assert "it is the plugin rain" in loader.status["sun"].reason


@pytest.mark.parametrize("members", [{"xeps": None}, {"other": needs("roster")}, {"other": wants("roster")}])
def test_a_nonsensical_declaration_is_that_plugins_fault_alone(entries, members):
    entries.append(entry("weather", lambda: made(**members)))
    loader = load()
    assert loader.status.pop("weather").state is PluginState.FAILED
    assert {status.state for status in loader.status.values()} == {PluginState.ENABLED}


def test_broken_metadata_of_whoever_costs_only_the_plugins_of_others(monkeypatch, caplog):
    def broken(group):
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

    monkeypatch.setattr(module, "declared", lambda group: [("x", "x")])
    monkeypatch.setattr(metadata, "entry_points", broken)
    assert {status.state for status in load().status.values()} == {PluginState.ENABLED}
    assert "the plugins of others cannot be found" in caplog.text


def test_what_may_hide_is_looked_for(monkeypatch):
    """In zip files, say."""
    monkeypatch.setattr(module, "declared", lambda group: [])
    monkeypatch.setattr(metadata, "entry_points", lambda group: [entry("mine", lambda: Mine)])
    assert "mine" not in load().status
    monkeypatch.setattr(module, "may_hide", lambda: True)
    assert load().status["mine"].state is PluginState.ENABLED
