"""Messages that came in several languages (RFC 6121 §5.2.3): one is shown, the others can be read."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.messages import Message

NAMELESS = "another language"


class Translation(NamedTuple):
    """What a message says in another language than that which is shown."""

    lang: str
    subject: str
    body: str


def translations(message: Message) -> list[Translation]:
    """Those of a message, as a stranger wrote them; none where there are none, or where it was taken back."""
    bodies, subjects = message.extra.bodies, message.extra.subjects
    if message.retracted:
        return []
    there = [lang for lang in dict.fromkeys([*bodies, *subjects]) if lang != message.extra.lang]
    found = [Translation(lang, subjects.get(lang, ""), bodies.get(lang, "")) for lang in there]
    return [each for each in found if each.body not in ("", message.body) or each.subject not in ("", message.subject)]


def also(message: Message) -> str:
    """In which others it can be read: ``also in fr, pt-BR``; nothing where there are none."""
    names = [each.lang or NAMELESS for each in translations(message)]
    return f"also in {', '.join(names)}" if names else ""


def spoken(message: Message, lang: str) -> Message:
    """The message as it says that in a language, or in a kind of it (``fr`` for ``fr-CH``); as it is where it does
    not."""
    wanted = lang.casefold()
    for each in translations(message):
        if wanted in (each.lang.casefold(), each.lang.casefold().partition("-")[0]):
            extra = message.extra._replace(lang=each.lang, mentions=[])
            subject = each.subject or message.subject
            return message._replace(body=each.body or message.body, subject=subject, extra=extra)
    return message
