# SPDX-License-Identifier: ISC
"""Answers of staff as their mail programs write HTML: what the customer gets of it, and what never leaves."""
import email
import email.policy
import html.parser
import re

from staff_box import TOKEN, Box, body

PNG = b"\x89PNG\r\n\x1a\n" + b"logo" * 50
PHOTO = b"\xff\xd8\xff\xe0" + b"photo" * 500
PDF = b"%PDF-1.4 " + b"x" * 3000
STAFF = re.compile(rb"(liz|mark|eva|nina)@dynamics\.example", re.I)
ALLOWED = set("a address article b big blockquote br caption center cite code dd del div dl dt em font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark ol p pre q s samp "
              "section small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var html head meta body bdi col colgroup".split())


class Safe(html.parser.HTMLParser):
    """Fails over anything that may not stand in a letter."""

    def __init__(self, text):
        super().__init__()
        self.cids, self.links, self.words, self.open = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED, tag
        if tag not in ("br", "hr", "img", "meta", "col"):
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("class", "id", "srcset", "background", "action", "formaction", "target", "xmlns"), (tag, name)
            if name == "src":
                assert tag == "img" and value.startswith("cid:"), value
                self.cids.append(value[4:])
            if name == "href":
                assert re.match(r"(https?://|mailto:|tel:)", value, re.I), value
                self.links.append(value)
            if name == "style" and value != "display:inline-block;padding:6px 0":      # of the links of our own
                assert not re.search(r"url|expression|import|position|behavior|@|\\|javascript|display", value, re.I), value

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words)).strip()


def part(kind, data, *headers, encoding="8bit"):
    head = b"Content-Type: " + kind.encode() + b"\n" + b"".join(h.encode() + b"\n" for h in headers)
    if encoding == "base64":
        import base64
        return head + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data)
    return head + b"Content-Transfer-Encoding: 8bit\n\n" + (data if isinstance(data, bytes) else data.encode())


def multi(sub, boundary, *parts):
    return "multipart/%s; boundary=\"%s\"" % (sub, boundary), b"".join(b"--" + boundary.encode() + b"\n" + p + b"\n" for p in parts) + b"--" + boundary.encode() + b"--\n"


def nested(m):
    return b"Content-Type: " + m[0].encode() + b"\n\n" + m[1]


def picture(cid, name="image001.png", data=PNG):
    return part("image/png; name=\"%s\"" % name, data, "Content-ID: <%s>" % cid, "Content-Disposition: inline; filename=\"%s\"" % name, encoding="base64")


def pdf(name="list.pdf"):
    return part("application/pdf; name=\"%s\"" % name, PDF, "Content-Disposition: attachment; filename=\"%s\"" % name, encoding="base64")


def files(letter):
    return {p.get_filename(): p.get_payload(decode=True) for p in letter.walk() if not p.is_multipart() and p.get_filename()}


def opened(t, **more):
    box = Box(t, **more)
    box.add("Ann <ann@haulage.example>", "It says system error.\n")
    return box, box.run().one("notice", "liz@dynamics.example")


def answer(box, notice, mail, when="2026-03-10T10:30:00Z", **more):
    return box.add("Liz Lane <liz@dynamics.example>", headers=[("Content-Type", mail[0])], raw=mail[1], when=when, answers=notice, **more)


def outside(result):
    """Every byte that goes to who is not staff, raw and decoded, and once more without the escapes of URLs and HTML."""
    for letter in result.letters:
        if any(STAFF.fullmatch(to.encode()) for to in letter.meta["to"]):
            continue
        raw = letter.as_bytes() + b"\n" + b"\n".join(p.get_payload(decode=True) or b"" for p in letter.walk() if not p.is_multipart())
        import html as h
        import urllib.parse
        text = raw.decode("utf-8", "replace")
        yield letter, raw + urllib.parse.unquote(h.unescape(text)).encode() + urllib.parse.unquote(urllib.parse.unquote(text)).encode()


