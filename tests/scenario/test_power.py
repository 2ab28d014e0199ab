# SPDX-License-Identifier: ISC
"""The power goes: what the disk would hold at any point of a day's work, with writes that were not synced lost, reordered and torn.
A real daemon is recorded (tests/power/recorder.c) while mails come in by LMTP and letters go out; the recording is cut at
TICKETD_POWER_CUTS points (60; make soak: 1,000), and each cut is opened, checked, and asked for every mail told of by then."""
import os
import random
import subprocess
import threading

from harness import SANITIZED, mail, message_id_of
from test_core_restart import NO_BUDGET


def recorded(t, n=80, connections=3):
    """(daemon, trace, acks): killed in the middle of things."""
    d = t.ticketd(desk=NO_BUDGET)
    trace, acks = t.path("trace"), t.path("acks")
    d.environment = {"LD_PRELOAD": os.path.join(t.build, "power", "recorder.so"), "TICKETD_POWER_STATE": d.state, "TICKETD_POWER_TRACE": trace}
    d.start()
    told, lock, seed = [], threading.Lock(), random.Random(5)
    sizes = [seed.choice((10, 400, 5000, 90000)) for _ in range(n)]

    def send(numbers):
        client = d.lmtp()
        for i in numbers:
            data = mail(subject="mail %d" % i, text="".join(seed.choice("abcdefgh \n") for _ in range(sizes[i])))
            assert client.send("ann@customer.example", ["support@example.com"], data)["support@example.com"][0] == 250
            with lock:                          # what is in the trace by now was there when the 250 came
                told.append((os.path.getsize(trace), message_id_of(data)))
        client.close()
    threads = [threading.Thread(target=send, args=(range(c, n, connections),)) for c in range(connections)]
    for th in threads:
        th.start()
    for th in threads:
        th.join()
    d.letters_wait(n // 2)
    d.kill()
    assert len(told) == n
    with open(acks, "w") as f:
        f.writelines("%d %s\n" % x for x in sorted(told))
    return d, trace, acks


def replay(t, d, trace, acks, cuts, seed):
    folder = t.path("cut")
    os.makedirs(folder, 0o700, exist_ok=True)
    return subprocess.run([os.path.join(t.build, "power", "replay"), trace, acks, os.path.join(d.state, "master.key"), folder, "support", str(cuts), str(seed)],
                          capture_output=True, text=True, timeout=3000)


def test_the_power_goes_at_any_point_and_nothing_told_of_is_gone(t):  # at most 3000 s
    if SANITIZED:
        t.skip("the recorder goes before the sanitizers' own")
    d, trace, acks = recorded(t)
    cuts = int(os.environ.get("TICKETD_POWER_CUTS", "60"))
    done = replay(t, d, trace, acks, cuts, os.environ.get("SEED", "1"))
    assert done.returncode == 0, done.stdout[-3000:]
    print(done.stdout.strip())
    # the proof is worth something: a disk that forgets one sync is found out
    with open(trace, "rb") as f:
        whole = f.read()
    forgetful, at, syncs = bytearray(), 0, 0
    while at < len(whole):
        what, file, length = (int.from_bytes(whole[at + n:at + n + 4], "little") for n in (0, 4, 12))
        end = at + 24 + length
        forgotten = what == 3 and file == 0     # of the data; see trace.h
        syncs += forgotten
        if not forgotten:
            forgetful += whole[at:end]
        at = end
    assert syncs > 50
    lying = t.path("lying")
    with open(lying, "wb") as f:
        f.write(forgetful)
    done = replay(t, d, lying, acks, 60, 1)
    assert done.returncode != 0 and "keys" not in done.stdout, "a disk that never syncs its data was not noticed: " + done.stdout
