"""The user commands about blogs. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.places import from_uri
from sat.api.posts import MICROBLOG, Audience, Place
from sat.api.values import ANYBODY
from sat.plugins.blog.api import Access
from sat_frontends.quick_frontend import addressees
from sat_frontends.quick_frontend.command_registry import Completion, Shell, command
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.post_words import AUDIENCES, audience, node_name
from sat_frontends.quick_frontend.text import clean_line


def _blogs(live: LiveProfile, typed: str) -> list[Completion]:
    """What is followed, then the contacts."""
    followed = [Completion(_written(each.place), clean_line(each.title)) for each in live.following.followed]
    found = [each for each in followed if clean_line(each.text) == each.text and each.text.startswith(typed.casefold())]
    known = {each.text for each in found}
    people = addressees.possible(live.contacts, typed)
    return [*found, *(Completion(text, help) for text, help in people if not {text, help} & known)]


def _written(place: Place) -> str:
    return place.service if place.node == MICROBLOG else f"{place.service}/{place.node}"


def _named(live: LiveProfile, text: str) -> Place:
    """Our blog, that of somebody, ``SERVICE/NODE``, or an ``xmpp:`` address. Errors: InvalidArgument,
    InvalidAddress."""
    text = text.strip()
    if not text:
        return Place(live.jid)
    linked = from_uri(text)
    if linked is not None:
        return linked
    who, slash, node = text.partition("/")
    if slash and node and "@" not in who:  # a community: its service is no contact
        return Place(JID.parse(who), node)
    return Place(addressees.resolve(live.contacts, who), node or MICROBLOG)


@command("timeline", "", "Read what is published by those whom you follow.", aliases=("feeds",))
async def _timeline(shell: Shell, text: str) -> None:
    shell.open_timeline()


@command("blog", "[CONTACT]", "Read a blog: yours, that of somebody, or a community, SERVICE/NODE.", _blogs)
async def _blog(shell: Shell, text: str) -> None:
    shell.open_blog(_named(shell.live, text))


@command("follow", "CONTACT", "Have what somebody or a community, SERVICE/NODE, publishes in your timeline.", _blogs)
async def _follow(shell: Shell, text: str) -> None:
    await _set(shell, text, True)


@command("unfollow", "CONTACT", "Have it there no longer.", _blogs)
async def _unfollow(shell: Shell, text: str) -> None:
    await _set(shell, text, False)


async def _set(shell: Shell, text: str, follow: bool) -> None:
    place = _named(shell.live, text)._replace(id="")
    await shell.live.apis.timeline.follow(place, follow)
    shell.show(followed(node_name(place, shell.live.jid), follow))


def followed(name: str, follow: bool) -> str:
    """Something is followed from now on, or no longer."""
    return f"{name} is in your timeline now." if follow else f"{name} is in your timeline no longer."


# -- who can read our blog -----------------------------------------------------------------------------------------


def _audiences(live: LiveProfile, typed: str) -> list[Completion]:
    """The audiences, then the groups or the contacts."""
    word, space, rest = typed.partition(" ")
    if not space:
        more = (Audience.GROUPS, Audience.LISTED)
        return [
            Completion(f"{each} " if each in more else each, AUDIENCES[each])
            for each in Audience
            if each.startswith(word.casefold())
        ]
    before, _, last = rest.rpartition(",")
    before = f"{word} {before}, " if before else f"{word} "
    if word == Audience.GROUPS:
        found = [(name, "") for name in live.contacts.groups() if name.casefold().startswith(last.strip().casefold())]
    elif word == Audience.LISTED:
        found = addressees.possible(live.contacts, last.strip())
    else:
        return []
    return [Completion(f"{before}{name}", help) for name, help in found if clean_line(name) == name]


@command(
    "blog-access",
    "[AUDIENCE [WHO]]",
    "See or say who can read your blog; groups or people between commas.",
    _audiences,
)
async def _access(shell: Shell, text: str) -> None:
    blog, node = shell.live.apis.blog, Place(shell.live.jid)
    if not text:
        shell.show(audience(await blog.get_access(node)))
        return
    access = read_access(shell.live, *text.partition(" ")[::2])
    await blog.set_access(node, access)
    shell.show(audience(access))


def read_access(live: LiveProfile, word: str, who: str) -> Access:
    """An audience and who belongs to it, as they are typed. Errors: InvalidArgument."""
    if word.lower() not in list(Audience):
        raise InvalidArgument(reason=f"“{word}” is none of {', '.join(Audience)}.")
    wanted = Audience(word.lower())
    if wanted is Audience.GROUPS:
        groups = _each(who)
        unknown = [each for each in groups if each not in live.contacts.groups()]
        if unknown or not groups:
            have = ", ".join(live.contacts.groups()) or "none"
            what = f"You have no group “{unknown[0]}”." if unknown else "Say which groups of your contacts."
            raise InvalidArgument(reason=clean_line(f"{what} You have: {have}."))
        return Access(wanted, groups)
    if wanted is Audience.LISTED:
        return Access(wanted, [], list(dict.fromkeys(addressees.resolve(live.contacts, each) for each in _each(who))))
    if who.strip():
        raise InvalidArgument(reason=f"“{wanted}” goes with nobody in particular.")
    return Access(wanted)


def _each(text: str) -> list[str]:
    return list(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))


# -- posts of ours, and what else there is -------------------------------------------------------------------------


@command("blog-drafts", "", "See the posts that you have not published yet, or that are published later.")
async def _drafts(shell: Shell, text: str) -> None:
    shell.open_blog_drafts()


@command("blog-answers", "", "See what others have said of your posts, and who names you.")
async def _answers(shell: Shell, text: str) -> None:
    shell.open_blog_answers()


@command("blog-rename", "POST NAME", "Give a post of yours, named by the last part of its address, another one.")
async def _rename(shell: Shell, text: str) -> None:
    post, _, name = text.partition(" ")
    if not name.strip():
        raise InvalidArgument(reason="Say how it is to be called: /blog-rename POST NAME")
    place = from_uri(post) or Place(shell.live.jid, id=post)
    shell.show(renamed(await shell.live.apis.blog.rename(place, name.strip())))


def renamed(place: Place) -> str:
    """A post has another address."""
    return f"The post is {clean_line(place.id)} now; its comments have stayed."


@command(
    "blog-discover",
    "[ADDRESS]",
    "Find blogs to follow: of contacts, or at an address.",
    _blogs,
)
async def _discover(shell: Shell, text: str) -> None:
    shell.open_blog_discovery(_at(shell.live, text))


def _at(live: LiveProfile, text: str) -> JID:
    """A service, or a contact."""
    text = text.strip()
    if not text or ("." in text and " " not in text):
        return JID.parse(text).bare if text else ANYBODY
    return addressees.resolve(live.contacts, text)
