from __future__ import annotations

import configparser

import pytest

from sat.bridge.service import install, main


def read(path):
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str
    parser.read(path)
    return parser


@pytest.mark.parametrize("program", ["/usr/bin/sat", "/opt/a b/100%/sat"])
def test_both_files_start_the_same_program(tmp_path, program):
    bus, unit = install(tmp_path, program)
    assert bus == tmp_path / "dbus-1/services/org.salutatoi.SAT1.service"
    assert read(bus)["D-BUS Service"] == {
        "Name": "org.salutatoi.SAT1",
        "Exec": f'"{program}" run',
        "SystemdService": unit.name,
    }
    service = read(unit)["Service"]
    assert service["Type"] == "dbus"
    assert service["BusName"] == "org.salutatoi.SAT1"
    assert service["ExecStart"].replace("%%", "%") == f'"{program}" run'


def test_the_command_writes_where_it_is_told(tmp_path, capsys):
    assert main(["--data", str(tmp_path), "--program", "/usr/bin/sat"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert (tmp_path / "systemd/user/sat.service").exists()


def test_a_program_needs_its_full_path(tmp_path, capsys):
    assert main(["--data", str(tmp_path), "--program", "sat"]) == 2
    assert not list(tmp_path.iterdir())
