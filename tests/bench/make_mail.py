#!/usr/bin/env python3
"""make_mail.py - a Maildir of office mail for measuring: the same arguments give the same bytes.

  make_mail.py DIR COUNT [--first N] [--seed S]     writes messages N … N+COUNT-1 of the stream into DIR/{cur,new,tmp}

One message in six is Chinese (UTF-8 or GB18030), one in seven has an HTML twin, one in twelve an attachment; replies
quote and refer to their parent; bodies are about 2 KB at the median; words follow Zipf's law over 20,000 of them, so
that an index meets both common and rare ones. Message i depends on (seed, i) and on its thread only.
"""
import argparse
import base64
import bisect
import itertools
import math
import os
import quopri
import random
import time

HEAD = """the to and of a in is for you we on that with this be are have it will not as your please from at can by our
all or if meeting has new was but when there which project would contract budget an invoice they report team week
customer price order delivery date time review plan draft next need office update schedule payment offer quality
support account server change request question answer approve travel expense audit ledger renewal outage holiday
training supplier warehouse forecast risk milestone policy agenda minutes proposal signature shipment margin""".split()
HAN = """我们 你们 会议 合同 预算 发票 审批 项目 客户 报价 确认 请问 谢谢 您好 安排 时间 下周 周五 上午 下午 附件 查收 回复 尽快
质量 交付 付款 采购 供应 价格 成本 计划 团队 部门 经理 文件 数据 方案 建议 修改 版本 发布 测试 安全 风险 进度 仓库 物流
季度 年度 报告 讨论 问题 情况 工作 公司 需要 可以 已经 如果 因为 但是 关于 进行 目前 协议 条款 设备 维护 系统 培训 招聘""".split()
NAMES = """Anna Bruno Clara Dmitri Elsa Farid Greta Hugo Ines Jonas Kira Lena Marco Nadia Oskar Paula Rosa Stefan Tara
Ulla Viktor Wanda Yusuf Zora""".split()
HAN_NAMES = "李娜 王伟 张敏 刘洋 陈静 杨磊 赵强 黄丽 周涛 吴军".split()
HOSTS = "example.com haitian.example acme.example berger.example ruiz.example carrier.example bank.example".split()
BASE = 1795132800
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Words:
    """A vocabulary drawn by Zipf's law."""

    def __init__(self, words, total, make):
        seen = list(dict.fromkeys(words))
        known = set(seen)
        rng = random.Random(7)
        while len(seen) < total:
            w = make(rng)
            if w not in known:
                known.add(w)
                seen.append(w)
        self.words = seen
        self.weights = list(itertools.accumulate(1 / (i + 3) for i in range(total)))

    def draw(self, rng, n):
        top = self.weights[-1]
        return [self.words[bisect.bisect(self.weights, rng.random() * top)] for _ in range(n)]


def invented(rng):
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))


def invented_han(rng):
    return "".join(chr(rng.randrange(0x4E00, 0x4E00 + 1500)) for _ in range(2))


LATIN = Words(HEAD, 20000, invented)
CHINESE = Words(HAN, 6000, invented_han)


def person(rng):
    if rng.random() < 0.25:
        n = rng.choice(HAN_NAMES)
        return n, f"u{ord(n[0]):x}{rng.randrange(40)}@{rng.choice(HOSTS)}"
    n = rng.choice(NAMES)
    k = rng.randrange(25)
    return f"{n} {LATIN.words[200 + k].capitalize()}", f"{n.lower()}{k}@{rng.choice(HOSTS)}"


def encoded(text, charset):
    if text.isascii():
        return text
    step = 12
    return "\n ".join(f"=?{charset}?B?{base64.b64encode(text[i:i + step].encode(charset)).decode()}?="
                      for i in range(0, len(text), step))


def stamp(t):
    g = time.gmtime(t)
    return f"{DAYS[g.tm_wday]}, {g.tm_mday} {MONTHS[g.tm_mon - 1]} {g.tm_year} {g.tm_hour:02}:{g.tm_min:02}:{g.tm_sec:02} +0000"


def lines_of(rng, han):
    size = min(40000, int(math.exp(rng.gauss(7.2, 0.9))))
    out = []
    while size > 0:
        if han:
            s = "".join(CHINESE.draw(rng, rng.randint(8, 16))) + rng.choice("，。。？")
        else:
            s = " ".join(LATIN.draw(rng, rng.randint(8, 13)))
            if rng.random() < 0.1:
                s += f" EUR {rng.randrange(90, 90000)}.{rng.randrange(100):02}"
            s = s[0].upper() + s[1:] + rng.choice("..,.?")
        out.append(s)
        if rng.random() < 0.15:
            out.append("")
        size -= len(s.encode()) + 1
    return out


