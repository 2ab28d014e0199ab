# SPDX-License-Identifier: ISC
"""One mail, one case, one letter; replies find their case."""
from harness import body_of, mail, message_id_of, wait_until


def test_one_mail_is_one_case_and_one_acknowledgement(t):
    d = t.ticketd().start()
    first = mail(subject="Printer on fire")
    assert d.lmtp_send(first) == 250
    letter = d.letters_wait(1)[0]
    cases = d.cases()
    assert len(cases) == 1, cases
    print(cases, letter)
    d.idle()
    d.stop()
