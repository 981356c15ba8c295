"""What the commands of ``jp message`` share."""

from __future__ import annotations

import time as clocks
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.messages import Message
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.output import iso, tidy
from sat_frontends.jp.people import resolve

if TYPE_CHECKING:
    from sat_frontends.bridge.access import ProfileAccess

PAGE = 500
"""What one call returns at most (MessagesApi.get_history)."""


def text_of(jp: Jp, words: list[str]) -> str:
    """What was given as a text, or comes on stdin. Failure where that is nothing."""
    from sat_frontends.jp.stdin import read_text

    text = " ".join(words) if words and words != ["-"] else read_text("Type the message, end with Ctrl-D.")
    if not text.strip():
        raise usage("There is nothing to send.")
    return text


async def warn_offline(jp: Jp, peer: JID) -> None:
    """Who is offline should not believe that the message is on its way."""
    profile = await jp.profile()
    if not jp.out.quiet and not await is_online(profile):
        jp.out.say(f"{profile.name} is not online: the message is stored and will be sent then.")


async def is_online(profile: ProfileAccess) -> bool:
    """Whether what is written leaves now."""
    from sat.api.profile import ConnectionState

    connection = (await loaded(profile.profile)).connection.value
    return bool(connection.state is ConnectionState.ONLINE)


def tell_sent(jp: Jp, sent: list[dict[str, object]]) -> None:
    """What was sent, where somebody wants to know."""
    for each in sent:
        if jp.out.json:
            jp.out.value(each)
        elif jp.out.verbose:
            jp.out.line(str(each["id"]))


async def others(jp: Jp, name: str) -> list[str]:
    """The other profiles that are open."""
    return [each.name for each in await jp.profiles() if each.name != name and not each.locked and not each.error]


async def look_back(profile: ProfileAccess, peer: JID, before: int, limit: int, fetch: bool) -> list[Message]:
    """So many messages before a place, the newest last; with ``fetch`` also what only the archive has."""
    found: list[Message] = []
    while len(found) < limit:
        page = await profile.messages.get_history(peer, before, min(PAGE, limit - len(found)))
        if not page and (not fetch or not await profile.archive.fetch_older(peer)):
            break
        found = page + found
        before = found[0].order if found else before
    return found


async def search_all(
    jp: Jp, profile: ProfileAccess, text: str, peer: JID, limit: int, everywhere: bool
) -> list[Message]:
    """What is found, the newest first; ``everywhere``: in the other open profiles, too."""
    found = await profile.messages.search(text, peer, 0, limit)
    for name in await others(jp, profile.name) if everywhere else ():
        found += await (await jp.profile(name)).messages.search(text, peer, 0, limit)
    return sorted(found, key=lambda message: -message.time)[:limit] if everywhere else found


def positive(limit: int) -> int:
    """What ``--limit`` may be. Failure where it is not."""
    if limit < 1:
        raise usage("--limit is at least 1.")
    return limit


def in_languages(texts: list[str]) -> dict[str, str]:
    """What is said in each of several languages."""
    found = {}
    for each in texts:
        lang, equals, text = each.partition("=")
        if not (lang and equals and text.strip()):
            raise usage(f"--also takes LANGUAGE=TEXT, not {tidy(each)}.")
        found[lang] = text
    return found


async def show(jp: Jp, messages: list[Message], *, newest_first: bool = False, lang: str = "") -> None:
    """Messages, as the output is wanted; in a language, as far as they came in it."""
    from sat_frontends.jp.transcript import Transcript, cells

    if lang:
        from sat_frontends.quick_frontend.translations import spoken

        messages = [spoken(each, lang) for each in messages]
    if jp.out.json:
        jp.out.value(messages)
    elif jp.out.terminal:
        transcript = await Transcript.of(jp)
        for message in messages:
            transcript.show(message, with_day=not newest_first)
    else:
        jp.out.table(messages, (), [cells(each) for each in messages])


def last_text(message: Message) -> str:
    """What was written last in a conversation."""
    from sat_frontends.jp.transcript import said

    return said(message)


def when(jp: Jp, time: float) -> str:
    """A moment, for people or for programs."""
    if not jp.out.terminal:
        return iso(time)
    from sat_frontends.quick_frontend.text import moment

    return moment(time, clocks.time())


async def find(jp: Jp, id: str, *, own: bool = False) -> Message:
    """The message of an id, or the last one with a contact: what they wrote, or with ``own`` what we did."""
    profile = await jp.profile()
    if not id.startswith("@"):
        return await profile.messages.get_message(id)
    peer = await resolve(profile, id[1:])
    page = await profile.messages.get_history(peer, 0, PAGE)
    for message in reversed(page):
        if message.outgoing is own and not message.retracted:
            return message
    whose = "of yours" if own else "of theirs"
    raise Failure(f"There is no message {whose} among the last ones with {tidy(peer)}.", code=16)
