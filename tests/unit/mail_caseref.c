/* SPDX-License-Identifier: ISC
 *
 * Case numbers as mail programs and people spell them, and as they must not be read. One row a text.
 */
#include "mail_read.h"

#define NR "CAS-05304-9LGW"

static void
collect(void *u, const char *ref)
{
    struct buf *b = u;

    buf_printf(b, "%s%s", b->len > 0 ? " " : "", ref);
}

struct row { const char *label, *text, *want; };

static void
rows_check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buf b = {0};
        buf_puts(&b, "");
        mail_case_refs(rows[i].text, strlen(rows[i].text), collect, &b);
        test_same(rows[i].label, b.data, rows[i].want);
        buf_free(&b);
    }
}

/* Reply prefixes of many languages, with the number right behind them, in brackets, and glued. */
static void
prefixes(void **state)
{
    static const char *const words[] = {
        "Re:", "RE: ", "Re[2]: ", "Re^3:", "RE (4) :", "Fwd:", "FW: ", "Fwd: Re:", "Sv:", "SV: ", "VS: ", "Vb:", "AW:", "Antw:", "WG: ", "TR: ", "RE : ", "R: ", "RIF: ", "I: ", "RV: ", "Res: ", "ENC: ", "Odp: ", "PD: ",
        "Vá: ", "Továbbítás: ", "YNT: ", "Ilt: ", "Atb: ", "Ats: ", "НА: ", "Отв: ", "Пересл: ", "ΑΠ: ", "Σχετ: ", "回复：", "回复:", "答复: ", "转发：", "返信：", "Re：", "RE: 회신: ", "הועבר: ", "תשובה:", "رد: ", "ตอบ:", "उत्तर: ",
        "【重要】", "案件", "ケース", "문의", "（", "［", "「", "*", "\"", "“", "„", "«", "‹", "#", "#:", "Nr.", "Nr:", "n°", "№", "→", "✅", "|", "/", "=> ", "+", "~", "\\", "<", "{", "@", "é ", "\t",
    };
    static const char *const around[][2] = {{"", ""}, {"[", "]"}, {"[#", "]"}, {"(", ")"}, {"[ ", " ]"}, {"[Ticket ", "]"}, {"", "："}, {"", "について"}, {"", "。"}, {"", ", hej"}, {"", ": x"}, {"", "!"}, {"", "?="}, {"", "printer"}, {"", "_v2.pdf"}};

    (void)state;
    for (size_t i = 0; i < countof(words); i++)
        for (size_t k = 0; k < countof(around); k++) {
            char text[200];
            struct row row = {text, text, NR};
            snprintf(text, sizeof text, "%s%s%s%s", words[i], around[k][0], NR, around[k][1]);
            rows_check(&row, 1);
        }
}

