"""Imports without what they bring and nobody here uses: the start of the daemon is hardly anything else.

Twisted imports the whole web client of the standard library for one old name, and HTML's 2,231 entities; asyncio a
second TLS, cryptography a reader of mails, scramp one of all that is installed to know its own version: some 60 ms of
CPU and 5 MiB.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

START = (
    "asyncio.sslproto",
    "bz2",
    "cryptography.hazmat.primitives.serialization.ssh",
    "email.utils",
    "html.entities",
    "http.cookiejar",
    "lzma",
    "pickle",
    "ssl",
)
"""What asyncio, Twisted, cryptography and shutil load in vain when the daemon starts."""


@contextmanager
def leaving_out(*names: str) -> Iterator[None]:
    """Within it these modules are empty: any name can be imported from them and called, and stands for nothing. After
    it they can be imported as they are, and who has got an empty one or a name out of it uses the real one: it is
    imported with the first use. What was imported before is left alone."""
    empty = [_Empty(name) for name in names if name not in sys.modules]
    sys.modules.update((each.__name__, each) for each in empty)
    try:
        yield
    finally:
        for each in empty:
            del sys.modules[each.__name__]


def _is_left_out(module: str) -> bool:
    return isinstance(sys.modules.get(module), _Empty)


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(self.__name__, name) if _is_left_out(self.__name__) else _real(self.__name__, name)


class _Name:
    """A function, a class or a table of a module that is left out, as who imports it gets it."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *arguments: object, **named: object) -> object:
        return self if _is_left_out(self._module) else self._real(*arguments, **named)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, self._real)

    def __contains__(self, key: object) -> bool:
        return key in self._real

    def __getitem__(self, key: object) -> object:
        return self._real[key]

    @property
    def _real(self) -> Any:
        return _real(self._module, self._name)


def _real(module: str, name: str) -> Any:
    return getattr(import_module(module), name)
