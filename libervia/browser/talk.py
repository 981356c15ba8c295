"""The messages of the conversation that is shown. Runs in the browser (Brython)."""

import page
from browser import document, window

from sat_frontends.quick_frontend.rows import starts_day, starts_group

NEAR = 80  # pixels from the end that still count as being there


class Written:
    """What ``rows`` looks at, from a message on the page."""

    def __init__(self, sender, outgoing, time):
        self.sender, self.outgoing, self.time, self.kind = sender, outgoing, time, "chat"


def written(row):
    """A message on the page, or None for what is no message, or one that the server does not know yet."""
    if row is None or not page.data(row, "time"):
        return None
    return Written(page.data(row, "sender"), row.hasAttribute("data-mine"), float(page.data(row, "time")))


def said(row):
    """The text of a message on the page, as it was written."""
    body = page.one(".body", row)
    return page.data(body, "said") or body.textContent


def before(row):
    """The message above a row, or None."""
    row = page.some(row.previousElementSibling)
    while row is not None and written(row) is None:
        row = page.some(row.previousElementSibling)
    return written(row)


class Talk:
    """The log: rows come, change and go, and the newest stays in view where it was. ``moved`` hears that the person
    looks elsewhere."""

    def __init__(self, moved):
        self.moved = moved
        self.end = True  # whether the newest message is in view, however small the page becomes
        self.below = 0  # messages that came out of view, at the end
        self.day = page.today()
        page.localise()
        if page.peer:
            self.mark_days()
            self.to_end()
            page.log.addEventListener("scroll", self.scrolled)
            window.addEventListener("resize", self.resized)
            page.log.addEventListener("load", self.resized, True)  # a picture has got its height
            document["below"].addEventListener("click", self.go_below)

    # -- the end -----------------------------------------------------------------------------------------------------

    def at_end(self):
        """Whether the newest message is in view."""
        log = page.log
        return log is None or log.scrollHeight - log.scrollTop - log.clientHeight < NEAR

    def to_end(self):
        """Bring the newest message into view, without travelling there."""
        if page.log is not None:
            page.log.scrollTo({"top": page.log.scrollHeight, "behavior": "instant"})
            if self.below and not page.past:
                self.count_below(0)

    def kept(self, change):
        """Do what changes the size of something; the end stays in view if it was."""
        end = self.at_end()
        change()
        if end:
            self.to_end()

    def count_below(self, count):
        """Say how many messages came at the end while it was out of view."""
        self.below = count
        document["below"].hidden = not count
        document["below"].textContent = f"{count} new ↓"

    def go_below(self, event):
        """To those messages."""
        if page.past:
            window.location.assign(page.composer.getAttribute("action") + "#end")
        else:
            self.to_end()
            page.body.focus()

    def scrolled(self, event):
        """The person looks elsewhere in the conversation."""
        self.end = self.at_end()
        if self.end and self.below and not page.past:
            self.count_below(0)
        self.moved()

    def resized(self, event):
        """There is more or less room for the conversation."""
        if self.end:
            self.to_end()

    # -- rows --------------------------------------------------------------------------------------------------------

    def append(self, event):
        """A new message, at the end."""
        row = page.element_of(event.html)
        mine = row.hasAttribute("data-mine")
        if page.past:
            if not mine:
                self.count_below(self.below + 1)
            return
        end = self.at_end()
        old = page.named("id", event.id, page.messages) or self.twin(row)
        if old is not None:
            old.replaceWith(row)
        else:
            self.add(row)
        page.localise(row)
        self.mark_days([row])
        if end or mine:
            self.to_end()
        elif old is None:
            self.count_below(self.below + 1)

    def add(self, row):
        """Put a row behind the others."""
        for empty in page.every("li.empty", page.messages):
            empty.remove()
        page.messages.append(row)

    def twin(self, row):
        """The row that waits for this message of ours."""
        if row.hasAttribute("data-mine"):
            text = said(row)
            for pending in self.unsent():
                if said(pending) == text:
                    return pending
        return None

    def unsent(self):
        """The rows of what was written here and has not reached the server, as far as we know."""
        return [row for row in page.every("li.pending", page.messages) if not page.data(row, "id")]

    def update(self, event):
        """A message looks different now."""
        old = page.named("id", event.id, page.messages)
        if old is not None:
            row = page.element_of(event.html)
            who = page.one("p.who", old)
            if hasattr(event, "apart") and who is not None:  # it was drawn without the one above
                row.classList.add("head")
                page.one(".said", row).before(who)
            self.kept(lambda: self.swap(old, row))
            page.localise(row)
            self.mark_days([row])

    def swap(self, old, row):
        """Put a row in the place of another. What has the focus there keeps it, a menu that is open stays so."""
        active = page.some(document.activeElement)
        value = (active.getAttribute("value") or "") if active is not None and old.contains(active) else None
        opened = page.one(":popover-open", old) is not None
        old.replaceWith(row)
        if opened and page.one(".more", row) is not None:
            page.one(".more", row).click()
        if value is None:
            return
        same = [each for each in page.every("button", row) if value and each.getAttribute("value") == value]
        target = same[0 if opened else -1] if same else page.one(".more", row)
        if target is not None:
            target.focus()

    def replace(self, html):
        """All messages anew. What was written here and has not reached the server stays: it is nowhere else."""
        end = self.at_end()
        known = [page.data(row, "id") for row in page.every("li[data-id]", page.messages)]
        kept = self.unsent()
        page.show(page.messages, html)
        new = [row for row in page.every("li[data-id]", page.messages) if page.data(row, "id") not in known]
        arrived = [said(row) for row in new if row.hasAttribute("data-mine")]
        for row in kept:
            text = said(row)
            if text in arrived:  # it had reached the server, only we never heard of it
                arrived.remove(text)
            else:
                self.add(row)
        self.mark_days()
        if page.past:
            return
        if end:
            self.to_end()
        else:
            self.count_below(self.below + len([row for row in new if not row.hasAttribute("data-mine")]))

    def older(self, html):
        """Older messages, above; what is read stays where it is."""
        below = page.log.scrollHeight - page.log.scrollTop
        for link in page.every("li.older", page.messages):
            link.remove()
        page.messages.insertAdjacentHTML("afterbegin", html)
        page.localise(page.messages)
        self.mark_days()
        page.log.scrollTo({"top": page.log.scrollHeight - below, "behavior": "instant"})

    def pending(self, text, token):
        """The row of a message that is about to be sent."""
        row = document["pending"].content.firstElementChild.cloneNode(True)
        page.one(".body", row).textContent = text
        page.one("time", row).setAttribute("datetime", window.Date.new().toISOString())
        row.dataset.token = token
        last = written(page.some(page.messages.lastElementChild))
        sender = last.sender if last is not None and last.outgoing else ""
        if starts_group(last, Written(sender, True, page.now()), page.offset):
            row.classList.add("head")
        else:
            page.one(".who", row).remove()
        page.localise(row)
        self.add(row)
        self.to_end()
        return row

    # -- days --------------------------------------------------------------------------------------------------------

    def mark_days(self, rows=None):
        """Put the line with the day where a day begins here: the server may be in another zone."""
        for row in page.every("li.m", page.messages) if rows is None else rows:
            message = written(row)
            if message is None:
                continue
            begins = starts_day(before(row), message, page.offset)
            line = page.one("p.day", row)
            if line is not None and not begins:
                line.remove()
            elif line is None and begins:
                line = document["day"].content.firstElementChild.cloneNode(True)
                page.one("time", line).setAttribute("datetime", page.one("time", row).getAttribute("datetime"))
                row.prepend(line)
                page.localise(line)

    def midnight(self):
        """Another day may have begun since: what was today is yesterday."""
        day = page.today()
        if day != self.day:
            self.day = day
            page.localise()
