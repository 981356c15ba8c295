"""The chat page, live. Runs in the browser (Brython); without it the page works by links and forms."""

import page
from browser import document, window
from live import Live

from sat_frontends.quick_frontend.rows import starts_group

DRAFT_EVERY = 1000  # milliseconds
ACTIVE_EVERY = 5 * 60 * 1000  # the session ends after half an hour in which nobody is there


class Written:
    """What ``rows`` looks at, from a message on the page."""

    def __init__(self, sender, outgoing, time):
        self.sender, self.outgoing, self.time, self.kind = sender, outgoing, time, "chat"


class App:
    """Events of the server go into the page, what the person does goes to the server."""

    def __init__(self):
        self.looking = False
        self.end = True  # whether the newest message is in view, however small the page becomes
        self.tokens = 0
        self.draft_timer = None
        page.localise()
        page.to_end()
        self.live = Live(self.handle, self.connected)
        for name in ("focus", "blur"):
            window.addEventListener(name, self.look)
        document.addEventListener("visibilitychange", self.look)
        for name in ("keydown", "pointerdown"):
            document.addEventListener(name, self.active)
        self.active_at = window.Date.now()
        if page.peer:
            page.composer.addEventListener("submit", self.submit)
            page.body.addEventListener("keydown", self.key)
            page.body.addEventListener("input", self.typed)
            page.log.addEventListener("scroll", self.scrolled)
            window.addEventListener("resize", self.resized)
            page.messages.addEventListener("click", self.clicked)

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
        elif topic in ("status", "trouble"):
            page.show(page.one(f"[data-topic={topic}]"), event.html)
        elif topic == "unread":
            page.count(event.count)
            page.show(page.one("[data-topic=requests]"), event.html)

    def connected(self, there):
        """The connection came or went."""
        document.documentElement.dataset.live = "connected" if there else "lost"
        self.looking = False
        if there:
            self.look(None)
        else:
            for row in page.every("li.pending:not(.failed)"):
                self.fail(row, "There is no connection.")

    def on_beat(self, event):
        """A sign of life."""

    def on_gone(self, event):
        """The daemon went away; it says when it is back."""
        page.say("The daemon sat is not running. Waiting for it…")

    def on_hello(self, event):
        """We go on where we were."""

    def on_refresh(self, event):
        """Too much was missed: take everything from the page as it is now."""

        def took(answer):
            if answer.redirected or answer.status == 403:
                window.location.assign("/login")
            elif answer.ok:
                answer.text().then(self.replace)
            else:
                page.say("The daemon does not answer. Trying again…")
                window.setTimeout(lambda: self.on_refresh(event), 3000)

        window.fetch(window.location.href, {"credentials": "same-origin"}).then(took, lambda error: None)

    def replace(self, html):
        """Put the fresh page's parts into this one."""
        fresh = window.DOMParser.new().parseFromString(html, "text/html")
        end = page.at_end()
        for selector in (
            "#contacts",
            "[data-topic=status]",
            "[data-topic=trouble]",
            "[data-topic=requests]",
            "#peer",
            "#typing",
        ):
            old, new = page.one(selector), fresh.querySelector(selector)
            if old is not None and new is not None:
                page.show(old, new.innerHTML)
        if page.peer:
            self.show_log(fresh.querySelector("#messages").innerHTML)
            document["errors"].innerHTML = ""
        document.title = fresh.title
        page.say("")
        if end:
            page.to_end()
        self.look(None)

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
        if page.past:
            return
        row = page.element_of(event.html)
        end = page.at_end()
        old = page.named("id", event.id, page.messages) or self.twin(row)
        if old is not None:
            old.replaceWith(row)
        else:
            for empty in page.every("li.empty", page.messages):
                empty.remove()
            page.messages.append(row)
        page.localise(row)
        if end or row.hasAttribute("data-mine"):
            page.to_end()

    def twin(self, row):
        """The row that waits for this message of ours."""
        if row.hasAttribute("data-mine"):
            text = page.one(".body", row).textContent
            for pending in page.every("li.pending", page.messages):
                if not page.data(pending, "id") and page.one(".body", pending).textContent == text:
                    return pending
        return None

    def chat_update(self, event):
        """A message looks different now."""
        old = page.named("id", event.id, page.messages)
        if old is not None:
            row = page.element_of(event.html)
            old.replaceWith(row)
            page.localise(row)

    def chat_log(self, event):
        """All messages anew."""
        if not page.past:
            end = page.at_end()
            self.show_log(event.html)
            if end:
                page.to_end()

    def show_log(self, html):
        """Fill the conversation. What was written here and has not reached the server stays: it is nowhere else."""
        known = [page.data(row, "id") for row in page.every("li[data-id]", page.messages)]
        kept = [row for row in page.every("li.pending", page.messages) if not page.data(row, "id")]
        page.show(page.messages, html)
        mine = [row for row in page.every("li[data-mine]", page.messages) if page.data(row, "id") not in known]
        arrived = [page.one(".body", row).textContent for row in mine]
        for row in kept:
            text = page.one(".body", row).textContent
            if text in arrived:  # it had reached the server, only we never heard of it
                arrived.remove(text)
            else:
                for empty in page.every("li.empty", page.messages):
                    empty.remove()
                page.messages.append(row)

    def chat_older(self, event):
        """Older messages, above; what is read stays where it is."""
        below = page.log.scrollHeight - page.log.scrollTop
        for link in page.every("li.older", page.messages):
            link.remove()
        page.messages.insertAdjacentHTML("afterbegin", event.html)
        page.localise(page.messages)
        page.log.scrollTo({"top": page.log.scrollHeight - below, "behavior": "instant"})

    def chat_typing(self, event):
        """Whether they type."""
        page.show(document["typing"], event.html)

    def chat_peer(self, event):
        """Their presence, or another name."""
        page.show(document["peer"], event.html)

    def chat_error(self, event):
        """Something went wrong in this conversation."""
        end = page.at_end()
        page.show(document["errors"], event.html)
        if end:
            page.to_end()

    # -- sending ---------------------------------------------------------------------------------------------------

    def key(self, event):
        """Enter sends; with Shift, or while an input method composes, it does not."""
        if event.key == "Enter" and not event.shiftKey and not event.isComposing:
            event.preventDefault()
            page.composer.requestSubmit()

    def submit(self, event):
        """Send, live; without a connection the form goes its usual way."""
        text = page.body.value
        if page.past or not self.live.ready:
            return
        event.preventDefault()
        if text.strip():
            self.send(text)
            page.body.value = ""
            document["errors"].innerHTML = ""

    def send(self, text):
        """Show a message at once, and send it."""
        self.tokens += 1
        row = document["pending"].content.firstElementChild.cloneNode(True)
        page.one(".body", row).textContent = text
        now = window.Date.now()
        page.one("time", row).textContent = page.clock(now)
        row.dataset.token = str(self.tokens)
        last = page.messages.lastElementChild
        before = None
        if last is not None and page.data(last, "time"):
            before = Written(page.data(last, "sender"), last.hasAttribute("data-mine"), float(page.data(last, "time")))
        sender = before.sender if before is not None and before.outgoing else ""
        if starts_group(before, Written(sender, True, now / 1000), page.offset):
            row.classList.add("head")
        else:
            page.one(".who", row).remove()
        page.messages.append(row)
        page.to_end()
        if not self.live.send({"do": "send", "peer": page.peer, "body": text, "token": self.tokens}):
            self.fail(row, "There is no connection.")

    def on_sent(self, event):
        """A message is stored: its own row comes, or has come."""
        row = page.named("token", str(event.token))
        if row is not None:
            if page.named("id", event.id, page.messages) is not None:
                row.remove()
            else:
                row.dataset.id = event.id

    def on_failed(self, event):
        """Something we asked for was refused."""
        row = page.named("token", str(event.token)) if event.token else None
        if row is not None:
            self.fail(row, f"{event.error} {event.advice}".strip())
        else:
            page.say(event.error)

    def fail(self, row, sentence):
        """Mark a message as not sent; it can be tried again."""
        row.classList.add("failed")
        mark = page.one(".mark", row)
        mark.title = "not sent"
        mark.textContent = "✗"
        why = document.createElement("p")
        why.className = "why"
        why.textContent = f"{sentence} "
        again = document.createElement("button")
        again.className = "quiet"
        again.textContent = "Try again"
        why.append(again)
        end = page.at_end()
        row.append(why)
        if end:
            page.to_end()

    def clicked(self, event):
        """“Older messages”, or “Try again” under a message that never reached the server."""
        link = page.around(event.target, "a[data-before]")
        again = page.around(event.target, "li.pending.failed button")
        if link is not None and self.live.ready:
            event.preventDefault()
            self.live.send({"do": "older", "peer": page.peer, "before": int(page.data(link, "before"))})
        elif again is not None:
            row = page.around(again, "li")
            text = page.one(".body", row).textContent
            row.remove()
            self.send(text)

    # -- typing and reading ----------------------------------------------------------------------------------------

    def typed(self, event):
        """Keep the draft on the server, which tells them that we type: at most once a second."""
        self.resized(event)  # the composer grows with its lines
        if self.draft_timer is None:
            self.draft()
            self.draft_timer = window.setTimeout(self.draft_again, DRAFT_EVERY)

    def draft_again(self):
        """What was typed meanwhile."""
        self.draft_timer = None
        self.draft()

    def draft(self):
        """Send the draft, if it is another one."""
        text = page.body.value
        if text != getattr(self, "sent_draft", ""):
            self.sent_draft = text
            self.live.send({"do": "draft", "peer": page.peer, "body": text})

    def active(self, event):
        """Somebody is there, even if they only read."""
        now = window.Date.now()
        if now - self.active_at > ACTIVE_EVERY and self.live.send({"do": "active"}):
            self.active_at = now

    def scrolled(self, event):
        """The person looks elsewhere in the conversation."""
        self.end = page.at_end()
        self.look(event)

    def resized(self, event):
        """There is more or less room for the conversation."""
        if self.end:
            page.to_end()

    def look(self, event):
        """Say when the newest message is in view, and when no longer."""
        looking = bool(page.peer) and not page.past and not document.hidden and document.hasFocus() and page.at_end()
        if looking != self.looking and self.live.ready:
            self.looking = looking
            self.live.send({"do": "look", "peer": page.peer, "on": looking})


App()
