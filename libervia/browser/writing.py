"""What the person writes: sent, waiting, failed, begun. Runs in the browser (Brython)."""

import page
from amending import Amending
from browser import document, window
from completing import Completing
from dropping import Dropping
from purpose import Purpose

DRAFT_EVERY = 1000  # milliseconds


class Writing:
    """The composer. ``talk`` shows the messages, ``live`` takes them to the server."""

    def __init__(self, talk, live):
        self.talk, self.live = talk, live
        self.tokens = 0
        self.held = 0  # the token of a correction or command that is on its way
        self.draft_timer = None
        self.purpose = Purpose(talk.resized)
        self.amending = Amending(live)
        self.completing = Completing(live, self.purpose.fill, talk.kept)
        Dropping(lambda sentence: talk.kept(lambda: self.complain(sentence)))
        self.told = self.purpose.aside  # the draft that the server has
        self.given = False  # all of it goes with a form
        page.composer.addEventListener("submit", self.submit)
        page.body.addEventListener("keydown", self.key)
        page.body.addEventListener("input", self.typed)
        page.messages.addEventListener("click", self.clicked)
        for each in page.every(".beside > details"):
            each.addEventListener("toggle", talk.resized)
        document["purpose"].addEventListener("click", self.leave)
        window.addEventListener("beforeunload", self.part)

    # -- sending ---------------------------------------------------------------------------------------------------

    def key(self, event):
        """Enter sends; with Shift, or while an input method composes, it does not. The arrow up in an empty composer
        corrects the last message, Escape leaves what is corrected or answered."""
        if event.isComposing:
            return
        if event.key == "Enter" and not event.shiftKey:
            event.preventDefault()
            page.composer.requestSubmit()
        elif event.key == "ArrowUp" and not page.body.value and not self.purpose.about and not page.past:
            self.amending.ask(event, {"do": "compose", "for": "correction", "about": ""})
        elif event.key == "Tab" and not event.shiftKey and self.completing.take():
            event.preventDefault()
        elif event.key == "Escape" and self.purpose.about:
            event.preventDefault()
            self.purpose.leave()

    def leave(self, event):
        """“Cancel”, beside what is answered or corrected."""
        if page.closest(event.target, "#leave") is not None:
            event.preventDefault()
            self.purpose.leave()

    def compose(self, event):
        """The text is for something else from now on. What stands in the composer is a draft until it comes back."""
        self.draft()
        self.purpose.take(event)

    def submit(self, event):
        """Send, live. Where no live connection is to be had, the form goes its usual way."""
        text = page.body.value
        if not self.fits(text):
            event.preventDefault()
        elif not page.past and self.live.worked:
            event.preventDefault()
            if text.startswith("/") or (text.strip() and (self.purpose.corrects or page.how())):
                if not self.held:
                    self.hold(text)
            elif text.strip():
                self.send(text, self.purpose.about)
                page.body.value = self.told = ""
                if self.purpose.about:
                    self.purpose.leave()
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

    def hold(self, text):
        """Send a correction, what may be a command, or a text that is shown in its own way; it stays in the composer
        until that is done."""
        self.tokens += 1
        request = {"do": "send", "for": self.purpose.name, "about": self.purpose.about} | page.how()
        if self.live.send({**request, "peer": page.peer, "body": text, "token": self.tokens}):
            self.held = self.tokens
            page.body.readOnly = True
        else:
            self.release("There is no connection.")

    def release(self, sentence):
        """The text is done, or can be sent again: say why, once."""
        self.held = 0
        page.body.readOnly = False
        self.talk.kept(lambda: self.complain(sentence))

    def send(self, text, answers=""):
        """Show a message at once, and send it; without a connection it waits for one."""
        self.tokens += 1
        row = self.talk.pending(text, str(self.tokens))
        row.dataset.waiting = "1"
        row.dataset.answers = answers
        if self.live.ready:
            self.deliver(row)

    def deliver(self, row):
        """Give a message that waits to the server."""
        row.removeAttribute("data-waiting")
        text = page.one(".body", row).textContent
        request = {"do": "send", "peer": page.peer, "body": text, "token": int(page.data(row, "token"))}
        if page.data(row, "answers"):
            request |= {"for": "answer", "about": page.data(row, "answers")}
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
        elif self.held:
            self.release("There is no connection.")

    def sent(self, event):
        """A message is stored: its own row comes, or has come. Or its correction is, or a command was carried out."""
        if event.token == self.held:
            self.release("")
            if not self.purpose.corrects:
                page.body.value = self.told = ""
                page.forget_how()
            self.purpose.leave()
            return
        row = page.named("token", str(event.token))
        if row is not None:
            if page.named("id", event.id, page.messages) is not None:
                row.remove()
            else:
                row.dataset.id = event.id

    def answered(self, event):
        """A command has something to say, or leads elsewhere."""
        self.sent(event)
        self.talk.kept(lambda: page.show(document["errors"], event.html))
        if event.where:
            self.given = True
            window.location.assign(event.where)

    def failed(self, event):
        """Something we asked for was refused. For a message that is said under it, and nowhere else."""
        row = page.named("token", str(event.token)) if event.token else None
        if event.token and event.token == self.held:
            self.release(f"{event.error} {event.advice}".strip())
        elif row is not None:
            self.fail(row, f"{event.error} {event.advice}".strip())
            self.talk.kept(lambda: self.complain(""))
        else:
            self.talk.kept(lambda: self.complain(f"{event.error} {event.advice}".strip()))

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
            self.send(text, page.data(row, "answers"))

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
        """Send the draft, if it is another one, and not too long to become a message. What goes with a form is none,
        and what is told before the server has answered might come behind that form."""
        text = self.purpose.draft
        size = window.TextEncoder.new().encode(text).length
        fine = text != self.told and size <= int(page.composer.dataset.limit)
        can = self.live.ready and not self.given
        if fine and can and self.live.send({"do": "draft", "peer": page.peer, "body": text}):
            self.told = text

    def begun(self, text):
        """It was gone on with elsewhere, or sent: here too, unless somebody is writing here."""
        if page.body.value == self.told and not (text and document.activeElement is page.body):
            page.body.value = self.told = text
            self.talk.resized(None)

    def part(self, event):
        """The page is about to be left: ask, if the server does not have all that was written."""
        self.draft()
        kept = [row for row in self.talk.unsent() if page.data(row, "waiting") or row.classList.contains("failed")]
        begun = self.purpose.corrects and page.body.value != self.purpose.text
        if not self.given and (kept or begun or self.purpose.draft != self.told):
            event.preventDefault()

    def take_along(self):
        """Give what was written and not sent to the server as a draft, by the form; whether there is such a thing.
        Without a session it answers with the log-in, and keeps it."""
        texts = [page.one(".body", row).textContent for row in self.talk.unsent()]
        if self.purpose.corrects and self.purpose.aside != self.told:
            texts.append(self.purpose.aside)
        texts = [text for text in [*texts, page.body.value] if text.strip()]
        if texts:
            page.body.value = "\n".join(texts)
            document["do"].value = "draft"
            self.given = True
            page.composer.submit()
        return bool(texts)
