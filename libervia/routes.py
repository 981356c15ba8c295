"""Finding the pages: each folder of ``libervia/pages`` is one."""

from __future__ import annotations

import importlib
import pkgutil

import libervia.pages
from libervia.server.page import Page


def load_pages() -> dict[str, Page]:
    """All pages by their address; ``TypeError`` for a folder without exactly one page."""
    pages: dict[str, Page] = {}
    for info in pkgutil.iter_modules(libervia.pages.__path__):
        if not info.ispkg:
            continue
        module = importlib.import_module(f"libervia.pages.{info.name}.page")
        kinds = [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, Page) and each.__module__ == module.__name__
        ]
        if len(kinds) != 1:
            raise TypeError(f"libervia/pages/{info.name}/page.py must hold one page, not {len(kinds)}")
        kinds[0].folder = info.name
        page = kinds[0]()
        pages[page.path] = page
    return pages
