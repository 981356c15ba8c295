"""Posts as files that people edit: what is known of a post between two lines ``---``, then its text.

    ---
    title: What light
    tags: balcony, night
    language: en
    comments: yes
    ---
    But soft, …

    --- lang: fr
    title: Quelle lumière
    ---
    Mais doucement, …

That looks like YAML, as such files usually do, and is a small part of it that means the same there: ``name: value`` on
one line, a value perhaps in quotes, a list as ``one, two``, as ``[one, two]`` or as lines ``- one``. Nothing nested, no
anchors, no types but text: what a file of somebody else says can do nothing. A line ``--- lang: fr`` begins the same in
another language; where one is meant to be text, ``\\`` stands before it, which Markdown does not show. ``jp`` imports
this, so it stays light.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sat.api.errors import InvalidArgument
from sat.api.posts import Draft, Enclosure, Translation
from sat_frontends.quick_frontend import dates

FENCE = "---"
EMPTY = Draft("")
_LISTED = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+)""")
_OTHER = re.compile(r"(\\*)--- +lang(?:uage)?: *(.*?) *")
_LANG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}")  # RFC 5646, as far as posts have it
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")
_NAMES = {"lang": "language", "tag": "tags", "keywords": "tags", "id": "slug"}
"""What other programs call it."""
_LISTS = ("tags", "files")
KNOWN = ("title", "tags", "language", "date", "comments", "draft", "slug", "files", "format")
"""What a post is made of. The rest tells something about it."""


class Page(NamedTuple):
    """A file: what stands between the lines, by its name in lower case, and the text. A list is of several texts.
    ``others`` are the same in other languages."""

    fields: dict[str, list[str]]
    body: str
    others: list[Translation] = []  # noqa: RUF012 - a named tuple's default, never changed

    def one(self, name: str, otherwise: str = "") -> str:
        """A field that is one text."""
        return ", ".join(self.fields[name]) if name in self.fields else otherwise

    def says(self, name: str, otherwise: bool) -> bool:
        """A field that is yes or no. Errors: InvalidArgument."""
        word = self.one(name).lower()
        if name in self.fields and word not in _YES + _NO:
            raise InvalidArgument(reason=f"{name} is yes or no, not “{word}”.")
        return word in _YES if name in self.fields else otherwise


class Written(NamedTuple):
    """A post of a file, and whether the file says that it is not to be published yet."""

    draft: Draft
    unfinished: bool = False


# -- reading -----------------------------------------------------------------------------------------------------


def read(text: str) -> Page:
    """Take a file apart; one that does not begin with a fence is only text. Errors: InvalidArgument, with the line."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != FENCE:
        return Page({}, text)
    end = _end(lines, 0)
    starts = [n for n, line in enumerate(lines) if n > end and (found := _OTHER.fullmatch(line)) and not found[1]]
    body = _text(lines[end + 1 : starts[0] if starts else len(lines)])
    others: list[Translation] = []
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=False):
        found = _OTHER.fullmatch(lines[start])
        lang = found[2] if found else ""
        if not _LANG.fullmatch(lang) or lang in (each.lang for each in others):
            raise InvalidArgument(reason=f"Line {start + 1} names no other language, as “fr” or “pt-BR” are: {lang}")
        head = _end(lines[:stop], start)
        page = Page(_fields(lines, start + 1, head), "")
        if unknown := [name for name in page.fields if name != "title"]:
            raise InvalidArgument(reason=f"In another language there is only a title, and no “{unknown[0]}”.")
        others.append(Translation(lang, page.one("title"), _text(lines[head + 1 : stop])))
    return Page(_fields(lines, 1, end), body, others)


def _end(lines: list[str], start: int) -> int:
    """The line that ends what begins at ``start``."""
    end = next((n for n, line in enumerate(lines[start + 1 :], start + 1) if line.rstrip() in (FENCE, "...")), 0)
    if not end:
        which = "first line is" if not start else f"line {start + 1} begins with"
        raise InvalidArgument(reason=f"The {which} {FENCE}, and there is no other one that ends what it begins.")
    return end


def _text(lines: list[str]) -> str:
    return "\n".join(line[1:] if line[:1] == "\\" and _OTHER.fullmatch(line) else line for line in lines).strip("\n")


def _fields(lines: list[str], start: int, end: int) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    listed = ""  # the field whose value is in the lines below it
    for number, line in enumerate(lines[start:end], start + 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, colon, value = stripped.partition(":")
        if stripped.startswith("- ") and listed:
            fields[listed] += _values(stripped[2:], whole=listed == "files")
        elif line[0].isspace() and listed:
            continue  # something nested, of another program: what we know is never so
        elif not colon:
            raise InvalidArgument(reason=f"Line {number} is no “name: value”: {stripped}")
        else:
            name = _NAMES.get(name.strip().lower(), name.strip().lower())
            if name in fields:
                raise InvalidArgument(reason=f"Line {number} says a second time what {name} is.")
            fields[name] = _values(value, whole=name not in _LISTS)
            listed = name if not value.strip() else ""
    return fields


def _values(text: str, *, whole: bool = False) -> list[str]:
    """One text, or several in brackets or between commas; one that is ``whole`` has commas of its own."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        text, whole = text[1:-1], False
    parts = [text] if whole else _LISTED.findall(text)
    return [_unquoted(part.strip()) for part in parts if part.strip()]


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'":
        return text
    inner = text[1:-1]
    return inner.replace("''", "'") if text[0] == "'" else re.sub(r"\\(.)", r"\1", inner)


