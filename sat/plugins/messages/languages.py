"""Bodies and subjects in several languages (RFC 6121 §5.2.3): all are kept, one is shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Annotated

from sat.api.errors import InvalidArgument
from sat.api.messages import PLAIN, Extra
from sat.core.settings import Check
from sat.plugins.messages.texts import sendable
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import LANG, NS_CLIENT, Element, elements

MOST = 10  # languages that are kept of one message
_IRREGULAR = "i-[a-z]{3,8}|en-gb-oed|sgn-(be-fr|be-nl|ch-de)"
_TAG = re.compile(  # RFC 5646 §2.1: language, script, region, variants, extensions, private use
    r"([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3})){0,9}"
    rf"(-[a-wyz0-9](-[a-z0-9]{{2,8}}){{1,9}}){{0,9}}(-x(-[a-z0-9]{{1,8}}){{1,9}})?|x(-[a-z0-9]{{1,8}}){{1,9}}|{_IRREGULAR}",
    re.IGNORECASE | re.ASCII,
)


def settle(message: Message, setting: str) -> Extra:
    """Leave in a message the body and the subject of one language: the first of the setting's that there is, else what
    names none, else the first. What is told of it: the language, and all of them where there are several."""
    if not _speaks(message):  # as hardly any does
        return PLAIN
    languages = read_languages(setting)
    lang, bodies = _settle(message, "body", languages)
    _, subjects = _settle(message, "subject", languages)
    return Extra(lang=lang, bodies=bodies, subjects=subjects)


def _speaks(message: Message) -> bool:
    """Whether anything is said of languages. That of the whole stanza says nothing by itself: servers put there what
    the stream once said (RFC 6120 §4.7.4), and no program asks its person."""
    for each in message.element.children:  # of each message that comes
        if not isinstance(each, str) and LANG in each.attributes and each.name in ("body", "subject"):
            return True
    return False


def _texts(message: Message) -> list[Element]:
    return [each for each in elements(message.element) if each.name in ("body", "subject")]


def _settle(message: Message, name: str, languages: Iterable[str]) -> tuple[str, dict[str, str]]:
    texts = {lang: text for lang, text in list(message.texts(name).items())[:MOST] if text}
    shown = message.body if name == "body" else message.subject
    usual = next((lang for lang, text in texts.items() if text == shown), "")
    lang = next((found for each in languages if (found := _fitting(each, texts)) is not None), usual)
    if len(texts) < 2:
        return lang, {}
    if name == "body":
        message.body = texts[lang]
    else:
        message.subject = texts[lang]
    return lang, texts


def _fitting(wanted: str, texts: dict[str, str]) -> str | None:
    """The language among those of the texts that is wanted, or another of its kind: ``fr`` for ``fr-CA``, and the
    reverse."""
    exact = wanted.lower()
    primary = exact.partition("-")[0]
    by_name = {lang.lower(): lang for lang in reversed(texts)}
    for each in (exact, primary, *(name for name in by_name if name.partition("-")[0] == primary)):
        if each and each in by_name:
            return by_name[each]
    return None


def read_languages(text: str) -> list[str]:
    """The languages of a setting (``fr, en-GB``); without any, those of the system (``LANGUAGE``, ``LANG``)."""
    names = _names(text)
    if not names:
        usual = (os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
        names = [each.partition(".")[0].replace("_", "-") for each in next(filter(None, usual), "").split(":")]
    return [each for each in names if _TAG.fullmatch(each)]


def _names(text: str) -> list[str]:
    return text.replace(",", " ").split()


def wrong_language(text: str) -> str:
    """Why a setting names no languages; nothing where it does."""
    wrong = next((each for each in _names(text) if not _TAG.fullmatch(each)), "")
    return f"“{wrong[:40]}” is the name of no language; write en, fr or pt-BR" if wrong else ""


Setting = Annotated[
    str, "Languages that you read, the best first (fr, en); else those of the system", Check(wrong_language)
]


def checked(lang: str) -> str:
    """A language as it can be sent. Errors: InvalidArgument."""
    if lang and not _TAG.fullmatch(lang):
        raise InvalidArgument(reason=f"{wrong_language(lang)}.")
    return lang


def own(extra: Extra, body: str, subject: str, answers: bool) -> tuple[dict[str, str], dict[str, str]]:
    """The bodies and the subjects by language of what is to be sent, none where it is in one language only. Errors:
    InvalidArgument."""
    others = {name for texts in (extra.bodies, extra.subjects) for name in texts}
    if not others - {extra.lang}:
        return {}, {}
    if not extra.lang:
        raise InvalidArgument(reason="A text in several languages has to say in which the first one is.")
    if answers:
        raise InvalidArgument(reason="An answer is sent in one language only.")
    if len(others | {extra.lang}) > MOST:
        raise InvalidArgument(reason=f"A message has at most {MOST} languages.")
    for name in others:
        if not checked(name):
            raise InvalidArgument(reason="One of the languages has no name.")
    bodies, subjects = ({**texts, extra.lang: own} for texts, own in ((extra.bodies, body), (extra.subjects, subject)))
    return _sendable(bodies), _sendable(subjects)


def _sendable(texts: dict[str, str]) -> dict[str, str]:
    found = {lang: sendable(text) for lang, text in texts.items() if text.strip()}
    return found if len(found) > 1 else {}


def write(message: Message, extra: Extra) -> None:
    """Say in which language the texts of a message are, and put those in others beside them."""
    for each in _texts(message) if extra.lang else ():
        each.attributes[LANG] = extra.lang
    for name, texts in (("subject", extra.subjects), ("body", extra.bodies)):
        for lang, text in texts.items():
            if lang != extra.lang:
                message.add(name, NS_CLIENT, text).attributes[LANG] = lang
