"""imap_between.py - a line that does something of ours in between: before the client's bytes with a word pass, once."""
import contextlib, socket, threading, time


class Between(threading.Thread):
    """A line that calls first() once, before the client's bytes with `word` pass; when that says "cut" they do not pass,
    when it says "unheard" they do and the answer, which the line waits for, does not; "late": the client is cut off at once,
    and they take a while."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.target, self.word, self.first = port, None, None
        self.deaf, self.answered = None, threading.Event()  # the server whose answers are not passed on any more
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def before(self, word, first):
        self.word, self.first = word, first

    def run(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self.pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, False), daemon=True).start()

    def pump(self, a, b, up):
        try:
            while data := a.recv(65536):
                if up and self.word and self.word in data:
                    self.word = None
                    end = self.first()
                    if end == "unheard":
                        self.answered.clear()
                        self.deaf = b
                        b.sendall(data)
                        self.answered.wait(10)
                        time.sleep(0.1)  # the rest of it
                    if end == "late":
                        a.shutdown(socket.SHUT_RDWR)
                        time.sleep(0.4)
                        b.sendall(data)
                        time.sleep(0.3)
                    if end in ("cut", "unheard", "late"):
                        for s in (b, a):  # the other thread waits in one: closing it alone would end nothing
                            with contextlib.suppress(OSError):
                                s.shutdown(socket.SHUT_RDWR)
                            s.close()
                        return
                if a is self.deaf:
                    self.answered.set()
                    continue
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass
