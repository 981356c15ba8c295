"""Where files of others are put: under harmless names, into no file that is there, and only where there is room."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import Conflict, InvalidArgument, NoSpace, StorageError
from sat.api.sizes import shown
from sat.core.disk import Disk
from sat.core.hashes import OURS, Hashes
from sat.plugins.attachments.names import safe_name
from sat.plugins.attachments.reading import reason_of
from sat.plugins.files.wire import About

PART = ".part"
QUARANTINE = "quarantine"
RESERVE = 64 * 1024 * 1024  # bytes that are left to others
TRIES = 1000  # names that are tried
_MODE = 0o600

_ENDINGS = """
apk app appimage appref-ms bat cmd com command cpl deb desktop dll dmg docm exe gadget hta inf jar jnlp js jse ksh
lnk mpkg msc msi msp pif pkg pl pptm ps1 psm1 py pyc pyw rb reg rpm run scf scr service sh so snap terminal url vb
vbe vbs workflow ws wsf wsh xlsm xll zsh
"""
_RISKY = frozenset(_ENDINGS.split())
"""How the names of files end that a system could run, or that have it run something."""

_BEGINNINGS = (b"\x7fELF", b"MZ", b"#!", b"\xca\xfe\xba\xbe", b"[Desktop Entry]")
_MACHO = tuple(bytes.fromhex(each) for each in ("feedface", "feedfacf", "cefaedfe", "cffaedfe"))


class Place(NamedTuple):
    """Where a file is to be put. ``chosen``: a person has chosen its name, too."""

    folder: Path
    name: str
    chosen: bool = False

    @property
    def path(self) -> Path:
        """Where it would be if nothing is there."""
        return self.folder / self.name


def place(path: str, folder: Path, name: str) -> Place:
    """Where a file is to be put whose sender calls it so: a folder, the path of a new file, or nothing for the usual
    folder, which is made. Errors: InvalidArgument, Conflict, StorageError."""
    if not path:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(reason=f"{folder}: {reason_of(error)}") from None
        return _writable(Place(folder, safe_name(name)))
    if not path.startswith("/") or "\0" in path:
        raise InvalidArgument(reason="The whole path is needed.")
    wanted = Path(path)
    if wanted.is_dir():
        return _writable(Place(wanted, safe_name(name)))
    if wanted.is_symlink() or wanted.exists():
        raise Conflict(what=path)
    if path.endswith("/") or not wanted.parent.is_dir():
        raise InvalidArgument(reason=f"There is no folder {wanted if path.endswith('/') else wanted.parent}.")
    return _writable(Place(wanted.parent, wanted.name, chosen=True))


def _writable(where: Place) -> Place:
    """That place, before anybody is told that a file is wanted. Errors: StorageError."""
    if not os.access(where.folder, os.W_OK | os.X_OK):
        raise StorageError(reason=f"nothing can be written in {where.folder}")
    return where


def check_room(folder: Path, name: str, size: int) -> None:
    """Whether there is room for so many bytes more, and some for others. Errors: NoSpace, StorageError."""
    try:
        system = os.statvfs(folder)
    except OSError as error:
        raise StorageError(reason=f"{folder}: {reason_of(error)}") from None
    free = system.f_bavail * system.f_frsize
    if size + RESERVE > free:
        raise NoSpace(name=name, size=shown(size), free=shown(max(free - RESERVE, 0)), folder=folder)


class Part:
    """A file of which not all is here: its own name with ``.part`` behind it, in the folder where it is to be."""

    def __init__(self, path: Path, descriptor: int, algorithms: tuple[str, ...]) -> None:
        self.path = path
        self.size = os.fstat(descriptor).st_size  # of what was there when it was opened
        self.disk = Disk(descriptor, Hashes(algorithms))

    @classmethod
    def begin(cls, where: Place, algorithms: tuple[str, ...] = OURS) -> Part:
        """A new one, which only we can read. Errors: StorageError."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            for path in numbered(where.path, PART):
                with suppress(FileExistsError):
                    return cls(path, os.open(path, flags, _MODE), algorithms)
        except OSError as error:
            raise StorageError(reason=f"{where.folder}: {reason_of(error)}") from None
        raise StorageError(reason=f"there are too many files called {where.name}")

    @classmethod
    def again(cls, path: Path, algorithms: tuple[str, ...] = OURS) -> Part:
        """One that is there. Errors: OSError."""
        return cls(path, os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), algorithms)

    def leave(self) -> None:
        """It stays as it is."""
        self.disk.close()

    def drop(self) -> None:
        """It is worth nothing."""
        self.disk.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def keep(self, where: Place) -> Path:
        """It is whole: give it its name, or the next one that is free; where it is now. Errors: StorageError."""
        self.disk.close()
        try:
            where.folder.mkdir(mode=0o700, exist_ok=True)  # of the quarantine
            for path in numbered(where.path):
                with suppress(FileExistsError):
                    _move(self.path, path)
                    return path
        except OSError as error:
            raise StorageError(reason=f"{where.path}: {reason_of(error)}") from None
        raise StorageError(reason=f"there are too many files called {where.name}")

    def mark(self, sender: JID) -> None:
        """Write into its attributes where it comes from, where the file system has some."""
        with suppress(OSError):
            os.setxattr(self.path, "user.xdg.origin.url", f"xmpp:{sender.bare}".encode())

    def is_runnable(self, name: str) -> bool:
        """Whether some system would run it, by its name or its beginning."""
        if name.rpartition(".")[2].lower() in _RISKY:
            return True
        try:
            with self.path.open("rb") as file:
                return file.read(64).startswith(_BEGINNINGS + _MACHO)
        except OSError:
            return True


def algorithms(about: About) -> tuple[str, ...]:
    """Which hash is taken while a file comes: ours if that is told, or its proof, else one that is."""
    told = [*about.hashes, *about.later]
    return OURS if not told or about.proves or OURS[0] in told else tuple(told[:1])


def numbered(path: Path, ending: str = "") -> Iterator[Path]:
    """``a.tar``, ``a (1).tar``, …"""
    yield path.with_name(path.name + ending)
    for number in range(1, TRIES):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}{ending}")


def _move(source: Path, target: Path) -> None:
    """Give a file another name that nobody has. Raises FileExistsError."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: reserve the name, then take its place
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE))
        source.replace(target)
    else:
        source.unlink()
