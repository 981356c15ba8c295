"""Plugins of others that are bad in every way (R23, P4): all else goes on, and it is said who it was."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from support.talk import all_arrived, connection, heard, is_online, say, wait

from sat.api import JID
from sat.api.manager import PluginState, PluginStatus
from sat.world import World
from sat.world.daemon import script
from sat.world.people import run

PLUGINS = {
    "broken_import": "raise RuntimeError('no luck')",
    "ends_all": "raise SystemExit(3)",
    "syntax": "def :",
    "missing_module": "import a_module_that_nobody_has",
    "needs_missing": """
        from sat.core.plugin import Plugin, needs
        class Elsewhere(Plugin):
            "Is nowhere."
        Elsewhere.__module__ = "sat_elsewhere.plugin"
        class Needs(Plugin):
            "Needs what is not there."
            other = needs(Elsewhere)
    """,
    "bad_options": """
        from dataclasses import dataclass
        from sat.core.plugin import Plugin, configured
        class Options:
            size: int = 3
        class Bad(Plugin):
            "Has options that are none."
            options = configured(Options)
    """,
    "broken_load": """
        from sat.core.plugin import Plugin
        class Bad(Plugin):
            "Cannot load."
            async def load(self):
                raise ValueError("not today")
    """,
    "broken_service": """
        from sat.core.plugin import Service
        class Bad(Service):
            "Cannot start."
            def __init__(self, backend):
                super().__init__(backend)
                raise ValueError("not here")
    """,
    "same_request": """
        from sat.core.plugin import Plugin, on_iq
        class Bad(Plugin):
            "Answers what is answered already."
            @on_iq("get", "urn:xmpp:ping", "ping")
            def answer(self, iq):
                return None
    """,
    "fails": """
        from sat.api import Api, method
        from sat.core.pipeline import Stage
        from sat.core.plugin import Offline, Online, Plugin, on_event, on_iq, on_message, on_presence, on_sending
        class FailsApi(Api):
            "Fails."
            @method
            async def fail(self) -> str:
                "Fail."
        class Fails(Plugin, FailsApi):
            "Fails whatever it is asked to do."
            def __init__(self, session):
                super().__init__(session)
                self.undo(self.bad)
                self.after(0.1, self.bad)
                self.spawn(self.worse())
            def bad(self, *_):
                raise RuntimeError("bad")
            async def worse(self, *_):
                raise RuntimeError("worse")
            on_1 = on_message(Stage.UNWRAP)(lambda self, arrival: self.bad())
            on_2 = on_message(Stage.DECRYPT)(lambda self, arrival: self.worse())
            on_3 = on_message(Stage.ARCHIVE)(lambda self, arrival: self.bad())
            on_4 = on_message(Stage.ANNOUNCE)(lambda self, arrival: self.bad())
            on_5 = on_sending(Stage.CORRECT)(lambda self, departure: self.bad())
            on_6 = on_presence(lambda self, presence: self.bad())
            on_7 = on_event(Online)(lambda self, event: self.bad())
            on_8 = on_event(Offline)(lambda self, event: self.bad())
            on_9 = on_iq("get", "urn:fails", "now")(lambda self, iq: self.bad())
            on_10 = on_iq("get", "urn:fails", "later")(lambda self, iq: self.worse())
            async def fail(self) -> str:
                raise RuntimeError("bad")
    """,
    "blocks": """
        import time
        from sat.core.pipeline import Stage
        from sat.core.plugin import Plugin, on_message
        class Blocks(Plugin):
            "Sleeps in the middle of the way."
            @on_message(Stage.UNWRAP)
            def heard(self, arrival):
                if "sleep" in arrival.message.body:
                    time.sleep(1.5)
    """,
}
NOT_LOADED = {
    "broken_import": "RuntimeError: no luck",
    "ends_all": "SystemExit: 3",
    "syntax": "SyntaxError",
    "missing_module": "a_module_that_nobody_has",
    "needs_missing": "it needs the plugin",
    "bad_options": "its options are wrong",
    "broken_load": "ValueError: not today",
    "broken_service": "ValueError: not here",
    "same_request": "both answer",
}


def install(folder: Path) -> Path:
    """Write the plugins as pip would, in packages that are called otherwise; the folder belongs on PYTHONPATH."""
    for name, source in PLUGINS.items():
        package = folder / f"acme_{name}"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "plugin.py").write_text(dedent(source))
    metadata = folder / "sat_bad-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sat-bad\nVersion: 1\n")
    entries = "".join(f"{name} = acme_{name}.plugin\n" for name in PLUGINS) + "roster = acme_fails.plugin\n"
    (metadata / "entry_points.txt").write_text(f"[sat.plugins]\n{entries}")
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, World(daemon=False) as world:
        patch.setenv("PYTHONPATH", str(install(tmp_path_factory.mktemp("plugins"))))
        world.daemon.start()
        world.enter_profile("alice")
        world.enter_profile("carol")
        yield world


@pytest.fixture
def alice(world: World) -> Any:
    return world.bridge().profile("alice")


def status(world: World) -> dict[str, PluginStatus]:
    return {plugin.name: plugin for plugin in run(world.bridge().manager.list_plugins())}


def jp(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script("jp"), *words], env=world.environment(), capture_output=True, text=True, timeout=30, check=False
    )


def test_everybody_is_told_what_does_not_work_and_why(world):
    found = status(world)
    for name, reason in NOT_LOADED.items():
        assert found[name].state is PluginState.FAILED, name
        assert reason in found[name].reason
    assert found.pop("roster (acme_fails.plugin)").reason == "there is a plugin of that name already"
    ours = [plugin for name, plugin in found.items() if name not in PLUGINS]
    assert {plugin.state for plugin in ours} == {PluginState.ENABLED}
    shown = jp(world, "doctor").stdout
    for name in NOT_LOADED:
        assert name in shown
    log = world.daemon.log.read_text()
    for name in NOT_LOADED:
        assert f"the plugin {name} does not work: " in log


def test_talking_goes_on_when_a_plugin_fails_at_everything(world, alice, bob):
    own = connection(alice).jid
    say(alice, "hello bob")
    bob.expect_body("hello bob")
    bob.say("alice@localhost", "hello alice", id="f1")
    wait(lambda: heard(alice)[-1:] == ["hello alice"] and all_arrived(alice), "it comes and goes")
    for name in ("now", "later"):
        bob.send(f"<iq type='get' id='{name}' to='{own}'><{name} xmlns='urn:fails'/></iq>")
        answer = bob.expect(lambda stanza, name=name: stanza.get("id") == name)
        assert answer.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}internal-server-error") is not None
    bob.send(f"<iq type='get' id='ping' to='{own}'><ping xmlns='urn:xmpp:ping'/></iq>")
    assert bob.expect(lambda stanza: stanza.get("id") == "ping").get("type") == "result"
    refused = jp(world, "api", "fails.fail")
    assert refused.returncode > 0
    assert "Traceback" not in refused.stderr
    assert "the plugin fails failed" in world.daemon.log.read_text()


def test_who_blocks_the_daemon_is_named(world, alice, bob):
    bob.say("alice@localhost", "sleep a little", id="b1")
    bob.say("carol@localhost", "are you there", id="b2")
    carol = world.bridge().profile("carol")
    wait(lambda: heard(carol)[-1:] == ["are you there"], "others go on afterwards")
    wait(lambda: heard(alice)[-1:] == ["sleep a little"], "it is stored too")
    assert "alice sat.core.session: the plugin blocks blocked the daemon for 1.5 s" in world.daemon.log.read_text()
    assert is_online(alice)


def test_it_can_be_left_and_ended_in_order(world, alice):
    """Undoing fails too; what stands behind it is undone all the same."""
    run(world.bridge().manager.delete_profile("carol"))
    run(alice.profile.disconnect())
    run(alice.profile.connect())
    assert run(alice.ping.ping(JID("localhost"))) < 20
    assert world.daemon.stop() == 0
    assert world.daemon.last_words().endswith("ended")
