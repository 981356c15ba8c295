"""What sat.conf says about the terminal."""

from __future__ import annotations

from pathlib import Path

from sat_frontends.primitivus.config import config_path, read_config
from sat_frontends.primitivus.palette import choose_theme, nick_attribute, palette


def test_no_file_means_the_defaults(tmp_path: Path):
    assert read_config(tmp_path / "missing").theme == "auto"


def test_reads_looks_and_keys(tmp_path: Path):
    path = tmp_path / "sat.conf"
    path.write_text("[tui]\n# a remark\ntheme = light\nbell = no\n[tui.keys]\ngoto = Alt-g F5\n")
    config = read_config(path)
    assert (config.theme, config.bell, config.keys, config.problems) == ("light", False, {"goto": "Alt-g F5"}, ())


def test_unknown_lines_are_told(tmp_path: Path):
    path = tmp_path / "sat.conf"
    path.write_text("[tui]\ntheme = pink\nsound = yes\n")
    assert len(read_config(path).problems) == 2


def test_a_broken_file_is_told_and_changes_nothing(tmp_path: Path):
    path = tmp_path / "sat.conf"
    path.write_text("no section\n")
    config = read_config(path)
    assert config.theme == "auto"
    assert "could not be read" in config.problems[0]


def test_the_file_is_where_the_desktop_says(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_path() == tmp_path / "sat" / "sat.conf"


def test_the_theme_follows_the_terminal():
    assert choose_theme("auto", {"NO_COLOR": "1"}) == "mono"
    assert choose_theme("auto", {"COLORFGBG": "0;15"}) == "light"
    assert choose_theme("auto", {"COLORFGBG": "15;0"}) == "dark"
    assert choose_theme("light", {"NO_COLOR": "1"}) == "light"


def test_both_themes_have_the_same_names():
    assert [entry[0] for entry in palette("light")] == [entry[0] for entry in palette("dark")]


def test_an_address_keeps_its_colour():
    names = {entry[0] for entry in palette("dark")}
    assert nick_attribute("bob@example.org") == nick_attribute("bob@example.org")
    assert {nick_attribute(f"{number}@example.org") for number in range(500)} <= names
