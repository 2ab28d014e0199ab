# SPDX-License-Identifier: ISC
"""Attachments on their way through the desk: from staff to the customer, from the customer to staff, and what is too large."""
import email.message
import email.policy
import hashlib
import re

from staff_box import TOKEN, Box, body

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40
BIG = bytes((i * 7 + i // 251) % 256 for i in range(3 << 20))


def mail(text, *parts):
    """Content-Type and bytes of a mixed mail; a part is (name, type, bytes) or a whole email.message.Message."""
    m = email.message.EmailMessage(policy=email.policy.SMTP.clone(linesep="\n"))
    m.set_content(text)
    for part in parts:
        if isinstance(part, tuple):
            name, kind, data = part
            main, sub = kind.split("/")
            m.add_attachment(data, maintype=main, subtype=sub, filename=name)
        else:
            m.add_attachment(part)
    raw = m.as_bytes()
    head, _, rest = raw.partition(b"\n\n")
    kind = re.search(rb"(?ms)^Content-Type: (.*?)$(?!\n[ \t])", head).group(1).decode()
    fields = [("Content-Type", kind.replace("\n", " "))]
    if b"Content-Transfer-Encoding" in head:
        fields.append(("Content-Transfer-Encoding", re.search(rb"Content-Transfer-Encoding: (\S+)", head).group(1).decode()))
    return fields, rest


def add(box, sender, text, *parts, **more):
    headers, raw = mail(text, *parts)
    return box.add(sender, headers=headers, raw=raw, **more)


def files(letter):
    return {p.get_filename(): (p.get_content_type(), p.get_payload(decode=True)) for p in letter.iter_attachments()}


def outgoing(result):
    """Every byte that leaves, also as it is decoded."""
    for letter in result.letters:
        yield letter, b"\n".join([letter.as_bytes()] + [p.get_payload(decode=True) or b"" for p in letter.walk() if not p.is_multipart()])


def test_what_staff_attach_reaches_the_customer(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    notice = box.run().one("notice", "liz@dynamics.example")
    names = [("pris åäö.pdf", "application/pdf", PDF), ("a.txt", "text/plain", b"line\r\nFrom here\n.\n"), ("日本語のとても長い名前の書類" * 5 + ".pdf", "application/pdf", b"x"), ("empty.bin", "application/octet-stream", b"")]
    add(box, "Liz Lane <liz@dynamics.example>", "Here is the list.\n", *names, when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    relay = r.one("relay")
    assert relay.meta["to"] == ["ann@haulage.example"] and "Here is the list." in body(relay) and "Here is the list." in body(relay, "html")
    got = files(relay)
    assert len(got) == 4 and got["pris åäö.pdf"] == ("application/pdf", PDF) and got["a.txt"] == ("text/plain", b"line\r\nFrom here\n.\n") and got["empty.bin"][1] == b"", got.keys()
    assert relay.get_content_type() == "multipart/mixed" and not relay.defects and all(not p.defects for p in relay.walk())
    assert not r.of("result")
    again = box.run()
    assert again.raw == r.raw           # the same letter is one string of bytes


def test_only_an_attachment_is_an_answer(t):
    for language, word in (("en", "Attached: scan.pdf"), ("sv", "Bifogat: scan.pdf"), ("da", "Vedhæftet: scan.pdf")):
        box = Box(t)
        box.add("Ann <ann@haulage.example>", {"en": "It does not work and I cannot open the ledger.\n", "sv": "Det fungerar inte och jag kan inte öppna reskontran.\n",
                                              "da": "Det virker ikke, og jeg kan ikke åbne kartoteket, hvad gør jeg nu?\n"}[language])
        notice = box.run().one("notice", "liz@dynamics.example")
        add(box, "Liz Lane <liz@dynamics.example>", "\n", ("scan.pdf", "application/pdf", PDF), when="2026-03-10T10:30:00Z", answers=notice)
        r = box.run()
        assert r.case["language"] == language and files(r.one("relay"))["scan.pdf"][1] == PDF and word in body(r.one("relay")), body(r.one("relay"))
        assert r.case["first_response"] == "2026-03-10T10:30:00Z"


def test_commands_keep_attachments_where_they_keep_words(t):
    rows = [("#note\nLook at this.\n", False), ("#resolve\nIt is in the file.\n", True), ("#take\n\nBest regards\nLiz\n", True), ("#show\n", False), ("#estimate\nTwo days.\n", False)]
    for text, goes in rows:
        box = Box(t)
        box.add("Ann <ann@haulage.example>", "It is broken.\n")
        notice = box.run().one("notice", "liz@dynamics.example")
        add(box, "Liz Lane <liz@dynamics.example>", text, ("secret.pdf", "application/pdf", PDF), when="2026-03-10T10:30:00Z", answers=notice)
        r = box.run()
        assert bool(r.of("relay")) == goes, (text, [l["X-Ticketd-Kind"] for l in r.letters])
        outside = [raw for l, raw in outgoing(r) if l.meta["to"] == ["ann@haulage.example"]]
        assert any(PDF in raw for raw in outside) == goes, text


def test_what_could_give_the_inside_away_is_not_passed_on(t):
    """A notice as an attachment, in every wrapping that a mail program has, and files with a signed address in them."""
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    notice = box.run().one("notice", "liz@dynamics.example")
    token = TOKEN.search(str(notice["Reply-To"])).group(0)
    import quopri
    rows = [
        notice,
        ("notice.eml", "application/octet-stream", notice.as_bytes()),
        ("notice.msg", "application/vnd.ms-outlook", b"\xd0\xcf\x11\xe0" + token.encode("utf-16-le")),
        ("log.txt", "text/plain", b"sent to " + token.upper().encode()),
        ("wide.doc", "application/msword", b"\x00\x01" + token.encode("utf-16-le") + b"\x02"),
        ("soft.txt", "text/plain", quopri.encodestring(b"x" * 60 + token.encode())),
        ("clean.txt", "text/plain", b"a+b and support+x@dynamics.example"),
    ]
    add(box, "Liz Lane <liz@dynamics.example>", "See below.\n", *rows, when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    relay = r.one("relay")
    assert sorted(files(relay)) == ["clean.txt"], files(relay).keys()
    for letter, raw in outgoing(r):
        if letter["X-Ticketd-Kind"] == "relay":
            assert token.lower().encode() not in raw.lower() and token.encode("utf-16-le") not in raw
    told = body(r.one("result", "liz@dynamics.example"))
    for name in ("notice.eml", "notice.msg", "log.txt", "wide.doc", "soft.txt"):
        assert name in told, told
    assert "clean.txt" not in told


def test_names_harm_nobody(t):
    rows = ["..\\..\\boot.ini", "a\r\nBcc: x@y.example\r\n\r\nevil", "a\"; filename=\"b.exe", "\u202egnp.exe", "x" * 600 + ".pdf", "=?utf-8?Q?a=0D=0AX-Evil:_1?=", "a;b=c.txt", "ö'*%.txt"]
    for name in rows:
        box = Box(t)
        box.add("Ann <ann@haulage.example>", "It is broken.\n")
        notice = box.run().one("notice", "liz@dynamics.example")
        import urllib.parse
        raw = b"--b\nContent-Type: text/plain\n\nHere.\n\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment;\n filename*=utf-8''" + urllib.parse.quote(name, safe="").encode() + b"\n\nx\n--b--\n"
        box.add("Liz Lane <liz@dynamics.example>", headers=[("Content-Type", "multipart/mixed; boundary=b")], raw=raw, when="2026-03-10T10:30:00Z", answers=notice)
        r = box.run()
        relay = r.one("relay")
        got = [p.get_filename() for p in relay.iter_attachments()]
        assert len(got) == 1 and not re.search(r'[\r\n/\\"\u202e\x00-\x1f]', got[0]) and len(got[0].encode()) <= 255, got
        assert "Bcc" not in relay and "X-Evil" not in relay and all("X-Evil" not in p and "Bcc" not in p for p in relay.walk())
        assert relay.meta["to"] == ["ann@haulage.example"]


def test_a_notice_hands_on_what_the_customer_attached(t):
    box = Box(t, more='notice-attachments = "1MiB"')
    add(box, "Ann <ann@haulage.example>", "See the picture.\n", ("screen.png", "image/png", PDF), ("dump.bak", "application/octet-stream", BIG), ("small.txt", "text/plain", b"abc\n"))
    r = box.run()
    for who in ("liz@dynamics.example", "mark@dynamics.example"):
        notice = r.one("notice", who)
        assert sorted(files(notice)) == ["screen.png", "small.txt"] and files(notice)["screen.png"][1] == PDF
        text = body(notice)
        assert "screen.png (11 KB)" in text and re.search(r"dump\.bak \(3072 KB\): too large for this letter, #show 1 fetches it", text), text
    box.add("Liz Lane <liz@dynamics.example>", "#show 1\n", when="2026-03-10T10:30:00Z", answers=r.one("notice", "liz@dynamics.example"))
    r = box.run()
    shown = r.one("result", "liz@dynamics.example")
    assert sorted(files(shown)) == ["dump.bak", "screen.png", "small.txt"] and hashlib.sha256(files(shown)["dump.bak"][1]).digest() == hashlib.sha256(BIG).digest()
    assert "See the picture." in body(shown) and not r.of("relay")
    box.add("Liz Lane <liz@dynamics.example>", "#show 99\n", when="2026-03-10T10:40:00Z", answers=r.one("notice", "liz@dynamics.example"))
    box.add("Liz Lane <liz@dynamics.example>", "#show\n", when="2026-03-10T10:41:00Z", answers=r.one("notice", "liz@dynamics.example"))
    r = box.run()
    assert "no mail of that number" in body(r.of("result")[1]) and "[dump.bak (3072 KB)]" in body(r.of("result")[2]) and "#show 1" in body(r.of("result")[2])


def test_none_are_handed_on_where_so_configured(t):
    box = Box(t, more='notice-attachments = "0"')
    add(box, "Ann <ann@haulage.example>", "See the picture.\n", ("screen.png", "image/png", PDF))
    notice = box.run().one("notice", "liz@dynamics.example")
    assert not files(notice) and "#show 1 fetches it" in body(notice)


def test_another_case_is_not_shown(t):
    box = Box(t)
    add(box, "Ann <ann@haulage.example>", "See the picture.\n", ("screen.png", "image/png", PDF))
    box.add("Bob <bob@other.example>", "Something else.\n", subject="Other", when="2026-03-10T10:05:00Z")
    notice = [n for n in box.run().of("notice", "liz@dynamics.example") if "Other" in str(n["Subject"])][0]
    box.add("Liz Lane <liz@dynamics.example>", "#show 1\n", when="2026-03-10T10:30:00Z", answers=notice)
    result = box.run().one("result")
    assert "no mail of that number" in body(result) and not files(result)


def test_larger_than_the_relay_takes(t):
    conf_more = {"max": '"1MiB"'}
    box = Box(t)
    box.conf = box.conf.replace('envelope = "signed" }', 'envelope = "signed"  max-size = %s }' % conf_more["max"])
    add(box, "Ann <ann@haulage.example>", "See the dump.\n", ("dump.bak", "application/octet-stream", BIG), ("small.txt", "text/plain", b"abc\n"))
    notice = box.run().one("notice", "liz@dynamics.example")
    assert sorted(files(notice)) == ["small.txt"] and len(notice.as_bytes()) < 1 << 20
    before = box.run().case
    add(box, "Liz Lane <liz@dynamics.example>", "#resolve\nHere it is.\n", ("fix.zip", "application/zip", BIG), when="2026-03-10T10:30:00Z", answers=notice)
    box.add("Liz Lane <liz@dynamics.example>", "#show 1\n", when="2026-03-10T10:31:00Z", answers=notice)
    r = box.run()
    assert not r.of("relay") and r.case["state"] == before["state"] and r.case["first_response"] is None
    told, shown = r.of("result", "liz@dynamics.example")
    assert "has not gone out" in body(told) and "5 MB" in body(told) and "1 MB" in body(told), body(told)
    assert sorted(files(shown)) == ["small.txt"] and "dump.bak (3072 KB): too large to be mailed" in body(shown)
    assert all(len(l.as_bytes()) < 1 << 20 for l in r.letters)
    add(box, "Liz Lane <liz@dynamics.example>", "#resolve\nHere it is.\n", ("fix.zip", "application/zip", BIG[:400000]), when="2026-03-10T10:40:00Z", answers=notice)
    r = box.run()
    assert files(r.one("relay"))["fix.zip"][1] == BIG[:400000] and r.case["state"] == "resolved"


def test_undo_takes_the_attachment_back_too(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    notice = box.run().one("notice", "liz@dynamics.example")
    add(box, "Liz Lane <liz@dynamics.example>", "Here is the list.\n", ("wrong.pdf", "application/pdf", PDF), when="2026-03-10T10:30:00Z", answers=notice)
    box.add("Liz Lane <liz@dynamics.example>", "#undo\n", when="2026-03-10T10:30:30Z", answers=notice)
    r = box.run("2026-03-10T12:00:00Z")
    assert not r.of("relay") and not any(PDF in raw for _, raw in outgoing(r))


def test_held_mail_keeps_its_attachments(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    number = box.run().case["case"]
    add(box, "Liz Lane <liz@dynamics.example>", "Here is the list.\n", ("list.pdf", "application/pdf", PDF), when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number, auth=False)
    asked = box.run().one("result", "liz@dynamics.example")
    box.add("Liz Lane <liz@dynamics.example>", "Yes\n", when="2026-03-10T10:40:00Z", answers=asked, auth=False)
    r = box.run()
    assert files(r.one("relay"))["list.pdf"][1] == PDF


def test_encrypted_mail_is_answered_by_a_prepared_letter(t):
    """S/MIME and PGP: nobody here can read it; a rule over attachments answers with the desk's letter, and staff get the whole as it came."""
    more = '''letter "encrypted" { label = "Encrypted"  subject = "We cannot read this"  text = "Please send it without encryption." }
    rule "sealed" { attachment = { "pkcs7-mime", "pgp-encrypted" }  letter = "encrypted" }'''
    rows = [[("smime.p7m", "application/pkcs7-mime", PDF)], [("version", "application/pgp-encrypted", b"Version: 1\n"), ("encrypted.asc", "application/octet-stream", PDF)]]
    for row in rows:
        box = Box(t, more=more)
        add(box, "Ann <ann@haulage.example>", "", *row)
        r = box.run()
        told = [l for l in r.letters if l.meta["to"] == ["ann@haulage.example"]]
        assert len(told) == 1 and "without encryption" in body(told[0]), [body(l) for l in told]
        assert PDF in [data for _, data in files(r.one("notice", "liz@dynamics.example")).values()]


def test_signed_mail_and_winmail_of_staff(t):
    """The words and files go on; a signature that no longer fits and the container round them do not."""
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    notice = box.run().one("notice", "liz@dynamics.example")
    add(box, "Liz Lane <liz@dynamics.example>", "Restart it.\n", ("a.pdf", "application/pdf", PDF), ("smime.p7s", "application/pkcs7-signature", b"sig"),
        ("signature.asc", "application/pgp-signature", b"sig"), ("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22broken"), when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    assert sorted(files(r.one("relay"))) == ["a.pdf"] and not r.of("result")
