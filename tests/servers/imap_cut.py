#!/usr/bin/python3
"""imap_cut.py - the line is cut at random points of a sync: nothing is lost, nothing doubled (TAP).

    imap_cut.py [CUTS [SEED]]              suite: 15; `make torture`: 200

A proxy in between resets, stalls, lets a byte through now and then, or the server is restarted or gets another
UIDVALIDITY. We send mails of our own (import into the account) and move others; after every few cuts an undisturbed
sync must leave both sides equal, with every mail there exactly as often as it was put there.
"""
import os, random, select, socket, struct, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
CUTS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
rng = random.Random(SEED)


class Proxy(threading.Thread):
    """Lets `after` bytes of the server pass, then does `how`; None: everything passes."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.target, self.how, self.after, self.on_cut = port, None, 0, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.cuts = 0
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    @staticmethod
    def reset(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        passed, how, after = 0, self.how, self.after
        up = how == "reset-up"
        try:
            while True:
                for s in select.select([client, server], [], [])[0]:
                    data = s.recv(65536 if not how else 512)
                    if not data:
                        return
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
                    (server if s is client else client).sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            server.close()


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    print(f"# seed {SEED}")
    proxy = Proxy(server.port)
    lock = threading.Lock()

    def restart():
        with lock:
            server.restart()

    proxy.on_cut = restart
    user = "work"
    c = server.client(user)
    c.create("Lists")
    put = {}
    for i in range(60):
        raw = mail(i, rng)
        c.append(rng.choice(["INBOX", "Lists"]), "", BASE + i, raw)
        put[dovecot.digest(raw)] = 1
    c.logout()
    office = Office(server.account(user, port=proxy.port, plain=True))
    n, cut, checked, codes = 1000, 0, 0, set()
    while cut < CUTS:
        # what is to be done: new mail there, mail of ours, moves, flags
        with lock:
            c = server.client(user)
        for _ in range(rng.randrange(3)):
            n += 1
            raw = mail(n, rng)
            c.append("INBOX", "", BASE + n, raw)
            put[dovecot.digest(raw)] = 1
        c.logout()
        for _ in range(rng.randrange(1, 3)):
            n += 1
            path = os.path.join(T, f"{n}.eml")
            with open(path, "wb") as f:
                f.write(mail(n, rng))
            office.run("import", path, "--account", "work", "--folder", rng.choice(["Archive", "Lists"]))
            put[dovecot.digest(open(path, "rb").read())] = 1
        ids = [r["id"] for r in office.rows("search", "newer:3000d", "--limit", "40")]
        if len(ids) > 4:
            office.run(rng.choice(["archive", "delete", "mark-read", "flag"]), *rng.sample(ids, 3))
        if rng.random() < .15:
            v = int(time.time()) + rng.randrange(10**6)
            subprocess.run(["doveadm", "-c", server.conf, "mailbox", "update", "-u", user, "--uid-validity", str(v),
                            rng.choice(["INBOX", "Lists", "Archive"])], check=False, stderr=subprocess.DEVNULL)
        proxy.how = rng.choice(["reset", "reset-up", "stall", "trickle", "swallow", "swallow"] + (["restart"] if rng.random() < .3 else []))
        proxy.after = rng.choice([rng.randrange(300), rng.randrange(4000), rng.randrange(4000), rng.randrange(30000)])
        before = proxy.cuts
        p = office.run("sync", "--yes")
        codes.add(p.returncode)
        cut += proxy.cuts > before
        if p.returncode not in (0, 1, 5):
            ok(False, f"cut {cut} ({proxy.how} after {proxy.after}): exit {p.returncode}", p.stderr)
        if rng.random() < .3 or cut >= CUTS:
            proxy.how = None
            for _ in range(3):
                p = office.run("sync", "--yes")
            c = server.client(user)
            there = dovecot.server_side(c)
            c.logout()
            here = office.local_side("work")
            checked += 1
            counts = {}
            for row in there:
                counts[row[1]] = counts.get(row[1], 0) + 1
            wrong = [(h, counts.get(h, 0)) for h in put if counts.get(h, 0) != 1] + [h for h in counts if h not in put]
            if p.returncode or here != there or wrong or office.waiting() or office.disagreeing("work"):
                ok(False, f"after {cut} cuts both sides are equal", p.stderr, difference(here, there),
                   f"not exactly once: {wrong[:5]}", f"waiting {office.waiting()}", office.disagreeing("work"))
                break
    else:
        ok(True, f"{cut} cuts, {checked} times compared: nothing lost, nothing doubled, {len(put)} mails exactly once")
        ok(codes <= {0, 5, 1}, f"exit codes {sorted(codes)}")
    ok(office.run("verify").returncode == 0, "the store is whole")
done()
