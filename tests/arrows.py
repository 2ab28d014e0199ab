# SPDX-License-Identifier: ISC
"""The arrows of the design, from the includes: who may know whom, and which library. And, from the symbols of the archives,
that desk, mail and store ask no clock, locale, environment or source of chance. Run by tests/run."""
import os
import re
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

BELOW = {"mail", "conf", "schema", "base"}
MAY = {                                     # a room, and the doors that it may open besides its own
    "base": set(),
    "schema": {"base"},
    "conf": {"base"},
    "mail": {"schema", "base"},             # mail -> desk, conf: never
    "desk": BELOW,                          # desk -> store, role: never
    "store": {"schema", "base"},
    "keep": BELOW | {"desk", "store"},
    "role": BELOW,
    "intake": BELOW | {"role"},             # intake, deliver -> store: never
    "deliver": BELOW | {"role"},
    "core": BELOW | {"desk", "store", "role", "keep"},
    "ctl": BELOW | {"desk", "store", "role", "keep", "core"},
}
MAINS = {"parse": "mail", "compose": "mail", "imap": "intake", "lmtp": "intake", "maildir": "intake", "token": "intake", "smtp": "deliver",
         "drop": "deliver", "reader": "ctl"}                # src/role/NAME.c: one main each, and the one room that it opens
DOOR_OF = {"tables": "store", "verb": "core"}               # headers that are a second door of a room
LIBRARIES = {                               # what begins a library's header, and the rooms that may know it
    "libetpan/": {"intake"}, "gnutls/": {"intake"}, "curl/": {"intake", "deliver"}, "gmime/": {"mail"}, "libxml/": {"mail"}, "pcre2": {"mail", "ctl"},
    "uchardet": {"mail"}, "libexttextcat": {"mail"}, "lmdb.h": {"store"}, "zstd": {"store"}, "confuse": {"conf"}, "libical": {"desk"},
    "seccomp": {"role"}, "linux/landlock": {"role"}, "linux/seccomp": {"role"}, "libsmartcols": {"ctl"}, "systemd/sd-daemon": {"core"},
    "systemd/sd-event": {"core"}, "systemd/sd-journal": {"base"}, "jansson": {"schema", "mail", "core", "ctl", "intake", "keep"}, "glib": {"mail"},
    "sodium": {"mail", "desk", "store", "core", "ctl", "keep"}, "protobuf-c": {"schema", "base"}, "ticketd.pb-c.h": {"schema"}, "microhttpd": {"ctl"},
}
PURE = ("desk", "mail", "store", "keep")
FORBIDDEN = re.compile(r"(time|clock|gettimeofday|clock_gettime|timespec_get|ftime|times|localtime(_r)?|mktime|timelocal|tzset|setlocale|newlocale|uselocale|"
                       r"localeconv|nl_langinfo(_l)?|getenv|secure_getenv|setenv|putenv|environ|rand(_r)?|srand|random(_r)?|srandom|[dlm]rand48|getrandom|"
                       r"getentropy|arc4random\w*|randombytes\w*|uuid_\w+|sleep|usleep|nanosleep|g_random_\w+|g_get_(real|monotonic|current)_time|g_getenv|"
                       r"g_date_time_new_now\w*|icaltime_(now|today)\w*|icaltime_current_\w+)")
EXCEPTIONS = {}                             # (archive member, symbol): why it is no way to ask for the time, the place or chance


def sources():
    """(path, room, is a main)."""
    for base, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                path = os.path.join(base, name)
                room = os.path.relpath(base, os.path.join(ROOT, "src"))
                main = room == "." or (room == "role" and name.endswith(".c") and name[:-2] in MAINS)
                yield path, room, main
    for name in sorted(os.listdir(os.path.join(ROOT, "include", "ticketd"))):
        if name.endswith(".h"):
            yield os.path.join(ROOT, "include", "ticketd", name), DOOR_OF.get(name[:-2], name[:-2]), False


def includes(path):
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^">]+)[">]', line)
            if found:
                yield number, found.group(1) == '"', found.group(2)


