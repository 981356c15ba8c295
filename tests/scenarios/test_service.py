"""The bus starts the daemon when somebody needs it, once ``sat install-service`` has said how."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sat.world import Bus, until
from sat.world.daemon import end_daemon_on, environment, script
from sat.world.terminal import Terminal

SECONDS = 60
Run = Callable[..., "subprocess.CompletedProcess[str]"]


class HomeBus(Bus):
    """A bus that finds activation files where a person has theirs, and gives their environment to what it starts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, folder / "home/share/dbus-1/services")
        self.variables = environment(folder, self)

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.variables}


@pytest.fixture
def home_bus(folder: Path) -> Iterator[HomeBus]:
    with HomeBus(folder) as bus:
        yield bus
        end_daemon_on(bus)


@pytest.fixture
def run(home_bus: HomeBus) -> Run:
    """Run one of our commands in that home: its exit code and what it said."""

    def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [script(words[0]), *words[1:]]
        env = home_bus.environment()
        return subprocess.run(
            command, env=env, input=given, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    return run


def test_without_a_service_it_is_said_at_once_what_to_do(run):
    begun = time.monotonic()
    done = run("jp", "roster", "list")
    assert done.returncode == 5
    assert time.monotonic() - begun < 5  # with a process that starts on a machine that is busy
    assert done.stderr.startswith("jp: The daemon sat is not running.\nhint: Start it: sat start ")
    assert run("sat", "status").returncode == 5


def test_who_needs_the_daemon_has_it_started(run):
    assert run("sat", "install-service").returncode == 0
    done = run("jp", "roster", "list")
    assert (done.returncode, done.stderr.splitlines()[0]) == (16, "jp: There is no profile yet.")
    assert run("sat", "status").returncode == 0
    assert " ready\n" in run("sat", "log").stdout


def test_the_first_word_to_it_may_be_a_log_in(run):
    assert run("sat", "install-service").returncode == 0
    done = run("jp", "login", "romeo@server.invalid", "--password-stdin", given="secret\n")
    assert "No XMPP server was found at server.invalid." in done.stderr


def test_what_was_stopped_stays_so_while_others_look(run):
    assert run("sat", "install-service").returncode == 0
    assert run("jp", "profile", "list").returncode == 0
    assert run("sat", "stop").returncode == 0
    for looking in (("jp", "status"), ("sat", "status"), ("jp", "__complete", "--", "profile", "info", "")):
        run(*looking)
        assert run("sat", "stop").returncode == 5, looking


def test_libervia_has_it_started(run, home_bus):
    assert run("sat", "install-service").returncode == 0
    command = [script("libervia"), "--port", "0"]
    with subprocess.Popen(command, env=home_bus.environment(), stdout=subprocess.PIPE) as libervia:
        try:
            assert until(lambda: run("sat", "status").returncode == 0)
        finally:
            libervia.terminate()


def test_primitivus_has_it_started(run, home_bus):
    assert run("sat", "install-service").returncode == 0
    with Terminal([script("primitivus")], home_bus.environment()) as screen:
        assert screen.shows("invitation", SECONDS), screen.drawn()  # what it offers where there is no profile


def test_a_daemon_that_cannot_start_is_told(run, home_bus):
    assert run("sat", "install-service").returncode == 0
    config = Path(home_bus.variables["XDG_CONFIG_HOME"]) / "sat/sat.conf"
    config.parent.mkdir()
    config.write_text("[nonsense")
    done = run("jp", "roster", "list")
    assert done.returncode == 5
    assert done.stderr.startswith(
        "jp: The daemon sat is not running, and D-Bus could not start it.\nhint: sat start says"
    )
    assert "sat.conf, line 1: " in run("sat", "start").stderr


def test_a_log_is_found_where_it_is(run, home_bus, folder):
    log = folder / "run.log"
    with (
        log.open("wb") as stream,
        subprocess.Popen([script("sat"), "run"], env=home_bus.environment(), stdout=stream, stderr=stream) as daemon,
    ):
        try:
            assert until(lambda: run("sat", "status").returncode == 0)
            assert run("sat", "log").stdout == log.read_text()
        finally:
            daemon.terminate()
    assert "There is no log yet" in run("sat", "log").stdout


def test_a_log_that_is_in_no_file_is_told(run, home_bus):
    with subprocess.Popen([script("sat"), "run"], env=home_bus.environment(), stderr=subprocess.DEVNULL) as daemon:
        try:
            assert until(lambda: run("sat", "status").returncode == 0)
            assert f"(process {daemon.pid}) logs to /dev/null" in run("sat", "log").stdout
        finally:
            daemon.terminate()
