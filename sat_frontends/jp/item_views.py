"""What items hold, for people: Atom by title and author, data forms as fields, everything else as indented XML. What
services tell is not trusted: no entities, no net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from sat_frontends.jp.output import BOLD, DIM, GREEN, tidy, tidy_lines

if TYPE_CHECKING:
    from sat_frontends.jp.context import Jp

ATOM = "{http://www.w3.org/2005/Atom}"
FORM = "{jabber:x:data}"
LONGEST = 100  # characters of a summary


def parsed(xml: str) -> Any:
    """The element of an item; None where there is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(xml.encode(), parser) if xml.strip() else None
    except etree.XMLSyntaxError:
        return None


def indented(xml: str) -> str:
    """XML a line for each element, where nothing else stands between them."""
    root = parsed(xml)
    if root is None:
        return xml
    etree.indent(root)
    return str(etree.tostring(root, encoding="unicode"))


def text_of(root: Any) -> str:
    """All text in an element, on one line."""
    return " ".join(" ".join(root.itertext()).split())


def lines_of(jp: Jp, xml: str) -> list[str]:
    """An item as it is read, in clean lines."""
    root = parsed(xml)
    if root is None:
        return tidy_lines(xml).split("\n") if xml else [jp.out.paint("(nothing in it)", DIM)]
    if root.tag == f"{ATOM}entry":
        return _atom(jp, root)
    if root.tag == f"{FORM}x":
        return _form(jp, root)
    return tidy_lines(indented(xml)).split("\n")


def summary(xml: str) -> str:
    """What an item holds, in a few words."""
    root = parsed(xml)
    if root is None:
        return ""
    text = (root.findtext(f"{ATOM}title") if root.tag == f"{ATOM}entry" else None) or text_of(root)
    text = " ".join(text.split()) or f"<{etree.QName(root).localname}/>"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _atom(jp: Jp, root: Any) -> list[str]:
    title = root.findtext(f"{ATOM}title", "").strip()
    author = root.find(f"{ATOM}author")
    name = "" if author is None else author.findtext(f"{ATOM}name", "") or author.findtext(f"{ATOM}uri", "")
    when = root.findtext(f"{ATOM}published", "") or root.findtext(f"{ATOM}updated", "")
    content = root.find(f"{ATOM}content")
    content = root.find(f"{ATOM}summary") if content is None else content
    said = "" if content is None else "".join(content.itertext()).strip()
    lines = [jp.out.paint(tidy(title), BOLD)] if title else []
    if name or when:
        lines.append(f"{jp.out.paint(tidy(name.strip()), GREEN)} {jp.out.paint(tidy(when.strip()), DIM)}".strip())
    return lines + (["", *tidy_lines(said).split("\n")] if said and said != title else [])


def _form(jp: Jp, root: Any) -> list[str]:
    title = root.findtext(f"{FORM}title", "").strip()
    lines = [jp.out.paint(tidy(title), BOLD)] if title else []
    for field in root.iterfind(f"{FORM}field"):
        if field.get("type") == "hidden":
            continue
        values = [(each.text or "").strip() for each in field.iterfind(f"{FORM}value")]
        lines.append(
            f"{jp.out.paint(tidy(field.get('label') or field.get('var') or ''), DIM)}  {tidy(', '.join(values))}"
        )
    return lines


def difference(jp: Jp, name: str, before: str, after: str) -> list[str]:
    """What is other in an item, as diff tells it."""
    from difflib import unified_diff

    old, new = (f"{indented(each)}".split("\n") for each in (before, after))
    return [tidy_lines(each) for each in unified_diff(old, new, name, name, lineterm="")]
