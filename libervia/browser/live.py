"""The live connection: opened, kept, resumed. Runs in the browser (Brython)."""

import page
from browser import window

SHORTEST, LONGEST = 500, 30_000  # between tries, in milliseconds
SILENCE = 60_000  # the server gives a sign of life every 25 s
LOGGED_OUT = 4001


class Live:
    """One WebSocket after the other. ``handle`` gets every event; ``changed`` hears whether we are connected, ``ended``
    that the session is over."""

    def __init__(self, handle, changed, ended):
        self.handle, self.changed, self.ended = handle, changed, ended
        self.seq = int(page.live.dataset.seq)
        self.epoch = page.live.dataset.epoch
        self.delay = SHORTEST
        self.socket = None
        self.open = False  # whether this socket has been
        self.ready = False
        self.worked = False  # whether there ever was a connection: a proxy may let none pass
        self.timer = None
        self.watchdog = None
        window.addEventListener("online", lambda event: self.now())
        self.connect()

    def connect(self):
        """Try to connect."""
        self.timer = None
        self.open = False
        scheme = "wss" if window.location.protocol == "https:" else "ws"
        socket = self.socket = window.WebSocket.new(f"{scheme}://{window.location.host}/ws")
        socket.onopen = lambda event: self.opened(socket)
        socket.onmessage = lambda event: self.heard(socket, event.data)
        socket.onclose = lambda event: self.closed(socket, event.code)

    def opened(self, socket):
        """Say what we show and what we saw last."""
        self.open = True
        self.hello()
        self.watch()

    def hello(self):
        """Ask for what came since."""
        self.send({"do": "hello", "peer": page.peer, "epoch": self.epoch, "seq": self.seq})

    def shown(self, epoch, seq):
        """The page shows what was true at ``seq``. What we heard behind that is no longer on it."""
        if (epoch, seq) != (self.epoch, self.seq):
            self.epoch, self.seq = epoch, seq
            self.hello()

    def heard(self, socket, data):
        """The server says something."""
        if socket is not self.socket:
            return
        self.watch()
        event = window.JSON.parse(data)
        if not self.ready:
            self.ready, self.worked, self.delay = True, True, SHORTEST
            page.say("")
            self.changed(True)
        self.handle(event)
        if hasattr(event, "epoch"):
            self.epoch, self.seq = event.epoch, event.seq
        elif hasattr(event, "seq"):
            self.seq = event.seq

    def closed(self, socket, code):
        """Try again, unless there is nothing to come back to. Of a socket that never was open a browser does not tell
        why: the page itself says whether the session has ended meanwhile."""
        if socket is not self.socket:
            return
        if self.watchdog is not None:
            window.clearTimeout(self.watchdog)
        was, self.ready = self.ready, False
        if code == LOGGED_OUT:
            self.ended()
            return
        if was:
            self.changed(False)
        page.say("Reconnecting…")
        if self.open:
            self.again()
        else:
            page.look_again(lambda html: self.again(), self.ended, self.again, "HEAD")

    def again(self):
        """Try to connect, later each time, not all pages at once."""
        wait = self.delay * (0.5 + window.Math.random())
        self.delay = min(LONGEST, self.delay * 2)
        self.timer = window.setTimeout(self.connect, wait)

    def now(self):
        """The network is back: do not wait."""
        if self.timer is not None:
            window.clearTimeout(self.timer)
            self.connect()

    def watch(self):
        """Give up a connection on which nothing comes any more."""
        if self.watchdog is not None:
            window.clearTimeout(self.watchdog)
        socket = self.socket
        self.watchdog = window.setTimeout(lambda: socket.close(), SILENCE)

    def send(self, request):
        """Tell the server something; whether that was possible."""
        if self.socket is None or self.socket.readyState != 1:
            return False
        self.socket.send(window.JSON.stringify(request))
        return True
