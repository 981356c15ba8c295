from __future__ import annotations

import configparser
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from support.tree import ROOT

from sat.app import main
from sat.bridge.introspection import DOC
from sat.shipped import install, manuals

BUS = "dbus-1/services/org.salutatoi.SAT1.service"
UNIT = "systemd/user/sat.service"


def read(path):
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str
    parser.read(path)
    return parser


@pytest.mark.parametrize("program", ["/usr/bin/sat", "/opt/a b/100%/sat"])
def test_both_files_start_the_same_program(tmp_path, program):
    install(tmp_path, program)
    assert read(tmp_path / BUS)["D-BUS Service"] == {
        "Name": "org.salutatoi.SAT1",
        "Exec": f'"{program}" run --log-file',
        "SystemdService": "sat.service",
    }
    service = read(tmp_path / UNIT)["Service"]
    assert service["Type"] == "dbus"
    assert service["BusName"] == "org.salutatoi.SAT1"
    assert service["ExecStart"].replace("%%", "%") == f'"{program}" run --log-file'
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "yes")


def test_what_the_unit_names_is_there(tmp_path):
    install(tmp_path, "/usr/bin/sat")
    assert read(tmp_path / UNIT)["Unit"]["Documentation"] == "man:sat(1)"
    assert (tmp_path / "man/man1/sat.1").exists()


def test_every_interface_is_a_file_with_its_documentation(tmp_path):
    install(tmp_path, "/usr/bin/sat")
    names = {path.stem for path in (tmp_path / "dbus-1/interfaces").glob("*.xml")}
    assert {"org.salutatoi.SAT1.Manager", "org.salutatoi.SAT1.Messages", "org.salutatoi.SAT1.Bridge"} <= names
    for name in names:
        root = ElementTree.parse(tmp_path / f"dbus-1/interfaces/{name}.xml").getroot()
        assert [each.get("name") for each in root] == [name]
        assert root.find(f".//annotation[@name='{DOC}']") is not None


@pytest.mark.parametrize("program", ["sat", "jp", "primitivus", "libervia"])
def test_every_program_has_its_manual(program, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    page = manuals()[program].splitlines()
    assert page[0].startswith(f".TH {program.upper()} 1 ")
    assert page[1] == ".SH NAME"
    assert page[2].startswith(f"{program} \\- ")
    assert ".SH DESCRIPTION" in page
    if program != "jp":  # laid out by us
        assert max(map(len, page[5:])) < 100
        assert any("\\-\\-help" in line for line in page)


def test_the_package_is_built_without_what_it_will_need():
    """pip builds it where no D-Bus, no Twisted and no urwid are."""
    absent = ["_dbus_bindings", "dbus", "twisted", "urwid", "jinja2", "lxml", "cryptography"]
    code = "import sys; sys.modules.update(dict.fromkeys(sys.argv[1:])); from sat.shipped import files; files('sat')"
    subprocess.run([sys.executable, "-c", code, *absent], cwd=ROOT, check=True)


def test_the_command_writes_where_it_is_told(tmp_path, capsys):
    assert main(["install-service", "--data", str(tmp_path), "--program", "/usr/bin/sat"]) == 0
    written = capsys.readouterr().out.splitlines()
    assert str(tmp_path / BUS) in written
    assert str(tmp_path / UNIT) in written
    assert {str(path) for path in tmp_path.rglob("*") if path.is_file()} == set(written)


def test_the_command_writes_for_the_person_and_says_what_is_left_to_do(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    assert main(["install-service"]) == 0
    told = capsys.readouterr().out
    assert "systemctl --user daemon-reload" in told
    assert "systemctl --user enable sat.service" in told
    assert read(tmp_path / BUS)["D-BUS Service"]["Exec"].startswith(f'"{sys.prefix}')


def test_a_program_needs_its_full_path(tmp_path, capsys):
    assert main(["install-service", "--data", str(tmp_path), "--program", "sat"]) == 17
    assert "full path" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
