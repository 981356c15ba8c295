"""The user commands. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend import addressees
from sat_frontends.quick_frontend.addresses import contact_address
from sat_frontends.quick_frontend.command_registry import COMMANDS, Completion, Shell, command, help_text
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.text import clean_line

_SHOWS = {
    "online": Show.ONLINE,
    "chat": Show.CHAT,
    "away": Show.AWAY,
    "xa": Show.XA,
    "dnd": Show.DND,
    "invisible": Show.OFFLINE,
}
_MEANING = {
    "online": "there",
    "chat": "there, and glad to talk",
    "away": "away for a moment",
    "xa": "away for long",
    "dnd": "do not disturb",
    "invisible": "connected, but contacts do not see it",
}


# -- completion --------------------------------------------------------------------------------------------------


def _contacts(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(f"{text} ", help) for text, help in addressees.possible(live.contacts, typed)]


def _requests(live: LiveProfile, typed: str) -> list[Completion]:
    return [
        Completion(request.jid.bare, clean_line(request.status))
        for request in live.requests
        if request.jid.startswith(typed.casefold())
    ]


def _shows(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(f"{name} ", _MEANING[name]) for name in _SHOWS if name.startswith(typed.lower())]


def _commands(live: LiveProfile, typed: str) -> list[Completion]:
    wanted = typed.removeprefix("/").lower()
    return [Completion(each.name, each.help) for each in COMMANDS.values() if each.name.startswith(wanted)]


# -- talking -----------------------------------------------------------------------------------------------------


@command("query", "CONTACT", "Open a conversation.", _contacts, ("q", "chat"))
async def _query(shell: Shell, text: str) -> None:
    peer, rest = addressees.split(shell.live.contacts, text)
    shell.open_chat(peer)
    if rest:
        await shell.live.send(peer, rest)


@command("msg", "CONTACT TEXT", "Send a message without opening the conversation.", _contacts, ("m",))
async def _msg(shell: Shell, text: str) -> None:
    peer, body = addressees.split(shell.live.contacts, text)
    if not body:
        raise InvalidArgument(reason="The message is missing: /msg CONTACT TEXT")
    await shell.live.send(peer, body)


@command("search", "WORDS", "Search in this conversation; without one, or with -a before the words, in all.")
async def _search(shell: Shell, text: str) -> None:
    everywhere = text == "-a" or text.startswith("-a ")
    words = text[2:].strip() if everywhere else text
    if not words:
        raise InvalidArgument(reason="Say what to search for: /search WORDS")
    shell.open_search(words, None if everywhere else shell.peer)


@command("close", "[CONTACT]", "Close this conversation, or another one.", _contacts)
async def _close(shell: Shell, text: str) -> None:
    shell.close_chat(_whom(shell, text))


# -- being there -------------------------------------------------------------------------------------------------


@command("away", "[TEXT]", "Be away; what you write is shown to your contacts.")
async def _away(shell: Shell, text: str) -> None:
    await shell.live.apis.presence.set_presence(Show.AWAY, text)


@command("online", "[TEXT]", "Be there; what you write is shown to your contacts.", aliases=("back",))
async def _online(shell: Shell, text: str) -> None:
    await shell.live.apis.presence.set_presence(Show.ONLINE, text)


@command(
    "presence",
    "STATE [TEXT]",
    "Be online, chat, away, xa, dnd or invisible.",
    _shows,
    ("status",),
)
async def _presence(shell: Shell, text: str) -> None:
    name, _, status = text.partition(" ")
    show = _SHOWS.get(name.lower())
    if show is None:
        raise InvalidArgument(reason=f"“{name}” is none of {', '.join(_SHOWS)}.")
    await shell.live.apis.presence.set_presence(show, status.strip())


@command("connect", "", "Connect this profile.")
async def _connect(shell: Shell, text: str) -> None:
    await shell.live.apis.profile.connect()


@command("disconnect", "", "Disconnect this profile, and stay so.")
async def _disconnect(shell: Shell, text: str) -> None:
    await shell.live.apis.profile.disconnect()


# -- the contact list --------------------------------------------------------------------------------------------


@command("add", "ADDRESS [NAME]", "Add a contact, and ask to see when they are there.")
async def _add(shell: Shell, text: str) -> None:
    address, _, name = text.partition(" ")
    await shell.live.apis.roster.add_contact(contact_address(address), name.strip())


@command("remove", "CONTACT", "Remove a contact; neither of you sees the other any more.", _contacts)
async def _remove(shell: Shell, text: str) -> None:
    if not text:  # never the one who happens to be shown
        raise InvalidArgument(reason="Say whom: /remove CONTACT")
    jid, rest = addressees.split(shell.live.contacts, text)
    if rest:
        raise InvalidArgument(reason=f"One contact at a time: what does “{rest}” mean?")
    await shell.live.apis.roster.remove_contact(jid)


@command("rename", "CONTACT NAME", "Call a contact by another name.", _contacts)
async def _rename(shell: Shell, text: str) -> None:
    jid, name = addressees.split(shell.live.contacts, text)
    contact = shell.live.contacts.contact(jid)
    if contact is None or not name:
        raise InvalidArgument(reason="Say whom, and the new name: /rename CONTACT NAME")
    await shell.live.apis.roster.set_contact(jid, name, contact.groups)


@command("accept", "[ADDRESS]", "Let somebody who asked see when you are there.", _requests)
async def _accept(shell: Shell, text: str) -> None:
    await shell.live.accept(_who_asked(shell, text))


@command("refuse", "[ADDRESS]", "Do not let somebody see when you are there.", _requests, ("deny",))
async def _refuse(shell: Shell, text: str) -> None:
    await shell.live.refuse(_who_asked(shell, text))


# -- the program -------------------------------------------------------------------------------------------------


@command("settings", "", "Show the settings.", aliases=("set",))
async def _settings(shell: Shell, text: str) -> None:
    shell.open_settings()


@command("help", "[COMMAND]", "Show all commands, or what one does.", _commands, ("?",))
async def _help(shell: Shell, text: str) -> None:
    shell.show(help_text(text))


@command("quit", "", "Leave. The daemon keeps you online.", aliases=("exit",))
async def _quit(shell: Shell, text: str) -> None:
    shell.quit()


# -- inside ------------------------------------------------------------------------------------------------------


def _whom(shell: Shell, text: str) -> JID:
    if text:
        return addressees.resolve(shell.live.contacts, text)
    if shell.peer is None:
        raise InvalidArgument(reason="No conversation is open. Say whom: an address, or a name from the list.")
    return shell.peer


def _who_asked(shell: Shell, text: str) -> JID:
    if text:
        return addressees.resolve(shell.live.contacts, text)
    requests = shell.live.requests
    if len(requests) == 1:
        return requests[0].jid.bare
    if not requests:
        raise InvalidArgument(reason="Nobody has asked.")
    names = ", ".join(request.jid.bare for request in requests)
    raise InvalidArgument(reason=f"Several have asked: {names}. Say whom.")
