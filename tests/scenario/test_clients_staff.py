# SPDX-License-Identifier: ISC
"""Staff with each mail program of clients.py: answers, commands, answers to all and forwards; the customer gets the new words alone."""
import re

from clients import CLIENTS
from staff_box import TOKEN, body
from test_clients_customer import DESK, LIZ, Rows, World, at, case_of, conversation, customer, fold, of_case

SECRET = "Sentinel of the customer 4711"
ANSWERS = ["Hello Ann,\n\nplease restart it. The \u201cledger\u201d server was \u00e5terstartad.", "It is mended now, as promised.", "I have asked my colleague, too."]
NOTED = "She sounded angry."


def desk():
    """A desk on which every client is a person of staff."""
    people = "\n".join('    person "liz@%s.dynamics.example" { label = "Liz %s" }' % (n, n) for n in CLIENTS)
    return people + '\n    queue "all" { staff = { %s } }' % ", ".join('"liz@%s.dynamics.example"' % n for n in CLIENTS)


def liz(name):
    return ("Liz " + name, "liz@%s.dynamics.example" % name)


def test_each_client_of_staff_relays_the_new_words_alone(t):
    w, rows = World(t, more=desk()), Rows()
    for name in CLIENTS:
        w.put(0, customer(name), CLIENTS["gmail"].write(customer(name), at(0), "It is broken.\n" + SECRET, DESK, "The ledger does not open"))
    r = w.run()
    numbers = {name: r.cases[case_of(r, customer(name))]["case"] for name in CLIENTS}
    for name in CLIENTS:                # a person of the queue hands it to each
        letter = of_case(r, customer(name), "notice", LIZ[1])[-1]
        w.put(5, LIZ, CLIENTS["mutt"].answer(LIZ, at(5), "#assign %s" % liz(name)[1], letter))
    r = w.run()
    step = 10
    for n, words in enumerate(ANSWERS):
        for name, c in CLIENTS.items():
            letter = of_case(r, customer(name), "notice", liz(name)[1])[-1]
            w.put(step, liz(name), c.answer(liz(name), at(step), words, letter, everybody=n == 2, cc=[("Mark Moss", "mark@dynamics.example")] if n == 2 else ()))
        r = w.run()
        for name in CLIENTS:
            letter = of_case(r, customer(name), "relay")[-1]
            w.put(step + 5, customer(name), CLIENTS["gmail"].answer(customer(name), at(step + 5), "Thanks, but no %d." % n, letter))
        r = w.run()
        step += 10
    for name, c in CLIENTS.items():
        letter = of_case(r, customer(name), "notice", liz(name)[1])[-1]
        w.put(step, liz(name), c.answer(liz(name), at(step), "#note\n#priority critical\n" + NOTED, letter))
    r = w.run()
    for name in CLIENTS:
        who = customer(name)
        k = case_of(r, who)
        relays = of_case(r, who, "relay")
        rows.check(name, "three answers", len(relays) == 3, [body(x)[:100] for x in relays])
        rows.check(name, "a result tells of a mistake", not [x for x in of_case(r, who, "result", liz(name)[1]) if "Not done" in str(x["Subject"])],
                   [body(x)[:300] for x in of_case(r, who, "result", liz(name)[1])])
        for n, letter in enumerate(relays[:3]):
            text = letter.get_body(("plain",)).get_content()
            words = fold(re.split(r"(?m)^(This is solved, please close it|Reference):", text)[0])
            spare = words.replace(fold(ANSWERS[n]), "", 1)
            rows.check(name, "answer %d is the new words and at most a signature" % n, fold(ANSWERS[n]) in words and len(spare) <= 80 and "wrote" not in spare and ":" not in spare, words)
            everything = letter.as_string()
            rows.check(name, "answer %d holds nothing of the notice" % n, SECRET not in text and "dynamics.example" not in re.sub(r"support(\+\w+)?@dynamics\.example", "", everything.partition("\n\n")[2].replace("=\n", "")), text)
            mine = {x.lower() for x in TOKEN.findall(" ".join(m.as_string() for m in r.letters if liz(name)[1] in m.meta["to"]))}
            rows.check(name, "answer %d holds no token of staff" % n, not mine & {x.lower() for x in TOKEN.findall(everything.replace("=\n", ""))})
        notes = [e["text"] for e in r.entries("note", k)]
        rows.check(name, "the note stays inside", len(notes) == 1 and fold(notes[0]).startswith(NOTED) and r.cases[k]["priority"] == "critical" and not any(NOTED in body(x) for x in of_case(r, who, "relay")), notes)
        rows.check(name, "one case", r.cases[k]["case"] == numbers[name] and len(r.cases) == len(CLIENTS))
        conversation(rows, "gmail", w, r, who)
        conversation(rows, name, w, r, liz(name), numbers[name])
    rows.done()


def test_each_client_forwards_a_customers_mail_in(t):
    w, rows = World(t, more=desk()), Rows()
    original = {}
    for name, c in CLIENTS.items():
        import email
        import email.policy
        data = CLIENTS["gmail"].write(customer(name), at(0), "Our ledger does not open.\n" + SECRET + "\n\nAnn Ash", liz(name)[1], "Ledger closed")
        original[name] = email.message_from_bytes(data, policy=email.policy.default)
        w.put(10, liz(name), c.forward(liz(name), at(10), "For the desk, please.", original[name], DESK))
    r = w.run()
    for name, c in CLIENTS.items():
        k = case_of(r, customer(name))
        if k is None:
            rows.check(name, "the case is the customer's", False, [(c["requester"], c["subject"]) for c in r.cases if name in c["requester"]["addr"]])
            continue
        rows.check(name, "subject of the customer", r.cases[k]["subject"] == "Ledger closed", r.cases[k]["subject"])
        acks = of_case(r, customer(name), "ack")
        rows.check(name, "the customer is acknowledged", len(acks) == 1 and acks[0].meta["to"] == [customer(name)[1]])
        rows.check(name, "nothing of staff in it", not acks or liz(name)[1] not in acks[0].as_string())
        rows.check(name, "the words are kept", SECRET in r.entries("opened", k)[0]["text"], r.entries("opened", k)[0]["text"])
        if acks:
            w.put(20, customer(name), CLIENTS["gmail"].answer(customer(name), at(20), "Thank you for taking it up. It got worse.", acks[0]))
    r = w.run()
    rows.check("all", "one case each", len(r.cases) == len(CLIENTS), len(r.cases))
    for name in CLIENTS:
        k = case_of(r, customer(name))
        rows.check(name, "the customer's answer is on it", k is not None and len(r.entries("appended", k)) == 1)
    rows.done()
