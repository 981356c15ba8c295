"""The user commands of encryption. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Trust
from sat_frontends.quick_frontend import encryption_words as words
from sat_frontends.quick_frontend.command_registry import Completion, Shell, command
from sat_frontends.quick_frontend.live import LiveProfile

_MEANING = {words.OFF: "write in clear from now on", words.NO: "say no to what they ask for"}


def _methods(live: LiveProfile, typed: str) -> list[Completion]:
    states = [state for peer in live.chats if (state := live.encrypting.state(peer))]
    found = [*sorted({name for state in states for name in state.offered}), words.OFF]
    found += [words.NO] * any(state.asked for state in states)
    return [Completion(each, _MEANING.get(each, words.title(each))) for each in found if each.startswith(typed.lower())]


def _fingerprints(live: LiveProfile, typed: str) -> list[Completion]:
    wanted = "".join(typed.split()).lower()
    return [
        Completion(key.fingerprint, f"{live.encrypting.label(key)}, {words.device(key)}: {words.standing(key)}")
        for key in live.encrypting.known_keys()
        if key.fingerprint.startswith(wanted) and not key.here
    ]


@command(
    "encrypt", "[METHOD]", "Encrypt what is written here from now on; off: in clear; no: not what they ask.", _methods
)
async def _encrypt(shell: Shell, text: str) -> None:
    peer = _peer(shell)
    if text.lower() == words.OFF:
        await shell.live.encrypting.end(peer)
        shell.show(words.ended(_label(shell, peer)))
    elif text.lower() == words.NO:
        method = await shell.live.encrypting.refuse(peer)
        label = _label(shell, peer)
        shell.show(words.refused(method, label) if method else words.not_asked(label))
    else:
        shell.show(words.begun(await shell.live.encrypting.begin(peer, text.lower()), _label(shell, peer)))


@command("fingerprints", "", "See how this conversation is encrypted, their keys and yours.", aliases=("devices",))
async def _show(shell: Shell, text: str) -> None:
    peer, encrypting = _peer(shell), shell.live.encrypting
    theirs, ours = await encrypting.keys(peer, refresh=True)
    lines = words.explained(encrypting.state(peer), _label(shell, peer))
    if peer.bare != shell.live.jid:
        lines += ["", f"Keys of {_label(shell, peer)}:", *(words.key_lines(theirs) or ["none"])]
    shell.show("\n".join([*lines, "", "Your keys:", *(words.key_lines(ours) or ["none"]), "", words.HOW_TO_COMPARE]))


@command("trust", "FINGERPRINT", "You have compared this key, it is right; its first digits are enough.", _fingerprints)
async def _trust(shell: Shell, text: str) -> None:
    await _decide(shell, text, Trust.VERIFIED)


@command("distrust", "FINGERPRINT", "This key is not theirs: encrypt nothing for it, believe nothing.", _fingerprints)
async def _distrust(shell: Shell, text: str) -> None:
    await _decide(shell, text, Trust.DISTRUSTED)


@command("verify", "ADDRESS", "Verify the keys that an address names: xmpp:…?omemo-sid-….")
async def _verify(shell: Shell, text: str) -> None:
    found = await shell.live.encrypting.verify(text)
    shell.show(words.verified(found, shell.live.encrypting.label(found[0])))


@command("repair", "", "Begin the encryption here anew, if they cannot read you or you them.", aliases=("omemo_reset",))
async def _repair(shell: Shell, text: str) -> None:
    peer = _peer(shell)
    await shell.live.encrypting.repair(peer)
    shell.show(words.repaired(_label(shell, peer)))


async def _decide(shell: Shell, text: str, trust: Trust) -> None:
    encrypting, peer = shell.live.encrypting, _peer(shell)
    await encrypting.keys(peer)
    key = await encrypting.trust(encrypting.find(peer, text), trust)
    shell.show(words.decided(key, encrypting.label(key)))


def _peer(shell: Shell) -> JID:
    if shell.peer is None:
        raise InvalidArgument(reason="No conversation is open: this is about the one that is shown.")
    return shell.peer


def _label(shell: Shell, peer: JID) -> str:
    return shell.live.contacts.label(peer)
