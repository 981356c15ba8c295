from __future__ import annotations

from support.tree import ROOT

from sat.bridge.reference import interfaces, main, page


def test_the_page_is_what_the_code_says():
    """If not: python -m sat.bridge.reference docs/reference/bus.md"""
    assert (ROOT / "docs/reference/bus.md").read_text(encoding="utf-8") == page()


def test_every_interface_can_cross():
    """Writing the page compiles every type; here, that none was forgotten."""
    declared = {path.parent.name for path in (ROOT / "sat/plugins").glob("*/api.py")}
    shown = {api.__module__.split(".")[-2] for api in interfaces() if api.__module__.startswith("sat.plugins.")}
    assert shown == declared


def test_the_page_is_written(tmp_path):
    assert main([str(tmp_path / "bus.md")]) == 0
    assert "### org.salutatoi.SAT1.Messages" in (tmp_path / "bus.md").read_text()