def to_written(text: str, before: Draft = EMPTY, *, strict: bool = True) -> Written:
    """A file as a post. What it does not say is as in ``before``, but for the text, in all languages; a field that no
    post has is an error where this is ``strict``, as it is likely mistyped. Errors: InvalidArgument."""
    fields, body, others = page = read(text)
    if strict and (unknown := [name for name in fields if name not in KNOWN]):
        raise InvalidArgument(reason=f"A post has no “{unknown[0]}”; it has {', '.join(KNOWN)}.")
    kind = page.one("format", "xhtml" if before.xhtml else "markdown").lower()
    if kind not in ("markdown", "xhtml"):
        raise InvalidArgument(reason=f"format is markdown or xhtml, not “{kind}”.")
    draft = before._replace(
        body=body.strip("\n"),
        title=page.one("title", before.title),
        tags=[each.removeprefix("#") for each in fields.get("tags", before.tags)],
        lang=page.one("language", before.lang),
        slug=page.one("slug", before.slug),
        comments=page.says("comments", before.comments),
        xhtml=kind == "xhtml",
        published=_date(page.one("date")) if "date" in fields else before.published,
        enclosures=_files(fields["files"], strict) if "files" in fields else before.enclosures,
        translations=others,
    )
    if any(each.lang == draft.lang for each in others):
        raise InvalidArgument(reason=f"The post says twice what it is in “{draft.lang}”.")
    hidden = not strict and page.one("published").lower() in _NO  # what Jekyll says
    return Written(draft, hidden or page.says("draft", False))


def to_draft(text: str, before: Draft = EMPTY, *, strict: bool = True) -> Draft:
    """The same, to be published. Errors: InvalidArgument, also where it says that it is not."""
    draft, unfinished = to_written(text, before, strict=strict)
    if unfinished:
        raise InvalidArgument(reason="It says that it is a draft. “draft: no”, or without that line, it is published.")
    return draft


def _date(text: str) -> float:
    try:
        return dates.read(text) if text else 0.0
    except ValueError:
        raise InvalidArgument(
            reason=f"date is a moment, as 2026-05-01 or 2026-05-01T08:00Z are, not “{text}”."
        ) from None


def _files(lines: list[str], strict: bool) -> list[Enclosure]:
    found = []
    for line in lines:
        url, kind, size, title = [*line.split(None, 3), "", "", "", ""][:4]
        if url.startswith(("https://", "http://")) and (size or "0").isdecimal():
            found.append(Enclosure(url, kind.removeprefix("-") if kind == "-" else kind, title, int(size or "0")))
        elif strict:
            raise InvalidArgument(reason=f"A file is “ADDRESS TYPE BYTES DESCRIPTION”, not “{line}”.")
    return found


# -- writing -----------------------------------------------------------------------------------------------------


def written(fields: dict[str, str | list[str]], body: str) -> str:
    """A file. Lists are ``[one, two]``; what would be read as something else is quoted."""
    lines = [FENCE]
    for name, value in fields.items():
        if isinstance(value, list):
            lines.append(f"{name}: [{', '.join(_quoted(each, listed=True) for each in value)}]")
        else:
            lines.append(f"{name}: {_quoted(value)}".rstrip())
    return "\n".join([*lines, FENCE, "", _escaped(body.rstrip("\n")), ""])


def _escaped(body: str) -> str:
    return "\n".join(f"\\{line}" if _OTHER.fullmatch(line) else line for line in body.split("\n"))


def _quoted(text: str, *, listed: bool = False) -> str:
    line = " ".join(text.split())
    plain = not listed or not set(line) & set(",[]")
    if (
        plain
        and line[:1] not in set("\"'[{&*!|>%@`#-?:")
        and ": " not in line
        and " #" not in line
        and line[-1:] != ":"
    ):
        return line
    escaped = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def from_draft(draft: Draft, /, **more: str) -> str:
    """A post as a file, to be edited; ``more`` is what else is known of it."""
    fields: dict[str, str | list[str]] = {
        "title": draft.title,
        "tags": list(draft.tags),
        "language": draft.lang,
        "comments": "yes" if draft.comments else "no",
        **({"slug": draft.slug} if draft.slug else {}),
        **({"date": dates.stamp(draft.published)} if draft.published else {}),
        **({"files": [_file(each) for each in draft.enclosures]} if draft.enclosures else {}),
        **({"format": "xhtml"} if draft.xhtml else {}),
        **more,
    }
    parts = [written(fields, draft.body)]
    for each in draft.translations:
        title = [f"title: {_quoted(each.title)}"] if each.title else []
        lines = [f"{FENCE} lang: {each.lang}", *title, FENCE, "", _escaped(each.body.strip("\n")), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _file(file: Enclosure) -> str:
    return f"{file.url} {file.type or '-'} {file.size} {file.title}".rstrip()
