# SPDX-License-Identifier: ISC
"""Mail as people's programs really write it: one row of CLIENTS a program, with its Message-IDs, thread fields, subject
prefixes, quoting, HTML, charsets and transfer encodings.

    c = CLIENTS["gmail"]
    data = c.write(person, when, words, to="support@dynamics.example", subject="Ledger")       # a new mail
    data = c.answer(person, when, words, letter)                    # a reply; everybody=True: to all; letter: EmailMessage
    data = c.forward(person, when, words, letter, to="support@dynamics.example")

person is (name, address); when a UTC datetime; the bytes have CRLF line ends and no field that a server adds.
"""
import base64
import datetime
import hashlib
import html
import quopri
import re
import textwrap
import uuid

UTC = datetime.timezone.utc
RULER = "_" * 32


def stamp(*words):
    """Digits that look random and are the same in every run."""
    return hashlib.sha256("|".join(str(w) for w in words).encode()).hexdigest()


def address(person):
    name, addr = person
    if not name:
        return addr
    if not name.isascii():
        return "=?utf-8?B?%s?= <%s>" % (base64.b64encode(name.encode()).decode(), addr)
    return '"%s" <%s>' % (name, addr) if re.search(r"[,.()]", name) else "%s <%s>" % (name, addr)


def people(field):
    """[(name, address)] of a field of a letter."""
    return [(a.display_name, a.addr_spec) for a in field.addresses] if field is not None else []


def plain_of(letter):
    part = letter.get_body(("plain",))
    return part.get_content().replace("\r\n", "\n").rstrip("\n") if part is not None else ""


def html_of(letter):
    """What stands in <body>, else the plain words as lines."""
    part = letter.get_body(("html",))
    if part is None:
        return "<br>".join(html.escape(line) for line in plain_of(letter).split("\n"))
    text = part.get_content().replace("\r\n", "\n")
    found = re.search(r"(?is)<body[^>]*>(.*)</body>", text)
    return found.group(1) if found else text


def head_word(text):
    """A subject as a client writes it: words outside ASCII encoded, long ones folded."""
    if text.isascii():
        return text
    pieces, now = [], ""
    for ch in text:
        if len((now + ch).encode()) > 39:
            pieces.append(now)
            now = ""
        now += ch
    return "\r\n ".join("=?UTF-8?B?%s?=" % base64.b64encode(p.encode()).decode() for p in pieces + [now])


def flowed(text):
    """format=flowed (RFC 3676), stuffed."""
    out = []
    for line in text.split("\n"):
        if line.startswith(">") or len(line) <= 72 or line == "-- ":
            out.append((" " + line) if line.startswith(" ") or line.startswith("From ") else line)
            continue
        rows = textwrap.wrap(line, 70, break_long_words=False, break_on_hyphens=False)
        out += [r + " " for r in rows[:-1]] + rows[-1:]
    return "\n".join(out)


