"""The chat page, live. Runs in the browser (Brython); without it the page works by links and forms."""

import page
from browser import document, window
from live import Live
from moving import Moving
from talk import Talk
from watching import framed
from writing import Writing

ACTIVE_EVERY = 5 * 60 * 1000  # milliseconds; the session ends after half an hour in which nobody is there
AGAIN = 3000  # milliseconds until the page is asked for again


class App:
    """Events of the server go into the page, what the person does goes to the server."""

    def __init__(self):
        self.looking = False
        self.leaving = False  # on the way to another page, once the session is over
        self.active_at = window.Date.now()
        self.refresh_timer = None
        page.tell_zone()
        self.talk = Talk(self.look)
        self.live = Live(self.handle, self.connected, self.ended)
        self.moving = Moving(self.live)
        self.writing = Writing(self.talk, self.live) if page.peer else None
        for name in ("focus", "blur"):
            window.addEventListener(name, self.look)
        document.addEventListener("visibilitychange", self.look)
        for name in ("keydown", "pointerdown", "wheel"):
            document.addEventListener(name, self.active)
        page.one("form.out").addEventListener("submit", self.leave)
        page.notify.addEventListener("click", self.ask)
        page.notify.hidden = page.notifications() != "default"

    # -- what the server says --------------------------------------------------------------------------------------

    def handle(self, event):
        """Do what an event says."""
        topic, op = event.topic, event.op
        if topic == "page":
            getattr(self, f"on_{op}")(event)
        elif topic == f"chat/{page.peer}":
            getattr(self, f"chat_{op}")(event)
        elif topic == "contacts":
            self.contacts(event)
        elif topic == "transfers":
            self.talk.kept(lambda: self.moving.heard(event))
        elif topic == "unread":
            page.count(event.count)
            page.show(page.one("[data-topic=requests]"), event.html)
        else:
            self.talk.kept(lambda: framed(event))

    def connected(self, there):
        """The connection came or went."""
        document.documentElement.dataset.live = "connected" if there else "lost"
        self.looking = False
        if there:
            self.look()
        if self.writing is not None:
            self.writing.connected(there)

    def ended(self):
        """The session is over: to the log-in, and back here. What was written and not sent comes along."""
        if self.leaving:
            return
        self.leaving = True
        if self.writing is None or not self.writing.take_along():
            where = window.encodeURIComponent(window.location.pathname + window.location.search)
            window.location.assign(f"/login?next={where}")

    def on_beat(self, event):
        """A sign of life."""
        self.talk.midnight()

    def on_gone(self, event):
        """The daemon went away; it says when it is back."""
        page.say("The daemon sat is not running. Waiting for it…")

    def on_hello(self, event):
        """We go on where we were."""

    def on_sent(self, event):
        """A message of ours is stored."""
        self.writing.sent(event)

    def on_answer(self, event):
        """A command was carried out."""
        self.writing.answered(event)

    def on_completions(self, event):
        """What a command may become."""
        self.writing.completing.found(event)

    def on_compose(self, event):
        """What we write is an answer, or a correction."""
        self.writing.compose(event)

    def on_emojis(self, event):
        """Those that were looked for."""
        self.writing.amending.found(event)

    def on_failed(self, event):
        """Something we asked for was refused."""
        self.writing.failed(event)

    def on_ring(self, event):
        """Somebody has written, and nobody has read it: the browser tells of it, where it may."""
        if document.hidden and page.notifications() == "granted":
            window.Notification.new(event.text, {"tag": "sat"})

    def ask(self, event):
        """Ask whether the browser may."""
        page.notify.hidden = True
        window.Notification.requestPermission()

    def on_refresh(self, event=None):
        """Too much was missed: take everything from the page as it is now."""
        if self.refresh_timer is not None:
            window.clearTimeout(self.refresh_timer)
            self.refresh_timer = None
        page.look_again(self.replace, self.ended, self.refresh_later)

    def refresh_later(self):
        """The page could not be had."""
        if self.live.ready:
            page.say("The page could not be loaded anew. Trying again…")
        self.refresh_timer = window.setTimeout(self.on_refresh, AGAIN)

    def replace(self, html):
        """Put the fresh page's parts into this one."""
        fresh = window.DOMParser.new().parseFromString(html, "text/html")
        for selector in (
            "#contacts",
            "[data-topic=status]",
            "[data-topic=trouble]",
            "[data-topic=requests]",
            "[data-topic=timeline]",
            "[data-topic=files]",
            "#peer",
            "#typing",
            "#there",
        ):
            old, new = page.one(selector), page.one(selector, fresh)
            if old is not None and new is not None:
                page.show(old, new.innerHTML)
        if page.peer:
            self.talk.replace(fresh.querySelector("#messages").innerHTML)
            document["errors"].innerHTML = ""
        document.title = fresh.title
        if self.live.ready:
            page.say("")
        now = page.one("#live", fresh).dataset
        self.live.shown(now.epoch, int(now.seq))
        self.look()

    def contacts(self, event):
        """The contact list, or one row of it."""
        if event.op == "replace":
            page.show(document["contacts"], event.html)
        else:
            old = page.named("key", event.key, document["contacts"])
            if old is not None:
                old.replaceWith(page.element_of(event.html))
        page.mark_current()

    # -- the conversation ------------------------------------------------------------------------------------------

    def chat_append(self, event):
        """A new message, at the end."""
        self.talk.append(event)

    def chat_update(self, event):
        """A message looks different now."""
        self.talk.update(event)

    def chat_log(self, event):
        """All messages anew."""
        if not page.past:
            self.talk.replace(event.html)

    def chat_older(self, event):
        """Older messages, above."""
        self.talk.older(event.html)

    def chat_typing(self, event):
        """Whether they type."""
        page.show(document["typing"], event.html)

    def chat_draft(self, event):
        """What was begun here was gone on with elsewhere."""
        self.writing.begun(event.body)

    def chat_peer(self, event):
        """Their presence, or another name."""
        page.show(document["peer"], event.html)

    def chat_there(self, event):
        """Who is in the room."""
        page.show(document["there"], event.html)

    def chat_error(self, event):
        """Something went wrong in this conversation."""
        self.talk.kept(lambda: page.show(document["errors"], event.html))

    # -- who is there ----------------------------------------------------------------------------------------------

    def leave(self, event):
        """The person logs out: where that leads to is not ours to say."""
        self.leaving = True

    def active(self, event):
        """Somebody is there, even if they only read."""
        now = window.Date.now()
        if now - self.active_at > ACTIVE_EVERY and self.live.send({"do": "active"}):
            self.active_at = now

    def look(self, event=None):
        """Say when the newest message is in view, and when no longer."""
        here = bool(page.peer) and not page.past and not document.hidden and document.hasFocus()
        looking = here and self.talk.at_end()
        if looking != self.looking and self.live.ready:
            self.looking = looking
            self.live.send({"do": "look", "peer": page.peer, "on": looking})


App()
