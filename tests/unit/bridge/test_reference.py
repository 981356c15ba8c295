from __future__ import annotations

import re

import pytest
from support.tree import ROOT

from sat.api.contract import describe, document, is_struct
from sat.api.words import reached, used
from sat.bridge.introspection import interfaces
from sat.bridge.reference import main, page

VALUES = [kind for kind in reached(kind for api in interfaces() for kind in used(api)) if is_struct(kind)]


def test_the_page_is_what_the_code_says():
    """If not: python -m sat.bridge.reference docs/reference/bus.md"""
    assert (ROOT / "docs/reference/bus.md").read_text(encoding="utf-8") == page()


def test_every_interface_can_cross():
    """Writing the page compiles every type; here, that none was forgotten."""
    declared = {path.parent.name for path in (ROOT / "sat/plugins").glob("*/api.py")}
    shown = {api.__module__.split(".")[-2] for api in interfaces() if api.__module__.startswith("sat.plugins.")}
    assert shown == declared


@pytest.mark.parametrize("api", interfaces(), ids=lambda api: api.__name__)
def test_every_member_says_what_it_is(api):
    what = describe(api)
    members = [*what.methods, *what.signals, *what.properties]
    assert [name for name in members if not document(getattr(api, name)).endswith(".")] == []


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_every_field_that_is_explained_is_there(kind):
    named = set(re.findall(r"``(\w+)``", document(kind)))
    assert named - set(kind._fields) == set()


def test_the_page_is_written(tmp_path):
    assert main([str(tmp_path / "bus.md")]) == 0
    assert "### org.salutatoi.SAT1.Messages" in (tmp_path / "bus.md").read_text()
