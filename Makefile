# SPDX-License-Identifier: ISC
# ticketd. `make` builds, `make demo` shows, `make check` tests, `make install` installs. One build folder a flavour:
# FLAVOUR=plain (default), asan, tsan, cov; all output lies in build/$(FLAVOUR).

FLAVOUR ?= plain
B       ?= build/$(FLAVOUR)
PREFIX  ?= /usr/local
CC      ?= cc
WERROR  ?=

PKGS_BUILD = gcc make pkg-config libc6-dev libetpan-dev libgmime-3.0-dev libpcre2-dev liblmdb-dev libsodium-dev \
	libcurl4-gnutls-dev libgnutls28-dev libprotobuf-c-dev protobuf-c-compiler libconfuse-dev libical-dev libsystemd-dev \
	libseccomp-dev libxml2-dev libuchardet-dev libexttextcat-dev libexttextcat-data libzstd-dev libjansson-dev libsmartcols-dev tzdata
PKGS_CHECK = libcmocka-dev dovecot-imapd dovecot-lmtpd postfix openssl ca-certificates python3 mandoc clang clang-tidy cppcheck libclang-rt-14-dev procps python3-holidays mutt neomutt s-nail

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wconversion -Wno-sign-conversion -Wwrite-strings -Wvla
HARD = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
FLAVOUR_plain = -O2 $(HARD)
FLAVOUR_asan  = -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -fPIE -DTICKETD_SANITIZED
FLAVOUR_tsan  = -O1 -fsanitize=thread -fPIE -DTICKETD_SANITIZED
FLAVOUR_cov   = -O0 --coverage -fPIE
LD_asan = -fsanitize=address,undefined
LD_tsan = -fsanitize=thread
LD_cov  = --coverage

CFLAGS   ?= -g
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -Iinclude -I$(B)/gen $(WARN) $(WERROR) $(FLAVOUR_$(FLAVOUR)) $(CFLAGS) -MMD -MP \
	-DTICKETD_PREFIX='"$(PREFIX)"'
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LD_$(FLAVOUR)) $(LDFLAGS)
pkg = $(shell pkg-config --$(1) $(2))

# ---- rooms: what each needs, and the libraries that it may know (DESIGN.md 4: arrows go down only)
ROOMS = base schema conf mail desk store keep role core intake deliver ctl
BELOW_base    = base
BELOW_schema  = schema $(BELOW_base)
BELOW_conf    = conf $(BELOW_base)
BELOW_mail    = mail $(BELOW_schema)
BELOW_desk    = desk mail conf $(BELOW_schema)
BELOW_store   = store $(BELOW_schema)
BELOW_keep    = keep desk store mail conf $(BELOW_schema)
BELOW_role    = role $(BELOW_schema)
BELOW_intake  = intake role $(BELOW_schema)
BELOW_deliver = deliver role $(BELOW_schema)
BELOW_core    = core keep desk store role mail conf $(BELOW_schema)
BELOW_ctl     = ctl core keep desk store role mail conf $(BELOW_schema)

LIBS_base    = -lsystemd
LIBS_schema  = -lprotobuf-c -ljansson
LIBS_conf    = -lconfuse
LIBS_mail    = $(call pkg,libs,gmime-3.0 libxml-2.0) -lpcre2-8 -luchardet -lexttextcat-2.0 -lsodium -ljansson
LIBS_desk    = -lical -lsodium
LIBS_store   = -llmdb -lsodium -lzstd
LIBS_keep    = -lsodium -ljansson
LIBS_role    = -lseccomp
LIBS_intake  = -letpan -lgnutls -lcurl -ljansson
LIBS_deliver = -lcurl
LIBS_core    = -lsystemd -lsodium -ljansson
LIBS_ctl     = -ljansson -lsmartcols

CFLAGS_mail  = $(call pkg,cflags,gmime-3.0 libxml-2.0)