def check(result):
    """No address of staff, no token but the recipient's own, no picture that is not there, nothing but safe HTML."""
    theirs = set()
    for letter in result.letters:
        if any(STAFF.fullmatch(to.encode()) for to in letter.meta["to"]):
            theirs.update(m.lower() for m in TOKEN.findall(letter.as_string()))
    for letter, raw in outside(result):
        assert not STAFF.search(raw), (letter["X-Ticketd-Kind"], raw[max(0, STAFF.search(raw).start() - 200):][:400])
        assert not theirs & {m.lower() for m in TOKEN.findall(raw.decode("utf-8", "replace"))}, letter["X-Ticketd-Kind"]
        page = letter.get_body(("html",))
        if page is not None:
            safe = Safe(page.get_content())
            there = {p["Content-ID"].strip("<>") for p in letter.walk() if p["Content-ID"]}
            assert set(safe.cids) == there, (safe.cids, there)
        assert all(not p.defects for p in letter.walk())


def page(letter):
    return letter.get_body(("html",)).get_content()


QUOTE = "From: Dynamics Support <support@dynamics.example>\nSent: Tuesday, 10 March 2026 10:00\nTo: Liz Lane <liz@dynamics.example>\nSubject: [CAS-00001] The ledger\n\n- From: Ann\nsecret inside words\n#close\n"


def outlook(token):
    """Word's HTML: a list, a table, a signature with a logo and her own address, the quoted notice below its border."""
    html = """<html xmlns:v="urn:schemas-microsoft-com:vml"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><style><!-- p.MsoNormal {margin:0cm;font-size:11.0pt} --></style></head>
<body lang=EN-GB link="#0563C1"><div class=WordSection1><p class=MsoNormal><span style='font-family:"Calibri",sans-serif;mso-fareast-language:EN-US'>Hello Ann,<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>please do <b>this</b>, as on <a href="https://help.example/start?a=1&amp;b=2">our page</a>:<o:p></o:p></p>
<ol start=1 type=1><li class=MsoListParagraph>Stop the ledger</li><li class=MsoListParagraph>Start it again</li></ol>
<table class=MsoTableGrid border=1 cellspacing=0><tr><td width=200><p class=MsoNormal>Server</p></td><td><p class=MsoNormal>Port</p></td></tr><tr><td><p class=MsoNormal>prod</p></td><td><p class=MsoNormal>8080</p></td></tr></table>
<p class=MsoNormal>Kind regards,</p><p class=MsoNormal><b>Liz Lane</b></p><p class=MsoNormal><img width=120 height=40 src="cid:image001.png@01D9AA.11223344" alt="Dynamics"></p>
<p class=MsoNormal>E-mail: <a href="mailto:liz@dynamics.example"><span style='color:blue'>liz@dynamics.example</span></a></p>
<p class=MsoNormal>Tel. <a href="tel:+44201234">+44 20 1234</a></p>
<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Dynamics Support &lt;%s&gt;<br><b>Sent:</b> Tuesday, 10 March 2026 10:00<br><b>To:</b> Liz Lane &lt;liz@dynamics.example&gt;<br><b>Subject:</b> [CAS-00001] The ledger</p></div></div>
<p class=MsoNormal>secret inside words <img src="cid:quoted@x"></p><p class=MsoNormal>#close</p></div></body></html>""" % token
    text = """Hello Ann,\n\nplease do this, as on our page<https://help.example/start?a=1&b=2>:\n\n\n  1.  Stop the ledger\n  2.  Start it again\n\nServer\tPort\nprod\t8080\n\nKind regards,\nLiz Lane\n[Dynamics]\nE-mail: liz@dynamics.example<mailto:liz@dynamics.example>\nTel. +44 20 1234<tel:+44201234>\n\n""" + QUOTE
    alt = nested(multi("alternative", "a", part("text/plain; charset=utf-8", text), part("text/html; charset=utf-8", html)))
    return multi("mixed", "m", nested(multi("related", "r", alt, picture("image001.png@01D9AA.11223344"), picture("quoted@x", "image002.png", b"inside picture"))), pdf())


