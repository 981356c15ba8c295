"""Files that are pasted or dropped onto the conversation go as by its form. Runs in the browser (Brython)."""

import page
from browser import document, window


class Dropping:
    """What was given goes to the server, one file after the other. ``complain`` says what is wrong, or nothing."""

    def __init__(self, complain):
        self.complain = complain
        self.waiting = []
        talk = page.one("section.talk")
        page.body.addEventListener("paste", self.pasted)
        talk.addEventListener("dragover", self.over)
        talk.addEventListener("drop", self.dropped)

    def pasted(self, event):
        """A picture from the clipboard. What comes with a text is that text, as word processors give both."""
        if "text/plain" not in list(event.clipboardData.types):
            self.take(event, event.clipboardData.files)

    def over(self, event):
        """Files may be dropped here; the browser would open them."""
        if "Files" in list(event.dataTransfer.types):
            event.preventDefault()

    def dropped(self, event):
        """Files were."""
        self.take(event, event.dataTransfer.files)

    def take(self, event, files):
        """Send these."""
        files = list(files)
        if files:
            event.preventDefault()
            idle = not self.waiting
            self.waiting += files
            if idle:
                self.complain("")
                self.next()

    def next(self):
        """Send the one that is first."""
        if not self.waiting:
            return
        form = document["attach"]
        data = window.FormData.new(form)
        data.set("file", self.waiting[0])
        page.say(f"Sending {self.waiting[0].name}…")
        how = {"method": "POST", "body": data}
        window.fetch(form.action, how).then(self.answered, lambda error: self.done("There is no connection."))

    def answered(self, answer):
        """The server leads back to the conversation, or says on a page what is wrong."""
        if answer.redirected:
            self.done("")
        else:
            answer.text().then(self.refused, lambda error: self.done("There is no connection."))

    def refused(self, html):
        """That page came."""
        fresh = window.DOMParser.new().parseFromString(html, "text/html")
        alert = page.one("[role=alert]", fresh) or page.one("main", fresh)
        self.done(alert.textContent.strip())

    def done(self, sentence):
        """One is sent, or was refused: then the others are not tried."""
        page.say("")
        if sentence:
            self.complain(f"{self.waiting[0].name} was not sent. {sentence}")
            self.waiting = []
        else:
            self.waiting = self.waiting[1:]
            self.next()