# ---- programs: one executable a role, linked with its rooms alone; archives bring in only what is used
ROLES = parse compose imap lmtp maildir smtp drop token reader
ROOM_OF_parse = mail
ROOM_OF_compose = mail
ROOM_OF_imap = intake
ROOM_OF_lmtp = intake
ROOM_OF_maildir = intake
ROOM_OF_token = intake
ROOM_OF_smtp = deliver
ROOM_OF_drop = deliver
ROOM_OF_reader = ctl

PROGRAMS = $(B)/sbin/ticketd $(B)/bin/ticketctl $(ROLES:%=$(B)/libexec/ticketd/%)
all: $(PROGRAMS) $(B)/share/ticketd

room_src = $(filter-out $(ROLES:%=src/role/%.c),$(wildcard src/$(1)/*.c))
room_obj = $(patsubst src/%.c,$(B)/obj/%.o,$(call room_src,$(1)))
define room_rule
$(B)/lib/$(1).a: $(call room_obj,$(1)) $(if $(filter schema,$(1)),$(B)/obj/schema/ticketd.pb-c.o)
	@mkdir -p $$(@D); rm -f $$@; $(AR) rcsD $$@ $$^
$(call room_obj,$(1)): ROOM_CFLAGS = $(CFLAGS_$(1))
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

archives = $(foreach r,$(1),$(B)/lib/$(r).a)
libs = $(foreach r,$(1),$(LIBS_$(r)))
link = $(CC) $(ALL_CFLAGS) -o $@ $(1) $(call archives,$(2)) $(call archives,$(2)) $(ALL_LDFLAGS) $(call libs,$(2))

$(B)/sbin/ticketd: $(B)/obj/ticketd.o $(call archives,$(BELOW_core))
	@mkdir -p $(@D); echo "  LD $@"; $(call link,$<,$(BELOW_core))
$(B)/bin/ticketctl: $(B)/obj/ticketctl.o $(call archives,$(BELOW_ctl))
	@mkdir -p $(@D); echo "  LD $@"; $(call link,$<,$(BELOW_ctl))
define role_rule
$(B)/libexec/ticketd/$(1): $(B)/obj/role/$(1).o $(call archives,role $(BELOW_$(ROOM_OF_$(1))))
	@mkdir -p $$(@D); echo "  LD $$@"; $$(call link,$$<,role $(BELOW_$(ROOM_OF_$(1))))
endef
$(foreach r,$(ROLES),$(eval $(call role_rule,$(r))))
$(B)/share/ticketd:
	@mkdir -p $@; for d in templates profiles holidays; do ln -sfn $(CURDIR)/contrib/$$d $@/$$d; done

# ---- compiling
GEN = $(B)/gen/ticketd.pb-c.h
$(B)/gen/ticketd.pb-c.c $(GEN) &: src/schema/ticketd.proto
	@mkdir -p $(B)/gen; protoc-c --proto_path=src/schema --c_out=$(B)/gen $<
$(B)/obj/schema/ticketd.pb-c.o: $(B)/gen/ticketd.pb-c.c
	@mkdir -p $(@D); $(CC) $(ALL_CFLAGS) -w -c -o $@ $<
$(B)/obj/%.o: src/%.c $(B)/.flags | $(GEN)
	@mkdir -p $(@D); echo "  CC $<"; $(CC) $(ALL_CFLAGS) $(ROOM_CFLAGS) -c -o $@ $<
# a change of flags builds anew
$(B)/.flags: FORCE
	@mkdir -p $(B); echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' > $@
FORCE:

# ---- unit tests: tests/unit/ROOM_what.c is linked with ROOM and what lies below it
UNIT_SRC = $(wildcard tests/unit/*.c)
UNIT = $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
define unit_rule
$(B)/unit/$(1): tests/unit/$(1).c $(B)/.flags $(call archives,$(BELOW_$(firstword $(subst _, ,$(1))))) | $(GEN)
	@mkdir -p $$(@D); echo "  CC $$<"; $$(call link,$$<,$(BELOW_$(firstword $(subst _, ,$(1))))) $(CFLAGS_mail) -lcmocka
endef
$(foreach t,$(UNIT_SRC:tests/unit/%.c=%),$(eval $(call unit_rule,$(t))))
unit: $(UNIT) $(B)/power/recorder.so $(B)/power/replay $(B)/evil/role

# ---- power loss: what a store's files would be, had the power gone at any point (tests/power)
$(B)/power/recorder.so: tests/power/recorder.c $(B)/.flags
	@mkdir -p $(@D); echo "  CC $<"; $(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) $(WERROR) -O2 -fPIC -shared -o $@ $< -ldl
$(B)/power/replay: tests/power/replay.c $(B)/.flags $(call archives,$(BELOW_keep)) | $(GEN)
	@mkdir -p $(@D); echo "  CC $<"; $(call link,$<,$(BELOW_keep)) $(CFLAGS_mail)

# stands in the place of a role in tests of what core bears
$(B)/evil/role: tests/evil/role.c $(call archives,$(BELOW_role))
	@mkdir -p $(@D); echo "  CC $<"; $(call link,$<,$(BELOW_role))

$(B)/unit/role_workers: $(B)/libexec/ticketd/parse $(B)/libexec/ticketd/compose

# ---- the fault simulator: core as it is, between a clock, processes and a world of its own (tests/sim/README.md)
SIM_SRC = $(wildcard tests/sim/*.c)
SIM_OBJ = $(SIM_SRC:tests/sim/%.c=$(B)/obj/sim/%.o)
SIM_WRAP = store_begin store_commit store_slots_reserve frame_send frame_receive role_exec_open role_spawn role_child_close log_open log_wants log_line
BELOW_sim = $(BELOW_core)
$(B)/obj/sim/%.o: tests/sim/%.c $(B)/.flags | $(GEN)
	@mkdir -p $(@D); echo "  CC $<"; $(CC) $(ALL_CFLAGS) $(CFLAGS_mail) -c -o $@ $<
$(B)/sim/sim: $(SIM_OBJ) $(call archives,$(BELOW_sim))
	@mkdir -p $(@D); echo "  LD $@"; $(CC) $(ALL_CFLAGS) -o $@ $(SIM_OBJ) $(SIM_WRAP:%=-Wl,--wrap=%) $(call archives,$(BELOW_sim)) $(call archives,$(BELOW_sim)) $(ALL_LDFLAGS) $(call libs,$(BELOW_sim))
# make sim: one seed after the other (SEED=first SEEDS=how many MAILS=of each); SCRIPT=file runs what a failing seed has left
SEED  ?= 1
SEEDS ?= 20
MAILS ?= 400
sim: $(B)/sim/sim
	@$(B)/sim/sim $(if $(SCRIPT),--script $(SCRIPT) --verbose,--seed $(SEED) --seeds $(SEEDS) --mails $(MAILS) --out $(B)/sim)

# ---- what newcomers, testers and packagers call
demo:
	@contrib/install-packages $(PKGS_BUILD) python3
	@$(MAKE) --no-print-directory all
	@exec contrib/demo/run $(B)

check:
	@contrib/install-packages $(PKGS_BUILD) $(PKGS_CHECK)
	@$(MAKE) --no-print-directory -j2 WERROR=-Werror all unit $(B)/sim/sim
	@$(FUZZ_MAKE) fuzz
	@exec tests/run --build $(B)

# a million simulated mails, and every bug that the simulator must find; then each fuzzer for ten minutes (SOAK=seconds; fewer
# seconds, fewer mails), two at a time. Dated rows go to the end of tests/RELIABILITY.md
SOAK ?= 600
FUZZ_MAKE = $(MAKE) -f Makefile -f tests/fuzz/fuzz.mk --no-print-directory -j2 FLAVOUR=fuzz CC=clang B=build/fuzz
soak:
	@contrib/install-packages $(PKGS_BUILD) $(PKGS_CHECK)
	@$(MAKE) --no-print-directory -j2 WERROR=-Werror all unit $(B)/sim/sim
	@nice -n 5 $(B)/unit/desk_calendar_model 1000000
	@TICKETD_POWER_CUTS=1000 tests/run --build $(B) power
	@nice -n 5 tests/sim/soak --build $(B) --rows tests/RELIABILITY.md $(SOAK)
	@exec nice -n 5 tests/fuzz/run -j 2 --rows tests/RELIABILITY.md $(SOAK)

# what is measured is named in tests/bench/README.md
bench: all $(B)/bench/feed
	@contrib/install-packages $(PKGS_CHECK)
	@exec tests/bench/intake $(B)

$(B)/bench/%: tests/bench/%.c
	@mkdir -p $(@D); $(CC) -std=gnu17 -D_GNU_SOURCE -O2 $(WARN) -o $@ $<

# UNITDIR: where systemd looks for units of the system. PREFIX=/usr is a package's, /usr/local an administrator's own.
UNITDIR     ?= $(PREFIX)/lib/systemd/system
COMPLETIONS  = bash-completion/completions/ticketctl zsh/site-functions/_ticketctl fish/vendor_completions.d/ticketctl.fish
install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/ticketd
	install -m 755 $(B)/sbin/ticketd $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(B)/bin/ticketctl $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(ROLES:%=$(B)/libexec/ticketd/%) $(DESTDIR)$(PREFIX)/libexec/ticketd/
	install -d $(DESTDIR)$(PREFIX)/share/ticketd/templates $(DESTDIR)$(PREFIX)/share/ticketd/holidays $(DESTDIR)$(PREFIX)/share/doc/ticketd
	install -m 644 contrib/holidays/*.ics $(DESTDIR)$(PREFIX)/share/ticketd/holidays/
	cp -R contrib/templates/. $(DESTDIR)$(PREFIX)/share/ticketd/templates/
	install -m 644 README.md LICENSE ticketd.conf.sample $(DESTDIR)$(PREFIX)/share/doc/ticketd/
	install -d $(DESTDIR)$(PREFIX)/share/ticketd/profiles $(dir $(COMPLETIONS:%=$(DESTDIR)$(PREFIX)/share/%))
	install -m 644 contrib/profiles/*.conf $(DESTDIR)$(PREFIX)/share/ticketd/profiles/
	for f in $(COMPLETIONS); do $(B)/bin/ticketctl completion $${f%%[-/]*} > $(DESTDIR)$(PREFIX)/share/$$f && chmod 644 $(DESTDIR)$(PREFIX)/share/$$f; done
	for m in man/*.[1-8]; do s=$${m##*.}; install -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$$s/$${m##*/}; done
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|^ExecStart=ticketd|ExecStart=$(PREFIX)/sbin/ticketd|' contrib/systemd/ticketd.service > $(DESTDIR)$(UNITDIR)/ticketd.service
	install -m 644 contrib/systemd/ticketd.socket $(DESTDIR)$(UNITDIR)/
	install -D -m 644 contrib/systemd/ticketd.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/ticketd.conf
	install -D -m 644 contrib/systemd/ticketd.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/ticketd.conf

# A Debian package in build/deb, from contrib/debian; lintian looks at it.
deb:
	@contrib/install-packages $(PKGS_BUILD) debhelper lintian fakeroot dpkg-dev
	@exec contrib/debian/build

# ---- readers of the code that are not people
# CastIntegerToAddressAtReturn: cppcheck takes `struct template *` for something of C++
lint: $(GEN)
	cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -j2 \
		--library=tests/cppcheck.cfg --suppress=CastIntegerToAddressAtReturn -Iinclude -D_GNU_SOURCE -DTICKETD_PREFIX='""' src
	clang-tidy --quiet $(wildcard src/*.c src/*/*.c) -- -std=gnu17 -D_GNU_SOURCE -Iinclude -I$(B)/gen $(CFLAGS_mail) -DTICKETD_PREFIX='""'

clean:
	rm -rf build
.PHONY: all unit clean FORCE check soak bench demo install deb lint sim
-include $(shell find $(B) -name '*.d' 2>/dev/null)
