"""Of what to be told, in the extensions of a bookmark (XEP-0492)."""

from __future__ import annotations

from sat.plugins.disco.plugin import OURS
from sat.plugins.notify_settings.api import Notify
from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "urn:xmpp:notification-settings:1"
_NAMES = {"always": Notify.ALWAYS, "on-mention": Notify.MENTION, "never": Notify.NEVER}
_MOST = 50  # settings of one conversation


def read(extensions: Element | None) -> str:
    """What holds for a program like us: a ``Notify``, or nothing."""
    found = [] if extensions is None else _settings(extensions)
    best = max(found, key=_fits, default=None)
    return _NAMES[best.name].value if best is not None and _fits(best) else ""


def write(conference: Element, notify: str) -> None:
    """Have a bookmark say so, for all programs. What is said for programs of other kinds stays, and what others have
    written into a setting goes on with it (§4)."""
    extensions = xml.child(conference, "extensions")
    if read(extensions) == notify:
        return
    if extensions is None:
        extensions = xml.add(conference, "extensions")
    holder = xml.child(extensions, "notify", NS)
    if holder is None:
        holder = xml.add(extensions, "notify", NS)
    name = next((each for each, value in _NAMES.items() if value.value == notify), "")
    ours = [each for each in _settings(extensions) if _fits(each) and (name or not xml.elements(each))]
    for each in ours:
        holder.children.remove(each)
    if not name:
        return
    if not any(_fits(each) == 1 for each in ours):
        ours.append(xml.element(name, NS))
    for each in ours:
        made = xml.add(holder, name, NS, **{str(key): value for key, value in each.attributes.items()})
        made.children += each.children


def _settings(extensions: Element) -> list[Element]:
    holder = xml.child(extensions, "notify", NS)
    found = [] if holder is None else xml.elements(holder, ns=NS)
    return [each for each in found if each.name in _NAMES][:_MOST]


def _fits(setting: Element) -> int:
    """How exactly a setting means programs like us; 0: it does not."""
    category, kind = (setting.attributes.get(f"identity-{name}") for name in ("category", "type"))
    if category is None:
        return 1
    if category != OURS.category or kind not in (None, OURS.kind):
        return 0
    return 2 if kind is None else 3
