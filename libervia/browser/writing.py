"""What the person writes: sent, waiting, failed, begun. Runs in the browser (Brython)."""

import page
from browser import document, window

DRAFT_EVERY = 1000  # milliseconds


class Writing:
    """The composer. ``talk`` shows the messages, ``live`` takes them to the server."""

    def __init__(self, talk, live):
        self.talk, self.live = talk, live
        self.tokens = 0
        self.draft_timer = None
        self.told = page.body.value  # the draft that the server has
        self.given = False  # all of it goes with a form
        page.composer.addEventListener("submit", self.submit)
        page.body.addEventListener("keydown", self.key)
        page.body.addEventListener("input", self.typed)
        page.messages.addEventListener("click", self.clicked)
        window.addEventListener("beforeunload", self.part)

    # -- sending ---------------------------------------------------------------------------------------------------

    def key(self, event):
        """Enter sends; with Shift, or while an input method composes, it does not."""
        if event.key == "Enter" and not event.shiftKey and not event.isComposing:
            event.preventDefault()
            page.composer.requestSubmit()

    def submit(self, event):
        """Send, live. Where no live connection is to be had, the form goes its usual way."""
        text = page.body.value
        if not self.fits(text):
            event.preventDefault()
        elif not page.past and self.live.worked:
            event.preventDefault()
            if text.strip():
                self.send(text)
                page.body.value = self.told = ""
        else:
            self.given = True

    def fits(self, text):
        """Whether the server takes a text as long as this; if not, that is said, and the text stays."""
        size = window.TextEncoder.new().encode(text).length
        limit = int(page.composer.dataset.limit)
        sentence = page.composer.dataset.long.replace("SIZE", str(size)) if size > limit else ""
        self.talk.kept(lambda: self.complain(sentence))
        return not sentence

    def complain(self, sentence):
        """Say above the composer what is wrong, or nothing."""
        document["errors"].innerHTML = ""
        if sentence:
            line = document.createElement("p")
            line.className = "wrong"
            line.setAttribute("role", "alert")
            line.textContent = sentence
            document["errors"].append(line)

    def send(self, text):
        """Show a message at once, and send it; without a connection it waits for one."""
        self.tokens += 1
        row = self.talk.pending(text, str(self.tokens))
        row.dataset.waiting = "1"
        if self.live.ready:
            self.deliver(row)

    def deliver(self, row):
        """Give a message that waits to the server."""
        row.removeAttribute("data-waiting")
        text = page.one(".body", row).textContent
        request = {"do": "send", "peer": page.peer, "body": text, "token": int(page.data(row, "token"))}
        if not self.live.send(request):
            self.fail(row, "There is no connection.")

    def connected(self, there):
        """There is a connection again: what waits goes out. Or there is none: what was on its way may be lost."""
        for row in self.talk.unsent():
            if there and page.data(row, "waiting"):
                self.deliver(row)
            elif not there and not row.classList.contains("failed"):
                self.fail(row, "There is no connection.")
        if there:
            self.draft()

    def sent(self, event):
        """A message is stored: its own row comes, or has come."""
        row = page.named("token", str(event.token))
        if row is not None:
            if page.named("id", event.id, page.messages) is not None:
                row.remove()
            else:
                row.dataset.id = event.id

    def failed(self, event):
        """Something we asked for was refused. For a message that is said under it, and nowhere else."""
        row = page.named("token", str(event.token)) if event.token else None
        if row is not None:
            self.fail(row, f"{event.error} {event.advice}".strip())
            self.talk.kept(lambda: self.complain(""))
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
        self.talk.kept(lambda: row.append(why))

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

    # -- what is begun ---------------------------------------------------------------------------------------------

    def typed(self, event):
        """Keep the draft on the server, which tells them that we type: at most once a second."""
        self.talk.resized(event)  # the composer grows with its lines
        if self.draft_timer is None:
            self.draft()
            self.draft_timer = window.setTimeout(self.draft_again, DRAFT_EVERY)

    def draft_again(self):
        """What was typed meanwhile."""
        self.draft_timer = None
        self.draft()

    def draft(self):
        """Send the draft, if it is another one, and not too long to become a message."""
        text = page.body.value
        size = window.TextEncoder.new().encode(text).length
        fine = text != self.told and size <= int(page.composer.dataset.limit)
        if fine and self.live.send({"do": "draft", "peer": page.peer, "body": text}):
            self.told = text

    def part(self, event):
        """The page is about to be left: ask, if the server does not have all that was written."""
        self.draft()
        kept = [row for row in self.talk.unsent() if page.data(row, "waiting") or row.classList.contains("failed")]
        if not self.given and (kept or page.body.value != self.told):
            event.preventDefault()

    def take_along(self):
        """Give what was written and not sent to the server as a draft, by the form; whether there is such a thing.
        Without a session it answers with the log-in, and keeps it."""
        texts = [page.one(".body", row).textContent for row in self.talk.unsent()]
        texts = [text for text in [*texts, page.body.value] if text.strip()]
        if texts:
            page.body.value = "\n".join(texts)
            document["do"].value = "draft"
            self.given = True
            page.composer.submit()
        return bool(texts)
