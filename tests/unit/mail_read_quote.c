/* SPDX-License-Identifier: ISC
 *
 * The new words: quotes, attributions and header blocks in twelve languages, signatures, HTML marks; and what must not be cut.
 */
#include "mail_read.h"

static void
new_words(void **state)
{
    static const struct { const char *label, *body, *want; } table[] = {
        {"nothing quoted", "Hello.\n\nYou.\n", "Hello.\n\nYou."},
        {"below", "Yes.\n\n> really?\n> so\n", "Yes."},
        {"above", "> really?\n\nYes.\n", "Yes."},
        {"between", "> one?\nYes.\n\n> two?\nNo.\n", "Yes.\n\nNo."},
        {"only quoted", "> all\n> of it\n", ""},
        {"signature", "Yes.\n-- \nAnna\nFirm\n", "Yes."},
        {"only a signature", "-- \nAnna\n", "--\nAnna"},
        {"telephone", "Yes.\n\nSent from my iPhone\n", "Yes."},
        {"telephone, Swedish", "Ja.\n\nSkickat från min iPhone\n", "Ja."},
        {"no telephone", "Yes.\n\nSent from my desk, it was, and by hand.\n", "Yes.\n\nSent from my desk, it was, and by hand."},
        {"English", "Yes.\n\nOn Tue, 10 Mar 2026 at 10:00, Anna B <a@b.example> wrote:\n> q\n", "Yes."},
        {"English, unmarked quote", "Yes.\n\nOn 10 Mar 2026, at 10:00, Anna B <a@b.example> wrote:\n\nold words\n", "Yes."},
        {"English, folded", "Yes.\n\nOn Tue, 10 Mar 2026 at 10:00, Anna B\n<a@b.example> wrote:\n> q\n", "Yes."},
        {"Swedish", "Ja.\n\nDen tis 10 mars 2026 kl 10:00 skrev Anna B <a@b.example>:\n> q\n", "Ja."},
        {"Danish", "Ja.\n\nDen 10. mar. 2026 kl. 10.00 skrev Anna B <a@b.example>:\n> q\n", "Ja."},
        {"Norwegian", "Ja.\n\ntir. 10. mars 2026 kl. 10:00 skrev Anna B <a@b.example>:\n\nq\n", "Ja."},
        {"German", "Ja.\n\nAm 10.03.2026 um 10:00 schrieb Anna B:\n> q\n", "Ja."},
        {"Dutch", "Ja.\n\nOp di 10 mrt 2026 om 10:00 schreef Anna B <a@b.example>:\n> q\n", "Ja."},
        {"French", "Oui.\n\nLe mar. 10 mars 2026 à 10:00, Anna B <a@b.example> a écrit :\n> q\n", "Oui."},
        {"Spanish", "Sí.\n\nEl mar, 10 mar 2026 a las 10:00, Anna B (<a@b.example>) escribió:\n> q\n", "Sí."},
        {"Italian", "Sì.\n\nIl giorno mar 10 mar 2026 alle ore 10:00 Anna B <a@b.example> ha scritto:\n> q\n", "Sì."},
        {"Polish", "Tak.\n\nwt., 10 mar 2026 o 10:00 Anna B <a@b.example> napisał(a):\n> q\n", "Tak."},
        {"Finnish", "Kyllä.\n\nti 10. maalisk. 2026 klo 10.00 Anna B (a@b.example) kirjoitti:\n> q\n", "Kyllä."},
        {"Portuguese", "Sim.\n\nEm ter., 10 de mar. de 2026 às 10:00, Anna B <a@b.example> escreveu:\n> q\n", "Sim."},
        {"Outlook, English", "Yes.\n\nFrom: Anna <a@b.example>\nSent: Tuesday\nTo: S\nSubject: x\n\nold\n", "Yes."},
        {"Outlook, bold and a rule", "Yes.\n________________________________\n*From:* Anna <a@b.example>\n*Sent:* Tuesday\n*To:* S\n*Subject:* x\n\nold\n", "Yes."},
        {"Outlook, Swedish", "Ja.\n\nFrån: Anna\nSkickat: tisdag\nTill: S\nÄmne: x\n\nold\n", "Ja."},
        {"Outlook, Danish", "Ja.\n\nFra: Anna\nSendt: tirsdag\nTil: S\nEmne: x\n\nold\n", "Ja."},
        {"Outlook, German", "Ja.\n\nVon: Anna\nGesendet: Dienstag\nAn: S\nBetreff: x\n\nold\n", "Ja."},
        {"Outlook, Dutch", "Ja.\n\nVan: Anna\nVerzonden: dinsdag\nAan: S\nOnderwerp: x\n\nold\n", "Ja."},
        {"Outlook, French", "Oui.\n\nDe : Anna\nEnvoyé : mardi\nÀ : S\nObjet : x\n\nold\n", "Oui."},
        {"Outlook, Spanish", "Sí.\n\nDe: Anna\nEnviado el: martes\nPara: S\nAsunto: x\n\nold\n", "Sí."},
        {"Outlook, Italian", "Sì.\n\nDa: Anna\nInviato: martedì\nA: S\nOggetto: x\n\nold\n", "Sì."},
        {"Outlook, Polish", "Tak.\n\nOd: Anna\nWysłano: wtorek\nDo: S\nTemat: x\n\nold\n", "Tak."},
        {"Outlook, Finnish", "Kyllä.\n\nLähettäjä: Anna\nLähetetty: tiistai\nVastaanottaja: S\nAihe: x\n\nold\n", "Kyllä."},
        {"Outlook, Portuguese", "Sim.\n\nDe: Anna\nEnviada em: terça\nPara: S\nAssunto: x\n\nold\n", "Sim."},
        {"separator", "Yes.\n\n-----Original Message-----\nold\n", "Yes."},
        {"separator, German", "Ja.\n\n-----Ursprüngliche Nachricht-----\nold\n", "Ja."},
        {"separator, in capitals", "Ja.\n\n-------- URSPRÜNGLICHE NACHRICHT --------\nold\n", "Ja."},
        {"reply above", "Yes.\n\n##- Please type your reply above this line -##\nold\n", "Yes."},
        {"list footer", "Yes.\n_______________________________________________\nx mailing list\nx@b.example\n", "Yes."},
        {"torn quote", "> a line that was so long that some mail program on its way had to tear\nit in two\n> and go on\n\nYes.\n", "Yes."},
        {"a person says wrote", "As I wrote: it is down.\n", "As I wrote: it is down."},
        {"a list of labels is no block", "From: the start\nit was broken.\n", "From: the start\nit was broken."},
        {"a number sign is no quote", "It is >= 5.\n>= 4 is fine.\n", "It is >= 5.\n>= 4 is fine."},
        {"long text below two dashes", "a\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22\n", "a\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\n%s", table[i].body);
        struct test_mail t = test_parse(b.data);
        test_same(table[i].label, t.m->reply_text, table[i].want);
        test_same(table[i].label, t.m->text, table[i].body);
        test_done(&t);
        buf_free(&b);
    }
}

