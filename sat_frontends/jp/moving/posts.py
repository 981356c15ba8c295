"""All posts of a blog, and the files that they become."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.output import iso, tidy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sat.api.posts import Place, Post
    from sat_frontends.jp.context import Jp

_PAGE = 50
_NAME = 80  # characters of a file's name


async def all_posts(jp: Jp, node: Place) -> AsyncIterator[Post]:
    """All posts of a blog, the newest first."""
    blog, older = (await jp.profile()).blog, ""
    while True:
        page = await blog.get(node, older, _PAGE)
        for post in page.posts:
            yield post
        if not page.older or page.older == older:
            return
        older = page.older


class Names:
    """Harmless names of files, each once, also where case makes no difference."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of_post(self, post: Post) -> str:
        """The day, and the id as far as it is letters, digits and dashes."""
        return self.free(f"{iso(post.published)[:10]}-{self.plain(post.place.id) or 'post'}")

    def plain(self, text: str) -> str:
        """What of a text is harmless in a name."""
        letters = (char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in text)
        return "".join(letters).strip("-")[:_NAME]

    def free(self, name: str) -> str:
        """The name, or with a number one that is not taken."""
        found, number = name, 1
        while found.lower() in self._taken:
            number += 1
            found = f"{name}-{number}"
        self._taken.add(found.lower())
        return found


class Folder:
    """Where files are written; those that are there are only written anew where they may be ``replaced``."""

    def __init__(self, path: Path, replaced: bool) -> None:
        self.path, self._replaced = path, replaced
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise usage(f"{tidy(str(path))} is no folder and cannot be made: {error.strerror}.") from None

    def write(self, name: str, data: str | bytes) -> None:
        """Write a file. Failure where it is there, or cannot be written."""
        path = self.path / name
        try:
            path.parent.mkdir(exist_ok=True)
            write(path, data, self._replaced)
        except OSError as error:
            raise usage(f"{tidy(str(path))} cannot be written: {error.strerror}.") from None


def write(path: Path, data: str | bytes, replaced: bool) -> None:
    """Write a file, a new one unless it may be replaced. Failure where it is there, or cannot be written."""
    try:
        with path.open("wb" if replaced else "xb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
    except FileExistsError:
        raise Failure(f"{tidy(str(path))} exists already; --replace writes it anew.", code=19) from None
    except OSError as error:
        raise usage(f"{tidy(str(path))} cannot be written: {error.strerror}.") from None
