"""From what a person has written to what is published."""

from __future__ import annotations

import re
import secrets
from html import escape
from typing import Any
from unicodedata import category, normalize

from sat.api.errors import InvalidArgument
from sat.api.posts import Draft, Translation, Version
from sat.plugins.blog import atom, cleaning
from sat.xmpp import xhtml, xml
from sat.xmpp.xml import Element

LARGEST = 200_000  # bytes of an entry; usual servers end the connection of who sends 256 KiB
SLUG = 60  # characters of the part that is made from a title
LONGEST_SLUG = 200
_HEADING = re.compile(r"\W+")
_HASHTAG = re.compile(r"(?<![\w#/&])#(\w*[^\W\d_][\w-]*\w|[^\W\d_])")
_NOT_SAID = ("a", "code", "pre")


def html_of(body: str, xhtml: bool) -> str:
    """What is written, as harmless XHTML."""
    return cleaning.clean(body if xhtml else _markdown().render(xml.cleaned(body)))


def hashtags(html: str) -> list[str]:
    """What a text says that it is about (``#balcony``), as tags; code and links say nothing of that."""
    text = cleaning.parsed(html)
    waiting = [text]
    while waiting:
        each = waiting.pop()
        each.children = [child for child in each.children if isinstance(child, str) or child.name not in _NOT_SAID]
        waiting += xml.elements(each)
    found = _HASHTAG.findall(xhtml.words(text, "\n\n"))
    unique = {each.casefold(): each for each in reversed(found) if len(each) <= atom.TAG}
    return list(reversed(unique.values()))


def tags_of(draft: Draft, html: str) -> list[str]:
    """Those that were given, and those in the text."""
    given = {each.casefold() for each in draft.tags}
    return [*draft.tags, *(each for each in hashtags(html) if each.casefold() not in given)][: atom.MOST]


def tags_beside(tags: list[str], html: str) -> list[str]:
    """Tags of a post without those in its text: what is to be edited beside it."""
    said = {each.casefold() for each in hashtags(html)}
    return [each for each in tags if each.casefold() not in said]


def versions_of(draft: Draft) -> list[Version]:
    """What it says in other languages."""
    found = ((each, html_of(each.body, draft.xhtml)) for each in draft.translations)
    return [Version(each.lang, each.title, cleaning.words(html), html) for each, html in found]


def checked(draft: Draft, now: float) -> Draft:
    """A draft without what is only untidy. ``now`` is in seconds since 1970. Errors: InvalidArgument for what cannot be
    published."""
    title = " ".join(draft.title.split())
    if not draft.body.strip() and not title and not draft.enclosures:
        raise InvalidArgument(reason="The post is empty.")
    if len(draft.body) > cleaning.LONGEST or len(title) > atom.TITLE:
        raise InvalidArgument(reason=f"A post has at most {cleaning.LONGEST} characters, its title {atom.TITLE}.")
    tags = list(dict.fromkeys(filter(None, (" ".join(each.split()).lstrip("#") for each in draft.tags))))
    most, longest = atom.MOST, atom.TAG
    if max(len(tags), len(draft.enclosures)) > most or any(len(each) > longest for each in tags):
        raise InvalidArgument(reason=f"A post has at most {most} tags of {longest} characters, and as many files.")
    if not all(atom.is_web(each.url) for each in draft.enclosures):
        raise InvalidArgument(reason="Files of a post have addresses that begin with https:// or http://.")
    if draft.lang:
        _check_lang(draft.lang)
    if not 0 <= draft.published <= now:
        raise InvalidArgument(reason="A post was published between 1970 and now.")
    return draft._replace(title=title, tags=tags, slug=checked_slug(draft.slug), translations=_translations(draft))


def _translations(draft: Draft) -> list[Translation]:
    found = [each._replace(title=" ".join(each.title.split())) for each in draft.translations]
    langs = [each.lang.lower() for each in found]
    for each in found:
        _check_lang(each.lang)
        if not each.body.strip() and not each.title:
            raise InvalidArgument(reason=f"The post is empty in “{each.lang}”.")
        if len(each.body) > cleaning.LONGEST or len(each.title) > atom.TITLE:
            raise InvalidArgument(reason=f"The post is too long in “{each.lang}”.")
    if len({draft.lang.lower(), *langs}) < len(langs) + 1 or len(langs) >= atom.VERSIONS:
        raise InvalidArgument(reason=f"A post says the same in at most {atom.VERSIONS} languages, once in each.")
    return found


def _check_lang(lang: str) -> None:
    if not atom.LANG.fullmatch(lang):
        raise InvalidArgument(reason=f"“{lang}” is no language, as “en” or “pt-BR” are.")


def checked_slug(slug: str) -> str:
    """The id of an item, without blanks around it. Errors: InvalidArgument."""
    slug = slug.strip()
    seen = slug.isprintable() and not any(category(each) == "Zs" for each in slug)
    if slug == "0" or len(slug) > LONGEST_SLUG or not seen:  # 0 is what tells of the whole blog (XEP-0277 §5)
        raise InvalidArgument(
            reason=f"The address of a post has at most {LONGEST_SLUG} characters and no spaces, and is not 0."
        )
    return slug


def slug_for(title: str) -> str:
    """An id made from a title, which no other post has."""
    plain = "".join(each for each in normalize("NFKD", title.lower()) if category(each) != "Mn")
    words = _HEADING.sub("-", plain).replace("_", "-")[:SLUG].strip("-")
    return "-".join(filter(None, [words, secrets.token_hex(3)]))


def fits(entry: Element) -> Element:
    """The same entry. Errors: InvalidArgument where servers would not take it."""
    if len(xml.to_text(entry).encode()) > LARGEST:
        raise InvalidArgument(reason=f"The post is too long: with all that is in it, it has more than {LARGEST} bytes.")
    return entry


def _markdown() -> Any:
    """CommonMark with tables and strikethrough; HTML in it is text."""
    from markdown_it import MarkdownIt  # 40 ms: it is for those who publish

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("text", _text)
    return parser


def _text(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    words: str = tokens[index].content
    inside = sum(each.nesting for each in tokens[:index] if each.type.startswith("link_"))
    return escape(words, quote=False) if inside else cleaning.linked(words)