def test_outlook_with_logo_table_and_pdf(t):
    box, notice = opened(t)
    answer(box, notice, outlook(str(notice["Reply-To"].addresses[0].addr_spec)))
    r = box.run()
    relay = r.one("relay")
    check(r)
    safe = Safe(page(relay))
    for words in ("Hello Ann,", "please do this, as on our page", "Stop the ledger", "prod", "8080", "Kind regards,", "Liz Lane", "Tel. +44 20 1234"):
        assert words in safe.text, (words, safe.text)
    for words in ("secret", "#close", "Sent:", "E-mail"):
        assert words not in safe.text and words not in body(relay), words
    assert "https://help.example/start?a=1&b=2" in safe.links and "<b>this</b>" in page(relay) and "<table" in page(relay) and "margin: 0" in page(relay)
    assert len(safe.cids) == 1 and files(relay) == {"image001.png": PNG, "list.pdf": PDF}
    assert b"inside picture" not in r.raw and relay.get_content_type() == "multipart/mixed"
    assert [p.get_content_type() for p in relay.walk()] == ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "application/pdf"]
    assert box.run().raw == r.raw


def test_iphone_html_alone_with_photo(t):
    box, notice = opened(t)
    html = """<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto"><div dir="ltr">Please press this button:</div><div dir="ltr"><br></div>
<div dir="ltr"><img alt="IMG_1.jpg" src="cid:5C1A@icloud.internal"></div><div dir="ltr"><br></div><div dir="ltr">Then wait.</div><div dir="ltr"><br>Sent from my iPhone</div>
<div dir="ltr"><br><blockquote type="cite">On 10 Mar 2026, at 10:00, Dynamics Support &lt;%s&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">secret inside words<img src="cid:q@x"></div></blockquote></body></html>"""
    html %= notice["Reply-To"].addresses[0].addr_spec
    answer(box, notice, multi("related", "r", part("text/html; charset=utf-8", html), picture("5C1A@icloud.internal", "IMG_1.jpg", PHOTO), picture("q@x", "q.png", b"inside picture")))
    r = box.run()
    relay = r.one("relay")
    check(r)
    safe = Safe(page(relay))
    assert safe.text.startswith("Please press this button: Then wait.") and "iPhone" not in safe.text and "secret" not in safe.text, safe.text
    assert len(safe.cids) == 1 and files(relay) == {"IMG_1.jpg": PHOTO} and b"icloud.internal" not in relay.as_bytes() and b"inside picture" not in r.raw


def test_a_photo_and_no_words(t):
    box, notice = opened(t)
    html = '<html><body dir="auto"><div dir="ltr"><img src="cid:1@x"></div><div dir="ltr"><br>Sent from my iPhone</div></body></html>'
    answer(box, notice, multi("related", "r", part("text/html; charset=utf-8", html), picture("1@x", "IMG_1.jpg", PHOTO)))
    r = box.run()
    check(r)
    assert files(r.one("relay")) == {"IMG_1.jpg": PHOTO} and len(Safe(page(r.one("relay"))).cids) == 1
    box, notice = opened(t)
    html = '<html><body><div>#take</div><div><br></div><div>Best regards<br>Liz</div><div><img src="cid:1@x"></div></body></html>'
    answer(box, notice, multi("related", "r", part("text/html; charset=utf-8", html), picture("1@x", "logo.png")))
    r = box.run()
    assert not r.of("relay") and r.case["assignee"] == "liz@dynamics.example"


