"""Entity capabilities (XEP-0115): the hash that stands for what a program can do."""

from __future__ import annotations

import base64
import hashlib

from sat.api.disco import Info
from sat.api.forms import FieldKind, Form
from sat.xmpp import disco, forms, xml
from sat.xmpp.xml import LANG, Element

NS = "http://jabber.org/protocol/caps"
_HASHES = {"sha-1": "sha1", "sha-256": "sha256", "sha-512": "sha512"}


def ver(info: Info, algorithm: str = "sha-1") -> str:
    """The verification string of what we are and can do (§5.1)."""
    return _hashed(
        [f"{each.category}/{each.kind}//{each.name}" for each in info.identities], info.features, info.forms, algorithm
    )


def fits(answer: Element, told: str, algorithm: str = "sha-1") -> bool:
    """Whether an answer is what its hash stands for (§5.4). Ill-formed ones never are: with an identity, feature,
    field or form twice, or a ``<`` that would let one list pass for another (§7.1 of XEP-0390)."""
    query = answer if answer.uri == disco.NS_INFO else xml.child(answer, "query", disco.NS_INFO)
    if query is None or algorithm not in _HASHES or len(xml.elements(query, "x", forms.NS)) > disco.MOST_FORMS:
        return False
    identities = [
        "/".join(str(each.attributes.get(key, "")) for key in ("category", "type", LANG, "name"))
        for each in xml.elements(query, "identity", disco.NS_INFO)
    ]
    features = [str(each.attributes.get("var", "")) for each in xml.elements(query, "feature", disco.NS_INFO)]
    read = [forms.read(each) for each in xml.elements(query, "x", forms.NS)]
    if len(set(identities)) < len(identities) or len(set(features)) < len(features):
        return False
    types = [_type(form) for form in read]
    named = [each for each in types if each]
    if len(set(named)) < len(named) or any(each is None for each in types):
        return False
    if any("<" in each for each in (*identities, *features)):
        return False
    return _hashed(identities, features, read, algorithm) == told


def _type(form: Form) -> str | None:
    """The FORM_TYPE of a form; nothing where it has none, None where it has several."""
    for field in form.fields:
        if field.name == "FORM_TYPE":
            if len(set(field.values)) != 1:
                return None
            return field.values[0] if field.kind is FieldKind.HIDDEN else ""
    return ""


def _hashed(identities: list[str], features: list[str], extended: list[Form], algorithm: str) -> str:
    parts = sorted(identities, key=str.encode) + sorted(features, key=str.encode)
    for kind, form in sorted(((_type(form) or "", form) for form in extended), key=lambda each: each[0].encode()):
        if not kind:
            continue
        parts.append(kind)
        for field in sorted(form.fields, key=lambda each: each.name.encode()):
            if field.name != "FORM_TYPE":
                parts += [field.name, *sorted(field.values, key=str.encode)]
    digest = hashlib.new(_HASHES[algorithm], "".join(f"{part}<" for part in parts).encode()).digest()
    return base64.b64encode(digest).decode()
