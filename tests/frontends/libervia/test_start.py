"""The program itself: it starts without a bus, says what is wrong, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from sat.world import Bus
from sat.world.program import until


@pytest.fixture
def start(folder):
    """Start libervia with a bus that is not there, unless the test says otherwise."""
    processes = []

    def start(*options, bus=None):
        address = bus or f"unix:path={folder}/nowhere"
        command = [sys.executable, "-m", "libervia.main", *options]
        environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def page(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/login", headers={"Cookie": f"sat-{port}=" + "a" * 32})
    token = connection.getresponse().read().decode().partition('name="csrf" value="')[2][:64]
    headers = {"Cookie": f"sat-{port}=" + "a" * 32, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", f"csrf={token}&address=a@example.org&password=x", headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def port_of(process):
    return int(process.stdout.readline().rpartition(":")[2])


def test_without_a_bus_it_waits_for_one(start):
    process = start("--port", "0")
    status, text = page(port_of(process))
    assert status == 503
    assert "There is no D-Bus session to talk to the daemon." in text
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "There is no D-Bus session" in err
    assert "Traceback" not in err


def test_without_a_daemon_it_says_how_to_start_it(start, folder):
    with Bus(folder) as bus:
        status, text = page(port_of(start("--port", "0", bus=bus.address)))
    assert status == 503
    assert "The daemon sat is not running. Who runs this server has to start it." in text


def test_port_that_is_taken_is_said(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("--port", str(port))
        _out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in err
    assert "Traceback" not in err


def test_listening_for_others_warns(start):
    process = start("--port", "0", "--host", "0.0.0.0")
    port_of(process)
    process.send_signal(signal.SIGINT)
    assert "passwords travel in clear" in process.communicate(timeout=20)[1]


def test_bus_that_comes_later_is_found(start, folder):
    with Bus(folder) as bus:
        address = bus.address
        bus.stop()
        port = port_of(start("--port", "0", bus=address))
        assert "There is no D-Bus session" in page(port)[1]
        bus.start()
        assert until(lambda: "The daemon sat is not running." in page(port)[1], 20)
