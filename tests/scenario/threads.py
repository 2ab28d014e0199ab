# SPDX-License-Identifier: ISC
"""How people's mail programs see one conversation, each by its own rule, written down apart from ticketd: the threads of
References (as in Jamie Zawinski's description), Gmail's conversations, Outlook's. Each takes the mails of one mailbox in the
order of their arrival and answers a list of groups of positions."""
import base64
import re

ID = re.compile(r"<([^<>\s]+)>")
PREFIX = re.compile(r"(?i)^\s*(re|aw|sv|vs|vb|antw|antwort|fw|fwd|wg|tr|vl)\s*(\[\d+\])?\s*:\s*")


def bare(subject):
    """The subject without prefixes, blanks folded."""
    subject = " ".join(str(subject or "").split())
    while PREFIX.match(subject):
        subject = PREFIX.sub("", subject, count=1)
    return subject.strip()


def ids(field):
    return ID.findall(str(field or ""))


def groups(n, pairs):
    """Union of the pairs; the groups in the order of their first members."""
    top = list(range(n))

    def find(k):
        while top[k] != k:
            k = top[k]
        return k
    for a, b in pairs:
        a, b = sorted((find(a), find(b)))
        top[b] = a
    found = {}
    for k in range(n):
        found.setdefault(find(k), []).append(k)
    return list(found.values())


def by_references(mails):
    """A mail hangs under the last of its References, or under In-Reply-To; mails that are not there still hold their place."""
    parent, where = {}, {}
    for n, m in enumerate(mails):
        own = (ids(m["Message-ID"]) or ["none-%d" % n])[0]
        where[own] = n
        chain = ids(m["References"]) or ids(m["In-Reply-To"])[:1]
        for a, b in zip(chain, chain[1:] + [own]):
            seen, up = {b}, a
            while up in parent and up not in seen:      # no loops
                seen.add(up)
                up = parent[up]
            if b not in parent and a != b and up not in seen:
                parent[b] = a

    def root(i):
        while i in parent:
            i = parent[i]
        return i
    found = {}
    for own, n in where.items():
        found.setdefault(root(own), []).append(n)
    return sorted(sorted(g) for g in found.values())


def by_gmail(mails):
    """Same subject without prefixes, and a reference to a mail of the conversation."""
    keys = [bare(m["Subject"]).lower() for m in mails]
    known, pairs = {}, []
    for n, m in enumerate(mails):
        for i in ids(m["References"]) + ids(m["In-Reply-To"]):
            if i in known and keys[known[i]] == keys[n]:
                pairs.append((known[i], n))
        for i in ids(m["References"]) + ids(m["Message-ID"]):
            known.setdefault(i, n)
    return groups(len(mails), pairs)


def by_outlook(mails):
    """The conversation is the identity in Thread-Index where a mail has one, and the topic: Thread-Topic, else the subject."""
    first, pairs = {}, []
    for n, m in enumerate(mails):
        topic = ("topic", bare(m["Thread-Topic"] or m["Subject"]).lower())
        try:
            index = base64.b64decode(str(m["Thread-Index"] or ""), validate=True)
        except ValueError:
            index = b""
        for key in [topic] + ([("index", index[6:22])] if len(index) >= 22 else []):
            if key in first:
                pairs.append((first[key], n))
            first.setdefault(key, n)
    return groups(len(mails), pairs)
