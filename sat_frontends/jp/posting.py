"""From what somebody gives to a draft: words, a file with front matter, options, what they write in an editor."""

from __future__ import annotations

import os
import time as clocks
from typing import TYPE_CHECKING, NamedTuple

from sat.api.errors import InvalidArgument, SatError
from sat.api.posts import Draft, Enclosure, Place
from sat_frontends.jp.command import option, positional, repeated, switch
from sat_frontends.jp.editing import in_editor
from sat_frontends.jp.failure import usage
from sat_frontends.jp.places import typed
from sat_frontends.quick_frontend.front_matter import Written, from_draft, to_written

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sat_frontends.jp.context import Jp

LIMIT = 1 << 20  # bytes of a post in a file
NEW = Draft("")


DRAFT = {
    "body": positional("TEXT", "the text, in Markdown; - or nothing reads it from stdin", many="*"),
    "file": option(
        "-f",
        "--file",
        metavar="FILE",
        help="a file with the post, with or without front matter",
        default="",
        complete="file",
    ),
    "title": option("-t", "--title", metavar="TEXT", help="a title"),
    "tag": repeated("--tag", metavar="TAG", help="what it is about; may be repeated", complete="value"),
    "language": option("-l", "--lang", "--language", metavar="LANGUAGE", help="the language of the text (en, pt-BR)"),
    "slug": option(
        "--slug", metavar="ID", help="its id, for an address that people can read; else made from the title"
    ),
    "no_comments": switch("--no-comments", help="nobody can comment on it"),
    "xhtml": switch("--xhtml", help="the text is XHTML"),
}
"""What says what a post is, of ``jp blog set`` and ``preview``; ``Given`` takes it."""
KEEP = switch("--draft", help="do not publish it; keep it as a draft, which every frontend has (jp blog drafts)")
AT = option(
    "--at",
    metavar="TIME",
    help="publish it then: 2026-05-01T08:00, 'tomorrow 9:00', or +2h (m, h, d, w)",
    default="",
    complete="value",
)


class Given(NamedTuple):
    """What was given for ``DRAFT``."""

    body: list[str]
    file: str
    title: str | None
    tag: list[str]
    language: str | None
    slug: str | None
    no_comments: bool
    xhtml: bool

    def written(self) -> Written:
        """The post. A file may tell as much itself; the options come first. Errors: InvalidArgument; Failure."""
        if self.file and self.body:
            raise usage("The text is given as words, or in a file, not both.")
        written = of_file(self.file) if self.file else Written(NEW._replace(body=_text(self.body)))
        draft = written.draft
        draft = draft._replace(
            title=draft.title if self.title is None else self.title,
            tags=[*draft.tags, *(each.removeprefix("#") for each in self.tag)],
            lang=draft.lang if self.language is None else self.language,
            slug=draft.slug if self.slug is None else self.slug,
            comments=draft.comments and not self.no_comments,
            xhtml=draft.xhtml or self.xhtml,
        )
        return written._replace(draft=draft)


def _text(words: list[str]) -> str:
    from sat_frontends.jp.stdin import read_text

    if words and words != ["-"]:
        return " ".join(words)
    return read_text("Write the post, end with Ctrl-D.")


def of_file(path: str, before: Draft = NEW, *, strict: bool = True) -> Written:
    """The post in a file. Errors: InvalidArgument; Failure where it cannot be read."""
    from sat_frontends.jp.files import read

    try:
        return to_written(read(path, LIMIT).decode(), before, strict=strict)
    except UnicodeDecodeError:
        raise InvalidArgument(reason=f"{path} is no text (UTF-8).") from None
    except InvalidArgument as error:
        raise InvalidArgument(reason=f"{path}: {error}") from None


async def attached(jp: Jp, paths: list[str]) -> list[Enclosure]:
    """Put files on the server, to be kept where it does that; a post refers to them."""
    from sat.plugins.upload.api import Purpose
    from sat_frontends.jp.uploading import upload

    if not paths:
        return []
    storage = await (await jp.profile()).upload.get_storage()
    purpose = Purpose.PERMANENT if Purpose.PERMANENT in storage.purposes else Purpose.MESSAGE
    transfers = [await upload(jp, path, purpose=purpose) for path in paths]
    files = [file for each in transfers for file in each.attachment]
    return [Enclosure(each.url, each.type, each.description or each.name, each.size) for each in files]


def due_of(at: str) -> float:
    """The moment that ``AT`` names, in seconds since 1970; 0 where none is. Errors: InvalidArgument."""
    from sat_frontends.quick_frontend import dates

    return dates.coming(at, clocks.time()) if at else 0.0


async def keep(jp: Jp, draft: Draft, place: Place, id: str = "", due: float = 0.0) -> str:
    """Keep a draft for all frontends, to be published there; its id, which is told."""
    id = await (await jp.profile()).blog_drafts.keep(draft, place, id, due)
    jp.out.text({"id": id, "due": due}, id)
    if due:
        from sat_frontends.jp.messages import when

        jp.out.say(f"It is a draft, and will be published {when(jp, due)}.")
    else:
        jp.out.say(f"It is a draft: jp blog draft publish {id}")
    return id


async def put(jp: Jp, draft: Draft, place: Place, before: Draft = NEW) -> None:
    """Publish a post in a blog, or as the new text of one, and tell its address. One whose slug is another than
    ``before`` goes there."""
    blog = (await jp.profile()).blog
    if not place.id:
        place = await blog.publish(draft, place)
    else:
        if draft.slug not in ("", before.slug, place.id):
            place = await blog.rename(place, draft.slug)
        await blog.edit(place, draft)
    jp.out.text(place, typed(place))


async def edited(
    jp: Jp, before: Draft, publish: Callable[[Written], Awaitable[None]], place: Place, id: str = ""
) -> None:
    """Have somebody write in their editor, then publish it. If that does not succeed, it becomes a draft, or the one
    with the ``id``; where it is none that can be read, or the daemon cannot be asked, the file stays. They are told
    where it is. Errors: Failure (cancelled) where nothing was changed; those of ``publish``."""

    async def use(path: str) -> None:
        written = of_file(path, before)
        try:
            await publish(written)
        except SatError as error:
            kept = await _rescued(jp, written.draft, place, id, error)
            os.unlink(path)
            jp.out.say(f"What you wrote is kept as a draft: jp blog draft edit {kept}")
            raise

    await in_editor(jp, from_draft(before), "post", ".md", use)


async def _rescued(jp: Jp, draft: Draft, place: Place, id: str, error: SatError) -> str:
    """Keep what could not be published; its id. Raises that error where this is not possible either."""
    try:
        return await (await jp.profile()).blog_drafts.keep(draft, place, id)
    except SatError:
        raise error from None
