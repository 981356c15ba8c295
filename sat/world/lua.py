"""Python values as Lua source: Prosody's configuration and its data files are both Lua."""

from __future__ import annotations


def lua(value: object) -> str:
    """A bool, int, str, list or dict as a Lua expression."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _quoted(value)
        case list() | tuple():
            return "{ " + "; ".join(lua(item) for item in value) + " }"
        case dict():
            return "{ " + "; ".join(f"[{lua(key)}] = {lua(item)}" for key, item in value.items()) + " }"
    raise TypeError(f"no Lua for {type(value).__name__}")


def _quoted(text: str) -> str:
    # Bytes outside printable ASCII as \ddd: the files then need no encoding.
    return '"' + "".join(_char(byte) for byte in text.encode()) + '"'


def _char(byte: int) -> str:
    char = chr(byte)
    return char if 32 <= byte < 127 and char not in '"\\' else f"\\{byte:03d}"
