"""``doap.xml``: what this program is and which specifications it follows, for lists of software (XEP-0453)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from sat.reference.specifications import RFCS, XEPS

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DOAP = "http://usefulinc.com/ns/doap#"
XMPP = "https://linkmauve.fr/ns/xmpp-doap#"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CREATED = "2026-11-25"  # the first commit


def doap(name: str, shortdesc: str, description: str, license: str, followed: Iterable[str]) -> str:
    """The whole file. ``license`` is an SPDX identifier; ``followed`` are the numbers of XEPs."""
    for prefix, uri in (("rdf", RDF), ("", DOAP), ("xmpp", XMPP)):
        ElementTree.register_namespace(prefix, uri)
    root = Element(f"{{{RDF}}}RDF")
    project = SubElement(root, f"{{{DOAP}}}Project")
    _say(project, "name", name)
    _say(project, "created", CREATED)
    _say(project, "shortdesc", shortdesc).set(LANG, "en")
    _say(project, "description", description).set(LANG, "en")
    _point(project, f"{{{DOAP}}}license", f"https://spdx.org/licenses/{license}.html")
    _say(project, "programming-language", "Python")
    _say(project, "os", "Linux")
    _point(project, f"{{{DOAP}}}category", f"{XMPP}category-client")
    for number in RFCS:
        _point(project, f"{{{DOAP}}}implements", f"https://xmpp.org/rfcs/rfc{number}.html")
    for xep in sorted(followed):
        _follow(project, xep)
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ElementTree.tostring(root, 'unicode')}\n"


def _follow(project: Element, number: str) -> None:
    known = XEPS[number]
    supported = SubElement(SubElement(project, f"{{{DOAP}}}implements"), f"{{{XMPP}}}SupportedXep")
    _point(supported, f"{{{XMPP}}}xep", f"https://xmpp.org/extensions/xep-{number}.html")
    SubElement(supported, f"{{{XMPP}}}status").text = "partial" if known.missing else "complete"
    SubElement(supported, f"{{{XMPP}}}version").text = known.version
    if known.missing:
        note = SubElement(supported, f"{{{XMPP}}}note", {LANG: "en"})
        note.text = known.missing


def _say(parent: Element, name: str, text: str) -> Element:
    made = SubElement(parent, f"{{{DOAP}}}{name}")
    made.text = text
    return made


def _point(parent: Element, name: str, uri: str) -> None:
    SubElement(parent, name, {f"{{{RDF}}}resource": uri})
