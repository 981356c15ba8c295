"""The parts of the page, and small things done with them. Runs in the browser (Brython)."""

from browser import document, window

from sat_frontends.quick_frontend.times import clock, day, day_of, moment, whole

ANSWER = 30_000  # milliseconds that the server may take for a page

live = document["live"]
peer = live.dataset.peer
past = bool(live.dataset.past)  # an older part of the conversation is shown: nothing is appended to it
log = document["log"] if peer else None
messages = document["messages"] if peer else None
composer = document["composer"] if peer else None
body = document["body"] if peer else None
banner = document["banner"]


def notifications():
    """Whether the browser may show notifications: granted, denied, default (nobody has been asked); nothing where it
    cannot."""
    return window.Notification.permission if hasattr(window, "Notification") else ""


def some(element):
    """The element, or None where JavaScript has null: that is something else in Python."""
    return element if element else None


def one(selector, root=document):
    """The first element that fits, or None."""
    return some(root.querySelector(selector))


notify = one("#notify")


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


def closest(element, selector):
    """The element itself, or the first around it, that fits; or None."""
    try:
        return element.closest(selector)
    except KeyError:
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


def how():
    """How a text is to be shown, if it is another way than usual."""
    fields = every("input", document["how"])
    chosen = {each.name: each.value.strip() for each in fields if each.checked or each.name == "hint"}
    return chosen if chosen["hint"] or len(chosen) > 1 else {}


def forget_how():
    """The next text is shown as usual."""
    for each in every("input", document["how"]):
        each.checked = False
        if each.name == "hint":
            each.value = ""


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


def look_again(found, elsewhere, failed, method="GET"):
    """Fetch this page as it is now. ``found`` gets its HTML; ``elsewhere`` is called where the server sends us on, to
    the log-in; ``failed`` where there is nothing to be had. ``HEAD`` does not count as somebody being here."""

    def took(answer):
        if answer.type == "opaqueredirect":
            elsewhere()
        elif answer.ok:
            answer.text().then(found, lambda error: failed())
        else:
            failed()

    controller = window.AbortController.new()
    window.setTimeout(lambda: controller.abort(), ANSWER)
    how = {"method": method, "redirect": "manual", "signal": controller.signal}
    window.fetch(window.location.href, how).then(took, lambda error: failed())


# -- times: those of the browser, whatever the server's are ----------------------------------------------------------


def offset(time):
    """How far the browser's clock is ahead of UTC at a time, in seconds."""
    return -window.Date.new(time * 1000).getTimezoneOffset() * 60


def now():
    """Seconds since 1970 UTC."""
    return window.Date.now() / 1000


def tell_zone():
    """Tell the server in which zone it should show times on pages without scripts."""
    name = window.Intl.DateTimeFormat.new().resolvedOptions().timeZone
    secure = "; Secure" if window.location.protocol == "https:" else ""
    document.cookie = f"sat-zone={name}; Path=/; Max-Age=31536000; SameSite=Lax{secure}"


TOLD = {
    "clock": lambda time: clock(time, offset),
    "day": lambda time: day(time, now(), offset),
    "moment": lambda time: moment(time, now(), offset),
}


def localise(root=document):
    """Show times as they are here."""
    for element in every("time[data-as]", root):
        time = window.Date.parse(element.getAttribute("datetime")) / 1000
        if data(element, "as"):
            element.textContent = TOLD[data(element, "as")](time)
        element.title = whole(time, offset)


def today():
    """The day here, as a number."""
    return day_of(now(), offset)
