"""What crosses the bridge: interfaces, signals, properties, values and errors. Standard library only.

Everybody may import it; it imports nobody. It is on the start-up path of ``jp``, so it stays light:
no ``dataclasses``, no ``inspect`` (see docs/decisions/008-values-are-named-tuples.md).
"""

from sat.api.contract import Api, Property, Signal, method, prop, signal
from sat.api.errors import SatError
from sat.api.values import JID, Pipe, Secret

__all__ = ["JID", "Api", "Pipe", "Property", "SatError", "Secret", "Signal", "method", "prop", "signal"]
