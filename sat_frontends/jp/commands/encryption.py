"""jp encryption: which conversations are encrypted, and whose keys are trusted."""

from __future__ import annotations

from sat.api.messages import Trust
from sat.plugins.encryption.api import ChatEncryption, Comparison, ComparisonState, Key
from sat_frontends.jp.command import command, option, positional, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import NOT_FOUND, Failure, usage
from sat_frontends.jp.output import BOLD, DIM, Column, tidy
from sat_frontends.jp.people import resolve
from sat_frontends.quick_frontend import encryption_words as words

_CONTACT = positional("CONTACT", "a contact's name or address", complete="contact")
_WHOSE = positional("CONTACT", "whose; without it, yours", many="?", complete="contact")
_LIGHT_ON_DARK = "38;5;231;48;5;16"


@command("Show the ways to encrypt that there are, the best first.", examples=("jp encryption methods",))
async def methods(jp: Jp) -> None:
    """Columns in a pipe: name, title, whether it works in rooms, whether keys can be verified by a question, whether
    what is written stays in the history (yes or no)."""
    found = await (await jp.profile()).encryption.get_methods()
    columns = (Column("Name", BOLD), Column("Title"), Column("Rooms"), Column("Questions"), Column("History"))
    rows = [(name, title, *("yes" if each else "no" for each in rest)) for name, title, *rest in found]
    jp.out.table(found, columns, rows)


@command(
    "Show how a conversation is encrypted.",
    examples=("jp encryption get bob", "jp encryption get bob -o json | jq -r .method"),
    contact=_CONTACT,
)
async def get(jp: Jp, contact: str) -> None:
    profile = await jp.profile()
    _show(jp, await profile.encryption.get(await resolve(profile, contact)))


@command(
    "Encrypt what is written in a conversation from now on.",
    examples=("jp encryption start bob", "jp encryption start bob --method otr"),
    contact=_CONTACT,
    method=option("-m", "--method", metavar="NAME", help="how; else the best that can be", default=""),
)
async def start(jp: Jp, contact: str, method: str) -> None:
    """In all frontends. Code 18 where they have no keys: then nothing is changed."""
    profile = await jp.profile()
    peer = await resolve(profile, contact)
    jp.out.say(words.begun(await profile.encryption.begin(peer, method), peer))


@command(
    "Say no to a contact who would like to begin.",
    examples=("jp encryption refuse bob",),
    contact=_CONTACT,
)
async def refuse(jp: Jp, contact: str) -> None:
    """They are told nothing, and all stays as it is; yes is jp encryption start --method. Code 16 where they have not
    asked."""
    profile = await jp.profile()
    peer = await resolve(profile, contact)
    method = (await profile.encryption.get(peer)).asked
    if not method:
        raise Failure(words.not_asked(peer), code=NOT_FOUND)
    await profile.encryption.refuse(peer)
    jp.out.say(words.refused(method, peer))


@command(
    "Write in clear from now on.",
    examples=("jp encryption stop bob",),
    contact=_CONTACT,
)
async def stop(jp: Jp, contact: str) -> None:
    """In all frontends. What comes encrypted is read all the same."""
    profile = await jp.profile()
    peer = await resolve(profile, contact)
    await profile.encryption.end(peer)
    jp.out.say(words.ended(peer))


@command(
    "Show the keys of a contact, or yours.",
    examples=("jp encryption keys bob", "jp encryption keys bob --refresh -o json", "jp encryption keys"),
    contact=_WHOSE,
    refresh=switch("--refresh", help="ask their server first"),
)
async def keys(jp: Jp, contact: str | None, refresh: bool) -> None:
    """Columns in a pipe: method, fingerprint, trust (undecided, blind, verified, distrusted), whether it is in use (yes
    or no), what its owner calls the device, its number."""
    profile = await jp.profile()
    found = words.in_order(await profile.encryption.get_keys(await resolve(profile, contact or "me"), refresh))
    columns = (Column("Device", BOLD, flexible=True), Column("Trust"), Column("Fingerprint", DIM))
    jp.out.table(found, columns if jp.out.terminal else (), [_cells(jp, each) for each in found])
    if jp.out.terminal and found and contact:
        jp.out.say(words.HOW_TO_COMPARE)


