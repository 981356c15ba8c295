"""Values of the bridge as JSON."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """A value of the bridge as JSON has it: fields by their names, bytes as base64."""
    if hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    return str(value) if isinstance(value, str) else value


def encoded(value: Any, indented: bool) -> str:
    """JSON text. What is not printable is written as ``\\u`` escapes: the same JSON, and harmless on the terminal at
    the end of any pipe."""
    import json

    text = json.dumps(plain(value), ensure_ascii=False, indent=2 if indented else None)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else json.dumps(char, ensure_ascii=True)[1:-1] for char in text
    )
