"""A page that is kept up to date, apart from conversations. Runs in the browser (Brython)."""

import page
from browser import document, window
from live import Live

AGAIN = 3000  # milliseconds until the page is asked for again
FRAME = ("status", "trouble", "timeline", "files")  # what is the same on all pages


def framed(event):
    """Show what stands around all pages, if it is that."""
    shown = page.one(f"[data-topic={event.topic}]") if event.topic in FRAME else None
    if shown is not None:
        page.show(shown, event.html)


class Watching:
    """Events change the page. Those of ``topic`` are left to ``told``."""

    topic = ""

    def __init__(self):
        page.tell_zone()
        page.localise()
        self.live = Live(self.handle, self.connected, self.ended)

    def handle(self, event):
        """Do what an event says."""
        if event.topic == self.topic:
            self.told(event)
        elif event.topic == "page":
            if event.op in ("refresh", "gone", "failed"):
                getattr(self, event.op)(event)
        else:
            framed(event)

    def connected(self, there):
        """The connection came or went."""
        document.documentElement.dataset.live = "connected" if there else "lost"

    def ended(self):
        """The session is over: to the log-in, and back here."""
        where = window.encodeURIComponent(window.location.pathname + window.location.search)
        window.location.assign(f"/login?next={where}")

    def gone(self, event):
        """The daemon went away; it says when it is back."""
        page.say("The daemon sat is not running. Waiting for it…")

    def failed(self, event):
        """Something we asked for was refused."""
        page.say(f"{event.error} {event.advice}".strip())

    def refresh(self, event=None):
        """Too much was missed: look at the page as it is now."""
        page.look_again(self.fresh, self.ended, lambda: window.setTimeout(self.refresh, AGAIN))

    def fresh(self, html):
        """Take from the fresh page what can change."""
        found = window.DOMParser.new().parseFromString(html, "text/html")
        for topic in FRAME:
            old, new = page.one(f"[data-topic={topic}]"), page.one(f"[data-topic={topic}]", found)
            if old is not None and new is not None:
                page.show(old, new.innerHTML)
        self.compare(found)
        page.say("")
        now = page.one("#live", found).dataset
        self.live.shown(now.epoch, int(now.seq))
