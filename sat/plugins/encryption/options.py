"""What a person can choose about encryption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sat.api.settings import Tab
from sat.core.settings import Help


@dataclass
class Options:
    """When what is written is encrypted, and for whom."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    automatic: Annotated[
        bool, "Encrypt where the contact can read it", Help("New conversations; each can be switched by itself.")
    ] = True
    blind: Annotated[
        bool,
        "Trust the first keys of somebody",
        Help("Until you have compared one of them; then new ones wait for you. Off: each key waits for you."),
    ] = True
