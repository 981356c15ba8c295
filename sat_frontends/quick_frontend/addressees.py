"""Whom a person means: contacts by what they are called, or by address."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.text import clean_line

_SHOWN = 5  # names in a question


def resolve(contacts: ContactList, text: str) -> JID:
    """Whom a person means: an address, a contact's label, or the beginning of just one label. InvalidArgument names
    those that were perhaps meant."""
    text = text.strip()
    if "@" in text:
        return JID.parse(text).bare
    wanted = text.casefold()
    everybody = contacts.contacts()
    # An address of a server only, such as a gateway's, is meant only where it is a contact.
    exact = [each.jid for each in everybody if wanted in (each.label.casefold(), each.jid)]
    found = exact or [each.jid for each in everybody if wanted and each.label.casefold().startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        names = [f"{clean_line(contacts.label(jid))} ({jid})" for jid in found[:_SHOWN]]
        more = " and others" if len(found) > _SHOWN else ""
        raise InvalidArgument(reason=f"“{text}” may be {', '.join(names[:-1])} or {names[-1]}{more}.")
    raise InvalidArgument(reason=f"Nobody in your contacts is called “{text}”.{_nearest(contacts, wanted)}")


def _nearest(contacts: ContactList, wanted: str) -> str:
    labels = {each.label.casefold(): each.label for each in contacts.contacts()}
    from difflib import get_close_matches  # slow to import, and seldom needed

    near = get_close_matches(wanted, labels, 1, 0.6)
    if near:
        return f" Did you mean {clean_line(labels[near[0]])}?"
    return " Write an address (name@example.org), or a name from the list."


def split(contacts: ContactList, text: str) -> tuple[JID, str]:
    """Whom the first words mean, and the rest: a label may hold spaces. Errors: InvalidArgument."""
    text = text.strip()
    folded = text.casefold()
    labels = (each.label for each in contacts.contacts())
    longest = max((label for label in labels if f"{folded} ".startswith(f"{label.casefold()} ")), key=len, default="")
    if longest and len(longest.casefold()) == len(longest):
        return resolve(contacts, longest), text[len(longest) :].strip()
    first, _, rest = text.partition(" ")
    if not first:
        raise InvalidArgument(reason="Say whom: an address, or a name from the contact list.")
    return resolve(contacts, first), rest.strip()


def possible(contacts: ContactList, beginning: str, limit: int = 50) -> list[tuple[str, str]]:
    """What somebody may be typing: labels (addresses where a label is not enough), and what stands for it."""
    wanted = beginning.casefold()
    found: list[tuple[str, str]] = []
    seen: dict[str, int] = {}
    everybody = contacts.contacts()
    for each in everybody:
        seen[each.label.casefold()] = seen.get(each.label.casefold(), 0) + 1
    for each in everybody:
        label = each.label
        if (
            wanted
            and label.casefold().startswith(wanted)
            and seen[label.casefold()] == 1
            and clean_line(label) == label
        ):
            found.append((label, each.jid))
        elif each.jid.startswith(wanted) or label.casefold().startswith(wanted):
            found.append((each.jid, clean_line(label)))
        if len(found) == limit:
            break
    return found