def door(name):
    """"ticketd/ROOM.h" names a room; anything else does not."""
    found = re.fullmatch(r"ticketd/(\w+)\.h", name)
    return DOOR_OF.get(found.group(1), found.group(1)) if found else None


def wrong_arrows():
    wrong = []
    for path, room, main in sources():
        may = set(MAY) if room == "." else MAY["role"] | {"role", MAINS.get(os.path.basename(path)[:-2], "role")} if main else MAY.get(room, set()) | {room}
        for number, quoted, name in includes(path):
            to = door(name)
            if to is not None and to not in may:
                wrong.append("%s:%d: %s -> %s" % (os.path.relpath(path, ROOT), number, "main" if main else room, to))
            elif quoted and to is None and name != "ticketd.pb-c.h" and not os.path.exists(os.path.join(os.path.dirname(path), name)):
                wrong.append("%s:%d: \"%s\" is no header of its own room" % (os.path.relpath(path, ROOT), number, name))
            elif quoted and ("/" in name and to is None):
                wrong.append("%s:%d: \"%s\" leads into another folder" % (os.path.relpath(path, ROOT), number, name))
    return wrong


def test_arrows_go_down_only_and_private_headers_stay_private(t):
    rooms = {room for _, room, _ in sources()} - {"."}
    assert rooms == set(MAY), "rooms that the table does not know, or that are gone: %r" % (rooms ^ set(MAY))
    wrong = wrong_arrows()
    assert not wrong, "\n".join(wrong)


def test_each_library_is_known_in_its_rooms_alone(t):
    wrong = []
    for path, room, main in sources():
        for number, quoted, name in includes(path):
            for word, rooms in LIBRARIES.items():
                if name.startswith(word) and room not in rooms:
                    wrong.append("%s:%d: %s knows <%s>" % (os.path.relpath(path, ROOT), number, room, name))
    assert not wrong, "\n".join(wrong)
    for door_name in ("desk", "store", "mail", "role", "intake", "deliver", "core", "ctl", "conf", "base"):
        text = open(os.path.join(ROOT, "include", "ticketd", door_name + ".h")).read()
        assert not re.search(r"\b(MDB_|GMime|CURL|mailimap|pcre2_|xmlNode|cfg_t|gnutls_)", text), door_name + ".h shows a library's type"


def test_desk_mail_and_store_ask_no_clock_locale_environment_or_chance(t):
    if shutil.which("nm") is None:
        t.skip("nm is not installed")
    wrong, seen = [], set()
    for room in PURE:
        archive = os.path.join(t.build, "lib", room + ".a")
        out = subprocess.run(["nm", "-A", "-u", archive], capture_output=True, text=True, check=True).stdout
        assert out.count(" U ") > 50, "nm says nothing of " + archive
        for member, symbol in re.findall(r"^[^:]*:([^:]+):\s+[Uw] ([^@\s]+)", out, re.M):
            if FORBIDDEN.fullmatch(symbol):
                seen.add((member, symbol))
                if (member, symbol) not in EXCEPTIONS:
                    wrong.append("%s: %s imports %s" % (room, member, symbol))
    assert not wrong, "\n".join(wrong)
    assert set(EXCEPTIONS) <= seen, "exceptions that nobody needs any more: %r" % (set(EXCEPTIONS) - seen)


def test_this_check_can_fail(t):
    """The checks above see what they are made for."""
    assert FORBIDDEN.fullmatch("clock_gettime") and FORBIDDEN.fullmatch("getenv") and not FORBIDDEN.fullmatch("clock_find")
    assert door("ticketd/tables.h") == "store" and door("lmdb.h") is None
    assert "store" not in MAY["desk"] | MAY["intake"] | MAY["deliver"] | MAY["mail"] and "deliver" not in MAY["core"]
    archive = os.path.join(t.build, "lib", "core.a")
    if shutil.which("nm") is None:
        t.skip("nm is not installed")
    out = subprocess.run(["nm", "-A", "-u", archive], capture_output=True, text=True, check=True).stdout
    assert any(FORBIDDEN.fullmatch(s) for s in re.findall(r" U ([^@\s]+)", out)), "core reads the clock, and this check did not see it"
