"""imap_proxy.py - a line in between that breaks: reset, stall, a byte now and then, answers that are never heard, silence."""
import select, socket, struct, threading, time


class Proxy(threading.Thread):
    """Lets `after` bytes of the server pass, then does `how`; None: everything passes. away: whoever comes is sent off;
    came: when each came; last: what a client said last."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.target, self.how, self.after, self.on_cut = port, None, 0, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.cuts, self.open, self.up, self.down = 0, [], 0, 0
        self.away, self.came, self.last, self.hushed = False, [], b"", set()
        self.start()

    def drop(self):
        """Cuts what is open now."""
        for s in self.open[:]:
            try:
                self.cuts += 1
                self.reset(s)
            except OSError:
                pass

    def hush(self):
        """What is open now stays so, and nothing passes any more."""
        self.hushed.update(self.open)

    def run(self):
        while True:
            client, _ = self.listener.accept()
            self.came.append(time.monotonic())
            if self.away:
                client.close()
                continue
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    @staticmethod
    def reset(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.shutdown(socket.SHUT_RD)  # or a select that waits for it keeps it open
        s.close()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        self.open.append(client)
        passed, how, after = 0, self.how, self.after
        up = how == "reset-up"
        try:
            while True:
                for s in select.select([client, server], [], [])[0]:
                    data = s.recv(65536 if not how else 512)
                    if not data:
                        return
                    if s is client:
                        self.last = data
                    if client in self.hushed:
                        continue
                    counted = s is (client if up else server)
                    if how and counted and passed + len(data) > after:
                        keep = max(0, after - passed)
                        (server if s is client else client).sendall(data[:keep])
                        self.cuts += 1
                        rest = data[keep:]
                        if how == "stall":
                            time.sleep(0.3)
                        elif how == "trickle":
                            for b in rest[:3]:
                                client.sendall(bytes([b]))
                                time.sleep(0.1)
                        elif how == "swallow":  # the server did it, we never hear
                            time.sleep(0.05)
                        elif how == "restart":
                            self.on_cut()
                        self.reset(client)
                        return
                    passed += len(data) if counted else 0
                    self.up, self.down = self.up + len(data) * (s is client), self.down + len(data) * (s is server)
                    (server if s is client else client).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            if client in self.open:
                self.open.remove(client)
            client.close()
            server.close()
