"""Which commands there are, without importing them: ``jp --help`` and the first step of completion read only this.

A test compares it with what the modules declare.
"""

from __future__ import annotations

# section: {group: (what it is for, its verbs)}. A group without verbs is a command by itself.
SECTIONS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "Start": {
        "login": ("log in with an address you have", ()),
        "register": ("create an account on a server", ()),
        "logout": ("go offline and stay so", ()),
        "status": ("the daemon, your profiles, what is unread", ()),
        "doctor": ("find out what does not work, and why", ()),
    },
    "Talk": {
        "message": (
            "write to contacts and read them",
            (
                "send",
                "attention",
                "watch",
                "history",
                "search",
                "list",
                "read",
                "unread",
                "retry",
                "export",
                "edit",
                "draft",
                "retract",
                "react",
                "versions",
            ),
        ),
        "room": (
            "rooms, where many talk",
            (
                "join",
                "leave",
                "list",
                "occupants",
                "subject",
                "nick",
                "invite",
                "invitations",
                "decline",
                "kick",
                "ban",
                "set-role",
                "affiliations",
                "set-affiliation",
                "moderate",
                "create",
                "config",
                "destroy",
                "avatar",
                "search",
            ),
        ),
        "voice": ("to write in rooms where visitors only read", ("ask", "list", "allow", "deny")),
        "encryption": (
            "end-to-end encryption, and whose keys you trust",
            (
                "methods",
                "get",
                "start",
                "refuse",
                "stop",
                "keys",
                "trust",
                "remove",
                "uri",
                "verify",
                "compare",
                "answer",
                "comparisons",
                "abort",
                "repair",
            ),
        ),
        "file": (
            "send and receive files, share folders",
            (
                "send",
                "receive",
                "request",
                "list",
                "fetch",
                "share",
                "transfers",
                "accept",
                "thumbnail",
                "decline",
                "resume",
                "cancel",
                "forget",
                "upload",
                "get",
            ),
        ),
        "pipe": ("connect programs here with programs at a contact's", ("out", "in")),
        "blog": (
            "write posts, read those of others, and follow them",
            (
                "timeline",
                "set",
                "get",
                "list",
                "edit",
                "rename",
                "delete",
                "preview",
                "drafts",
                "draft",
                "comments",
                "comment",
                "like",
                "unlike",
                "react",
                "repeat",
                "access",
                "export",
                "import",
                "follow",
                "unfollow",
                "following",
                "discover",
                "stories",
                "answers",
                "search",
            ),
        ),
        "pubsub": (
            "nodes of services and accounts, and the items in them",
            (
                "get",
                "set",
                "edit",
                "delete",
                "rename",
                "search",
                "transform",
                "watch",
                "hook",
                "subscribe",
                "unsubscribe",
                "subscriptions",
                "affiliations",
                "uri",
                "node list",
                "node info",
                "node create",
                "node set",
                "node delete",
                "node purge",
                "node affiliations",
                "node subscriptions",
                "node export",
                "node import",
                "cache sync",
                "cache list",
                "cache get",
                "cache search",
                "cache purge",
            ),
        ),
        "bookmarks": ("rooms that are remembered", ("list", "add", "remove")),
        "roster": (
            "your contacts",
            (
                "list",
                "add",
                "invite",
                "set",
                "remove",
                "requests",
                "approve",
                "refuse",
                "withdraw",
                "block",
                "unblock",
                "blocked",
                "avatar",
                "card",
                "notify",
            ),
        ),
        "presence": ("who is there, and how available you are", ("get", "set")),
    },
    "Set up": {
        "profile": (
            "your accounts as the daemon knows them",
            (
                "list",
                "info",
                "create",
                "set",
                "delete",
                "connect",
                "disconnect",
                "default",
                "unlock",
                "lock",
                "nick",
                "avatar",
                "card",
                "forget-security",
            ),
        ),
        "account": ("your account at its server", ("password", "delete")),
        "param": ("settings", ("list", "get", "set")),
    },
    "Network": {
        "ping": ("ask for a sign of life", ()),
        "adhoc": ("what servers and your programs can be told to do", ("list", "run")),
        "confirm": ("web sites that ask whether it is you", ("list", "allow", "deny")),
        "service": ("gateways, and directories of people", ("register", "unregister", "search")),
        "info": ("what a server or a program can do", ("disco", "version", "time", "last")),
    },
    "Scripts": {
        "api": ("call any method of the daemon", ()),
        "completion": ("complete commands in your shell", ()),
        "help": ("help on a command, or on a topic", ()),
    },
}