def _cells(jp: Jp, key: Key) -> tuple[str, ...]:
    if jp.out.terminal:
        return f"{words.title(key.method)} {words.device(key)}", words.standing(key), words.grouped(key.fingerprint)
    return key.method, key.fingerprint, key.trust, "yes" if key.active else "no", key.label, key.id


@command(
    "Say what you think of a key.",
    examples=("jp encryption trust bob 3c7e1a90", "jp encryption trust bob 3c7e1a90 --as distrusted"),
    contact=_CONTACT,
    fingerprint=positional("FINGERPRINT", "the key, or how it begins"),
    trust=option(
        "--as",
        metavar="TRUST",
        help="verified if not given: you have compared it",
        choices=tuple(Trust),
        default=Trust.VERIFIED,
    ),
)
async def trust(jp: Jp, contact: str, fingerprint: str, trust: str) -> None:
    """Nothing is encrypted for a key that is undecided or distrusted. Code 16 where no key begins so."""
    profile = await jp.profile()
    peer = await resolve(profile, contact)
    key = _the_one(await profile.encryption.get_keys(peer), fingerprint, tidy(peer))
    changed = await profile.encryption.set_trust(peer, key.method, key.fingerprint, Trust(trust))
    jp.out.say(words.decided(changed, peer))


@command(
    "Take a device of yours that is lost or not used any more off your account's list.",
    examples=("jp encryption remove 3c7e1a90", "jp encryption remove --yes 3c7e1a90"),
    fingerprint=positional("FINGERPRINT", "its key, or how it begins; jp encryption keys shows them"),
    yes=switch("-y", "--yes", help="do not ask"),
)
async def remove(jp: Jp, fingerprint: str, yes: bool) -> None:
    """Nobody encrypts for it any more, and it cannot read what is written from then on. A program that still runs puts
    itself back when it is online. Code 16 where no key of yours begins so, 17 for the one of this program."""
    profile = await jp.profile()
    key = _the_one(await profile.encryption.get_keys(await resolve(profile, "me")), fingerprint, "yours")
    if not key.here:
        jp.confirm(words.removal(key), yes)
    await profile.encryption.remove_key(key.method, key.fingerprint)
    jp.out.say(words.removed(key))


def _the_one(keys: list[Key], fingerprint: str, whose: str) -> Key:
    """The key that begins so. Failure where there is none, or are several."""
    wanted = "".join(fingerprint.split()).lower()
    fitting = [each for each in keys if wanted and each.fingerprint.startswith(wanted)]
    if not fitting:
        raise Failure(f"No key of {whose} begins with “{tidy(fingerprint)}”.", code=NOT_FOUND)
    if len(fitting) > 1:
        raise usage(f"{len(fitting)} keys of {whose} begin so.", "Give more digits.")
    return fitting[0]


@command(
    "Show an address that names keys, for others to verify them.",
    examples=("jp encryption uri", "jp encryption uri --qr", "jp encryption uri bob"),
    contact=_WHOSE,
    qr=switch("--qr", help="as a code that a telephone scans"),
)
async def uri(jp: Jp, contact: str | None, qr: bool) -> None:
    """Give it to somebody in a way that nobody can change: on paper, on your web page, on the screen."""
    profile = await jp.profile()
    address = await profile.encryption.get_uri(await resolve(profile, contact or "me"))
    if not qr or jp.out.json:
        jp.out.text(address, address)
        return
    from sat_frontends.quick_frontend.qr import half_blocks

    for line in half_blocks(address):
        jp.out.line(jp.out.paint(line, _LIGHT_ON_DARK))


@command(
    "Verify the keys that such an address names.",
    examples=("jp encryption verify 'xmpp:bob@example.org?omemo-sid-1234=3c7e1a90…'",),
    uri=positional("ADDRESS", "as jp encryption uri shows it on their side"),
)
async def verify(jp: Jp, uri: str) -> None:
    """Code 16 where it names no key that they have."""
    found = await (await jp.profile()).encryption.verify_uri(uri)
    if jp.out.json:
        jp.out.value(found)
    jp.out.say(words.verified(found, found[0].owner))


