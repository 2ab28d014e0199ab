# SPDX-License-Identifier: ISC
"""The few words of a customer that count as a link does, in many tongues and shapes, and the many that only look like them."""
from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"
ANN = "Ann Ash <ann@haulage.example>"
QUOTE = "\n\nOn Tue, 10 Mar 2026 at 10:30, Dynamics Support <support@dynamics.example> wrote:\n\n> This is ready for you to try.\n> OK it works\n> NOT OK\n"


def asked(t):
    """A case whose customer is asked whether the solution is good."""
    box = Box(t)
    box.add(ANN, "It is broken.\n")
    number = box.run().case["case"]
    box.add(LIZ, "#ask-approval\nRestart it.\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number)
    return box, box.run().one("approval")


# words, what the case's approval becomes: yes, no, closed, or None: staff read it
ROWS = [
    ("OK\n", "yes"), ("Ok!\n", "yes"), ("ok thanks!\n", "yes"), ("OK.\n\nBest regards\nAnn\n", "yes"), ("OK\n\n-- \nAnn Ash\nHaulage Ltd\nTel. +44 20 7946 0000\n", "yes"),
    ("OK\n\nSent from my iPhone\n", "yes"), ("ok\n\nSkickat fr\u00e5n min iPhone\n", "yes"), ("OK\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n", "yes"), ("OK" + QUOTE, "yes"),
    ("Thanks, it works now.\n", "yes"), ("Approved\n", "yes"), ("Ja tack\n", "yes"), ("Det funkar nu, tack!\n", "yes"), ("Det virker nu. Tak for hj\u00e6lpen\n", "yes"),
    ("Es funktioniert wieder, vielen Dank!\n", "yes"), ("Passt so.\n\nMit freundlichen Gr\u00fc\u00dfen\nAnn Ash\n", "yes"), ("Det virker n\u00e5, tusen takk!\n", "yes"), ("Nyt toimii, kiitos!\n", "yes"),
    ("Het werkt weer, bedankt!\n", "yes"), ("\u00c7a marche, merci !\n", "yes"), ("\U0001f44d OK\n", "yes"),
    ("NOT OK\n", "no"), ("Not ok.\n", "no"), ("It doesn\u2019t work\n", "no"), ("Inte ok\n", "no"), ("Ikke OK\n", "no"), ("Funktioniert immer noch nicht!\n", "no"), ("Es funktioniert nicht\n", "no"),
    ("Virker fortsatt ikke\n", "no"), ("Ei toimi\n", "no"), ("Nej tack\n", "no"), ("Nein\n", "no"),
    ("Please close the case.\n", "closed"), ("Ni kan st\u00e4nga \u00e4rendet\n", "closed"), ("Luk sagen, tak\n", "closed"), ("Bitte schlie\u00dfen\n", "closed"), ("Vennligst lukk saken\n", "closed"),
    ("Sulkekaa tapaus, kiitos\n", "closed"), ("BITTE SCHLIESSEN\n", "closed"),
    # what only looks like it
    ("OK, but it still fails\n", None), ("Not ok at all, I am furious\n", None), ("OK?\n", None), ("Is it OK?\n", None), ("ok so what now\n", None), ("It works not\n", None),
    ("Ok. And when do you mend the printer?\n", None), ("It is not OK yet\n", None), ("OK for Bob, NOT OK for me\n", None), ("\U0001f44e\n", None), ("Please close the window in room 3\n", None),
    ("Please do not close the case\n", None), ("I approve of your effort, but no\n", None), ("Yes and no\n", None), ("", None), ("I will test it and tell you whether it is\n\nOK\n", None),
    ("See below.\n\n> OK\n", None), ("> OK\n", None), ("K\n", None), ("Oklahoma\n", None), ("Tack, men det fungerar inte\n", None), ("Danke, aber es geht nicht\n", None),
]


def outcome(r):
    answers = [e["detail"] for e in r.entries("approval")][1:]
    if r.case["state"] == "closed":
        return "closed"
    return {"solution approved": "yes", "solution declined": "no"}[answers[0]] if answers else None


def test_few_words(t):
    for words, want in ROWS:
        box, question = asked(t)
        box.add(ANN, words, when="2026-03-10T11:00:00Z", answers=question)
        r = box.run()
        assert outcome(r) == want, (words, want, outcome(r), r.case["state"])
        if want is None:
            assert words.strip()[:5] in " ".join(l.as_string() for l in r.of("notice", "liz@dynamics.example")) or r.entries("appended"), words


def test_they_need_proof_and_the_person(t):
    for who, auth in ((ANN, False), ("Eve <eve@other.example>", True)):
        box, question = asked(t)
        box.add(who, "OK\n", when="2026-03-10T11:00:00Z", answers=question, auth=auth, to="support@dynamics.example, x@haulage.example")
        assert outcome(box.run()) is None, who


def test_links_are_short_and_survive_every_program(t):
    """A subject of a thousand letters in three scripts; addresses at their longest; each link is a plain RFC 6068 URL."""
    import re
    import urllib.parse
    box = Box(t)
    box.add(ANN, "It is broken.\n", subject="\u00c4rende om \u65e5\u672c\u8a9e & \"100 %\" ?#+ " + "\u00e5\u00e4\u00f6 " * 250)
    ack = box.run().one("ack")
    urls = [u.replace("&amp;", "&") for u in re.findall(r'href="(mailto:[^"]+)"', re.sub(r"\r?\n", "", ack.get_body(("html",)).get_content()))]
    assert len(urls) >= 3
    for url in urls:
        assert len(url.encode()) < 1900 and re.fullmatch(r"mailto:[A-Za-z0-9.+_%@-]+\?subject=[A-Za-z0-9._~%-]+&body=[A-Za-z0-9._~%-]+", url), url
        fields = urllib.parse.parse_qs(url.partition("?")[2], strict_parsing=True)
        assert ack["X-Ticketd-Case"] in fields["subject"][0] and "+" not in url.partition("?")[2], url
