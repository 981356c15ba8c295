"""sat.conf is broken (R22): the daemon does not start, and says in one line what is wrong and where."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from support.talk import faults

from sat.api.manager import PluginState
from sat.world import Bus, World
from sat.world.daemon import environment, script
from sat.world.people import run

BROKEN = [
    ("level = debug\n", 1, "a setting stands before the first [section]"),
    ("[log]\nnonsense\n", 2, "neither a [section] nor a key = value"),
    ("[log]\n= debug\n", 2, "neither a [section] nor a key = value"),
    ("# mine\n[log\nlevel = debug\n", 2, "a ] behind it"),
    ("[log]\nlevel = debug\n[log]\n", 3, "[log] stands there twice"),
    ("[log]\nlevel = debug\nlevel = info\n", 3, "“level” stands there twice"),
    ("[log]\ntraffic = true\n  level = debug\n", 3, "must not be indented"),
    ("[log]\nlevel = loud\n", 2, "choose one of error, warning, info, debug"),
    ("[log]\ntraffic = perhaps\n", 2, "say true or false"),
    ("[archive]\n\npage = many\n", 3, "it must be a whole number"),
    ("[archive]\npage = 9999\n", 2, "it must be between 10 and 500"),
    ("[archive]\npage = 99999999999999999999999\n", 2, "it must be between 10 and 500"),
    ("[archive]\npage = nan\n", 2, "it must be a whole number"),
    ("[\udcff\udcfe\n", 1, "a ] behind it"),
    ("[log]\nlevel = de\0bug\n", 1, "no text in UTF-8"),
    (None, 1, "the file cannot be read (is a directory)"),
]


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    """The environment of a daemon that does not run yet."""
    with TemporaryDirectory(prefix="sat-test-") as name, Bus(Path(name)) as bus:
        yield environment(Path(name), bus)


@pytest.mark.parametrize(("text", "line", "reason"), BROKEN, ids=[reason for *_, reason in BROKEN])
def test_a_broken_file_is_one_line_and_exit_code_2(variables, text, line, reason):
    path = Path(variables["XDG_CONFIG_HOME"]) / "sat" / "sat.conf"
    path.parent.mkdir(exist_ok=True)
    if text is None:
        path.unlink(missing_ok=True)
        path.mkdir()
    else:
        path.write_bytes(text.encode(errors="surrogateescape"))
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [script("sat"), "run"], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2
    (complaint,) = [each for each in done.stderr.splitlines() if not each.startswith("hint:")]
    assert complaint.startswith(f"sat: {path}, line {line}: ")
    assert reason in complaint
    assert ".." not in complaint
    assert not done.stdout


def test_what_is_unknown_is_said_by_sat_start_and_the_doctor():
    with World(daemon=False) as world:
        path = world.daemon.config_file
        path.write_text("[chat_sates]\nsend = false\n[foo]\n[tui.keys]\n")

        def run_script(*words: str) -> subprocess.CompletedProcess[str]:
            command = [script(words[0]), *words[1:]]
            return subprocess.run(
                command, env=world.environment(), capture_output=True, text=True, timeout=90, check=False
            )

        sentences = [
            f"{path}, line 3: unknown section [foo].",
            f"{path}, line 2: unknown setting “chat_sates.send”. Did you mean chat_states.send?",
        ]
        started = run_script("sat", "start")
        try:
            hint = "hint: It has no effect. Correct it, then start the daemon again."
            assert started.returncode == 0
            assert started.stderr.splitlines() == [line for each in sentences for line in (f"sat: {each}", hint)]
            assert [line for line in run_script("sat", "status").stderr.splitlines() if "line" in line] == sentences
            found = run_script("jp", "doctor")
            for sentence in sentences:
                assert f"bad\tnotice\t{sentence}" in found.stdout
            assert found.returncode == 2
        finally:
            assert run_script("sat", "stop").returncode == 0


def test_what_is_unknown_is_a_warning_with_its_line_and_what_is_off_is_off():
    with World(daemon=False) as world:
        path = world.daemon.config_file
        path.write_text("[sat]\nplugins_disabled = chat_states, chat_sates\n\n[log]\nlvel = debug\n[nobody]\nx = 1\n")
        world.daemon.start()
        log = world.daemon.log.read_text()
        assert f"WARNING - sat.core.backend: {path}, line 2: there is no plugin “chat_sates”." in log
        assert "Did you mean chat_states?" in log
        assert f"{path}, line 5: unknown setting “log.lvel”. Did you mean log.level?" in log
        assert f"{path}, line 7: unknown setting “nobody.x”" in log
        world.enter_profile("alice")
        bridge = world.bridge()
        states = {plugin.name: plugin for plugin in run(bridge.manager.list_plugins())}
        assert states["chat_states"].state is PluginState.DISABLED
        assert states["messages"].state is PluginState.ENABLED
        assert not faults(world.daemon)
