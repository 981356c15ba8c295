"""The daemon's own settings: those that belong to no plugin and no profile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from sat.api.settings import Tab
from sat.core.settings import Help

LOG = "log"  # the section of sat.conf


class Level(StrEnum):
    """How much is logged."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


@dataclass
class LogOptions:
    """The log."""

    tab: ClassVar[Tab] = Tab.DEBUG
    level: Annotated[Level, "How much is logged"] = Level.INFO
    traffic: Annotated[bool, "Log the XML of the streams", Help("Passwords are masked; messages are not.")] = False
