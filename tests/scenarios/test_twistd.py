"""``twistd sat``: the daemon under Twisted's own runner is the same daemon."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.processes import alive

from sat.world import Bus, Daemon, until
from sat.world.daemon import environment, script

SECONDS = 60


class Twistd(Daemon):
    """The daemon, started by ``twistd``."""

    def __init__(self, folder: Path, bus: Bus, variables: dict[str, str], *options: str) -> None:
        super().__init__(folder, bus, variables)
        self.options = options

    def command(self) -> list[str]:
        return [script("twistd"), "--nodaemon", "--pidfile=", *self.options, "sat"]


@pytest.fixture
def home(folder: Path) -> Iterator[Bus]:
    with Bus(folder) as bus:
        yield bus


@pytest.fixture
def variables(home: Bus) -> dict[str, str]:
    return environment(home.folder, home)


@pytest.fixture
def run(home: Bus, variables: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command there to its end."""

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env={**os.environ, **variables},
            cwd=home.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    return run


@pytest.mark.parametrize("options", [(), ("--reactor=asyncio",)])
def test_it_comes_up_and_ends_in_order(home, variables, options):
    with Twistd(home.folder, home, variables, *options) as daemon:
        assert daemon.running  # so it is ready
        os.kill(daemon.pid, signal.SIGTERM)
        assert daemon.wait(SECONDS) == -signal.SIGTERM  # twistd's way, once all is done
        said = daemon.log.read_text()
    assert " INFO    - sat.daemon: ready\n" in said
    assert " INFO    - sat.daemon: ended\n" in said
    assert "Traceback" not in said


def test_a_frontend_can_end_it(home, variables, run):
    with Twistd(home.folder, home, variables) as daemon:
        assert run(script("sat"), "stop").returncode == 0
        assert daemon.wait(SECONDS) == 0


@pytest.mark.parametrize("text", ["[nonsense", "[log]\nlevel = loud\n"])
def test_a_broken_file_is_one_line_and_exit_code_2(variables, run, text):
    path = Path(variables["XDG_CONFIG_HOME"]) / "sat" / "sat.conf"
    path.parent.mkdir()
    path.write_text(text)
    done = run(script("twistd"), "--nodaemon", "--pidfile=", "sat")
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    assert len([line for line in done.stderr.splitlines() if "sat.conf, line " in line]) == 1


def test_a_second_one_is_refused(home, variables, run):
    with Twistd(home.folder, home, variables) as daemon:
        done = run(script("twistd"), "--nodaemon", "--pidfile=", "sat")
        assert done.returncode == 1
        assert "Traceback" not in done.stdout + done.stderr
        assert len([line for line in done.stderr.splitlines() if "A daemon is running" in line]) == 1
        assert daemon.is_ready()


def test_another_reactor_is_refused(run):
    done = run(script("twistd"), "--nodaemon", "--pidfile=", "--reactor=poll", "sat")
    assert done.returncode == 2
    assert done.stderr.startswith("sat: twistd has chosen ")
    assert len(done.stderr.splitlines()) == 1


def test_in_the_background_it_logs_where_sat_log_looks(home, run):
    pidfile = home.folder / "twistd.pid"
    done = run(script("twistd"), f"--pidfile={pidfile}", f"--logfile={home.folder}/twistd.log", "sat")
    assert done.returncode == 0, done.stderr
    pid = int(pidfile.read_text())
    try:
        assert until(lambda: run(script("sat"), "status").returncode == 0)
        assert " ready\n" in run(script("sat"), "log").stdout
    finally:
        os.kill(pid, signal.SIGTERM)
    assert until(lambda: not alive(pid))
    assert not pidfile.exists()
