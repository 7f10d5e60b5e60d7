#!/usr/bin/env python3
"""make_dictionary.py - trains the dictionary that packs mail, and writes it as a C table.

  make_dictionary.py > src/store/db_dictionary.c        (needs the program zstd)

The samples are made here, from templates and sentences of our own: header blocks as usual mail programs write them,
plain text in English and Chinese, HTML skeletons, MIME borders. The same script gives the same samples; a dictionary
that stores were packed with never changes, a better one gets the next number (db_pack.c).
"""
import base64, itertools, os, quopri, random, subprocess, sys, tempfile

R = random.Random(20261123)
pick = R.choice
FIRST = ("Anna Bob Carla David Emma Frank Grace Henry Irene Jack Karen Leo Maria Nina Oscar Paul Rita Sam Tina Victor "
         "Wei Xin Yan Zoe James John Mary Linda Peter Thomas Michael Sarah Daniel Laura").split()
LAST = ("Li Wang Zhang Chen Smith Jones Brown Miller Davis Wilson Moore Taylor Clark Lewis Walker Young King Wright "
        "Hill Green Adams Baker Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker Müller Schmidt").split()
ZHNAME = "李伟 王芳 张敏 刘洋 陈静 杨磊 赵强 黄丽 周杰 吴刚 徐娜 孙涛 马超 朱琳 胡斌 郭峰 何平 高翔".split()
HOST = "example.com example.org example.net mail.example.com corp.example example.cn mx.example.com smtp.example.net".split()
EN = """Hi {n},
Hello {n},
Dear {n},
Dear all,
Hi all,
Good morning,
Thank you for your email.
Thanks for getting back to me so quickly.
Thanks a lot for your help with this.
Please find attached the latest version of the document.
Please find attached the invoice for last month.
I have attached the updated schedule and the budget for the next quarter.
Could you please have a look and let me know what you think?
Could you please confirm by {d}?
Please let me know if you have any questions.
Let me know if that works for you.
Let me know if there is anything else you need from my side.
We would like to schedule a meeting with you next week to discuss the project.
The meeting has been moved to {d} at 10:00 in the large conference room.
The meeting will take place on {d}. The agenda is below.
Are you available on {d} in the afternoon?
I am out of the office until {d} and will have limited access to email.
I will get back to you as soon as possible.
As discussed on the phone yesterday, we will send the contract by the end of the week.
As discussed, here are the next steps and the open questions.
We have received your order and will ship it within two working days.
The delivery is delayed because our supplier has not confirmed the date yet.
Your payment of {a} has been received. Thank you.
The total amount is {a}, payable within 30 days of the date of the invoice.
The customer has asked for a discount and for an earlier delivery date.
The client asked us to review the proposal again before the board meets.
The report is due on {d}; please send me your numbers before that.
The results of the test are better than expected, but there are still some issues.
There was a problem with the server last night, and the team is working on it.
We need to make a decision about the supplier before the end of the month.
We should also talk about the contract with the new partner.
I think we should wait until we have the feedback from the customer.
I agree with your proposal and will inform the others.
I would suggest that we postpone the release by one week.
If you agree, I will prepare the contract and send it to you for signature.
Just a quick reminder that the deadline for the application is {d}.
Please do not hesitate to contact me if you need more information.
Please note that the prices have changed since the last offer.
Please review the attached draft and send me your comments.
Please reply to this message if you would like to take part.
You are receiving this email because you subscribed to our newsletter.
If you no longer wish to receive these emails, you can unsubscribe here:
To unsubscribe from this list, send a message to the address below.
This email and any attachments are confidential and intended solely for the use of the person to whom they are addressed.
If you have received this message in error, please notify the sender and delete it.
Looking forward to hearing from you.
Looking forward to seeing you there.
Best regards,
Kind regards,
Many thanks and best regards,
Regards,
Cheers,
Thanks,
On {d}, {n} wrote:
-----Original Message-----
---------- Forwarded message ----------
Sent from my phone
This is an automatically generated message, please do not reply.
Your account has been updated. If this was not you, please change your password.
Click the link below to view your order, or copy it into your browser.
Ticket {k} has been updated. Status: open. Priority: high.
The following people have accepted the invitation.
Here is a summary of the changes in this version:
What do you think about the numbers for the third quarter?
Who is going to take care of the hotel and the flights?
Where can I find the minutes of the last meeting?
When will the new version be released?
How many people will be attending the training on {d}?""".split("\n")
ZH = """您好，
{z}，您好：
各位同事：
大家好，
附件是最新的合同，请您查收。
请查收附件，如有问题请随时与我联系。
请您确认一下会议时间，谢谢。
会议改到明天下午三点，在大会议室召开。
下周三上午十点召开项目进度会议，请准时参加。
关于上次讨论的预算问题，我们已经和财务部门沟通过了。
我们已经收到您的订单，将在两个工作日内发货。
客户希望我们尽快提供报价和交货时间。
请在本周五之前把报告发给我。
这个月的发票已经开好，金额是{a}，请安排付款。
服务器昨晚出现故障，目前正在处理，预计今天下午恢复。
项目目前进展顺利，但是还有几个问题需要解决。
请各部门在截止日期前提交下一季度的工作计划。
会议纪要已经整理完毕，请大家确认后回复。
如果您没有其他意见，我们就按照这个方案执行。
麻烦您看一下附件中的修改意见。
谢谢您的支持与配合。
感谢您的来信，我们会尽快回复您。
期待您的回复。
此致
敬礼
祝好，
祝您工作顺利！
以上，如有疑问请联系{z}。
这是系统自动发送的邮件，请勿直接回复。
您的验证码是，请在十分钟内输入。
如果您不想再收到此类邮件，请点击退订。
发件人：{z}
收件人：{z}
主题：关于合同审批的通知
合同编号、交付时间、付款方式等内容请参考附件。
供应商已经确认，样品将于下周一寄出。
人事部门通知：面试安排在明天上午，请提前准备。
请把最新的数据更新到表格里，我们下午一起讨论。""".split("\n")
DAYS = [f"{w}, {d} {m} 2026 {h:02}:{mi:02}:{s:02} {z}" for w, d, m, h, mi, s, z in itertools.islice(
    ((pick("Mon Tue Wed Thu Fri Sat Sun".split()), R.randint(1, 28), pick("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()),
      R.randint(0, 23), R.randint(0, 59), R.randint(0, 59), pick(["+0000", "+0100", "+0200", "+0800", "-0500", "-0700", "+0000 (UTC)"]))
     for _ in itertools.count()), 400)]
HTML = ["""<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="Generator" content="Microsoft Word 15 (filtered medium)">
<style><!--
p.MsoNormal, li.MsoNormal, div.MsoNormal
	{margin:0cm;
	font-size:11.0pt;
	font-family:"Calibri",sans-serif;}
a:link, span.MsoHyperlink
	{color:#0563C1;
	text-decoration:underline;}
--></style>
</head>
<body lang="EN-US" link="#0563C1" vlink="#954F72">
<div class="WordSection1">
%s</div>
</body>
</html>
""", """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title></title>
<style type="text/css">body{margin:0;padding:0;font-family:Arial,Helvetica,sans-serif;font-size:14px;color:#333333;}</style>
</head>
<body style="margin:0;padding:0;background-color:#ffffff;">
<table width="100%%" cellpadding="0" cellspacing="0" border="0" align="center"><tr><td align="center" valign="top">
<table width="600" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;">
%s</table></td></tr></table>
</body>
</html>
""", """<div dir="ltr">%s</div>
""", """<html><head></head><body>
%s</body></html>
"""]
PARA = ['<p class="MsoNormal">%s<o:p></o:p></p>\n', '<tr><td style="padding:10px 20px;font-size:14px;line-height:20px;">%s</td></tr>\n',
        '<div>%s</div><div><br></div>', '<p>%s</p>\n']


def fill(s):
    return s.format(n=pick(FIRST), z=pick(ZHNAME), k=R.randint(1000, 99999), d=pick(["Monday", "Friday", "1 December", "March 15", "2026-11-30", "tomorrow"]),
                    a=pick(["EUR 1,200.00", "$12,450", "￥38,000 元", "1.250,00 €", "USD 999"]))


def prose(n, zh):
    return [fill(pick(ZH if zh else EN)) for _ in range(n)]


def address():
    f, l = pick(FIRST), pick(LAST)
    return f, l, f"{f.lower()}.{l.lower()}@{pick(HOST)}".encode("ascii", "ignore").decode()


def encoded(words):
    return f"=?{pick(['UTF-8', 'utf-8'])}?B?{base64.b64encode(words.encode()).decode()}?="


def token(n):
    return "".join(R.choice("0123456789ABCDEFabcdefghijklmnopqrstuvwxyz") for _ in range(n))


def headers(zh, kind):
    f, l, a = address()
    _, _, b = address()
    name = encoded(pick(ZHNAME)) if zh else f"{f} {l}"
    host = pick(HOST)
    h = []
    if R.random() < .6:
        h += [f"Return-Path: <{a}>", f"Delivered-To: {b}"]
        for _ in range(R.randint(1, 3)):
            h.append(f"Received: from {pick(HOST)} ({pick(HOST)} [192.0.2.{R.randint(1, 254)}])\n\tby {pick(HOST)} (Postfix) with ESMTP{pick(['', 'S', 'SA'])} id {token(10)}\n"
                     f"\t{pick(['(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))' + chr(10) + chr(9), ''])}for <{b}>; {pick(DAYS)}")
    if R.random() < .3:
        h.append(f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={host}; s=mail;\n\tt=17{R.randint(10000000, 99999999)}; h=from:from:reply-to:subject:subject:date:date:message-id:message-id:\n"
                 f"\t to:to:cc:mime-version:mime-version:content-type:content-type:\n\t in-reply-to:in-reply-to:references:references;\n\tbh={token(43)}=;\n\tb={token(60)}")
        h.append(f"Authentication-Results: {host}; dkim=pass header.d={host}; spf=pass smtp.mailfrom={a}; dmarc=pass (policy=none) header.from={host}")
    h += [f"From: {name} <{a}>" if R.random() < .7 else f'From: "{name}" <{a}>', f"To: {b}" if R.random() < .4 else f"To: {pick(FIRST)} {pick(LAST)} <{b}>"]
    if R.random() < .3:
        h.append(f"Cc: {pick(FIRST)} {pick(LAST)} <{address()[2]}>,\n {address()[2]}")
    words = fill(pick(ZH if zh else EN))[:40]
    h += [f"Subject: {pick(['', 'Re: ', 'Fwd: ', 'RE: '])}{encoded(words) if zh else words}", f"Date: {pick(DAYS)}", f"Message-ID: <{token(20)}@{host}>"]
    if R.random() < .5:
        h += [f"In-Reply-To: <{token(20)}@{pick(HOST)}>", f"References: <{token(20)}@{pick(HOST)}>\n <{token(20)}@{pick(HOST)}>"]
    if kind == "list":
        h += [f"List-Id: Announcements <announce.{host}>", f"List-Unsubscribe: <https://{host}/unsubscribe?u={token(12)}>, <mailto:unsubscribe@{host}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
              f"List-Post: <mailto:announce@{host}>", f"List-Help: <mailto:announce-request@{host}?subject=help>", "Precedence: bulk", "X-Mailman-Version: 2.1.39", "Auto-Submitted: auto-generated"]
    if R.random() < .5:
        h.append(pick(["User-Agent: Mozilla Thunderbird", "X-Mailer: Apple Mail (2.3774.300.61.1.2)", "X-Mailer: Microsoft Outlook 16.0", "X-Mailer: Foxmail 7.2.25",
                       "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0", "X-Priority: 3 (Normal)\nImportance: Normal", "Thread-Topic: " + words,
                       "Accept-Language: en-US, zh-CN\nContent-Language: en-US\nX-MS-Has-Attach:\nX-MS-TNEF-Correlator:"]))
    h.append("MIME-Version: 1.0")
    return h


def leaf(text, subtype, how):
    ct = f"Content-Type: text/{subtype}; charset={pick(['utf-8', 'UTF-8', chr(34) + 'utf-8' + chr(34)])}"
    if how == "qp":
        return f"{ct}\nContent-Transfer-Encoding: quoted-printable\n\n{quopri.encodestring(text.encode()).decode()}"
    if how == "b64":
        return f"{ct}\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(text.encode()).decode()}"
    return f"{ct}{pick(['', '; format=flowed'])}\nContent-Transfer-Encoding: {pick(['8bit', '7bit'])}\n\n{text}"


def message(i):
    zh, kind = i % 4 == 3, pick(["plain", "plain", "html", "list", "file"])
    lines = prose(R.randint(3, 14), zh)
    text = "\n".join(("> " + x if R.random() < .2 else x) for x in lines) + "\n"
    how = pick(["8bit", "qp", "b64", "8bit"]) if zh else pick(["7bit", "7bit", "qp", "8bit"])
    head = "\n".join(headers(zh, kind)) + "\n"
    if kind == "plain":
        return head + leaf(text, "plain", how)
    border = pick(["----=_Part_%d_%d.%d" % (R.randint(1, 999999), R.randint(1, 10**9), R.randint(1, 10**13)), "=-=" + token(16), "------------" + token(24), "000000000000" + token(16), "_000_" + token(30) + "_", "===============%d==" % R.randint(10**18, 10**19)])
    page = pick(HTML) % "".join(pick(PARA) % x for x in lines)
    second = leaf(page, "html", how)
    if kind == "file":
        name = pick(["report.pdf", "invoice.pdf", "budget.xlsx", "minutes.docx", "image001.png", "invite.ics"])
        second = (f'Content-Type: application/{pick(["pdf", "octet-stream", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"])}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
                  f"Content-Transfer-Encoding: base64\n\nJVBERi0xLjQKJcfsj6IKNSAwIG9iago8PC9MZW5ndGggNiAwIFIvRmlsdGVyIC9GbGF0ZURlY29kZT4+CnN0cmVhbQp4n\n")
    return (head + f'Content-Type: multipart/{"mixed" if kind == "file" else "alternative"};{pick([" ", chr(10) + chr(9)])}boundary="{border}"\n\n'
            + pick(["", "This is a multi-part message in MIME format.\n"]) + f"--{border}\n" + leaf(text, "plain", how) + f"\n--{border}\n" + second + f"\n--{border}--\n")


def samples():
    for i in range(2600):
        yield message(i)
        # the texts as they are stored beside the mail: alone, without a head
        yield "\n".join(prose(R.randint(2, 12), i % 3 == 0)) + "\n"
    for s in EN + ZH:
        yield fill(s) * 3


def main():
    with tempfile.TemporaryDirectory() as t:
        names = []
        for i, s in enumerate(samples()):
            names.append(os.path.join(t, f"{i:05}"))
            with open(names[-1], "w", encoding="utf-8", newline="\n") as f:
                f.write(s)
        out = os.path.join(t, "dictionary")
        subprocess.run(["zstd", "-q", "--train-cover=k=64,d=8,steps=1", "--maxdict=32000", "--dictID=20261", "-o", out, "-r", t], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Without its head: the head's Huffman tables fit our samples too well, and packed text came out 2 % larger with them.
        data = open(out, "rb").read()[256:]
    print("/* SPDX-License-Identifier: GPL-3.0-or-later */")
    print("/* db_dictionary.c - made by make_dictionary.py: the first dictionary that packs mail. Never changed,")
    print(" * for stores are packed with it. */")
    print('#include "store/db_dictionary.h"\n')
    print(f"const size_t db_dictionary_mail1_len = {len(data)};")
    print("/* clang-format off */")
    print(f"const unsigned char db_dictionary_mail1[{len(data)} + 1] =")
    line = ""
    for b in data:
        c = chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}"
        if len(line) + len(c) > 94:
            print(f'    "{line}"')
            line = ""
        line += c
    print(f'    "{line}";')


main()
