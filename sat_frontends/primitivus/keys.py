"""Every key of primitivus, written once.

The F1 screen, ``docs/reference/keys.md``, the check for duplicates and the dispatch read this table. A person
changes a key in ``sat.conf``::

    [tui.keys]
    goto = Alt-g F5

Inside the program keys have urwid's names (``meta g``); people read and write ``Alt-g``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class Where(StrEnum):
    """Where a key works."""

    GLOBAL = "Everywhere"
    INPUT = "Input"
    BROWSE = "Browse (Esc)"
    CONTACTS = "Contacts (F2)"
    OCCUPANTS = "Who is in the room (F3)"
    POSTS = "Timeline and blogs (F4)"
    FILES = "A file on its way (Esc, F6)"


class Binding(NamedTuple):
    """An action and the keys that start it. ``edit`` is the command of urwid's ``Edit`` that does it, if one does."""

    action: str
    where: Where
    keys: tuple[str, ...]
    help: str
    edit: str = ""


def _edit(action: str, keys: str, help: str, command: str) -> Binding:
    return Binding(action, Where.INPUT, tuple(keys.split("|")), help, command)


BINDINGS: tuple[Binding, ...] = (
    Binding("help", Where.GLOBAL, ("f1",), "show the keys that work here"),
    Binding("contacts", Where.GLOBAL, ("f2", "meta r"), "go to the contacts, or come back"),
    Binding(
        "details",
        Where.GLOBAL,
        ("f3",),
        "who is in the room; or show or hide the details of the contact",
    ),
    Binding("timeline", Where.GLOBAL, ("f4", "meta t"), "go to the timeline and blogs, or come back"),
    Binding("menu", Where.GLOBAL, ("f9", "meta m"), "open the menu"),
    Binding("goto", Where.GLOBAL, ("meta g",), "go to a contact, a window or a command by a few letters"),
    Binding("next_unread", Where.GLOBAL, ("meta a",), "go to the next unread conversation"),
    *(Binding(f"window_{n}", Where.GLOBAL, (f"meta {n % 10}",), f"go to window {n}") for n in range(1, 11)),
    Binding("next_window", Where.GLOBAL, ("ctrl n", "meta right"), "go to the next window"),
    Binding("previous_window", Where.GLOBAL, ("ctrl p", "meta left"), "go to the previous window"),
    Binding("last_window", Where.GLOBAL, ("meta z",), "go back to the window before"),
    Binding("close_window", Where.GLOBAL, ("meta w",), "close this window (nothing is deleted)"),
    Binding("search", Where.GLOBAL, ("meta /",), "search all conversations"),
    Binding(
        "requests",
        Where.GLOBAL,
        ("meta q",),
        "answer who asks to see your presence, or invites you; else see who has not answered you",
    ),
    Binding("encryption", Where.GLOBAL, ("meta v",), "encrypt the conversation, or not; see and compare keys"),
    Binding("profiles", Where.GLOBAL, ("meta p",), "change to another profile, or add one"),
    Binding("attach", Where.GLOBAL, ("ctrl t",), "send a file to who is in this conversation"),
    Binding("transfers", Where.GLOBAL, ("f6", "meta s"), "see what is on its way and what was"),
    Binding("settings", Where.GLOBAL, ("meta ,",), "open the settings"),
    Binding("redraw", Where.GLOBAL, ("ctrl l",), "draw the screen again"),
    Binding("quit", Where.GLOBAL, ("ctrl x",), "leave; the daemon stays online"),
    Binding("scroll_up", Where.GLOBAL, ("page up",), "look at earlier messages"),
    Binding("scroll_down", Where.GLOBAL, ("page down",), "look at later messages"),
    Binding("send", Where.INPUT, ("enter",), "send, or do the command"),
    Binding("newline", Where.INPUT, ("meta enter",), "begin a new line"),
    Binding("complete", Where.INPUT, ("tab",), "complete a command, an argument or a name"),
    Binding("complete_back", Where.INPUT, ("shift tab",), "the completion before"),
    Binding("browse", Where.INPUT, ("esc",), "browse the messages; closes the list of completions first"),
    Binding("older_input", Where.INPUT, ("up",), "what you wrote before"),
    Binding("newer_input", Where.INPUT, ("down",), "what you wrote after"),
    Binding("correct_last", Where.INPUT, ("ctrl up",), "correct what you sent last"),
    Binding("search_input", Where.INPUT, ("ctrl r",), "search in what you wrote before"),
    Binding("editor", Where.INPUT, ("ctrl o",), "write in your editor ($VISUAL or $EDITOR)"),
    _edit("line_start", "ctrl a|home", "to the beginning of the line", "cursor line start"),
    _edit("line_end", "ctrl e|end", "to the end of the line; there, to the newest message", "cursor line end"),
    _edit("word_left", "meta b|ctrl left", "one word back", "cursor word left"),
    _edit("word_right", "meta f|ctrl right", "one word on", "cursor word right"),
    _edit("delete_right", "ctrl d|delete", "delete the character under the cursor", "delete char right"),
    _edit("delete_word", "ctrl w", "delete the word before the cursor", "delete space word left"),
    _edit("delete_word_part", "meta backspace", "delete back to the beginning of a word", "delete word left"),
    _edit("delete_word_right", "meta d", "delete the word after the cursor", "delete word right"),
    _edit("delete_to_start", "ctrl u", "delete to the beginning of the line", "delete to start of line"),
    _edit("delete_to_end", "ctrl k", "delete to the end of the line", "delete to end of line"),
    _edit("yank", "ctrl y", "insert what was deleted last", "yank"),
    _edit("undo", "ctrl _", "undo", "undo"),
    Binding("older_message", Where.BROWSE, ("k", "up"), "the message before"),
    Binding("newer_message", Where.BROWSE, ("j", "down"), "the message after"),
    Binding("first_message", Where.BROWSE, ("g", "home"), "the first message loaded"),
    Binding("last_message", Where.BROWSE, ("G", "end"), "the last message"),
    Binding("answer", Where.BROWSE, ("r",), "answer the message"),
    Binding("quote", Where.BROWSE, ("q",), "quote the message in the input"),
    Binding("correct", Where.BROWSE, ("e",), "correct the message, if it is yours"),
    Binding("react", Where.BROWSE, ("+",), "react with an emoji, or take it away again"),
    Binding("retract", Where.BROWSE, ("x",), "take the message back, if it is yours or you moderate the room (asks)"),
    Binding("copy", Where.BROWSE, ("y",), "copy the message to the clipboard (OSC 52)"),
    Binding("info", Where.BROWSE, ("i",), "who, when, how far it came, how it was encrypted"),
    Binding("open_file", Where.BROWSE, ("o",), "open the file of the message in another program"),
    Binding("save_file", Where.BROWSE, ("s",), "save the files of the message"),
    Binding("spoiler", Where.BROWSE, ("h",), "show what a spoiler hides, or hide it again"),
    Binding("mark_unread", Where.BROWSE, ("m",), "mark as unread what they wrote, from this message on"),
    Binding("retry", Where.BROWSE, ("R",), "send a failed message again"),
    Binding("find", Where.BROWSE, ("/",), "find a word in this conversation"),
    Binding("find_next", Where.BROWSE, ("n",), "the next message found, upwards"),
    Binding("find_previous", Where.BROWSE, ("N",), "the message found before, downwards"),
    Binding("command_line", Where.BROWSE, (":",), "type a command"),
    Binding("back_to_input", Where.BROWSE, ("enter", "esc"), "back to the input; so does any letter not bound"),
    Binding("chat", Where.CONTACTS, ("enter",), "open the conversation, or fold the group"),
    Binding("fold", Where.CONTACTS, (" ",), "fold or unfold the group"),
    Binding("next_tab", Where.CONTACTS, ("right", "tab"), "the next tab: All, Unread, Rooms"),
    Binding("previous_tab", Where.CONTACTS, ("left", "shift tab"), "the tab before"),
    Binding("add_contact", Where.CONTACTS, ("insert", "ctrl a"), "add a contact"),
    Binding("rename_contact", Where.CONTACTS, ("ctrl r",), "change the contact's name"),
    Binding("contact_groups", Where.CONTACTS, ("ctrl g",), "change the contact's groups"),
    Binding("remove_contact", Where.CONTACTS, ("delete", "ctrl d"), "remove the contact, or leave the room (asks)"),
    Binding("block_contact", Where.CONTACTS, ("ctrl b",), "block the contact (asks), or block them no longer"),
    Binding("leave_contacts", Where.CONTACTS, ("esc",), "clear the filter, then back to the input"),
    Binding("write_alone", Where.OCCUPANTS, ("enter",), "write to them alone"),
    Binding("occupant_menu", Where.OCCUPANTS, (" ",), "what can be done with them: put out, ban, let write …"),
    Binding("leave_occupants", Where.OCCUPANTS, ("esc",), "clear the filter, then back to the input"),
    Binding("previous_post", Where.POSTS, ("k", "up"), "the post or the comment before"),
    Binding("next_post", Where.POSTS, ("j", "down"), "the post or the comment after"),
    Binding("first_post", Where.POSTS, ("g", "home"), "the newest post, with those that came meanwhile"),
    Binding("last_post", Where.POSTS, ("G", "end"), "the oldest post loaded"),
    Binding("open_post", Where.POSTS, ("enter", "right"), "read the post and what was said of it; publish a draft"),
    Binding("new_post", Where.POSTS, ("n",), "write a post in your editor, to be published now or later"),
    Binding("comment", Where.POSTS, ("c", "r"), "comment on the post, or answer the comment"),
    Binding("earlier_comments", Where.POSTS, ("m",), "load what was said before the comments that are shown"),
    Binding("like", Where.POSTS, ("l",), "say that you like the post, or no longer"),
    Binding("react_to_post", Where.POSTS, ("+",), "put an emoji to the post, or take it away again"),
    Binding("repeat", Where.POSTS, ("R",), "repeat the post in your own blog"),
    Binding("other_language", Where.POSTS, ("t",), "read the post in the next of its languages"),
    Binding("open_enclosure", Where.POSTS, ("o",), "open a file of the post in another program"),
    Binding("save_enclosures", Where.POSTS, ("s",), "save the files of the post"),
    Binding("copy_post", Where.POSTS, ("y",), "copy the post to the clipboard (OSC 52)"),
    Binding("post_info", Where.POSTS, ("i",), "who, when, where it is, who reacted to it"),
    Binding("edit_post", Where.POSTS, ("e",), "change the post or the draft in your editor, if it is yours"),
    Binding("rename_post", Where.POSTS, ("N",), "give the post another address, if it is yours"),
    Binding("delete_post", Where.POSTS, ("d", "x"), "delete the post, the comment or the draft, if it is yours (asks)"),
    Binding("drafts", Where.POSTS, ("D",), "what you have not published yet"),
    Binding("answers", Where.POSTS, ("A",), "what others have said of your posts, and who names you"),
    Binding("access", Where.POSTS, ("a",), "who can read your blog"),
    Binding("follow", Where.POSTS, ("f",), "follow the blog, or no longer"),
    Binding("discover", Where.POSTS, ("F",), "find blogs to follow"),
    Binding("author_blog", Where.POSTS, ("b",), "the blog of who has written it"),
    Binding("only_unread", Where.POSTS, ("u",), "show only what you have not seen, or all"),
    Binding("mark_all_read", Where.POSTS, ("M",), "you have seen all of the timeline"),
    Binding("find_posts", Where.POSTS, ("/",), "search the timeline"),
    Binding("posts_command", Where.POSTS, (":",), "type a command"),
    Binding("leave_posts", Where.POSTS, ("esc", "left", "q"), "back to the list, then to the conversation"),
    Binding("take_file", Where.FILES, ("a",), "take what is offered, into the folder of the settings"),
    Binding("take_file_as", Where.FILES, ("A",), "take it into another folder, or under another name"),
    Binding("stop_file", Where.FILES, ("d", "x"), "decline what is offered, or stop what is on its way"),
    Binding("resume_file", Where.FILES, ("R",), "go on with what broke off"),
    Binding("open_received", Where.FILES, ("o",), "open the file in another program"),
    Binding("open_folder", Where.FILES, ("O",), "open the folder in which it is"),
    Binding("copy_path", Where.FILES, ("y",), "copy where it is to the clipboard (OSC 52)"),
    Binding("about_file", Where.FILES, ("i",), "all that is known of it"),
    Binding("forget_file", Where.FILES, ("D", "delete"), "take it out of the list, when it is over"),
)