def part(kind, text, charset="utf-8", coding="quoted-printable", more=""):
    """One leaf, head and body. Windows programs write their own charset where words do not fit the old ones."""
    try:
        text.encode(charset.strip('"'))
    except UnicodeEncodeError:
        charset = "windows-1252"
    data = text.encode(charset.strip('"'), "xmlcharrefreplace" if kind == "text/html" else "replace")
    if coding == "base64":
        body = base64.encodebytes(data.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    elif coding == "quoted-printable":
        body = quopri.encodestring(data).replace(b"\n", b"\r\n")
    else:
        body = data.replace(b"\n", b"\r\n")
    return ("Content-Type: %s; charset=%s%s\r\nContent-Transfer-Encoding: %s\r\n\r\n" % (kind, charset, more, coding)).encode() + body + b"\r\n"


def several(subtype, boundary, *parts):
    inside = b"".join(b"--" + boundary.encode() + b"\r\n" + p for p in parts)
    return ('Content-Type: multipart/%s;\r\n\tboundary="%s"\r\n\r\n' % (subtype, boundary)).encode() + inside + b"--" + boundary.encode() + b"--\r\n"


class Quote:
    """What a client knows of the mail it quotes."""

    def __init__(self, letter):
        self.name, self.addr = people(letter["From"])[0]
        self.to = people(letter["To"])
        self.subject = str(letter["Subject"])
        self.at = letter["Date"].datetime.astimezone(UTC)
        self.plain, self.html = plain_of(letter), html_of(letter)
        self.who = "%s <%s>" % (self.name, self.addr) if self.name else self.addr
        self.to_text = ", ".join("%s <%s>" % p if p[0] else p[1] for p in self.to)

    def lines(self, mark="> "):
        return "\n".join((mark.rstrip() if not line or line.startswith(">") else mark) + line for line in self.plain.split("\n"))


class Client:
    """What most of them do; a row overrides what it does otherwise."""
    reply_prefix, forward_prefix = "Re: ", "Fwd: "
    references = "all"                  # all, last (of a long line only the end), none
    in_reply_to = True
    forward_refers = True
    topic = False                       # Thread-Topic and Thread-Index

    def __init__(self, name, **how):
        self.name = name
        self.__dict__.update(how)

    # ---- what a row has to say
    def fields(self, person, when, key):
        return []

    def message_id(self, person, when, key):
        return "<%s@%s>" % (uuid.UUID(stamp(self.name, key)[:32]), person[1].rpartition("@")[2])

    def body(self, words, quote, forward, key):
        raise NotImplementedError

    # ---- what is common
    def prefixed(self, prefix, subject, known):
        """Clients put their prefix before a subject once, and know their own language's and the English ones."""
        if re.match(r"(?i)(%s|re|fwd?):\s" % re.escape(prefix.strip().rstrip(":").strip()), subject) and known:
            return subject
        return prefix + subject

    def recipients(self, person, letter, everybody):
        back = people(letter["Reply-To"]) or people(letter["From"])
        if not everybody:
            return back, []
        mine = {person[1].lower()} | {a.lower() for _, a in back}
        return back + [p for p in people(letter["To"]) if p[1].lower() not in mine], [p for p in people(letter["Cc"]) if p[1].lower() not in mine]

    def thread(self, letter, key):
        mid, refs = letter["Message-ID"], re.findall(r"<[^<>\s]+>", str(letter["References"] or ""))
        out = []
        if self.in_reply_to:
            out.append(("In-Reply-To", mid))
        if self.references == "all":
            out.append(("References", "\r\n ".join(refs + [mid])))
        elif self.references == "last":
            out.append(("References", "\r\n\t".join((refs + [mid])[-2:])))
        return out

    def outlook_thread(self, letter, subject, key):
        if not self.topic:
            return []
        bare = re.sub(r"(?i)^((re|aw|sv|vs|antw|fw|fwd|wg|tr):\s*)+", "", subject)
        old = str(letter["Thread-Index"] or "") if letter is not None else ""
        index = base64.b64decode(old) if old else b"\x01\xdb" + bytes.fromhex(stamp("index", bare, key)[:40])
        return [("Thread-Topic", head_word(str(letter["Thread-Topic"]) if letter is not None and letter["Thread-Topic"] else bare)),
                ("Thread-Index", base64.b64encode(index + (bytes.fromhex(stamp(key)[:10]) if letter is not None else b"")).decode())]

    def mail(self, person, when, key, to, cc, subject, more, content):
        date = when.strftime("%a, %d %b %Y %H:%M:%S +0000")
        rows = [("From", address(person)), ("To", ",\r\n ".join(address(p) for p in to))]
        rows += [("Cc", ",\r\n ".join(address(p) for p in cc))] if cc else []
        rows += [("Subject", head_word(subject)), ("Date", date), ("Message-ID", self.message_id(person, when, key))] + more + self.fields(person, when, key)
        return "".join("%s: %s\r\n" % r for r in rows).encode() + b"MIME-Version: 1.0\r\n" + content

    def write(self, person, when, words, to, subject, cc=()):
        key = stamp(self.name, person, when, words)
        to = [("", to)] if isinstance(to, str) else to
        return self.mail(person, when, key, to, list(cc), subject, self.outlook_thread(None, subject, key), self.body(words, None, False, key))

    def answer(self, person, when, words, letter, everybody=False, cc=()):
        key = stamp(self.name, person, when, words)
        to, copies = self.recipients(person, letter, everybody)
        subject = self.prefixed(self.reply_prefix, str(letter["Subject"]), self.reply_prefix.lower() == "re: ")
        return self.mail(person, when, key, to, copies + list(cc), subject, self.thread(letter, key) + self.outlook_thread(letter, subject, key),
                         self.body(words, Quote(letter), False, key))

    def forward(self, person, when, words, letter, to):
        key = stamp(self.name, person, when, words, "forward")
        to = [("", to)] if isinstance(to, str) else to
        subject = self.prefixed(self.forward_prefix, str(letter["Subject"]), False)
        more = self.thread(letter, key) if self.forward_refers else []
        return self.mail(person, when, key, to, [], subject, more + self.outlook_thread(letter, subject, key), self.body(words, Quote(letter), True, key))


# ---- Outlook

LABELS = {                              # what stands above a quoted mail: from, sent, to, subject
    "en": ("From", "Sent", "To", "Subject"), "sv": ("Från", "Skickat", "Till", "Ämne"), "de": ("Von", "Gesendet", "An", "Betreff"), "da": ("Fra", "Sendt", "Til", "Emne"),
    "fr": ("De", "Envoyé", "À", "Objet"), "nl": ("Van", "Verzonden", "Aan", "Onderwerp"), "fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
}


class Outlook(Client):
    topic, references, labels = True, "all", "en"

    def message_id(self, person, when, key):
        s = stamp("outlook", key).upper()
        host = "AM9PR08MB%d.eurprd08.prod.outlook.com" % (int(s[:4], 16) % 9000 + 1000)
        return "<%s%s@%s>" % (host.partition(".")[0], s[:24], host)

    def fields(self, person, when, key):
        return [("Accept-Language", "en-GB, en-US"), ("Content-Language", "en-US"), ("X-MS-Has-Attach", ""), ("X-MS-TNEF-Correlator", ""),
                ("x-ms-exchange-messagesentrepresentingtype", "1")]

    def header_text(self, q):
        a = LABELS[self.labels]
        return "%s: %s\n%s: %s\n%s: %s\n%s: %s" % (a[0], q.who, a[1], q.at.strftime("%A, %B %d, %Y %I:%M %p"), a[2], q.to_text, a[3], q.subject)

    def header_html(self, q, bold):
        return "<br>\n".join("%s:%s %s" % (bold % label, "", html.escape(value)) for label, value in (line.split(": ", 1) for line in self.header_text(q).split("\n")))


class OutlookDesktop(Outlook):
    """Word writes the HTML; the plain part is made by Exchange, without marks before quoted lines."""
    charset, coding, signature = "iso-8859-1", "quoted-printable", ""

    def body(self, words, q, forward, key):
        paragraphs = "\n".join("<p class=MsoNormal><span style='font-size:11.0pt;mso-fareast-language:EN-US'>%s<o:p></o:p></span></p>" % (html.escape(line) or "&nbsp;")
                               for line in (words + self.signature).split("\n"))
        plain = words + self.signature
        if q:
            plain += "\n\n%s\n\n%s\n" % (self.header_text(q), re.sub(r"\n\n+", "\n\n", q.plain))
            paragraphs += ("<p class=MsoNormal><span style='mso-fareast-language:EN-US'><o:p>&nbsp;</o:p></span></p><div>"
                           "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><span lang=EN-US>%s</span><o:p></o:p></p></div></div>"
                           "<p class=MsoNormal><o:p>&nbsp;</o:p></p><div>%s</div>" % (self.header_html(q, "<b>%s:</b>").replace(":</b>:", ":</b>"), q.html))
        page = ('<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" '
                'xmlns="http://www.w3.org/TR/REC-html40">\n<head><meta http-equiv="Content-Type" content="text/html; charset=%s"><meta name="Generator" content="Microsoft Word 15 (filtered medium)">'
                '<!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]--><style><!--\n/* Font Definitions */\n@font-face\n\t{font-family:"Cambria Math";}\n'
                'p.MsoNormal, li.MsoNormal, div.MsoNormal\n\t{margin:0cm;font-size:11.0pt;font-family:"Calibri",sans-serif;}\n--></style></head>'
                '<body lang="EN-GB" link="#0563C1" vlink="#954F72" style="word-wrap:break-word"><div class="WordSection1">%s</div></body></html>' % (self.charset, paragraphs))
        b = "_000_%s_" % stamp(key).upper()[:40]
        return several("alternative", b, part("text/plain", plain, self.charset, self.coding), part("text/html", page, self.charset, self.coding))


class OutlookWeb(Outlook):
    tail = ""                           # the phone's line

    def message_id(self, person, when, key):
        s = stamp("owa", key).upper()
        return "<DB7P191MB0%s%s@DB7P191MB0%s.EURP191.PROD.OUTLOOK.COM>" % (s[:3], s[3:30], s[:3])

    def body(self, words, q, forward, key):
        lines = "".join('<div class="elementToProof" style="font-family: Aptos, Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);">\n%s</div>\n' % (html.escape(line) or "<br>")
                        for line in words.split("\n"))
        plain = words + "\n"
        if self.tail:
            plain += "\n%s\n" % re.sub(r"<a href=\"([^\"]*)\">([^<]*)</a>", r"\2<\1>", self.tail)
            lines += '<div id="ms-outlook-mobile-signature">\n<div><br></div>\n%s</div>\n' % self.tail
        if q:
            plain += "%s\n%s\n\n%s\n" % (RULER, self.header_text(q), q.plain)
            lines += ('<div id="appendonsend"></div>\n<hr style="display:inline-block;width:98%%" tabindex="-1">\n<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" '
                      'style="font-size:11pt" color="#000000">%s</font>\n<div>&nbsp;</div>\n</div>\n<div>%s</div>' % (self.header_html(q, "<b>%s:</b>").replace(":</b>:", ":</b>"), q.html))
        page = '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>\n</head>\n<body dir="ltr">\n%s</body>\n</html>\n' % lines
        b = "_000_%s_" % stamp(key).upper()[:40]
        return several("alternative", b, part("text/plain", plain, "utf-8", "base64"), part("text/html", page, "utf-8", "base64"))


# ---- Gmail

class Gmail(Client):
    direction, coding = "ltr", "quoted-printable"

    def message_id(self, person, when, key):
        raw = base64.b64encode(bytes.fromhex(stamp("gmail", key)[:60])).decode().replace("/", "_").replace("+", "-")
        return "<CA%s@mail.gmail.com>" % raw[:48]

    def fields(self, person, when, key):
        return [("X-Google-DKIM-Signature", "v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n        d=1e100.net; s=20230601; bh=%s=;\r\n        b=%s" % (stamp(key)[:43], stamp(key, 1))),
                ("X-Gm-Message-State", "AOJu0Y" + stamp(key)[:30]), ("X-Google-Smtp-Source", "AGHT+I" + stamp(key)[:40])]

    def body(self, words, q, forward, key):
        page = "".join('<div dir="%s">%s</div>' % (self.direction, html.escape(line) or "<br>") for line in words.split("\n"))
        plain = words + "\n"
        if q and forward:
            plain += "\n---------- Forwarded message ---------\nFrom: %s\nDate: %s\nSubject: %s\nTo: %s\n\n\n%s\n" % (q.who,
                                                                                              q.at.strftime("%a, %b %-d, %Y at %-I:%M\u202f%p"), q.subject, q.to_text, q.plain)
            page += ('<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>From: <strong class="gmail_sendername" dir="auto">%s</strong> '
                     '<span dir="auto">&lt;<a href="mailto:%s">%s</a>&gt;</span><br>Date: %s<br>Subject: %s<br>To: %s<br></div><br><br>%s</div>\n'
                     % (html.escape(q.name or ""), q.addr, q.addr, q.at.strftime("%a, %b %-d, %Y at %-I:%M\u202f%p"), html.escape(q.subject), html.escape(q.to_text), q.html))
        elif q:
            line = "On %s, %s wrote:" % (q.at.strftime("%a, %b %-d, %Y at %-I:%M\u202f%p"), q.who)
            plain += "\n%s\n\n%s\n" % ("\n".join(textwrap.wrap(line, 78, break_long_words=False, break_on_hyphens=False)), q.lines())
            page += ('<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On %s, %s &lt;<a href="mailto:%s">%s</a>&gt; wrote:<br></div>'
                     '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">%s</blockquote></div>\n'
                     % (q.at.strftime("%a, %b %-d, %Y at %-I:%M\u202f%p"), html.escape(q.name or ""), q.addr, q.addr, q.html))
        return several("alternative", "000000000000" + stamp(key)[:16], part("text/plain", plain, '"UTF-8"', self.coding), part("text/html", page, '"UTF-8"', "quoted-printable"))


# ---- Apple

class AppleMail(Client):
    """A quote above which the person wrote; on the phone with its footer between."""
    footer, mailer = "", "Apple Mail (2.3774.500.171.1.1)"

    def message_id(self, person, when, key):
        return "<%s@%s>" % (str(uuid.UUID(stamp("apple", key)[:32])).upper(), person[1].rpartition("@")[2])

    def fields(self, person, when, key):
        return [("X-Mailer", self.mailer)] + ([] if self.footer else [("X-Universally-Unique-Identifier", str(uuid.UUID(stamp(key)[:32])).upper())])

    def body(self, words, q, forward, key):
        plain, page = words + "\n", "".join("<div>%s</div>" % (html.escape(line) or "<br>") for line in words.split("\n"))
        if self.footer:
            plain += "\n%s\n" % self.footer
            page += '<div><br></div><div dir="ltr">%s</div>' % html.escape(self.footer)
        if q and forward:
            rows = [("From", q.who), ("Subject", q.subject), ("Date", q.at.strftime("%-d %B %Y at %H:%M:%S GMT")), ("To", q.to_text)]
            plain += "\n> Begin forwarded message:\n> \n" + "".join("> %s: %s\n" % r for r in rows) + "> \n" + q.lines() + "\n"
            page += '<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>Begin forwarded message:</div><br class="Apple-interchange-newline">%s<br><div>%s</div></blockquote></div><br>' % (
                "".join('<div style="margin-top: 0px; margin-right: 0px; margin-bottom: 0px; margin-left: 0px;"><span style="font-family: -webkit-system-font, Helvetica Neue, Helvetica, sans-serif;"><b>%s: </b></span><span>%s<br></span></div>'
                        % (k, html.escape(v)) for k, v in rows), q.html)
        elif q:
            line = "On %s, at %s, %s wrote:" % (q.at.strftime("%-d %b %Y"), q.at.strftime("%H:%M"), q.who)
            mark = "\ufeff" if self.footer else ""
            plain += "\n> %s\n> \n%s%s\n" % (line, "> " + mark + "\n" if mark else "", q.lines())
            page += '<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>%s%s</div><br class="Apple-interchange-newline"><div>%s</div></blockquote></div><br>' % (
                html.escape(line), mark, q.html)
        page = '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">%s</body></html>' % page
        return several("alternative", "Apple-Mail=_%s" % str(uuid.UUID(stamp(key)[:32])).upper(), part("text/plain", plain, "utf-8", "quoted-printable"), part("text/html", page, "utf-8", "quoted-printable"))


# ---- Thunderbird, K-9: plain words, flowed, marked quotes

class Thunderbird(Client):
    below = True                        # writes under the quote
    flow = True

    def fields(self, person, when, key):
        return [("User-Agent", "Mozilla Thunderbird"), ("Content-Language", "en-GB")]

    def body(self, words, q, forward, key):
        if q and forward:
            text = "%s\n\n\n-------- Forwarded Message --------\nSubject: \t%s\nDate: \t%s\nFrom: \t%s\nTo: \t%s\n\n\n\n%s\n" % (words, q.subject, q.at.strftime("%a, %d %b %Y %H:%M:%S +0000"), q.who, q.to_text, q.plain)
        elif q:
            text = "On %s, %s wrote:\n%s\n\n%s\n" % (q.at.strftime("%d/%m/%Y %H:%M"), q.name or q.addr, q.lines(), words)
        else:
            text = words + "\n"
        return part("text/plain", flowed(text), "UTF-8", "8bit", "; format=flowed")


class K9(Client):
    forward_refers = False

    def message_id(self, person, when, key):
        return "<%s@%s>" % (str(uuid.UUID(stamp("k9", key)[:32])).upper(), person[1].rpartition("@")[2])

    def fields(self, person, when, key):
        return [("User-Agent", "K-9 Mail for Android"), ("Autocrypt", "addr=%s; prefer-encrypt=mutual; keydata=\r\n mDMEX%s" % (person[1], stamp(key)))]

    def body(self, words, q, forward, key):
        sign = "-- \nSent from my Android device with K-9 Mail. Please excuse my brevity."
        if q and forward:
            text = "%s\n%s\n\n\n-------- Original Message --------\nFrom: %s\nSent: %s\nTo: %s\nSubject: %s\n\n%s\n" % (words, sign, q.who, q.at.strftime("%-d %B %Y %H:%M:%S GMT"), q.to_text, q.subject, q.plain)
        elif q:
            text = "%s\n%s\n\n\nOn %s GMT, %s wrote:\n%s\n" % (words, sign, q.at.strftime("%-d %B %Y %H:%M:%S"), q.who, q.lines(">"))
        else:
            text = "%s\n%s\n" % (words, sign)
        return part("text/plain", text, "utf-8", "quoted-printable")


class Mutt(Client):
    coding = "8bit"

    def message_id(self, person, when, key):
        raw = base64.b64encode(bytes.fromhex(stamp("mutt", key)[:24])).decode().replace("/", "_")
        return "<%s@%s>" % (raw, person[1].rpartition("@")[2])

    def fields(self, person, when, key):
        return [("Mail-Followup-To", address(person))]

    def recipients(self, person, letter, everybody):
        to, cc = super().recipients(person, letter, everybody)
        return to[:1], to[1:] + cc

    def body(self, words, q, forward, key):
        if q and forward:
            text = "%s\n\n----- Forwarded message from %s -----\n\nDate: %s\nFrom: %s\nTo: %s\nSubject: %s\n\n%s\n\n----- End forwarded message -----\n" % (
                words, q.who, q.at.strftime("%a, %d %b %Y %H:%M:%S +0000"), q.who, q.to_text, q.subject, q.plain)
        elif q:
            text = "On %s, %s wrote:\n%s\n\n%s\n\n-- \nThe pen is mightier\n" % (q.at.strftime("%a, %b %d, %Y at %I:%M:%S%p +0000"), q.name or q.addr, q.lines(), words)
        else:
            text = words + "\n"
        return part("text/plain", text, "utf-8", self.coding).replace(b"Content-Type: text/plain; charset=utf-8", b"Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline", 1)


class Notes(Client):
    """Lotus, IBM, HCL: no thread fields but what its router feels like, a block of fields above unmarked words."""
    references, in_reply_to, forward_refers, labels = "none", False, False, "en"
    forward_prefix = "Fw: "

    def message_id(self, person, when, key):
        s = stamp("notes", key).upper()
        return "<OF%s.%s-ONC1258D5A.%s-C1258D5A.%s@%s>" % (s[:8], s[8:16], s[16:24], s[24:32], person[1].rpartition("@")[2])

    def fields(self, person, when, key):
        s = stamp(key).upper()
        return [("X-KeepSent", "%s:%s-C1258D5A:%s; type=4; name=$KeepSent" % (s[:8], s[8:16], s[16:24])), ("X-Mailer", "HCL Notes Build V1201_11102021 November 10, 2021"),
                ("X-MIMETrack", "Serialize by Router on MAIL01/ACME(Release 12.0.1FP1|April 2022) at\r\n %s" % when.strftime("%m/%d/%Y %I:%M:%S %p")),
                ("Importance", "Normal"), ("X-Priority", "3 (Normal)"), ("Sensitivity", "")]

    def body(self, words, q, forward, key):
        text, page = words + "\n", "".join('<font size="2" face="sans-serif">%s</font><br>\n' % html.escape(line) for line in words.split("\n"))
        if q:
            a = {"en": ("From", "To", "Date", "Subject"), "de": ("Von", "An", "Datum", "Betreff")}[self.labels]
            rows = list(zip(a, ('"%s" <%s>' % (q.name, q.addr) if q.name else q.addr, q.to_text, q.at.strftime("%d.%m.%Y %H:%M"), q.subject)))
            head = {"en": "----- Forwarded by Ann Ash/ACME on 10.03.2026 11:00 -----", "de": "----- Weitergeleitet von Ann Ash/ACME am 10.03.2026 11:00 -----"}[self.labels]
            text += "\n\n\n" + (head + "\n\n" if forward else "") + "".join("%-8s%s\n" % (k + ":", v) for k, v in rows) + (("\n" + RULER + "\n") if not forward else "") + "\n\n\n" + q.plain + "\n"
            page += '<br><br>%s<table width="100%%">%s</table><br><hr noshade><br><br><tt><font size="2">%s</font></tt><br>' % (
                "<font size=\"1\" color=\"#800080\" face=\"sans-serif\">%s</font><br><br>" % head if forward else "",
                "".join('<tr valign="top"><td><font size="1" color="#5f5f5f" face="sans-serif">%s:</font></td><td><font size="1" face="sans-serif">%s</font></td></tr>' % (k, html.escape(v)) for k, v in rows), q.html)
        return several("alternative", "=_alternative %s" % stamp(key).upper()[:24], part("text/plain", text, "US-ASCII" if text.isascii() else "ISO-8859-1", "quoted-printable"),
                       part("text/html", page, "US-ASCII", "quoted-printable"))


class Yahoo(Client):
    def message_id(self, person, when, key):
        return "<%d.%d.%d@mail.yahoo.com>" % (int(stamp(key)[:8], 16), int(stamp(key)[8:14], 16), int(when.timestamp()) * 1000)

    def fields(self, person, when, key):
        return [("X-Mailer", "WebService/1.1.23369 YMailNovation")]

    def thread(self, letter, key):
        return list(reversed(super().thread(letter, key)))

    def body(self, words, q, forward, key):
        text, page = " " + words.replace("\n", "\n ") + "\n", "".join('<div dir="ltr" data-setdir="false">%s</div>' % (html.escape(line) or "<br>") for line in words.split("\n"))
        if q:
            line = "On %s, %s wrote:" % (q.at.strftime("%A, %-d %B %Y at %H:%M:%S GMT"), q.who)
            rows = "From: %s\nTo: %s\nSent: %s\nSubject: %s" % (q.who, q.to_text, q.at.strftime("%A, %-d %B %Y at %H:%M:%S GMT"), q.subject)
            head = "   ----- Forwarded message ----- " + rows.replace("\n", " ") if forward else "    %s  " % line
            text += "\n%s\n \n  %s  " % (head, q.plain.replace("\n", "\n "))
            page = '<html><head></head><body><div class="ydp%syahoo-style-wrap" style="font-family:Helvetica Neue, Helvetica, Arial, sans-serif;font-size:16px;">%s<div><br></div></div><div id="ydp%syahoo_quoted_%s" class="ydp%syahoo_quoted">' \
                '<div style="font-family:\'Helvetica Neue\', Helvetica, Arial, sans-serif;font-size:13px;color:#26282a;"><div>%s</div><div><br></div><div><br></div><div>%s</div></div></div></body></html>' % (
                    stamp(key)[:8], page, stamp(key)[:8], int(stamp(key)[:7], 16), stamp(key)[:8],
                    "----- Forwarded message -----<br>" + "<br>".join("<b>%s:</b> %s" % (r.partition(": ")[0], html.escape(r.partition(": ")[2])) for r in rows.split("\n")) if forward else html.escape(line), q.html)
        return several("alternative", '----=_Part_%d_%d' % (int(stamp(key)[:6], 16), int(stamp(key)[6:12], 16)), part("text/plain", text, "UTF-8", "quoted-printable"), part("text/html", page, "UTF-8", "quoted-printable"))


class Proton(Client):
    def message_id(self, person, when, key):
        return "<%s=@proton.me>" % base64.urlsafe_b64encode(bytes.fromhex(stamp("proton", key) + stamp(key)[:30])).decode().rstrip("=")

    def fields(self, person, when, key):
        return [("Feedback-ID", "%d:user:proton" % int(stamp(key)[:6], 16)), ("X-Pm-Message-ID", stamp(key)[:40])]

    def body(self, words, q, forward, key):
        sign = "Sent with [Proton Mail](https://proton.me/mail/home) secure email."
        text = "%s\n\n%s\n" % (words, sign)
        page = "".join('<div style="font-family: Arial, sans-serif; font-size: 14px;">%s</div>' % (html.escape(line) or "<br>") for line in words.split("\n"))
        page += '<div style="font-family: Arial, sans-serif; font-size: 14px;"><br></div>\n<div class="protonmail_signature_block" style="font-family: Arial, sans-serif; font-size: 14px;"><div class="protonmail_signature_block-user protonmail_signature_block-empty"></div>' \
            '<div class="protonmail_signature_block-proton">Sent with <a target="_blank" href="https://proton.me/mail/home" rel="noopener noreferrer">Proton Mail</a> secure email.</div></div>'
        if q and forward:
            rows = "From: %s\nDate: %s\nSubject: %s\nTo: %s" % (q.who, q.at.strftime("On %A, %B %-dth, %Y at %-I:%M %p"), q.subject, q.to_text)
            text += "\n------- Forwarded Message -------\n%s\n\n> %s\n" % (rows, q.plain.replace("\n", "\n> "))
            page += '<div class="protonmail_quote">\n        ------- Forwarded Message -------<br>%s<br><br>\n        <blockquote class="protonmail_quote" type="cite">%s</blockquote><br>\n    </div>' % (html.escape(rows).replace("\n", "<br>\n"), q.html)
        elif q:
            line = "On %s, %s wrote:" % (q.at.strftime("%A, %B %-dth, %Y at %-I:%M %p"), q.who)
            text += "\n%s\n\n%s\n" % (line, q.lines())
            page += '<div class="protonmail_quote">\n        %s<br>\n        <blockquote class="protonmail_quote" type="cite">%s</blockquote><br>\n    </div>' % (html.escape(line), q.html)
        return several("alternative", "b1=_%s" % stamp(key)[:40], part("text/plain", text, "utf-8", "quoted-printable"), part("text/html", page, "utf-8", "quoted-printable"))


CLIENTS = {c.name: c for c in (
    OutlookDesktop("outlook", reply_prefix="RE: ", forward_prefix="FW: "),
    OutlookDesktop("outlook-de", reply_prefix="AW: ", forward_prefix="WG: ", labels="de", references="none", in_reply_to=False),
    OutlookDesktop("outlook-sv", reply_prefix="SV: ", forward_prefix="VB: ", labels="sv", references="last"),
    OutlookDesktop("outlook-da", reply_prefix="SV: ", forward_prefix="VS: ", labels="da", charset="windows-1252"),
    OutlookDesktop("outlook-fi", reply_prefix="VS: ", forward_prefix="VL: ", labels="fi"),
    OutlookDesktop("outlook-fr", reply_prefix="RE : ", forward_prefix="TR : ", labels="fr", references="last"),
    OutlookWeb("outlook-web"),
    OutlookWeb("outlook-web-nl", reply_prefix="Antw: ", forward_prefix="Fw: ", labels="nl"),
    OutlookWeb("outlook-phone", tail='Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a>', forward_prefix="Fw: "),
    Gmail("gmail"),
    Gmail("gmail-phone", direction="auto", coding="base64"),
    AppleMail("apple-mail"),
    AppleMail("ios", footer="Sent from my iPhone", mailer="iPhone Mail (22F76)"),
    Thunderbird("thunderbird"),
    Mutt("mutt", reply_prefix="Re: "),
    Notes("notes"),
    Notes("notes-de", reply_prefix="Antwort: ", forward_prefix="WG: ", labels="de"),
    K9("k9"),
    Yahoo("yahoo", forward_prefix="Fw: "),
    Proton("proton"),
    Thunderbird("the-bat", reply_prefix="Re[2]: "),
)}