@command(
    "Begin the encryption with a contact anew.",
    examples=("jp encryption repair bob",),
    contact=_CONTACT,
)
async def repair(jp: Jp, contact: str) -> None:
    """Where they cannot read you any more, or you not them. Keys and what you think of them stay."""
    profile = await jp.profile()
    peer = await resolve(profile, contact)
    await profile.encryption.repair(peer)
    jp.out.say(words.repaired(peer))


@command(
    "Verify a contact by a secret that only the two of you know.",
    examples=(
        "jp encryption compare bob --question 'Where did we meet?'",
        "pass show bob/secret | jp encryption compare bob --wait 300",
    ),
    contact=_CONTACT,
    question=option("--question", metavar="TEXT", help="what they are asked; it is not secret", default=""),
    wait=option("--wait", metavar="SECONDS", help="wait so long for how it ends", kind=float),
)
async def compare(jp: Jp, contact: str, question: str, wait: float | None) -> None:
    """Both programs find out whether both know the same; nobody else learns it. The secret is asked for, or read from
    stdin; case and spaces count. With --wait, code 1 if it was not the same, or did not end in time."""
    from sat_frontends.jp.ask import secret

    profile = await jp.profile()
    peer = await resolve(profile, contact)
    said = secret(jp, "The secret: ")
    ended: list[Comparison] = []

    def heard(told: list[Comparison]) -> None:
        ended.extend(each for each in told if each.peer == peer and each.state not in words.UNDER_WAY)

    if wait is not None:
        profile.encryption.compared.connect(heard)
    await profile.encryption.compare(peer, said, question)
    if wait is None:
        jp.out.say(words.waiting(peer))
        return
    jp.listen(lambda: bool(ended), wait)
    if not ended:
        raise Failure(f"{tidy(peer)} has not answered in time; they still may.", code=1)
    sentence = words.compared(ended[0], peer)
    if ended[0].state is not ComparisonState.SAME:
        raise Failure(sentence, code=1)
    jp.out.say(sentence)


@command(
    "Answer the question by which a contact verifies you.",
    examples=("jp encryption answer bob",),
    contact=_CONTACT,
)
async def answer(jp: Jp, contact: str) -> None:
    """Code 16 where they have asked nothing. The secret is asked for, or read from stdin."""
    from sat_frontends.jp.ask import secret

    profile = await jp.profile()
    peer = await resolve(profile, contact)
    for each in await profile.encryption.get_comparisons():
        if each.peer == peer and each.state is ComparisonState.ASKED:
            jp.out.say(words.compared(each, peer))
            await profile.encryption.answer(peer, secret(jp, "The secret: "))
            return
    raise Failure(f"{tidy(peer)} has asked nothing.", code=NOT_FOUND)


@command("Show where a secret is waited for.", examples=("jp encryption comparisons",))
async def comparisons(jp: Jp) -> None:
    """Columns in a pipe: contact, state (asked: they wait for you; waiting: you for them), question."""
    found = await (await jp.profile()).encryption.get_comparisons()
    columns = (Column("Contact", BOLD), Column("State"), Column("Question", flexible=True))
    jp.out.table(found, columns, [(tidy(each.peer), each.state, tidy(each.question)) for each in found])


@command("Do not compare secrets.", examples=("jp encryption abort bob",), contact=_CONTACT)
async def abort(jp: Jp, contact: str) -> None:
    """Whoever has begun. They are told."""
    profile = await jp.profile()
    await profile.encryption.abort(await resolve(profile, contact))


def _show(jp: Jp, state: ChatEncryption) -> None:
    pairs = [
        ("Encryption", words.title(state.method) if state.method else "none"),
        ("Keys", words.TRUST[state.trust] if state.method else ""),
        ("Chosen", "by you" if state.chosen else ""),
        ("Logged", "yes" if state.logged else "no"),
        ("Possible", ", ".join(state.offered)),
        ("Asked for", words.title(state.asked) if state.asked else ""),
        ("Note", state.note),
    ]
    jp.out.record(state, pairs)