# Keys that a terminal cannot tell from Tab, Enter, Escape and Backspace, or that it keeps for itself.
UNUSABLE = frozenset({"ctrl i", "ctrl j", "ctrl m", "ctrl h", "ctrl [", "ctrl s", "ctrl q", "ctrl c", "ctrl z"})

_PARTS = {"meta": "Alt", "ctrl": "Ctrl", "shift": "Shift"}
_NAMES = {
    "enter": "Enter",
    "tab": "Tab",
    "esc": "Esc",
    " ": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "page up": "PgUp",
    "page down": "PgDn",
    "home": "Home",
    "end": "End",
    "insert": "Insert",
    "delete": "Delete",
    "backspace": "Backspace",
}
_ARROW_WORDS = {"up": "Up", "down": "Down", "left": "Left", "right": "Right"}
_WRITTEN = {label.lower(): name for name, label in _NAMES.items()} | {
    **{word.lower(): name for name, word in _ARROW_WORDS.items()},
    "pageup": "page up",
    "pagedown": "page down",
}


def label(key: str, ascii: bool = False) -> str:
    """``meta g`` → ``Alt-g``; arrows have a sign, or a word where only ASCII can be shown."""
    parts: list[str] = []
    for prefix, shown in _PARTS.items():
        if key.startswith(prefix + " "):
            parts.append(shown)
            key = key[len(prefix) + 1 :]
    words = _NAMES | _ARROW_WORDS if ascii else _NAMES
    name = words.get(key) or (key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else key)
    return "-".join([*parts, name])


