"""Imports without what they bring and nobody here uses: the start of the daemon is hardly anything else.

Twisted imports the whole web client of the standard library for one old name, scramp an ASN.1 library for channel
bindings that we compute ourselves: some 25 ms of CPU and 3 MiB.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def leaving_out(*names: str) -> Iterator[None]:
    """Within it these modules are empty: any name can be imported from them, and stands for nothing. After it they can
    be imported as they are. What was imported before is left alone."""
    empty = {name: _Empty(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return self
