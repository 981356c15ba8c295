"""Settings: each is a field of an ``Options`` dataclass; sat.conf and the frontends change it.

    @dataclass
    class Options:
        tab: ClassVar[Tab] = Tab.COMPOSITION
        send: Annotated[bool, "Tell contacts when you are typing"] = True

The key is ``<plugin>.<field>``. A value is looked for in: what a frontend stored for the profile, sat.conf, the
default. A field may carry a ``Range``, a ``Check`` and a ``Help`` beside its label.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import fields, replace
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar, cast, get_args, get_origin, get_type_hints

from sat.api.errors import InvalidSetting, UnknownSetting
from sat.api.settings import Setting, SettingChange, SettingKind, SettingsApi, Tab

T = TypeVar("T")


class Range(NamedTuple):
    """The numbers that are possible."""

    least: float
    most: float


class Check(NamedTuple):
    """What a text must be: ``wrong`` says why it is not so, and nothing where it is."""

    wrong: Callable[[str], str]


class Help(str):
    """A sentence that explains a setting."""

    __slots__ = ()


class Values(Protocol):
    """Where values that a frontend set are kept (a namespaced store)."""

    def all(self) -> Awaitable[dict[str, Any]]: ...
    def set(self, key: str, value: Any, /) -> Awaitable[None]: ...


class Entry:
    """One setting as declared."""

    def __init__(self, section: str, options: type[Any], name: str, hint: Any, default: Any) -> None:
        self.section, self.options, self.name, self.default = section, options, name, default
        self.type, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        self.label = next((note for note in notes if type(note) is str), name.replace("_", " ").capitalize())
        self.help = next((str(note) for note in notes if isinstance(note, Help)), "")
        self.range = next((note for note in notes if isinstance(note, Range)), None)
        self.check = next((note for note in notes if isinstance(note, Check)), None)
        self.tab: Tab = getattr(options, "tab", Tab.MISC)

    @property
    def key(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def kind(self) -> SettingKind:
        if issubclass(self.type, bool):
            return SettingKind.BOOL
        if issubclass(self.type, StrEnum):
            return SettingKind.CHOICE
        return {int: SettingKind.INT, float: SettingKind.FLOAT}.get(self.type, SettingKind.TEXT)

    @property
    def choices(self) -> list[str]:
        return [str(each.value) for each in self.type] if issubclass(self.type, StrEnum) else []

    def parse(self, text: str) -> Any:
        """The typed value; ``InvalidSetting`` where the text is none."""
        text = text.strip()
        if self.kind is SettingKind.BOOL:
            lowered = text.lower()
            if lowered in ("true", "yes", "on", "1"):
                return True
            if lowered in ("false", "no", "off", "0"):
                return False
            raise InvalidSetting(key=self.key, value=text, reason="say true or false")
        if self.kind is SettingKind.CHOICE:
            if text not in self.choices:
                raise InvalidSetting(key=self.key, value=text, reason=f"choose one of {', '.join(self.choices)}")
            return self.type(text)
        if self.kind in (SettingKind.INT, SettingKind.FLOAT):
            return self._number(text)
        if len(text) > 10_000:
            raise InvalidSetting(key=self.key, value=text[:30] + "…", reason="it is too long")
        if self.check and (reason := self.check.wrong(text)):
            raise InvalidSetting(key=self.key, value=text, reason=reason)
        return text

    def _number(self, text: str) -> Any:
        try:
            number = self.type(text)
        except ValueError:
            what = "a whole number" if self.type is int else "a number"
            raise InvalidSetting(key=self.key, value=text, reason=f"it must be {what}") from None
        if self.range and not self.range.least <= number <= self.range.most:
            reason = f"it must be between {self.range.least:g} and {self.range.most:g}"
            raise InvalidSetting(key=self.key, value=text, reason=reason)
        return number


def show(value: Any) -> str:
    """A value as the text that stands for it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Registry:
    """Every declared setting, by key. Filled when a plugin's class is loaded."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def declare(self, section: str, options: type[Any]) -> None:
        """Add the fields of an options dataclass."""
        hints = get_type_hints(options, include_extras=True)
        for field in fields(options):
            entry = Entry(section, options, field.name, hints[field.name], field.default)
            self.entries[entry.key] = entry

    def find(self, key: str) -> Entry:
        """The setting of that key; ``UnknownSetting`` says which was perhaps meant."""
        if key in self.entries:
            return self.entries[key]
        raise UnknownSetting(key=key, suggestion=did_you_mean(key, self.entries))


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """``Did you mean x?``, or nothing. ``likeness`` is how much of them must be the same, up to 1."""
    import difflib  # only who errs needs it

    close = difflib.get_close_matches(word, list(known), 1, likeness)
    return f"Did you mean {close[0]}?" if close else ""


class Settings(SettingsApi):
    """The settings of a profile, or of the daemon."""

    def __init__(self, registry: Registry, configured: dict[str, str], values: Values) -> None:
        self._registry, self._configured, self._values = registry, configured, values
        self._own: dict[str, str] = {}
        self._options: dict[type[Any], Any] = {}
        self._watchers: dict[str, list[Callable[[], None]]] = {}

    async def load(self) -> None:
        """Read what was stored."""
        self._own = {key: str(value) for key, value in (await self._values.all()).items()}

    def options(self, options: type[T]) -> T:
        """The options object with the values that hold now."""
        found = self._options.get(options)
        if found is None:
            entries = [entry for entry in self._registry.entries.values() if entry.options is options]
            found = options(**{entry.name: self._value(entry) for entry in entries})
            self._options[options] = found
        return cast(T, found)

    def watch(self, section: str, function: Callable[[], None]) -> Callable[[], None]:
        """Call when a setting of that section changes; returns the undo."""
        watchers = self._watchers.setdefault(section, [])
        watchers.append(function)
        return lambda: watchers.remove(function)

    def _value(self, entry: Entry) -> Any:
        for source in (self._own, self._configured):
            if entry.key in source:
                try:
                    return entry.parse(source[entry.key])
                except InvalidSetting:  # told when sat.conf was read; a stored one was valid for an older version
                    continue
        return entry.default

    def _show(self, entry: Entry) -> Setting:
        return Setting(
            key=entry.key,
            label=entry.label,
            kind=entry.kind,
            value=show(self._value(entry)),
            default=show(entry.default),
            tab=entry.tab,
            choices=entry.choices,
            help=entry.help,
        )

    async def get_settings(self) -> list[Setting]:
        tabs = list(Tab)
        entries = sorted(self._registry.entries.values(), key=lambda entry: (tabs.index(entry.tab), entry.key))
        return [self._show(entry) for entry in entries]

    async def get_setting(self, key: str) -> Setting:
        return self._show(self._registry.find(key))

    async def set_setting(self, key: str, value: str) -> None:
        entry = self._registry.find(key)
        parsed = entry.parse(value)
        await self._values.set(key, show(parsed))
        self._own[key] = show(parsed)
        options = self.options(entry.options)
        self._options[entry.options] = replace(options, **{entry.name: parsed})
        for function in tuple(self._watchers.get(entry.section, ())):
            function()
        self.changed.emit(SettingChange(key, show(parsed)))
