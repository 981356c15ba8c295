"""What a person can choose about OMEMO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sat.api.settings import Tab
from sat.core.settings import Help


@dataclass
class Options:
    """Whether others can write to us encrypted."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    offer: Annotated[
        bool, "Make keys for OMEMO", Help("So that contacts can begin to write encrypted. They are made once.")
    ] = True
    label: Annotated[
        str, "Name of this program", Help("Others see it beside its key, servers too. Empty: it is known by a number.")
    ] = ""
    pass_on: Annotated[
        bool,
        "Pass on which keys are verified",
        Help(
            "Your other programs, and contacts whose keys you have verified, hear when you verify or distrust a key,"
            " and what they tell is believed. Off: you compare each key in each program."
        ),
    ] = True
