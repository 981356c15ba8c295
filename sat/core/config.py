"""sat.conf: where it is, what it says, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sat.api.errors import ConfigIgnored, InvalidConfig, InvalidSetting, SatError
from sat.core.settings import Registry, did_you_mean

if TYPE_CHECKING:
    import configparser

DAEMON = "sat"  # the section of the daemon itself
KNOWN = {
    DAEMON: ("plugins_disabled",),
}


class Folders(NamedTuple):
    """Where things are kept (XDG base directories)."""

    config: Path
    data: Path
    state: Path


def folders() -> Folders:
    """The folders of this user."""

    return Folders(
        _base("XDG_CONFIG_HOME", ".config"),
        _base("XDG_DATA_HOME", ".local/share"),
        _base("XDG_STATE_HOME", ".local/state"),
    )


def cache_folder() -> Path:
    """Where this user keeps what can be fetched again."""
    return _base("XDG_CACHE_HOME", ".cache")


def runtime_folder() -> Path:
    """Where this user keeps what must not outlast the session: in memory, where the system has such a place."""
    return _base("XDG_RUNTIME_DIR", ".cache")


def _base(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    return (Path(value) if value.startswith("/") else Path.home() / fallback) / "sat"


class Config:
    """What sat.conf says. ``settings`` are ``section.key`` → text; ``warnings`` is what nobody understands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: list[SatError] = []
        self.settings: dict[str, str] = {}
        self.daemon: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._empty: list[str] = []  # sections
        if text := _text_of(path):
            self._read(text)

    def _read(self, text: str) -> None:
        import configparser  # most have no such file

        parser = configparser.ConfigParser(
            interpolation=None,
            delimiters=("=",),
            comment_prefixes=("#", ";"),
            default_section="",  # [DEFAULT] is a section as any other, so an unknown one
            empty_lines_in_values=False,
        )
        try:
            parser.read_string(text, str(self.path))
        except configparser.Error as error:
            line = getattr(error, "lineno", None) or next((at for at, _ in getattr(error, "errors", [])), 1)
            raise InvalidConfig(file=self.path, line=line, reason=_reason(error)) from None
        self._number(text)
        for section in parser.sections():
            for key, value in parser[section].items():
                if "\n" in value:  # that would be a value of several lines, which no setting has
                    line = self._lines.get(f"{section}.{key}", 0) + 1
                    raise InvalidConfig(file=self.path, line=line, reason="this line must not be indented")
                if section == DAEMON:
                    self.daemon[key] = value
                elif not _of_primitivus(section):
                    self.settings[f"{section}.{key}"] = value
            if not parser[section] and not _of_primitivus(section):
                self._empty.append(section)
        for key in self.daemon:
            if key not in KNOWN[DAEMON]:
                self._warn(f"{DAEMON}.{key}", f"unknown setting “{key}”. {did_you_mean(key, KNOWN[DAEMON])}")

    def _number(self, text: str) -> None:
        section = ""
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if line.startswith("["):
                section = line.strip("[]")
                self._lines[section] = number
            elif "=" in line:
                self._lines[f"{section}.{line.partition('=')[0].strip().lower()}"] = number

    def _warn(self, key: str, sentence: str) -> None:
        self.warnings.append(ConfigIgnored(file=self.path, line=self._lines.get(key, 0), reason=sentence.strip()))

    def check(self, *registries: Registry, plugins: Iterable[str] = ()) -> None:
        """Compare with what is declared. An unknown key is a warning, a wrong value an error. ``plugins`` are the names
        of those that are there, switched off or not."""
        names = set(plugins)
        for name in sorted(self.disabled - names if names else ()):
            self._warn(f"{DAEMON}.plugins_disabled", f"there is no plugin “{name}”. {did_you_mean(name, names)}")
        sections = {key.partition(".")[0] for registry in registries for key in registry.entries} | names | {DAEMON}
        for section in self._empty:
            if section not in sections | self.disabled:
                self._warn(section, f"unknown section [{section}]. {did_you_mean(section, sections)}")
        known = {key: entry for registry in registries for key, entry in registry.entries.items()}
        for key, value in self.settings.items():
            entry = known.get(key)
            if entry is None:
                if key.partition(".")[0] in self.disabled:
                    continue  # nobody has looked what it knows
                self._warn(key, f"unknown setting “{key}”. {did_you_mean(key, known)}")
                continue
            try:
                entry.parse(value)
            except InvalidSetting as error:
                raise InvalidConfig(
                    file=self.path, line=self._lines.get(key, 0), reason=str(error).rstrip(".")
                ) from None

    @property
    def disabled(self) -> set[str]:
        """The plugins that are switched off."""
        return {name.strip() for name in self.daemon.get("plugins_disabled", "").split(",") if name.strip()}


def _of_primitivus(section: str) -> bool:
    """Whether a section is primitivus' own: [tui], [tui.keys]…"""
    return section == "tui" or section.startswith("tui.")


def _text_of(path: Path) -> str:
    """What stands in a file; nothing where there is none. Errors: InvalidConfig."""
    try:
        text = path.read_text("utf-8-sig", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        reason = f"the file cannot be read ({(error.strerror or str(error)).lower()})"
        raise InvalidConfig(file=path, line=1, reason=reason) from None
    if "\0" in text:
        raise InvalidConfig(file=path, line=1, reason="this is no text in UTF-8")
    return text


def _reason(error: configparser.Error) -> str:
    import configparser

    if isinstance(error, configparser.MissingSectionHeaderError):
        if error.line.lstrip().startswith("["):
            return "a section needs a name, and a ] behind it"
        return "a setting stands before the first [section]"
    if isinstance(error, configparser.DuplicateSectionError):
        return f"the section [{error.section}] stands there twice"
    if isinstance(error, configparser.DuplicateOptionError):
        return f"“{error.option}” stands there twice"
    return "this is neither a [section] nor a key = value"