GROUPS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}

TOPICS = {
    "exit-codes": "what the exit codes of jp mean",
    "environment": "the environment variables that jp reads",
    "formatting": "output for people, for scripts and as JSON",
}

EXAMPLES = (
    ("jp login you@example.org", "log in; asks for the password"),
    ("jp message send bob 'see you at eight'", "by the contact's name or address"),
    ("uptime | jp message send me", "what comes through a pipe"),
    ("jp message watch", "one line for each message, as it comes"),
    ("jp roster list -o json", "any output as JSON"),
)


def short_help() -> str:
    """What ``jp`` alone says."""
    width = max(len(line) for line, _ in EXAMPLES)
    lines = ["jp talks to the daemon of Salut à Toi. Usage: jp COMMAND [VERB] [ARGUMENTS]", ""]
    lines += [f"  {line.ljust(width)}  # {what}" for line, what in EXAMPLES]
    lines += ["", "jp --help lists all commands; jp COMMAND --help explains one."]
    return "\n".join(lines)


def full_help(others: dict[str, str]) -> str:
    """What ``jp --help`` says; ``others`` are the groups of other packages, each with what it is for."""
    lines = ["Usage: jp COMMAND [VERB] [ARGUMENTS]", "", "Use Salut à Toi from the command line and from scripts."]
    for section, groups in SECTIONS.items():
        lines += ["", section]
        for name, (purpose, verbs) in groups.items():
            lines.append(f"  {name:<11} {purpose}")
            if verbs:
                lines += _wrapped(", ".join(verbs), " " * 16)
    if others:
        lines += ["", "Other packages", *(f"  {name:<11} {purpose}" for name, purpose in others.items())]
    lines += ["", "Topics"]
    lines += [f"  jp help {name:<12} {purpose}" for name, purpose in TOPICS.items()]
    lines += ["", "Options for every command", *common_help(), _option(VERSION)]
    width = max(len(line) for line, _ in EXAMPLES)
    lines += ["", "Examples"]
    lines += [f"  {line.ljust(width)}  # {what}" for line, what in EXAMPLES]
    return "\n".join(lines)


# flags, metavar, help. An option without metavar is a switch.
COMMON: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("-p", "--profile"), "NAME", "the profile to use; else JP_PROFILE, else the default one"),
    (("-o", "--output"), "FORMAT", "simple, json or json-raw (jp help formatting)"),
    (("--color",), "WHEN", "auto, always or never"),
    (("--no-input",), "", "never ask anything"),
    (("-q", "--quiet"), "", "say only errors"),
    (("-v", "--verbose"), "", "say more"),
    (("--debug",), "", "show the traceback of an unexpected error"),
    (("-h", "--help"), "", "this help"),
)


VERSION = (("--version",), "", "the version of jp")
"""An option of ``jp`` itself; no command has it."""


def common_help() -> list[str]:
    """The options that every command has, a line each."""
    return [_option(each) for each in COMMON]


def _option(option: tuple[tuple[str, ...], str, str]) -> str:
    flags, metavar, text = option
    left = ", ".join(flags) + (f" {metavar}" if metavar else "")
    return f"  {left:<22} {text}"


def _wrapped(text: str, indent: str, width: int = 78) -> list[str]:
    lines, line = [], indent
    for word in text.split(" "):
        if len(line) + len(word) > width and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += word + " "
    return [*lines, line.rstrip()]
