"""The user commands about the last messages, and about who writes them. Each raises SatError, which the frontend
shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.rooms.api import Occupant
from sat_frontends.quick_frontend import addressees
from sat_frontends.quick_frontend.amending import COMMON, can_correct, can_react, toggled
from sat_frontends.quick_frontend.command_registry import Completion, Shell, command
from sat_frontends.quick_frontend.emojis import emoji_name, find_emojis
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.moderating import meant
from sat_frontends.quick_frontend.room_words import lines_about
from sat_frontends.quick_frontend.text import clean_line

_LOOKED_AT = 50


@command("correct", "TEXT", "Replace the last message that you wrote here.")
async def _correct(shell: Shell, text: str) -> None:
    written = await shell.live.apis.messages.get_history(_shown(shell), 0, _LOOKED_AT)
    ours = next((each for each in reversed(written) if can_correct(each)), None)
    if ours is None:
        raise InvalidArgument(reason="There is no message of yours to correct.")
    await shell.live.apis.correction.correct(ours.id, text)


def _emojis(live: LiveProfile, typed: str) -> list[Completion]:
    if not typed:
        return [Completion(each, emoji_name(each)) for each in COMMON]
    return [Completion(emoji, name) for emoji, name in find_emojis(typed)]


@command("react", "EMOJI", "Put an emoji on the last message of others here, or take it away again.", _emojis)
async def _react(shell: Shell, text: str) -> None:
    written = await shell.live.apis.messages.get_history(_shown(shell), 0, _LOOKED_AT)
    theirs = next((each for each in reversed(written) if not each.outgoing and can_react(each)), None)
    if theirs is None:
        raise InvalidArgument(reason="Nobody else has written here lately.")
    await shell.live.apis.reactions.react(theirs.id, toggled(theirs, text))


def _somebody(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(text, help) for text, help in addressees.possible(live.contacts, typed)]


@command("whois", "[WHO]", "See who somebody is: a contact, an address, or a nick in this room.", _somebody, ("info",))
async def _whois(shell: Shell, text: str) -> None:
    occupant, jid = await _who(shell, text)
    if occupant is not None:
        shell.show("\n".join(lines_about(occupant)))
    else:
        shell.open_about(jid)


@command("ping", "[WHO]", "See how soon somebody answers; without a name, your server.", _somebody)
async def _ping(shell: Shell, text: str) -> None:
    server = JID(shell.live.jid.domain)
    _, jid = await _who(shell, text) if text else (None, server)
    there = shell.live.contacts.resources(jid)
    seconds = await shell.live.apis.ping.ping(there[0].jid if there else jid)
    shell.show(f"{clean_line(jid)} answered in {seconds * 1000:.0f} ms.")


async def _who(shell: Shell, text: str) -> tuple[Occupant | None, JID]:
    """Who is meant: in a room, first of all somebody who is there."""
    room = shell.peer.bare if shell.peer is not None else None
    if text and room is not None and shell.live.contacts.room(room) is not None:
        try:
            occupant, _ = meant(await shell.live.apis.rooms.get_occupants(room), text)
        except InvalidArgument:
            pass
        else:
            return occupant, room.with_resource(occupant.nick)
    return None, addressees.resolve(shell.live.contacts, text) if text else _shown(shell)


def _shown(shell: Shell) -> JID:
    if shell.peer is None:
        raise InvalidArgument(reason="No conversation is open. Open one first.")
    return shell.peer
