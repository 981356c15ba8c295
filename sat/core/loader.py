"""Finding and importing plugins: ours from ``sat/plugins``, others by the entry-point group ``sat.plugins``.

A plugin that is switched off is not imported. One that fails is a status with a reason, never a crash.
"""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sat.plugins
from sat.api.manager import PluginState, PluginStatus
from sat.core.plugin import Plugin, Service
from sat.core.settings import Registry
from sat.entry_points import declared, may_hide

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

log = logging.getLogger(__name__)
GROUP = "sat.plugins"


class Loader:
    """The plugins of this daemon: their classes in load order, and their states."""

    def __init__(
        self, disabled: set[str], of_profiles: Registry, of_daemon: Registry, *, third_parties: bool = True
    ) -> None:
        self._disabled, self._with_third_parties = disabled, third_parties
        self._of_profiles, self._of_daemon = of_profiles, of_daemon
        self.status: dict[str, PluginStatus] = {}
        self.plugins: list[type[Plugin]] = []
        self.services: list[type[Service]] = []

    def load(self) -> None:
        """Import what is enabled, and order it so that what is needed comes first."""
        found: dict[type[Any], str] = {}
        for name, source in sorted(self._sources().items()):
            if name in self._disabled:
                self.status[name] = PluginStatus(name, PluginState.DISABLED, "", reason="Switched off in sat.conf.")
                continue
            try:
                for kind in _classes(source()):
                    if kind in found:
                        raise ValueError(f"it is the plugin {found[kind]}")
                    kind.call(name)
                    found[kind] = name
            except (Exception, SystemExit) as error:  # some end the program when they miss something
                log.exception("the plugin %s cannot be imported", name)
                self.fail(name, f"{type(error).__name__}: {error}")
        ordered: list[type[Any]] = []
        for kind in found:
            self._order(kind, found, ordered, ())
        for kind in ordered:
            self._enable(kind, found[kind])

    def _sources(self) -> dict[str, Callable[[], Any]]:
        """What gives the module or the class of each plugin. A name is whose it was first: ours before others'."""
        sources: dict[str, Callable[[], Any]] = {
            module.name: partial(import_module, f"sat.plugins.{module.name}.plugin")
            for module in pkgutil.iter_modules(sat.plugins.__path__)
        }
        for entry in _third_parties() if self._with_third_parties else ():
            if entry.name in sources:
                self.fail(f"{entry.name} ({entry.value})", "there is a plugin of that name already")
            else:
                sources[entry.name] = entry.load
        return sources

    def fail(self, name: str, reason: str, purpose: str = "") -> None:
        """Note that a plugin does not work, and why."""
        log.error("the plugin %s does not work: %s", name, reason)
        known = self.status.get(name) or PluginStatus(name, PluginState.FAILED, purpose)
        self.status[name] = known._replace(state=PluginState.FAILED, reason=reason)

    def _enable(self, kind: type[Any], name: str) -> None:
        purpose = next(iter((kind.__doc__ or "").strip().splitlines()), "")
        try:
            if options := kind.options_class():
                registry = self._of_profiles if issubclass(kind, Plugin) else self._of_daemon
                registry.declare(name, options)
            status = PluginStatus(name, PluginState.ENABLED, purpose, xeps=list(kind.xeps))
        except Exception as error:
            log.exception("the options of the plugin %s cannot be read", name)
            self.fail(name, f"its options are wrong: {error}", purpose)
            return
        (self.plugins if issubclass(kind, Plugin) else self.services).append(kind)
        self.status.setdefault(name, status)  # another class of it may have failed

    def _order(
        self, kind: type[Any], found: dict[type[Any], str], done: list[type[Any]], path: tuple[Any, ...]
    ) -> bool:
        """Put a plugin behind what it needs; False where that is not to be had."""
        name = found[kind]
        if kind in done:
            return True
        if name in self.status and self.status[name].state is PluginState.FAILED:
            return False
        if kind in path:
            self.fail(name, "it needs itself, through " + ", ".join(found[each] for each in path))
            return False
        try:
            return self._order_behind(kind, found, done, (*path, kind))
        except Exception as error:
            log.exception("it cannot be read what the plugin %s needs", name)
            self.fail(name, f"what it needs cannot be read: {error}")
            return False

    def _order_behind(
        self, kind: type[Any], found: dict[type[Any], str], done: list[type[Any]], path: tuple[Any, ...]
    ) -> bool:
        if issubclass(kind, Plugin):
            for needed in kind.dependencies():
                if needed not in found or not self._order(needed, found, done, path):
                    name = found.get(needed, needed.__name__)
                    self.fail(found[kind], f"it needs the plugin {name}, which is not there")
                    return False
            for wanted in kind.dependencies(optional=True):
                for each in found:
                    if issubclass(each, wanted) and each not in path:
                        self._order(each, found, done, path)
        if kind not in done:
            done.append(kind)
        return True


def _third_parties() -> Iterable[EntryPoint]:
    if not (any(declared(GROUP)) or may_hide()):
        return ()  # and nothing is loaded to find that out
    from importlib.metadata import entry_points

    try:
        return entry_points(group=GROUP)
    except Exception:  # all that is installed is read for this, and any of it may be broken
        log.exception("the plugins of others cannot be found")
        return ()


def _classes(source: Any) -> list[type[Any]]:
    """The plugin classes of a module; an entry point may also name a class."""
    if isinstance(source, type):
        return [source]
    assert isinstance(source, ModuleType)
    return [
        value
        for value in vars(source).values()
        if isinstance(value, type) and issubclass(value, (Plugin, Service)) and value.__module__ == source.__name__
    ]