static void
spellings(void **state)
{
    static const char *const dashes[] = {"-", "‐", "‑", "‒", "–", "—", "―", "−", "﹘", "﹣", "－", "ー", "ｰ", "⁻", "⁃", "─", "־", " ", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe3\x80\x80", " - ", "- ", " -", " – ", "_", "=2D", "=20", "%20", "%2D", "_-_", "\t-\t"};
    static const struct row rows[] = {
        {"small", "cas-05304-9lgw", NR}, {"mixed", "Cas-05304-9lGw", NR}, {"caps lock the wrong way", "cAS-05304-9lgw", NR},
        {"glued behind a word", "ReCAS-05304-9LGW", NR}, {"glued behind a long word", "WeitergeleitetCAS-05304-9LGW", NR}, {"glued behind a word in capitals: the desk knows its prefix", "RECAS-05304-9LGW", "RECAS-05304-9LGW"},
        {"glued before a word", "CAS-05304-9LGWprinter", NR}, {"glued on both sides", "fallCAS-05304-9LGWdrucker", NR}, {"in an address", "https://x.example/?q=" NR "&y=1", NR},
        {"in a file's name", "fax_" NR "_3.pdf", NR}, {"what Q encoding left", "=?utf-8?Q?Re:_=5B" NR "=5D_x?=", NR}, {"what Q encoding left, dashes too", "Re=3A_CAS=2D05304=2D9LGW", NR}, {"what a URL left", "%5B" NR "%5D", NR},
        {"an equals sign that is one", "x=9B" NR, ""}, {"two", NR " & CAS-00001-ABCD", NR " CAS-00001-ABCD"}, {"two without a blank", NR "/CAS-00001-ABCD", NR " CAS-00001-ABCD"}, {"the number twice", NR NR, ""},
        {"Thai around", "เรื่อง" NR "ครับ", NR}, {"Chinese around", "关于" NR "的问题", NR}, {"Hebrew around", "בנוגע ל" NR "תודה", NR}, {"Arabic around", "بخصوص" NR "شكرا", NR},
        {"eighteen digits", "CAS-123456789012345678-9LGW", "CAS-123456789012345678-9LGW"}, {"nineteen digits", "CAS-1234567890123456789-9LGW", ""},
    };
    char text[100];

    (void)state;
    for (size_t i = 0; i < countof(dashes); i++)
        for (size_t k = 0; k < countof(dashes); k++) {
            struct row row = {text, text, NR};
            snprintf(text, sizeof text, "CAS%s05304%s9LGW", dashes[i], dashes[k]);
            rows_check(&row, 1);
        }
    rows_check(rows, countof(rows));
}

/* Each takes the place of a character, or stands between two: nothing may come out, and no other number than the right one. */
static void
false_friends(void **state)
{
    static const char *const unseen[] = {"\xc2\xad", "\xcd\x8f", "\xd8\x9c", "\xe1\xa0\x8e", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa0", "\xe2\x81\xa6", "\xe2\x81\xa9",
        "\xef\xb8\x8f", "\xef\xbb\xbf", "\xef\xbf\xbd", "\xe3\x85\xa4", "\xef\xbe\xa0", "\xe1\x85\x9f", "\xcc\x81", "\xcc\xb6", "\xe2\x83\x9d", "\xf3\xa0\x80\xa0", "\x01", "\x7f", "\xc2\x85", "\xe2\x80\xa8"};
    static const struct row rows[] = {
        {"Cyrillic С", "\xd0\xa1" "AS-05304-9LGW", ""}, {"Cyrillic А", "C\xd0\x90S-05304-9LGW", ""}, {"Cyrillic Ѕ", "CA\xd0\x85-05304-9LGW", ""}, {"Greek Α", "C\xce\x91S-05304-9LGW", ""}, {"Cherokee Ꮯ", "\xe1\x8f\x9f" "AS-05304-9LGW", ""},
        {"full width", "ＣＡＳ-05304-9LGW", ""}, {"full width digits", "CAS-０５３０４-9LGW", ""}, {"full width suffix", "CAS-05304-９ＬＧＷ", ""}, {"mathematical", "\xf0\x9d\x90\x82" "AS-05304-9LGW", ""}, {"circled", "Ⓒ" "AS-05304-9LGW", ""}, {"Roman numeral", "Ⅽ" "AS-05304-9LGW", ""},
        {"accent", "CÁS-05304-9LGW", ""}, {"accent as a mark", "CA\xcc\x81S-05304-9LGW", ""}, {"cedilla", "ÇAS-05304-9LGW", ""}, {"dotless i in the suffix", "CAS-05304-9Lı" "W", ""}, {"long s", "CAſ-05304-9LGW", ""}, {"Kelvin sign", "CAS-05304-9LG\xe2\x84\xaa", ""},
        {"I for 1", "CAS-053I4-9LGW", ""}, {"l for 1", "CAS-0530l-9LGW", ""}, {"O for 0", "CAS-O5304-9LGW", ""}, {"0 in the suffix", "CAS-05304-9LG0", ""}, {"1 in the suffix", "CAS-05304-1LGW", ""}, {"I in the suffix", "CAS-05304-ILGW", ""}, {"O in the suffix", "CAS-05304-9LGO", ""},
        {"superscript", "CAS-0530⁴-9LGW", ""}, {"Arabic digits", "CAS-٠٥٣٠٤-9LGW", ""}, {"Persian digits", "CAS-۰۵۳۰۴-9LGW", ""}, {"Cyrillic behind", "CAS-05304-9LGW\xd0\x92", ""}, {"Cyrillic before", "\xd0\xa1" NR, ""}, {"Greek behind", NR "Ω", ""},
        {"a fifth character", NR "X", ""}, {"a fifth small one", "cas-05304-9lgwx", ""}, {"a small one behind mixed ones", "CAS-05304-9lGWx", ""}, {"a fifth digit", NR "2", ""}, {"three characters", "CAS-05304-9LG", ""}, {"four digits", "CAS-5304-9LGW", ""}, {"no dash", "CAS05304-9LGW", ""}, {"over a line's end", "CAS-05304-\n9LGW", ""}, {"two dashes", "CAS-05304--9LGW", ""},
        {"a plus", "CAS+05304+9LGW", ""}, {"a dot", "CAS.05304.9LGW", ""}, {"a prefix of eleven", "ABCDEFGHIJK-05304-9LGW", ""}, {"a prefix of one", "C-05304-9LGW", ""}, {"begins with a digit", "9AS-05304-9LGW", ""}, {"behind a digit", "7" NR, ""},
    };
    char text[100];

    (void)state;
    rows_check(rows, countof(rows));
    for (size_t i = 0; i < countof(unseen); i++)
        for (size_t at = 0; at <= strlen(NR); at++) {
            struct row row = {text, text, ""};
            snprintf(text, sizeof text, "%.*s%s%s", (int)at, NR, unseen[i], NR + at);
            rows_check(&row, 1);
        }
}

/* A megabyte of what almost is one. */
static void
linear(void **state)
{
    static const char *const pieces[] = {"CAS-", "CAS-05304-", "aB", "Aa", "AAAAAAAAAA", "CAS-05304-9LG", "=2D", "- ", "\xd0\x90", "123456789012345678-"};

    (void)state;
    for (size_t i = 0; i < countof(pieces); i++) {
        struct buf b = {0}, got = {0};
        buf_puts(&got, "");
        while (b.len < 1u << 20)
            buf_puts(&b, pieces[i]);
        mail_case_refs(b.data, b.len, collect, &got);
        buf_free(&b);
        buf_free(&got);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prefixes), cmocka_unit_test(spellings), cmocka_unit_test(false_friends), cmocka_unit_test(linear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