def test_gmail_on_the_web(t):
    box, notice = opened(t)
    token = notice["Reply-To"].addresses[0].addr_spec
    text = "Hello Ann,\n\nit is *ready* now:\n\n   - one\n   - two\n\n[image: shot.png]\nSee our page <https://help.example/x>.\n\nLiz\n\n\nOn Tue, 10 Mar 2026 at 10:00, Dynamics Support <%s>\nwrote:\n\n> secret inside words\n> #close\n" % token
    html = """<div dir="ltr"><div>Hello Ann,</div><div><br></div><div>it is <b>ready</b> now:</div><div><ul><li>one</li><li>two</li></ul></div><div><img src="cid:ii_1" alt="shot.png" width="400" height="200"><br></div><div>See our <a href="https://help.example/x" target="_blank">page</a>.</div><div><br></div><div>Liz</div></div>
<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, 10 Mar 2026 at 10:00, Dynamics Support &lt;<a href="mailto:%s">%s</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">secret inside words<br>#close<br></blockquote></div>""" % (token, token)
    text = text.replace("See our page <https://help.example/x>.", "See our page <https://help.example/x>.")
    answer(box, notice, multi("related", "r", nested(multi("alternative", "a", part("text/plain; charset=utf-8", text), part("text/html; charset=utf-8", html))), picture("ii_1", "shot.png")))
    r = box.run()
    check(r)
    safe = Safe(page(r.one("relay")))
    assert "<li>one</li>" in page(r.one("relay")) and "<b>ready</b>" in page(r.one("relay")) and len(safe.cids) == 1 and safe.links.count("https://help.example/x") == 1
    assert "secret" not in safe.text and "wrote" not in safe.text


def test_apple_mail_with_a_file_in_the_middle(t):
    box, notice = opened(t)
    text = "Hello Ann,\n\nthis is the list:\n\n\n\nand this is how to read it.\n\nLiz\n\n> On 10 Mar 2026, at 10:00, Dynamics Support <support@dynamics.example> wrote:\n> \n> secret inside words\n"
    one = '<html><head></head><body style="overflow-wrap: break-word;"><div>Hello Ann,</div><div><br></div><div>this is <i>the list</i>:</div><div><br></div></body></html>'
    two = '<html><head></head><body><div><br></div><div>and this is how to read it.</div><div><br></div><div>Liz<br><div><br><blockquote type="cite"><div>On 10 Mar 2026, at 10:00, Dynamics Support &lt;support@dynamics.example&gt; wrote:</div><br><div>secret inside words</div></blockquote></div></div></body></html>'
    file = part("application/pdf; name=\"list.pdf\"", PDF, "Content-Disposition: inline; filename=\"list.pdf\"", encoding="base64")
    answer(box, notice, multi("alternative", "a", part("text/plain; charset=utf-8", text), nested(multi("mixed", "m", part("text/html; charset=utf-8", one), file, part("text/html; charset=utf-8", two)))))
    r = box.run()
    check(r)
    relay = r.one("relay")
    safe = Safe(page(relay))
    assert "Hello Ann,this is the list:and this is how to read it.Liz" in safe.text.replace("\n", "") and "<i>the list</i>" in page(relay) and files(relay) == {"list.pdf": PDF}, safe.text
    assert "secret" not in safe.text