static void
new_words_of_html(void **state)
{
    static const struct { const char *label, *body, *want; } table[] = {
        {"Gmail", "<div>Yes.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">On 10 Mar 2026 Anna wrote:<br></div><blockquote class=\"gmail_quote\">old</blockquote></div>", "Yes."},
        {"Gmail, answers between", "<div>Hi.</div><blockquote class=gmail_quote>q1</blockquote><div>A1</div><blockquote class=gmail_quote>q2</blockquote><div>A2</div>", "Hi.\nA1\nA2"},
        {"Thunderbird", "<div class=moz-cite-prefix>On 10 Mar, Anna wrote:</div><blockquote type=cite>old</blockquote>Yes.<div class=moz-signature>-- <br>Anna</div>", "Yes."},
        {"Outlook on the web", "<div>Yes.</div><div id=\"divRplyFwdMsg\"><b>From:</b> A</div><div>old</div>", "Yes."},
        {"Outlook", "<p>Yes.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> A<br><b>Sent:</b> Tue<br><b>To:</b> B<br><b>Subject:</b> x</p></div><p>old</p>", "Yes."},
        {"Yahoo", "Yes.<div class=yahoo_quoted>old<div>older</div></div>", "Yes."},
        {"Apple", "Yes.<br><blockquote type=\"cite\"><div>On 10 Mar 2026, Anna wrote:</div></blockquote><blockquote type=cite>old</blockquote>", "Yes."},
        {"an indented part is no quote", "Do this:<blockquote>make</blockquote>", "Do this:\n\nmake"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n%s", table[i].body);
        struct test_mail t = test_parse(b.data);
        test_same(table[i].label, t.m->reply_text, table[i].want);
        if (strstr(t.m->text, "\xef\xb7") != NULL)
            fail_msg("%s: a mark stayed in the text", table[i].label);
        test_done(&t);
        buf_free(&b);
    }
}

static void
languages(void **state)
{
    static const char *const asked[] = {"en", "sv", "de"};
    static const struct { const char *label, *text, *want; } table[] = {
        {"Swedish", "Hej, jag kan inte logga in i systemet sedan i morse och undrar om ni kan hjälpa mig med detta så snart som möjligt. Tack på förhand.", "sv"},
        {"English", "Hello, I have not been able to log in to the system since this morning and wonder whether you could help me with that.", "en"},
        {"German", "Guten Tag, ich kann mich seit heute Morgen nicht mehr im System anmelden und möchte fragen, ob Sie mir dabei helfen können.", "de"},
        {"too short", "ok", NULL},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct mail_options o = {.limits = mail_limits_default, .languages = asked, .n_languages = countof(asked)};
        struct arena *a = arena_new(0);
        struct buf b = {0};
        buf_printf(&b, "From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\n%s\n", table[i].text);
        test_same(table[i].label, mail_parse((const uint8_t *)b.data, b.len, &o, a)->language, table[i].want);
        arena_free(&a);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(new_words), cmocka_unit_test(new_words_of_html), cmocka_unit_test(languages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
