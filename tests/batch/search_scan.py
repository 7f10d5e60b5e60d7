#!/usr/bin/python3
"""search_scan - what `search` finds is exactly what a slow scan over show finds.

The scan knows nothing of the index: it folds (NFKC, case, accents), cuts into words, takes Harman's s-stemmer
for plurals, and looks at subject, addresses and names, file names and the text that `show --text` gives."""
import email.message, json, os, random, re, subprocess, sys, tempfile, unicodedata
from datetime import date, datetime, timedelta

src, build = os.environ.get("SRCDIR", "."), os.environ.get("BUILDDIR", ".")
bureau = os.path.abspath(os.environ.get("BUREAU", os.path.join(build, "bureau")))
os.environ.setdefault("BUREAU_READER", os.path.abspath(os.path.join(build, "bureau-reader")))
os.environ.update(TZ="Europe/Berlin", LC_ALL="C.UTF-8", BUREAU_NOW="2026-11-23T12:00:00+01:00")
corpora = os.environ.get("BUREAU_CORPORA", os.path.join(src, "../shared/corpora"))
count = bad = 0


def ok(good, name, detail=""):
    global count, bad
    count += 1
    bad += not good
    print(("ok" if good else "not ok"), count, "-", name)
    if not good:
        print("#", detail)


def run(home, *args):
    p = subprocess.run([bureau, "--home", home, "--json", *args], capture_output=True)
    return [json.loads(l) for l in p.stdout.splitlines()], p.returncode


