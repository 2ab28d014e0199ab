# SPDX-License-Identifier: ISC
"""What the scenarios of letters share: a ticketd that sends through a scripted SMTP server, and a clock that can be put forward.

The clock: a small library that adds seconds to CLOCK_REALTIME. They are
read from a file that is mapped, so that a test can wait for hours in no time: clock.forward(7200). Core looks at its clock
when something happens: clock.tick(d) sends it a mail that changes nothing else.
"""
import mmap
import os
import struct
import subprocess

from harness import SANITIZED, mail, wait_until
from smtp_sink import Sink

AHEAD = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
static const volatile int64_t *ahead;
static int (*real)(clockid_t, struct timespec *);
__attribute__((constructor)) static void
start(void)
{
    int fd = open(getenv("TEST_CLOCK_FILE"), O_RDONLY | O_CLOEXEC);
    void *p = fd >= 0 ? mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (p == MAP_FAILED)
        abort();
    ahead = p;
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}
int
clock_gettime(clockid_t id, struct timespec *ts)
{
    int rc = real(id, ts);
    if (rc == 0 && id == CLOCK_REALTIME)
        ts->tv_sec += *ahead;
    return rc;
}
"""

PLENTY = "{ %s }" % " ".join("%s-%s = 100000" % (who, when) for who in ("recipient", "domain", "all") for when in ("hour", "day"))


SLOW_DISK = r"""
#include <sys/syscall.h>
#include <unistd.h>
int
fdatasync(int fd)
{
    usleep(10000);
    return (int)syscall(SYS_fdatasync, fd);
}
"""


def preload(t, d, source, **environment):
    """Compiles a small library and has core, and no role, start with it."""
    with open(t.path("shim.c"), "w", encoding="ascii") as f:
        f.write(source)
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", t.path("shim.so"), t.path("shim.c")], check=True)
    d.environment.update(environment, LD_PRELOAD=t.path("shim.so"))
    if SANITIZED:
        d.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"


class Clock:
    def __init__(self, t, d):
        self.path, self.seconds, self.d = t.path("clock"), 0, d
        with open(self.path, "wb") as f:
            f.write(bytes(8))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8)
        preload(t, d, AHEAD, TEST_CLOCK_FILE=self.path)

    def forward(self, seconds):
        self.seconds += seconds
        self.map[:8] = struct.pack("=q", self.seconds)

    def tick(self):
        """Something happens, and no letter comes of it: a machine's mail."""
        assert self.d.lmtp_send(mail(subject="tick", headers={"Auto-Submitted": "auto-generated"}, sender="robot@machine.example")) == 250


def relay(sink, **settings):
    """For Ticketd(relay=…)."""
    s = {"transport": '"smtp"', "path": None, "host": '"127.0.0.1"', "port": sink.port, "tls": '"none"', "auth": '"none"', "lanes": 1}
    s.update((k.replace("_", "-"), v) for k, v in settings.items())
    return s


class Relay(Sink):
    """One that can hang up on everybody."""
    def _session(self, sock, number):
        with self.lock:
            self.open = getattr(self, "open", []) + [sock]
        super()._session(sock, number)

    def drop(self):
        for sock in self.open:
            try:
                sock.shutdown(2)
            except OSError:
                pass


def sink(t, script=None, **options):
    s = Relay(script=script, **options).start()
    t.cleanup(s.stop)
    return s


def ticketd(t, s, name="d", desk=None, more="", start=True, clock=False, **settings):
    """A ticketd whose relay is that sink, started; with clock=True it has one in d.clock."""
    d = t.ticketd(name, relay=relay(s, **settings), desk=dict({"budget": PLENTY}, **(desk or {})), more=more)
    if clock:
        d.clock = Clock(t, d)
    return d.start() if start else d


def taken(s):
    """The mails that the relay said yes to."""
    return [m for m in list(s.mails) if m["taken"]]


def taken_wait(s, n, timeout=15):
    return wait_until(lambda: (lambda v: v if len(v) >= n else None)(taken(s)), lambda: "%d letters at the relay: %d" % (n, len(taken(s))), timeout)


def lane(d):
    return next(r for r in d.roles() if r["role"] == "smtp")
