"""What a test lets happen in blogs."""

from __future__ import annotations

from typing import Any

from libervia.server.app import App
from libervia.server.public import SETTING
from sat.api import JID
from sat.api.posts import MICROBLOG, NOWHERE, Audience, Draft, Enclosure, Place, Post, Translation, Version
from sat.api.settings import SettingChange
from sat.plugins.blog.api import Access
from sat.plugins.blog_drafts.api import Kept
from sat.plugins.timeline.api import Found, Response

ALICE = JID("alice@example.org")


class BlogWorld:
    """The strings of ``World`` that pull at blogs and the timeline of alice."""

    app: App
    apis: dict[str, Any]

    def post(self, author: str, text: str, fields: dict[str, Any] | None = None, new: bool = False) -> list[str]:
        """Somebody publishes a post, which comes to the timeline as ``new``; its place."""
        more = dict(fields or {})
        for name in ("service", "comments", "answers", "via"):
            if name in more:
                value = more[name]
                more[name] = JID(value) if name == "service" else _place(value) if value else NOWHERE
        if "enclosures" in more:
            more["enclosures"] = [Enclosure(*each) for each in more["enclosures"]]
        if "versions" in more:
            more["versions"] = [Version(*each) for each in more["versions"]]
        apis = self.apis["alice"]
        post = apis.blogs.put(JID(author), text, more.pop("title", ""), **more)
        if new:
            apis.timeline.arrive(post)
            apis.timeline.following_changed.emit(apis.timeline._followed())
        return list(post.place)

    def answers(self, author: str, text: str) -> None:
        """Somebody comments on a post of alice's."""
        apis = self.apis["alice"]
        response = Response(apis.blogs.put(JID(author), text), "A post", Place(JID("alice@example.org"), id="a-post"))
        apis.timeline.responses.insert(0, response)
        apis.timeline.answered.emit([response])

    def tell(self, place: list[str]) -> None:
        """The daemon says that a post has changed."""
        apis = self.apis["alice"]
        apis.timeline.published.emit([apis.timeline._shown(apis.blogs.find(_place(place)))])

    def seen(self, place: list[str]) -> None:
        """Alice has seen a post in another frontend."""
        timeline = self.apis["alice"].timeline
        timeline.unread.discard(_place(place))
        self.tell(place)
        timeline.following_changed.emit(timeline._followed())

    def react(self, place: list[str], reactions: dict[str, int]) -> None:
        """Others put emojis to a post."""
        self.apis["alice"].blogs.replace(_place(place), reactions=reactions)
        self.tell(place)

    def goes_away(self, place: list[str]) -> None:
        """A post is taken back."""
        self.apis["alice"].timeline.goes(_place(place))

    def comment(self, place: list[str], author: str, text: str, fields: dict[str, Any] | None = None) -> list[str]:
        """Somebody comments on a post; ``answers`` is the place of the comment that is answered."""
        apis = self.apis["alice"]
        more = dict(fields or {})
        answers = more.pop("answers", None)
        said = apis.blogs.say(apis.blogs.find(_place(place)), JID(author), text, **more)
        if answers:
            said = apis.blogs.replace(said.place, answers=_place(answers))
        return list(said.place)

    def posts(self, service: str = "alice@example.org") -> list[dict[str, Any]]:
        """What a blog holds."""
        found: list[Post] = self.apis["alice"].blogs.nodes.get(Place(JID(service)), [])
        return [{"id": each.place.id, "title": each.title, "text": each.text, "tags": each.tags} for each in found]

    def kept(self) -> list[dict[str, Any]]:
        """Alice's drafts, the one changed last first."""
        drafts = self.apis["alice"].blog_drafts
        return [
            {"id": each.id, "node": list(each.node), "due": each.due, **each.draft._asdict()}
            for each in list(drafts.kept.values())[::-1]
        ]

    def keep(self, id: str, fields: dict[str, Any], draft: dict[str, Any]) -> None:
        """Alice has a draft, kept by another frontend."""
        draft = draft | {"translations": [Translation(*each) for each in draft.get("translations", ())]}
        node = _place(fields.pop("node", [str(ALICE), MICROBLOG, ""]))
        self.apis["alice"].blog_drafts.kept[id] = Kept(id, Draft(**draft), node, **fields)

    def find(self, place: list[str], title: str, description: str = "", via: list[str] | None = None) -> None:
        """Something can be discovered."""
        found = Found(_place([*place, ""]), title, description, via=[JID(each) for each in via or []])
        self.apis["alice"].timeline.found.append(found)

    def story(self, place: list[str]) -> None:
        """A post is a story, too."""
        apis = self.apis["alice"]
        apis.timeline.stories.append(apis.blogs.find(_place(place)))

    def access(self, audience: str, groups: list[str] | None = None) -> None:
        """Who can read alice's blog."""
        self.apis["alice"].blog.access[Place(ALICE)] = Access(Audience(audience), groups or [])

    def publish(self, shown: bool = True) -> None:
        """Alice lets everybody read her blog here, or no longer."""
        settings, value = self.apis["alice"].settings, "true" if shown else "false"
        settings.settings[SETTING] = settings.settings[SETTING]._replace(value=value)
        settings.changed.emit(SettingChange(SETTING, value))


def _place(parts: list[str]) -> Place:
    return Place(JID(parts[0]), *parts[1:])