def part(lines, charset, cte, kind):
    raw = ("\n".join(lines) + "\n").encode(charset, "replace")
    raw = base64.encodebytes(raw) if cte == "base64" else quopri.encodestring(raw) if cte == "quoted-printable" else raw
    return f'Content-Type: text/{kind}; charset="{charset}"\nContent-Transfer-Encoding: {cte}\n\n'.encode() + raw


def multipart(kind, parts, mark):
    body = b"".join(b"--" + mark + b"\n" + p + b"\n" for p in parts)
    return b"Content-Type: multipart/" + kind + b'; boundary="' + mark + b'"\n\n' + body + b"--" + mark + b"--\n"


def message(seed, i):
    """(time, flags, bytes) of message i; a thread is up to seven messages that follow one another."""
    root = i - i % 7
    thread = random.Random(f"{seed}/t{root}")
    length = thread.choice((1, 1, 2, 3, 7))
    place = i - root
    if place >= length:
        root, thread, place, length = i, random.Random(f"{seed}/s{i}"), 0, 1
    han = thread.random() < 1 / 6
    charset = ("gb18030" if thread.random() < 0.3 else "utf-8") if han else "utf-8"
    subject = "".join(CHINESE.draw(thread, 4)) if han else " ".join(LATIN.draw(thread, 5)).capitalize()
    start = BASE - 3 * 365 * 86400 + int(thread.random() * 3 * 365 * 86400)
    people = [person(thread) for _ in range(thread.randint(2, 4))]
    rng = random.Random(f"{seed}/m{i}")
    sender = people[place % len(people)]
    t = start + place * 9000 + rng.randrange(3600)
    lines = lines_of(rng, han)
    if place and rng.random() < 0.6:
        lines += ["", f"On {stamp(t - 9000)} someone wrote:"] + ["> " + x for x in lines_of(random.Random(f"{seed}/m{i - 1}"), han)[:12]]
    ids = [f"<{seed}.{root + k}@bench.example>" for k in range(place + 1)]
    head = [f"Return-Path: <{sender[1]}>", f"From: {encoded(sender[0], charset)} <{sender[1]}>",
            "To: " + ", ".join(f"{encoded(n, charset)} <{a}>" for n, a in people if (n, a) != sender),
            f"Subject: {encoded(('Re: ' if place else '') + subject, charset)}", f"Date: {stamp(t)}", f"Message-ID: {ids[-1]}"]
    if place:
        head += [f"In-Reply-To: {ids[-2]}", "References: " + "\n ".join(ids[:-1])]
    if thread.random() < 0.2:
        head.append("List-Id: <all.example.com>")
    head.append("MIME-Version: 1.0")
    cte = "base64" if han else "7bit" if all(x.isascii() for x in lines) else "quoted-printable"
    body = part(lines, charset, cte, "plain")
    if rng.random() < 1 / 7:
        html = ["<html><body>"] + [f"<p>{x or '&nbsp;'}</p>" for x in lines] + ["</body></html>"]
        body = multipart(b"alternative", [body, part(html, charset, "base64" if han else "quoted-printable", "html")], b"=alt%d" % i)
    if rng.random() < 1 / 12:
        data = rng.randbytes(rng.choice((900, 4000, 60000)))
        name = f"{rng.choice(HEAD)}-{i}.{rng.choice(('pdf', 'csv', 'png'))}"
        att = (f'Content-Type: application/octet-stream; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
               "Content-Transfer-Encoding: base64\n\n").encode() + base64.encodebytes(data)
        body = multipart(b"mixed", [body, att], b"=mix%d" % i)
    x = rng.random()
    return t, None if x < 0.08 else "S" if x < 0.7 else "RS" if x < 0.93 else "FS", "\n".join(head).encode() + b"\n" + body


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("dir")
    ap.add_argument("count", type=int)
    ap.add_argument("--first", type=int, default=0)
    ap.add_argument("--seed", type=int, default=1)
    o = ap.parse_args()
    for d in ("cur", "new", "tmp"):
        os.makedirs(f"{o.dir}/{d}", exist_ok=True)
    for i in range(o.first, o.first + o.count):
        t, flags, data = message(o.seed, i)
        name = f"{o.dir}/new/{t}.M{i}.bench" if flags is None else f"{o.dir}/cur/{t}.M{i}.bench:2,{flags}"
        with open(name, "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
