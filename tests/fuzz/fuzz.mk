# SPDX-License-Identifier: ISC
# Fuzzers: tests/fuzz/ROOM_what.c is linked with ROOM and what lies below it, under clang's libFuzzer and sanitizers.
#   make -f Makefile -f tests/fuzz/fuzz.mk FLAVOUR=fuzz CC=clang B=build/fuzz fuzz      (tests/fuzz/run does this)
FLAVOUR_fuzz = -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -fPIE -DTICKETD_SANITIZED -Wno-format-nonliteral -Wno-missing-field-initializers
LD_fuzz = -fsanitize=fuzzer,address,undefined

FUZZ_SRC = $(wildcard tests/fuzz/*.c)
FUZZ = $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
define fuzz_rule
$(B)/fuzz/$(1): tests/fuzz/$(1).c tests/fuzz/fuzz.h $(B)/.flags $(call archives,$(BELOW_$(firstword $(subst _, ,$(1))))) | $(GEN)
	@mkdir -p $$(@D); echo "  CC $$<"; $$(call link,$$<,$(BELOW_$(firstword $(subst _, ,$(1))))) $(CFLAGS_mail)
endef
$(foreach t,$(FUZZ_SRC:tests/fuzz/%.c=%),$(eval $(call fuzz_rule,$(t))))
fuzz: $(FUZZ)
.PHONY: fuzz