def test_plain_text_of_thunderbird(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>", "Hello Ann,\n\nsee https://help.example/x?a=1&b=2 <b>now</b>.\n\n-- \nLiz Lane\nliz@dynamics.example\n\nOn 10/03/2026 10:00, Dynamics Support wrote:\n> secret inside words\n", when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    check(r)
    safe = Safe(page(r.one("relay")))
    assert "<b>now</b>" in safe.text and "https://help.example/x?a=1&b=2" in safe.links and "secret" not in safe.text


TRICKS = [
    ("script", "<p>Hello Ann</p><script>alert(1)</script>", "Hello Ann"),
    ("event", "<p onclick='x()' onmouseover=y()>Hello <b onload=z()>Ann</b></p>", "Hello Ann"),
    ("javascript link", "<p>Hello <a href='java&#115;cript:alert(1)'>Ann</a> <a href=' JavaScript:x'>you</a></p>", "Hello Ann you"),
    ("data link", "<p>Hello <a href='data:text/html,x'>Ann</a></p>", "Hello Ann"),
    ("remote picture", "<p>Hello Ann<img src='https://track.example/p.gif' width=1><img src=//track.example/x srcset='https://track.example/q 2x'></p>", "Hello Ann"),
    ("data picture", "<p>Hello Ann<img src='data:image/png;base64,AAAA'></p>", "Hello Ann"),
    ("cid that is not there", "<p>Hello Ann<img src='cid:nowhere@x'></p>", "Hello Ann"),
    ("background", "<table background='https://track.example/p.gif'><tr><td style='background:url(https://track.example/a)'>Hello Ann</td></tr></table>", "Hello Ann"),
    ("style tricks", "<p style='color:red;position:fixed;width:expression(alert(1));background-image:url(x);margin-left:-999px;c\\6flor:red'>Hello Ann</p>", "Hello Ann"),
    ("form", "<form action='https://x.example'><p>Hello Ann</p><input name=a><button>Go</button></form>", None),
    ("frame, object, base, meta, link", "<base href='https://x.example/'><meta http-equiv=refresh content='0;url=https://x.example'><link rel=stylesheet href='https://x.example/s.css'><iframe src='https://x.example'></iframe><object data='x'></object><p>Hello Ann</p>", "Hello Ann"),
    ("svg and math", "<svg onload='x()'><a xlink:href='javascript:x'>y</a></svg><math><mi>z</mi></math><p>Hello Ann</p>", "Hello Ann"),
    ("comment and conditional", "<!--[if mso]><p>secret inside words</p><![endif]--><p>Hello Ann</p><!-- liz@dynamics.example -->", "Hello Ann"),
    ("hidden words", "<p>Hello Ann</p><div style='display:none'>secret inside words</div><p style='font-size:0'>secret inside words</p>", "Hello Ann"),
    ("address in a link", "<p>Hello <a href='mailto:liz%40dynamics.example'>Ann</a> <a href='https://x.example/?u=liz%2540dynamics.example'>here</a></p>", "Hello Ann here"),
    ("token in a link", "<p>Hello <a href='mailto:%(token)s?subject=x'>Ann</a> <a href='https://safelinks.example/?url=mailto%%3A%(quoted)s'>here</a></p>", "Hello Ann here"),
    ("token in a picture's name", "<p>Hello Ann<img src='cid:1@x' alt='%(token)s'></p>", None),
    ("token across elements", "<p>Hello Ann <span>%(half)s</span><span>%(other)s</span></p>", None),
    ("own address in the line", "<p>Hello Ann, write to <a href='mailto:liz@dynamics.example'>liz@dynamics.example</a> then</p>", "Hello Ann, write to support@dynamics.example then"),
    ("own address across elements", "<p>Hello Ann, write to liz@<b>dynamics</b>.example then</p>", "Hello Ann, write to support@dynamics.example then"),
    ("own address as references", "<p>Hello Ann, write to &#108;iz&#64;dynamics&#46;example then</p>", "Hello Ann, write to support@dynamics.example then"),
    ("unclosed", "<div><p>Hello <b>Ann<table><tr><td>you", "Hello Annyou"),
    ("misnested", "<b><p>Hello <i>Ann</b></i></p></div></div>", "Hello Ann"),
    ("tag in an attribute", "<p title='<script>x</script>' data-x=\"&quot;><img src=x onerror=y>\">Hello Ann</p>", "Hello Ann"),
    ("attribute that breaks out", "<p align='\"><script>x</script>' style='color:red\"onclick=x'>Hello Ann</p>", "Hello Ann"),
    ("control characters", "<p>Hello\x01\x02 Ann\x10\x0f</p>", None),
]


def test_nothing_unsafe_leaves(t):
    box, notice = opened(t)
    token = notice["Reply-To"].addresses[0].addr_spec
    fill = {"token": token, "quoted": token.replace("@", "%40").replace("+", "%2B"), "half": token[:20], "other": token[20:]}
    for label, html, _ in TRICKS:
        html = html % fill if "%(" in html else html
        answer(box, notice, multi("related", "r", part("text/html; charset=utf-8", "<html><body>" + html + "</body></html>"), picture("1@x", "logo.png")))
    r = box.run()
    check(r)
    relays = r.of("relay")
    assert len(relays) == len(TRICKS), (len(relays), len(TRICKS))
    for (label, html, want), relay in zip(TRICKS, relays):
        safe = Safe(page(relay))
        raw = page(relay) + body(relay)
        assert "secret" not in raw and "track.example" not in raw and "javascript" not in raw.lower() and "alert" not in raw, label
        assert want is None or safe.text.startswith(want), (label, safe.text)


def test_the_alternative_says_something_else(t):
    """HTML that says more than the text, or less, is not sent: the letter is made from the text."""
    rows = [("Hello Ann.\n", "<p>Hello Ann.</p><p>secret inside words</p>", "Hello Ann."), ("Hello Ann.\n\nDo not pay.\n", "<p>Hello Ann.</p>", "Hello Ann. Do not pay."),
            ("Hello Ann.\n", "<p>Hello Bob.</p>", "Hello Ann."), ("#note\nsecret inside words\n", "<p>Hello Ann.</p>", None), ("Hello Ann.\n", "<p>#close</p><p>Hello Ann.</p>", "Hello Ann."),
            ("Close the door.\n", "<p>Close the door. <i>secret inside words</i></p>", "Close the door.")]
    for text, html, want in rows:
        box, notice = opened(t)
        answer(box, notice, multi("alternative", "a", part("text/plain; charset=utf-8", text), part("text/html; charset=utf-8", html)))
        r = box.run()
        check(r)
        assert bool(r.of("relay")) == (want is not None), text
        if want:
            safe = Safe(page(r.one("relay")))
            assert safe.text.startswith(want) and "secret" not in safe.text and "#close" not in safe.text and "Bob" not in safe.text, safe.text


def test_commands_above_html(t):
    box, notice = opened(t)
    html = "<div>#resolve</div><div>#time 15m checked the secret log</div><div><br></div><div>It is <b>open</b> again.</div>"
    answer(box, notice, ("text/html; charset=utf-8", html.encode()))
    r = box.run()
    check(r)
    assert Safe(page(r.one("relay"))).text.startswith("It is open again.") and "<b>open</b>" in page(r.one("relay")) and r.case["state"] == "resolved" and "secret" not in page(r.one("relay"))


def test_a_notice_shows_what_the_customer_saw(t):
    """The new words in their own HTML with the picture in its place, the quote below as text; who wrote it gives nobody a script or a token."""
    box, notice = opened(t)
    answer(box, notice, outlook("x@y.example"))
    r = box.run()
    token = TOKEN.search(str(r.one("relay")["Reply-To"])).group(0)
    html = """<div>It <b>still</b> says<script>x()</script></div><div><img src="cid:shot@ann" onerror=x()></div><div>after the list:</div><ul><li>one</li></ul>
<div class="gmail_quote"><div class="gmail_attr">On Tue, 10 Mar 2026 at 10:31, Liz Lane &lt;%s&gt; wrote:<br></div><blockquote class="gmail_quote">Stop the ledger<br></blockquote></div>""" % token
    mail = multi("related", "r", part("text/html; charset=utf-8", html), picture("shot@ann", "shot.png"))
    box.add("Ann <ann@haulage.example>", headers=[("Content-Type", mail[0])], raw=mail[1], when="2026-03-10T11:00:00Z", answers=r.one("relay"))
    r = box.run()
    told = r.of("notice", "liz@dynamics.example")[-1]
    safe = Safe(page(told))
    text = body(told)
    assert "It <b>still</b> says" in page(told) and "<li>one</li>" in page(told) and len(safe.cids) == 1 and files(told) == {"shot.png": PNG}
    assert "Below it stood:" in text and "> Stop the ledger" in text and text.index("after the list") < text.index("> Stop the ledger"), text
    assert token not in told.as_string().replace("=\n", "") and token not in text and "> Stop the ledger" in safe.text
    check(r)
