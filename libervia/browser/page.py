"""The parts of the page, and small things done with them. Runs in the browser (Brython)."""

from browser import document, window

live = document["live"]
peer = live.dataset.peer
past = bool(live.dataset.past)  # an older part of the conversation is shown: nothing is appended to it
log = document["log"] if peer else None
messages = document["messages"] if peer else None
composer = document["composer"] if peer else None
body = document["body"] if peer else None
banner = document["banner"]


def one(selector, root=document):
    """The first element that fits, or None."""
    return root.querySelector(selector)


def every(selector, root=document):
    """All elements that fit."""
    return list(root.querySelectorAll(selector))


def named(attribute, value, root=document):
    """The element whose ``data-…`` attribute has this value, or None. The value needs no quoting."""
    for element in root.querySelectorAll(f"[data-{attribute}]"):
        if element.getAttribute(f"data-{attribute}") == value:
            return element
    return None


def data(element, name):
    """What stands in the element's ``data-…`` attribute, or nothing."""
    return element.getAttribute(f"data-{name}") or ""


def around(element, selector):
    """The first message, link or button that fits and holds the element, or None."""
    for each in every(selector, messages):
        if each.contains(element):
            return each
    return None


def element_of(html):
    """The first element of a fragment that the server rendered."""
    template = document.createElement("template")
    template.innerHTML = html
    return template.content.firstElementChild


def show(element, html):
    """Fill an element with a fragment that the server rendered."""
    element.innerHTML = html
    localise(element)


def at_end():
    """Whether the newest message is in view."""
    return log is None or log.scrollHeight - log.scrollTop - log.clientHeight < 80


def to_end():
    """Bring the newest message into view, without travelling there."""
    if log is not None:
        log.scrollTo({"top": log.scrollHeight, "behavior": "instant"})


def say(text):
    """Show a sentence above everything; nothing hides it."""
    banner.textContent = text
    banner.hidden = not text


def count(unread):
    """The number of unread messages, in the title."""
    head = f"({unread}) " if unread else ""
    document.title = f"{head}{live.dataset.title} · Salut à Toi"


def mark_current():
    """Mark the conversation that is shown in the contact list."""
    for link in every("#contacts a"):
        if data(link.parentElement, "jid") == peer:
            link.setAttribute("aria-current", "page")


def offset(time=None):
    """How far the browser's clock is ahead of UTC, in seconds."""
    moment = window.Date.new() if time is None else window.Date.new(time * 1000)
    return -moment.getTimezoneOffset() * 60


def clock(milliseconds):
    """The local time of day: ``15:54``."""
    moment = window.Date.new(milliseconds)
    return f"{moment.getHours():02}:{moment.getMinutes():02}"


def localise(root=document):
    """Show times in the browser's time zone, where the server stands in another."""
    if offset() != int(live.dataset.offset):
        for element in every("time[data-clock]", root):
            element.textContent = clock(window.Date.parse(element.getAttribute("datetime")))
