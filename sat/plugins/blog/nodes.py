"""Nodes of ours for posts and for comments, and who may read them (XEP-0472 §5, XEP-0060 §4.5)."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, NotFound, PeerError, SatError
from sat.api.places import from_uri, to_uri
from sat.api.posts import MICROBLOG, NOWHERE, Audience, Place
from sat.plugins.blog import reacting
from sat.plugins.blog.api import Access
from sat.plugins.blog.pages import blog_of, named
from sat.xmpp.pubsub import Options

if TYPE_CHECKING:
    from sat.plugins.blog.plugin import Blog

FEED = "urn:xmpp:pubsub-social-feed:1"
COMMENTS = f"{MICROBLOG}:comments"
KEEPING: Options = {"pubsub#persist_items": "true", "pubsub#max_items": "max", "pubsub#notify_retract": "true"}
TELLING: Options = {
    "pubsub#send_last_published_item": "never",
    "pubsub#itemreply": "publisher",  # else it is not told who has published what
}
ACCESS, GROUPS = "pubsub#access_model", "pubsub#roster_groups_allowed"
# Groups are kept by us, as a list of who is in them: Prosody 0.12 knows no such nodes, and ejabberd 23.01 lets not even
# their owner read them.
_MODELS = {
    Audience.EVERYBODY: "open",
    Audience.CONTACTS: "presence",
    Audience.GROUPS: "whitelist",
    Audience.LISTED: "whitelist",
}
_AUDIENCES = {
    "open": Audience.EVERYBODY,
    "presence": Audience.CONTACTS,
    "roster": Audience.GROUPS,
}
_UNKNOWN = ("not-acceptable", "bad-request", "feature-not-implemented", "resource-constraint")
MOST = 500  # addresses; groups
MOVED = 1000  # posts with comments in a node of another name
FOLLOWED = 100  # posts of which the comments are for the same people as the blog, when that is changed


class Nodes:
    """What the service of our account has for our blog."""

    def __init__(self, plugin: Blog) -> None:
        self._plugin = plugin
        self._ready: dict[str, Options] = {}  # nodes of ours that are as they should be, and who may read them
        self._plain = False  # the server does not know all settings that we would like
        self._groups: dict[str, list[str]] = {}  # by the address of the node: those who may read it
        self._moved: dict[str, str] = {}  # by the address of the post: a node of comments of another name

    async def load(self) -> None:
        """Read what is stored."""
        self._groups = dict(await self._plugin.store.rows("groups", _row))
        self._moved = dict(await self._plugin.store.rows("moved", _pair))

    def forget(self) -> None:
        """Another session: others may have changed what there is."""
        self._ready.clear()
        self._plain = False

    # -- having them -----------------------------------------------------------------------------------------------

    async def have(self, node: str) -> Options:
        """Have a node of our account for posts; a new one is for everybody. Who may read it, as settings."""
        if node not in self._ready:
            try:
                found = await self._plugin.pubsub.configuration(None, node)
            except PeerError as error:
                if error.details.get("condition") != "item-not-found":
                    raise
                kind = MICROBLOG if node == MICROBLOG else FEED
                await self._make(node, {ACCESS: "open"}, kind, self._plugin.own_name())
                self._ready[node] = {ACCESS: "open"}
            else:
                if not _keeps_all(found):
                    await self._plugin.pubsub.configure(None, node, KEEPING)
                self._ready[node] = {key: found[key] for key in (ACCESS, GROUPS) if found.get(key)}
        return self._ready[node]

    async def have_comments(self, post: Place) -> Place:
        """Have a node of our account for the comments on a post of ours, for those who may read it; anybody of these
        may comment. NOWHERE where the server lets nobody else publish there."""
        place = self.own_comments(post)
        if place == NOWHERE:  # those of a post that has moved away are there
            place = Place(self._plugin.own, f"{COMMENTS}/{post.id}-{token_hex(3)}")
            await self._keep_moved(post, place.node)
        try:
            await self.have_open(place.node, post, COMMENTS)
        except PeerError as error:
            if error.details.get("condition") not in _UNKNOWN:
                raise
            self._plugin.log.info("there is no place for comments on %s: %s", post.id, error)
            return NOWHERE
        return place

    async def have_open(self, node: str, post: Place, kind: str) -> None:
        """Have a node of our account where those who may read a post may publish; ``kind`` is its type."""
        pubsub = self._plugin.pubsub
        readers = await self.have(post.node) if post.service == self._plugin.own else {ACCESS: "open"}
        await self._make(node, {**readers, "pubsub#publish_model": "open"}, kind, "")
        if readers.get(ACCESS) in ("whitelist", ["whitelist"]):
            listed = await pubsub.affiliations(None, post.node)
            await pubsub.set_affiliations(None, node, dict.fromkeys(_listed(listed), "member"))

    async def _make(self, node: str, options: Options, kind: str, title: str) -> None:
        more: Options = {**TELLING, "pubsub#type": kind, **({"pubsub#title": title} if title else {})}
        pubsub, known = self._plugin.pubsub, {**KEEPING, **options}
        try:
            await pubsub.create(None, node, known if self._plain else {**known, **more})
        except PeerError as error:
            condition = error.details.get("condition")
            if condition == "conflict":  # left over from a post that was not published
                await pubsub.configure(None, node, known)
            elif condition in _UNKNOWN and not self._plain:
                await pubsub.create(None, node, known)
                self._plain = True
            else:
                raise

    def own_comments(self, post: Place) -> Place:
        """Where the comments on a post are, if their node is ours; NOWHERE where another post has those."""
        node, moved = f"{COMMENTS}/{post.id}", self._moved.get(to_uri(post))
        if moved is None and node in self._moved.values():
            return NOWHERE
        return Place(self._plugin.own, moved or node)

    async def rename(self, post: Place, new: Place, comments: Place) -> None:
        """A post of ours gets another address: its comments stay where they are, if they are its own."""
        if comments != NOWHERE and comments == self.own_comments(post):
            self._moved.pop(to_uri(post), None)
            await self._keep_moved(new, comments.node)

    async def _keep_moved(self, post: Place, node: str) -> None:
        self._moved[to_uri(post)] = node
        while len(self._moved) > MOVED:
            del self._moved[next(iter(self._moved))]
        await self._plugin.store.set("moved", self._moved)

    async def drop_comments(self, comments: Place, post: Place) -> None:
        """Delete the comments on a post, where their node was made by us for that very post."""
        if comments == NOWHERE or comments != self.own_comments(post):
            return
        try:
            await self._plugin.pubsub.delete(None, comments.node)
        except PeerError as error:
            if error.details.get("condition") != "item-not-found":
                raise
        if self._moved.pop(to_uri(post), None):
            await self._plugin.store.set("moved", self._moved)

    # -- who may read them -----------------------------------------------------------------------------------------

    async def access(self, node: Place) -> Access:
        """Who may read a node of ours; a blog that is not there would be for everybody. Errors: NotFound."""
        service = self._plugin.at(node.service)
        try:
            found = await self._plugin.pubsub.configuration(service, node.node)
        except PeerError as error:
            problem = named(error, blog_of(node))
            if service is None and isinstance(problem, NotFound):
                return Access(Audience.EVERYBODY)
            raise problem from error
        model = next(iter(found.get(ACCESS, [])), "")
        audience = _AUDIENCES.get(model, Audience.LISTED)  # of other models it is true that nobody else can read it
        if audience is Audience.GROUPS:  # as another program has made it
            return Access(audience, found.get(GROUPS, []))
        if audience is not Audience.LISTED:
            return Access(audience)
        if to_uri(node) in self._groups:
            return Access(Audience.GROUPS, self._groups[to_uri(node)])
        return Access(audience, listed=_listed(await self._plugin.pubsub.affiliations(service, node.node)))

    async def set_access(self, node: Place, access: Access) -> None:
        """Change that, there and for what is said of the newest posts. Errors: InvalidArgument, FeatureMissing where
        the server cannot do that."""
        access = _checked(access)
        listed = self._members(access.groups) if access.audience is Audience.GROUPS else access.listed
        if len(listed) > MOST:
            raise InvalidArgument(reason=f"At most {MOST} people can be those who may read it.")
        service, pubsub = self._plugin.at(node.service), self._plugin.pubsub
        if service is None:
            await self.have(node.node)
        options = {ACCESS: _MODELS[access.audience]}
        try:
            await self._let_in(service, node.node, options, listed)
            await pubsub.configure(service, node.node, options)
            await self._shut_out(service, node.node, options, listed)
        except PeerError as error:
            if error.details.get("condition") in _UNKNOWN:
                raise FeatureMissing(
                    who=node.service.domain, feature=f"posts that only {_WHO[access.audience]} can read"
                ) from error
            raise
        await self._keep(to_uri(node), access)
        if service is None:
            self._ready[node.node] = options
            await self._let_comment(node, options, listed)

    async def _keep(self, node: str, access: Access) -> None:
        before = dict(self._groups)
        self._groups.pop(node, None)
        if access.audience is Audience.GROUPS:
            self._groups[node] = access.groups
        if self._groups != before:
            await self._plugin.store.set("groups", self._groups)

    def _members(self, groups: list[str]) -> list[JID]:
        contacts = self._plugin.roster.contacts.values()
        return [each.jid for each in contacts if not set(groups).isdisjoint(each.groups)]

    async def follow_groups(self) -> None:
        """Our contacts have changed: let in who has come into a group, and nobody who has left it."""
        for uri, groups in list(self._groups.items()):
            node = from_uri(uri)
            if node is None:
                continue
            try:
                options, listed = {ACCESS: "whitelist"}, self._members(groups)[:MOST]
                await self._let_in(self._plugin.at(node.service), node.node, options, listed)
                if node.service == self._plugin.own:
                    await self._let_comment(node, options, listed)
            except SatError as error:
                self._plugin.log.warning("who can read %s stays as it was: %s", node.node, error)

    @property
    def of_groups(self) -> bool:
        """Whether who may read depends on our contacts."""
        return bool(self._groups)

    async def _let_comment(self, node: Place, options: Options, listed: list[JID]) -> None:
        """What is said of the newest posts, and put to them, is for the same people as the posts."""
        for post in (await self._plugin.pages.page(node, "", FOLLOWED)).posts:
            nodes = [reacting.node_of(post.place)]
            if post.comments != NOWHERE and post.comments == self.own_comments(post.place):
                nodes.insert(0, post.comments.node)
            for each in nodes:
                try:
                    await self._let_in(None, each, options, listed)
                    await self._plugin.pubsub.configure(None, each, options)
                except PeerError as error:
                    if error.details.get("condition") != "item-not-found":
                        self._plugin.log.warning("who can read %s stays as it was: %s", each, error)

    async def _shut_out(self, service: JID | None, node: str, options: Options, listed: list[JID]) -> None:
        """Who is subscribed can read it at some servers (ejabberd), whatever the list says."""
        if options[ACCESS] != "whitelist":
            return
        kept = {self._plugin.own, *listed}
        try:
            await self._plugin.pubsub.unsubscribe_others(service, node, kept.__contains__)
        except (PeerError, FeatureMissing) as error:
            self._plugin.log.info("who is subscribed to %s cannot be looked at: %s", node, error)

    async def _let_in(self, service: JID | None, node: str, options: Options, listed: list[JID]) -> None:
        """Let these read a node, and nobody who is not among them any more, where the options want a list."""
        if options[ACCESS] != "whitelist":
            return
        before = await self._plugin.pubsub.affiliations(service, node)
        changes = {jid: "none" for jid, what in before.items() if what == "member" and jid not in listed}
        changes |= {jid: "member" for jid in listed if jid not in _listed(before)}
        if changes:
            await self._plugin.pubsub.set_affiliations(service, node, changes)


_WHO = {
    Audience.EVERYBODY: "everybody",
    Audience.CONTACTS: "contacts",
    Audience.GROUPS: "some groups of contacts",
    Audience.LISTED: "some people",
}


def _checked(access: Access) -> Access:
    groups = list(dict.fromkeys(filter(None, (each.strip() for each in access.groups))))
    if access.audience is Audience.GROUPS and not groups:
        raise InvalidArgument(reason="Say which groups of your contacts may read it.")
    return Access(access.audience, groups[:MOST], list(dict.fromkeys(each.bare for each in access.listed)))


def _row(row: Any) -> tuple[str, list[str]]:
    uri, groups = row
    return str(uri), [str(each) for each in groups]


def _pair(row: Any) -> tuple[str, str]:
    uri, node = row
    return str(uri), str(node)


def _keeps_all(found: dict[str, list[str]]) -> bool:
    """Whether a node that another program has made keeps what is published there."""
    most = next(iter(found.get("pubsub#max_items", [])), "max")
    return found.get("pubsub#persist_items", ["1"])[0] in ("1", "true") and (not most.isdigit() or int(most) >= 100)


def _listed(affiliations: dict[JID, str]) -> list[JID]:
    return [jid for jid, what in affiliations.items() if what in ("member", "publisher", "publish-only")]
