"""Rules for what is made from the plugins: reference pages, the README's table of specifications, ``doap.xml``."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from support.tree import ROOT, files, name

from sat.reference.doap import DOAP, RDF, XMPP
from sat.reference.pages import about, followed, load, pages, with_table, xeps_table
from sat.reference.specifications import XEPS

MADE = pages(ROOT)
FOLLOWED = followed(load()[0])
NAMED_ONLY = {
    "0078": "never used, sasl.py says",
    "0160": "what a server does, and what comes of it",
    "0390": "which answers are ill-formed; the hashes are those of 0115",
    "0453": "how doap.xml is written, which no program of ours reads",
}


@pytest.mark.parametrize("path", MADE)
def test_what_is_made_is_what_the_code_says(path):
    assert (ROOT / path).read_text("utf-8") == MADE[path], "run: python -m sat.reference ."


def test_all_that_is_followed_has_a_name_and_a_version():
    """If not: read its text, and what is new in it; then write it into sat/reference/specifications.py."""
    assert set(FOLLOWED) == set(XEPS)
    assert all(xep.name and re.fullmatch(r"\d+\.\d+(\.\d+)?", xep.version) for xep in XEPS.values())


def test_plugins_name_each_xep_once():
    assert [number for number, by in FOLLOWED.items() if len(by) != len(set(by))] == []


def test_what_the_code_names_is_followed():
    named = {
        number: name(path)
        for path in files(".py")
        if name(path).startswith(("sat/", "sat_frontends/", "libervia/"))
        for number in re.findall(r"XEP-(\d{4})", path.read_text("utf-8"))
    }
    assert {number: path for number, path in named.items() if number not in {*XEPS, *NAMED_ONLY}} == {}
    assert set(NAMED_ONLY) <= set(named)


def test_the_table_has_a_row_for_each():
    table = xeps_table({"0045": ["rooms"], "0199": ["ping", "stream"]})
    assert "| 0199 | XMPP Ping | 2.0.1 | ping, stream | complete |\n" in table
    assert "| 0045 | Multi-User Chat | 1.35.5 | rooms | partial: no " in table
    assert "<summary>2 XEPs</summary>" in table


def test_a_readme_without_a_place_is_not_overwritten():
    with pytest.raises(ValueError, match="no place"):
        with_table("# SàT\n", "| table |\n")


def test_the_readme_begins_with_what_it_is():
    assert about("# SàT\n\nOne `daemon`,\nand more.\n\nNot this.") == "One daemon, and more."


def test_doap_says_what_is_followed_and_what_is_missing():
    project = ElementTree.fromstring(MADE["doap.xml"].encode())[0]
    assert project.findtext(f"{{{DOAP}}}name") == "Salut à Toi"
    told = {}
    for each in project.iter(f"{{{XMPP}}}SupportedXep"):
        where = each.find(f"{{{XMPP}}}xep").get(f"{{{RDF}}}resource")
        told[re.fullmatch(r"https://xmpp\.org/extensions/xep-(\d{4})\.html", where)[1]] = (
            each.findtext(f"{{{XMPP}}}status"),
            each.findtext(f"{{{XMPP}}}version"),
            each.findtext(f"{{{XMPP}}}note", ""),
        )
    assert told == {
        number: ("partial" if xep.missing else "complete", xep.version, xep.missing) for number, xep in XEPS.items()
    }
