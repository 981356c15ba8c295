"""The user commands. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Extra
from sat.plugins.notify_settings.api import Notify
from sat.plugins.presence.api import Show
from sat.plugins.roster.api import Contact
from sat_frontends.quick_frontend import addressees, inviting
from sat_frontends.quick_frontend.command_registry import COMMANDS, Completion, Shell, command, help_text
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.notifying import WORDS, chosen
from sat_frontends.quick_frontend.reporting import LABELS, report
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


def _waited_for(live: LiveProfile, typed: str) -> list[Completion]:
    return [
        Completion(each.jid, clean_line(each.label))
        for each in waited(live.contacts)
        if each.jid.startswith(typed.casefold())
    ]


def _notify(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(each.value, WORDS[each]) for each in Notify if each.startswith(typed.casefold())]


def _export_kinds(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion("json", "with everything that is known")] if "json".startswith(typed.casefold()) else []


def _shows(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(f"{name} ", _MEANING[name]) for name in _SHOWS if name.startswith(typed.lower())]


def _commands(live: LiveProfile, typed: str) -> list[Completion]:
    wanted = typed.removeprefix("/").lower()
    return [Completion(each.name, each.help) for each in COMMANDS.values() if each.name.startswith(wanted)]


def _blocked(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(jid) for jid in live.contacts.blocked if jid.startswith(typed.casefold())]


# -- what is answered --------------------------------------------------------------------------------------------


def removed(label: str) -> str:
    """Somebody is no longer in the contact list."""
    return f"{clean_line(label)} was removed from your contacts."


def renamed(jid: JID, name: str) -> str:
    """A contact is called something else now."""
    return f"{clean_line(jid)} is called {clean_line(name)} now."


def blocked(jid: JID) -> str:
    """Nothing comes from somebody any more."""
    return f"{clean_line(jid)} is blocked: nothing comes from there any more, and they do not see you."


def unblocked(jid: JID) -> str:
    """Somebody can write again."""
    return f"{clean_line(jid)} is blocked no longer."


def accepted(jid: JID, asked: bool) -> str:
    """Somebody may see us."""
    if asked:
        return f"{clean_line(jid)} sees from now on when you are there."
    return f"{clean_line(jid)} sees when you are there as soon as they ask."


def waited(contacts: ContactList) -> list[Contact]:
    """Whose answer we wait for: they were asked to show us when they are there (RFC 6121 §3.1)."""
    return [each for each in contacts.contacts() if each.asked]


def withdrawn(jid: JID) -> str:
    """Somebody is not asked any more."""
    return f"{clean_line(jid)} is no longer asked to show you when they are there."


def _label(shell: Shell, jid: JID) -> str:
    return clean_line(shell.live.contacts.label(jid))


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
    if peer != shell.peer:  # there the message itself is seen
        shell.show(f"Your message to {_label(shell, peer)} is on its way.")


@command("plain", "TEXT", "Send a text as it is: its *asterisks* make nothing strong.")
async def _plain(shell: Shell, text: str) -> None:
    await shell.live.send(_whom(shell, ""), text, extra=Extra(unstyled=True))


@command("in", "LANGUAGE TEXT", "Send a text and tell its language; | LANGUAGE TEXT adds another.")
async def _in(shell: Shell, text: str) -> None:
    said: dict[str, str] = {}
    for part in text.split(" | "):
        lang, _, body = part.strip().partition(" ")
        if not body.strip():
            raise InvalidArgument(reason="Say the language, then the text: /in en Hello | fr Salut")
        said[lang] = body.strip()
    (lang, first), *_ = said.items()
    await shell.live.send(_whom(shell, ""), first, extra=Extra(lang=lang, bodies=said if len(said) > 1 else {}))


@command("spoiler", "[HINT |] TEXT", "Send a text that is hidden until somebody wants to see it.")
async def _spoiler(shell: Shell, text: str) -> None:
    hint, bar, body = text.partition(" | ")
    if not text:
        raise InvalidArgument(reason="The text is missing: /spoiler [HINT |] TEXT")
    extra = Extra(spoiler=True, hint=hint.strip() if bar else "")
    await shell.live.send(_whom(shell, ""), body.strip() if bar else text, extra=extra)


@command("attention", "[CONTACT]", "Ask for somebody's attention; once a minute.", _contacts, ("buzz",))
async def _attention(shell: Shell, text: str) -> None:
    await shell.live.apis.attention.ask_attention(_whom(shell, text))


@command("search", "WORDS", "Search in this conversation; without one, or with -a before the words, in all.")
async def _search(shell: Shell, text: str) -> None:
    everywhere = text == "-a" or text.startswith("-a ")
    words = text[2:].strip() if everywhere else text
    if not words:
        raise InvalidArgument(reason="Say what to search for: /search WORDS")
    shell.open_search(words, None if everywhere else shell.peer)


@command(
    "notify",
    "[WHICH]",
    "Choose of which messages here you are told: always, mention, never, default.",
    _notify,
)
async def _choose(shell: Shell, text: str) -> None:
    peer = _whom(shell, "")
    if text and text not in list(Notify):
        raise InvalidArgument(reason=f"“{text}” is none of {', '.join(Notify)}.")
    if text:
        await shell.live.apis.notify_settings.choose(peer, Notify(text))
    shell.show(chosen(_label(shell, peer), Notify(text) if text else shell.live.notifying.chosen(peer)))


@command("export", "[json]", "Write this conversation to a file, as text or as JSON.", _export_kinds)
async def _export(shell: Shell, text: str) -> None:
    if text not in ("", "json"):
        raise InvalidArgument(reason="Say /export for a text, or /export json.")
    shell.open_export(_whom(shell, ""), text == "json")


@command("close", "[CONTACT]", "Close this conversation, or another one.", _contacts)
async def _close(shell: Shell, text: str) -> None:
    peer = _whom(shell, text)
    shell.close_chat(peer)
    shell.show(f"The conversation with {_label(shell, peer)} is closed; nothing was deleted.")


# -- being there -------------------------------------------------------------------------------------------------


@command("away", "[TEXT]", "Be away; what you write is shown to your contacts.")
async def _away(shell: Shell, text: str) -> None:
    await _be(shell, "away", text)


@command("online", "[TEXT]", "Be there; what you write is shown to your contacts.", aliases=("back",))
async def _online(shell: Shell, text: str) -> None:
    await _be(shell, "online", text)


@command(
    "presence",
    "STATE [TEXT]",
    "Be online, chat, away, xa, dnd or invisible.",
    _shows,
    ("status",),
)
async def _presence(shell: Shell, text: str) -> None:
    name, _, status = text.partition(" ")
    if name.lower() not in _SHOWS:
        raise InvalidArgument(reason=f"“{name}” is none of {', '.join(_SHOWS)}.")
    await _be(shell, name.lower(), status.strip())


@command("connect", "", "Connect this profile.")
async def _connect(shell: Shell, text: str) -> None:
    await shell.live.apis.profile.connect()
    shell.show("You are online.")


@command("disconnect", "", "Disconnect this profile, and stay so.")
async def _disconnect(shell: Shell, text: str) -> None:
    await shell.live.apis.profile.disconnect()
    shell.show("You are offline, until you /connect.")


# -- the contact list --------------------------------------------------------------------------------------------


@command("add", "ADDRESS [NAME]", "Add a contact by their address or the link of their invitation.")
async def _add(shell: Shell, text: str) -> None:
    address, _, name = text.partition(" ")
    shell.show(await inviting.add(shell.live.apis, shell.live.contacts.contact, address, name.strip()))


@command("invitation", "", "Make a link with which somebody becomes your contact.")
async def _invitation(shell: Shell, text: str) -> None:
    made = await shell.live.apis.invitations.invite()
    shell.show("\n".join(inviting.lines(made)))


@command("remove", "CONTACT", "Remove a contact; neither of you sees the other any more.", _contacts)
async def _remove(shell: Shell, text: str) -> None:
    jid, rest = addressees.split(shell.live.contacts, text)
    if rest:
        raise InvalidArgument(reason=f"One contact at a time: what does “{rest}” mean?")
    label = shell.live.contacts.label(jid)
    await shell.live.apis.roster.remove_contact(jid)
    shell.show(removed(label))


@command("rename", "CONTACT NAME", "Call a contact by another name.", _contacts)
async def _rename(shell: Shell, text: str) -> None:
    jid, name = addressees.split(shell.live.contacts, text)
    contact = shell.live.contacts.contact(jid)
    if contact is None or not name:
        raise InvalidArgument(reason="Say whom, and the new name: /rename CONTACT NAME")
    await shell.live.apis.roster.set_contact(jid, name, contact.groups)
    shell.show(renamed(jid, name))


@command("block", "[CONTACT]", "Hear nothing more of somebody, and be invisible to them.", _contacts)
async def _block(shell: Shell, text: str) -> None:
    jid = _whom(shell, text)
    await shell.live.apis.blocking.block(jid)
    shell.show(blocked(jid))


def _reasons(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(f"{each} ", LABELS[each]) for each in LABELS if each.startswith(typed.casefold())]


@command(
    "report",
    "spam|abuse [TEXT]",
    "Block who is shown, and report them to your server's administrator.",
    _reasons,
)
async def _report(shell: Shell, text: str) -> None:
    why, _, rest = text.partition(" ")
    shell.show(await report(shell.live.apis, _whom(shell, ""), why.lower(), rest.strip()))


@command("unblock", "[CONTACT]", "Hear again of somebody whom you blocked.", _blocked)
async def _unblock(shell: Shell, text: str) -> None:
    jid = JID.parse(text) if text in shell.live.contacts.blocked else _whom(shell, text)
    await shell.live.apis.blocking.unblock(jid)
    shell.show(unblocked(jid))


@command("accept", "[ADDRESS]", "Let somebody see when you are there, even before they ask.", _requests)
async def _accept(shell: Shell, text: str) -> None:
    jid = _who_asked(shell, text)
    told = accepted(jid, any(request.jid.bare == jid.bare for request in shell.live.requests))
    await shell.live.accept(jid)
    shell.show(told)


@command("withdraw", "[CONTACT]", "Ask no longer to see when somebody is there.", _waited_for)
async def _withdraw(shell: Shell, text: str) -> None:
    jid = _whom(shell, text)
    await shell.live.apis.presence.unsubscribe(jid.bare)
    shell.show(withdrawn(jid))


@command("refuse", "[ADDRESS]", "Do not let somebody see when you are there.", _requests, ("deny",))
async def _refuse(shell: Shell, text: str) -> None:
    jid = _who_asked(shell, text)
    await shell.live.refuse(jid)
    shell.show(f"{clean_line(jid)} does not see when you are there.")


# -- the program -------------------------------------------------------------------------------------------------


@command("card", "", "Change what you tell of yourself: your name, and where you can be reached.")
async def _card(shell: Shell, text: str) -> None:
    shell.open_card()


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


async def _be(shell: Shell, name: str, status: str) -> None:
    await shell.live.apis.presence.set_presence(_SHOWS[name], status)
    shell.show(f"Your state is now {name}: {_MEANING[name]}.")


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