def fold(s):
    """NFKC, case, accents"""
    s = unicodedata.normalize("NFKC", s).casefold()
    s = unicodedata.normalize("NFKD", s)
    s = "".join(c for c in s if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFKC", s)


def is_cjk(c):
    o = ord(c)
    return (0x2e80 <= o <= 0x2fdf or 0x3005 <= o <= 0x3007 or 0x3041 <= o <= 0x30ff or 0x3100 <= o <= 0x31ff or
            0x3400 <= o <= 0x4dbf or 0x4e00 <= o <= 0x9fff or 0xac00 <= o <= 0xd7a3 or 0xf900 <= o <= 0xfaff or
            0x20000 <= o <= 0x3ffff or 0x0e00 <= o <= 0x0e7f)


def stem(w):
    """Harman's s-stemmer"""
    if not w.isascii() or len(w) < 4:
        return w
    if w.endswith("ies") and not w.endswith(("eies", "aies")):
        return w[:-3] + "y"
    if w.endswith("es") and not w.endswith(("aes", "ees", "oes")):
        return w[:-1]
    if w.endswith("s") and not w.endswith(("us", "ss")):
        return w[:-1]
    return w


def words(text):
    """Words and single CJK characters, in order; a run of characters ends where something stands between."""
    out, word, gap = [], "", False
    for c in fold(text) + " ":
        if is_cjk(c) or unicodedata.category(c)[0] not in "LN":
            if word:
                out.append(word)
            word = ""
            if is_cjk(c) and unicodedata.category(c)[0] in "LN":
                if gap and out and is_cjk(out[-1][0]):
                    out.append("|")
                out.append(c)
                gap = False
            else:
                gap = True
        else:
            word += c
    return out


class Mail:
    def __init__(self, o):
        self.id = o["id"]
        people = lambda l: " ".join((a.get("name", "") + " <" + a["address"] + ">") for a in l)
        self.fields = {"from": people([o["from"]] if "from" in o else []), "to": people(o["to"]), "cc": people(o["cc"]),
                       "subject": o["subject"], "files": " ".join(p["name"] for p in o["parts"] if p.get("name")),
                       "body": o["text"]}
        self.day = o["date"][:10]
        self.words = {k: words(v) for k, v in self.fields.items()}

    def has(self, query, field=None, prefix=False):
        """A word, a phrase or a run of Chinese characters in any field, or in one."""
        want = words(query)
        for name, have in self.words.items():
            if field and name != field:
                continue
            for i in range(len(have) - len(want) + 1):
                pairs = list(zip(have[i:], want))
                if prefix and all(stem(a) == stem(b) for a, b in pairs[:-1]) and pairs[-1][0].startswith(pairs[-1][1]):
                    return True
                if not prefix and all(stem(a) == stem(b) for a, b in pairs):
                    return True
        return False


EN = ("invoice invoices meeting meetings budget policy policies contract box boxes class classes status the a of to "
      "please confirm delivery deliveries pallet pallets Suzhou café CAFÉ naïve Straße report2 Q3 48,200 re-check").split()
ZH = "会议 会议室 纠纷 合同 报价 发货 议程 会 纠正 总价 确认 供应商资料 周五".split()


def make(folder):
    """Mixed mail, the same every time."""
    r = random.Random(4)
    os.mkdir(folder)
    for i in range(150):
        m = email.message.EmailMessage()
        zh = r.random() < 0.4
        pick = lambda n: ("" if zh else " ").join(r.choice(ZH if zh else EN) for _ in range(n))
        m["From"] = r.choice(["Li Na <li.na@haitian.example>", "李娜 <li.na@haitian.example>", "Tom Berger <tom@berger.example>",
                              "Zoë Muñoz <zoe@example.org>"])
        m["To"] = "Anna Li <anna@example.com>"
        m["Subject"] = pick(3) or "x"
        m["Date"] = (datetime(2026, 11, 22, 23, 30) - timedelta(hours=31 * i)).strftime("%a, %d %b %Y %H:%M:%S +0100")
        m["Message-ID"] = "<s%d@x>" % i
        m.set_content("%s, %s\n%s。ＦＵＬＬ width ｗｏｒｄ%d\n" % (pick(6), pick(4), pick(5), i))
        if i % 9 == 0:
            m.add_attachment(b"x", maintype="application", subtype="pdf", filename="Report-%s.pdf" % r.choice(ZH + EN))
        open(os.path.join(folder, "%03d" % i), "wb").write(bytes(m))


def compare(home, mails, name, queries):
    for query, test in queries:
        rows, code = run(home, "search", query, "--kind", "mail")
        got = {r["id"] for r in rows if r.get("type") == "item"}
        want = {m.id for m in mails if test(m)}
        ok(code == 0 and got == want, "%s: %s (%d)" % (name, query, len(want)),
           "missing %s, too many %s" % (sorted(want - got)[:5], sorted(got - want)[:5]))


with tempfile.TemporaryDirectory() as t:
    home, folder = os.path.join(t, "home"), os.path.join(t, "mails")
    make(folder)
    run(home, "import", folder)
    mails = [Mail(run(home, "show", "m%d" % i)[0][0]) for i in range(1, 151)]
    has = lambda q, f=None, p=False: lambda m: m.has(q, f, p)
    between = lambda a, b: lambda m: a <= m.day <= b
    queries = [(w, has(w)) for w in sorted(set(EN + ZH)) if re.fullmatch(r"\w+", w)]
    queries += [(q, has(q)) for q in ("会", "议", "纠", "room", "width", "full", "word7", "Muñoz", "munoz", "STRASSE", "cafe")]
    queries += [('"please confirm"', has("please confirm")), ('"invoices meeting"', has("invoices meeting")),
                ('"会议合同"', has("会议合同")), ('"meeting budget policy"', has("meeting budget policy")),
                ("subject:会议", has("会议", "subject")), ("subject:invoice", has("invoice", "subject")),
                ("from:李娜", has("李娜", "from")), ("from:haitian", has("haitian", "from")), ("name:report", has("report", "files")),
                ("body:发货", has("发货", "body")), ("repor*", has("repor", None, True)), ("meet*", has("meet", None, True)),
                ("pol*", has("pol", None, True)), ("date:2026-10..2026-11", between("2026-10-01", "2026-11-30")),
                ("date:2026-09-03..2026-09-20", between("2026-09-03", "2026-09-20")), ("date:2026-11-22", between("2026-11-22", "2026-11-22")),
                ("会议 from:tom", lambda m: m.has("会议") and m.has("tom", "from")),
                ("invoice -meeting", lambda m: m.has("invoice") and not m.has("meeting")),
                ("budget OR 合同", lambda m: m.has("budget") or m.has("合同")),
                ("(contract OR class) subject:box", lambda m: (m.has("contract") or m.has("class")) and m.has("box", "subject"))]
    compare(home, mails, "mixed mail", queries)
    if os.path.isdir(os.path.join(corpora, "mime-mu")):
        home = os.path.join(t, "corpora")
        n = 0
        for d in ("mime-mu", "mime-cpython", "mime-mikel", "mime-notmuch", "mime-alot"):
            n += run(home, "import", os.path.join(corpora, d))[0][-1]["messages"]
        mails = [Mail(run(home, "show", "m%d" % i)[0][0]) for i in range(1, n + 1)]
        compare(home, mails, "public mail", [(q, has(q)) for q in (
            "サーバ", "サ", "test", "tests", "message", "notmuch", "mail", "patch", "file", "Mikel", "series", "class", "address")] +
            [('"the following"', has("the following")), ("from:carl", has("carl", "from")), ("subject:test*", has("test", "subject", True)),
             ("date:2009-11-17..2009-11-18", between("2009-11-17", "2009-11-18"))])
    else:
        print("# public mail skipped: no corpora at", corpora)
print("1..%d" % count)
sys.exit(bad != 0)
