"""The list of files on their way, live. Runs in the browser (Brython)."""

from browser import document
from moving import Moving
from watching import Watching


class Files(Watching):
    """Rows come, change and go."""

    topic = "transfers"

    def __init__(self):
        super().__init__()
        self.moving = Moving(self.live)

    def told(self, event):
        """One has come further."""
        self.moving.heard(event)

    def compare(self, fresh):
        """All of them anew."""
        document["moving"].innerHTML = fresh.getElementById("moving").innerHTML


Files()