def parse(text: str) -> str:
    """``Alt-g`` → ``meta g``; ``ValueError`` is a sentence about what is wrong."""
    rest, found = text.strip(), []
    while rest:
        head, dash, tail = rest.partition("-")
        prefix = next((name for name, shown in _PARTS.items() if shown.lower() == head.lower()), "")
        if not (dash and prefix and tail):
            break
        found.append(prefix)
        rest = tail
    lowered = rest.lower()
    if lowered in _WRITTEN:
        rest = _WRITTEN[lowered]
    elif len(lowered) > 1 and lowered[0] == "f" and lowered[1:].isdigit() and 1 <= int(lowered[1:]) <= 24:
        rest = lowered
    elif len(rest) != 1:
        raise ValueError(f"“{text.strip()}” is no key; write it like Alt-g, Ctrl-n, F5 or PgUp")
    if "ctrl" in found and len(rest) == 1:
        rest = rest.lower()
    ordered = [name for name in _PARTS if name in found]
    key = " ".join([*ordered, rest])
    if key in UNUSABLE:
        raise ValueError(f"{label(key)} cannot be used: the terminal keeps it for itself")
    return key


class KeyMap:
    """The keys in force: the table, with the person's changes."""

    def __init__(self, bindings: Iterable[Binding] = BINDINGS, ascii: bool = False) -> None:
        self.bindings, self.ascii = tuple(bindings), ascii
        self._actions = {(each.where, key): each for each in self.bindings for key in each.keys}

    def action(self, where: Where, key: str) -> str:
        """What a key does there, or nothing."""
        found = self._actions.get((where, key))
        return found.action if found else ""

    def shown(self, action: str) -> str:
        """The first key of an action as people read it."""
        found = next((each for each in self.bindings if each.action == action), None)
        return self.label(found.keys[0]) if found and found.keys else ""

    def label(self, key: str) -> str:
        """A key as people read it."""
        return label(key, self.ascii)

    def at(self, where: Where) -> list[Binding]:
        """The bindings of one place, in the order of the table."""
        return [each for each in self.bindings if each.where is where and each.keys]

    def changed(self, changes: Mapping[str, str]) -> tuple[KeyMap, list[str]]:
        """The table with ``[tui.keys]`` applied, and a sentence for each line that cannot be followed."""
        problems: list[str] = []
        known = {each.action for each in self.bindings}
        chosen: dict[str, tuple[str, ...]] = {}
        for action, text in changes.items():
            if action not in known:
                problems.append(f"There is no action “{action}” to give a key to; F1 shows them.")
                continue
            try:
                chosen[action] = tuple(parse(each) for each in text.split())
            except ValueError as error:
                problems.append(f"The key of {action} in sat.conf: {error}.")
        taken = {(each.where, key) for each in self.bindings for key in chosen.get(each.action, ())}
        merged = []
        for each in self.bindings:
            if each.action in chosen:
                merged.append(each._replace(keys=chosen[each.action]))
            else:  # a key that the person gave to another action leaves its old one
                merged.append(each._replace(keys=tuple(key for key in each.keys if (each.where, key) not in taken)))
        result = KeyMap(merged, self.ascii)
        return result, problems + result.conflicts()

    def conflicts(self) -> list[str]:
        """A sentence for each key that means two things in one place; a global key works in every place."""
        seen: dict[tuple[Where, str], str] = {}
        problems = []
        for each in sorted(self.bindings, key=lambda binding: binding.where is not Where.GLOBAL):
            for key in each.keys:
                other = seen.get((each.where, key)) or seen.get((Where.GLOBAL, key))
                if other:
                    problems.append(f"{self.label(key)} is bound to {other} and to {each.action}.")
                seen[each.where, key] = each.action
        return problems


def page(keymap: KeyMap | None = None) -> str:
    """The reference page, in Markdown."""
    keymap = keymap or KeyMap()
    lines = [
        "# Keys of primitivus",
        "",
        "Made from `sat_frontends/primitivus/keys.py`; write it anew with `python -m sat_frontends.primitivus.keys`.",
        "Each can be changed in `sat.conf` by its action:",
        "",
        "```ini",
        "[tui.keys]",
        "goto = Alt-g F5",
        "```",
        "",
    ]
    for where in Where:
        lines += [f"## {where.value}", "", "| keys | action | what it does |", "|---|---|---|"]
        for each in keymap.at(where):
            shown = " ".join(f"`{label(key)}`" for key in each.keys)
            lines.append(f"| {shown} | `{each.action}` | {each.help} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(), end="")
