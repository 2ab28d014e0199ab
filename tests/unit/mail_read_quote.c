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
        {"Thunderbird, Swedish, no marks below", "Yes.\n\nDen 2026-03-10 kl. 15:05, skrev Bob Smith:\n\nold words\n", "Yes."},
        {"K-9, Swedish, no marks below", "Yes.\n\nBob Smith <b@x.example> skrev: (10 mars 2026 15:05:00 CET)\n\nold words\n", "Yes."},
        {"Apple, Polish, no marks below", "Yes.\n\nWiadomość napisana przez Bob Smith <b@x.example> w dniu 10.03.2026, o godz. 15:05:\n\nold words\n", "Yes."},
        {"the verb is last, no marks below", "Yes.\n\nBob Smith <b@x.example> hat am 10.03.2026 15:05 geschrieben:\n\nold words\n", "Yes."},
        {"the verb is a phrase, no marks below", "Yes.\n\nOp 10 mrt. 2026, om 15:05 heeft Bob Smith <b@x.example> het volgende geschreven:\n\nold words\n", "Yes."},
        {"AOL, no marks below", "Yes.\n\nIn a message dated 3/10/2026 3:05:00 PM, b@x.example writes:\n\nold words\n", "Yes."},
        {"Notes, no marks below", "Yes.\n\n-----Bob Smith <b@x.example> wrote: -----\nTo: Anna\nFrom: Bob\n\nold words\n", "Yes."},
        {"Zoho, no marks below", "Yes.\n\n---- On Tue, 10 Mar 2026 15:05:00 +0100 Bob <b@x.example> wrote ----\n\nold words\n", "Yes."},
        {"GroupWise, no marks below", "Yes.\n\n>>> Bob Smith <b@x.example> 3/10/2026 3:05 PM >>>\n\nold words\n", "Yes."},
        {"Russian", "Yes.\n\nвт, 10 мар. 2026 г. в 15:05, Bob Smith <b@x.example>:\n> q\n", "Yes."},
        {"Chinese, no marks below", "Yes.\n\nBob Smith <b@x.example> 于2026年3月10日周二 15:05写道：\n\nold words\n", "Yes."},
        {"Hungarian, no marks below", "Yes.\n\nBob Smith <b@x.example> ezt írta (időpont: 2026. márc. 10., K, 15:05):\n\nold words\n", "Yes."},
        {"folded in its verb, no marks below", "Yes.\n\nLe mar. 10 mars 2026 à 15:05, Bob Smith <b@x.example> a\nécrit :\n\nold words\n", "Yes."},
        {"no blank line above", "Yes.\nOn 10 Mar 2026, at 15:05, Bob <b@x.example> wrote:\n> q\n", "Yes."},
        {"two lines below one of the writer's", "Yes.\nOn Nov 30, 2011, at 12:47 PM, Somebody <\n416ffd@x.example>wrote:\n> q\n", "Yes."},
        {"header block: Czech", "Yes.\n\nOd: Bob\nOdesláno: úterý\nKomu: Anna\nPředmět: x\n\nold\n", "Yes."},
        {"header block: Slovak", "Yes.\n\nOd: Bob\nOdoslané: utorok\nKomu: Anna\nPredmet: x\n\nold\n", "Yes."},
        {"header block: Greek", "Yes.\n\nΑπό: Bob\nΣτάλθηκε: Τρίτη\nΠρος: Anna\nΘέμα: x\n\nold\n", "Yes."},
        {"header block: Korean", "Yes.\n\n보낸 사람: Bob\n보낸 날짜: 2026\n받는 사람: Anna\n제목: x\n\nold\n", "Yes."},
        {"header block: in capitals", "Yes.\n\nDE: Bob\nENVIADO: martes\nPARA: Anna\nASUNTO: x\n\nold\n", "Yes."},
        {"header block: recipient first", "Yes.\n\nTo: anna@x.example\nFrom: bob@x.example\nDate: Tue, 10 Mar 2026\nSubject: x\n\nold\n", "Yes."},
        {"header block: without subject", "Yes.\n\nFrom: Bob\nSent: Tuesday, March 10, 2026 3:05 PM\nTo: Anna\n\nold\n", "Yes."},
        {"header block: two lines below a rule", "Yes.\n\n________________________________\nFrom: bob@x.example\nDate: Tue\n\nold\n", "Yes."},
        {"separator: Russian capitals", "Да.\n\n-------- Исходное сообщение --------\nold\n", "Да."},
        {"separator: a frame", "Yes.\n\n------------------ Original ------------------\nFrom: b@x.example\nDate: Tue\nTo: a@x.example\nSubject: x\n\nold\n", "Yes."},
        {"Sent from my HTC One™ X, an AT&T 4G LTE smartphone", "Yes.\n\nSent from my HTC One™ X, an AT&T 4G LTE smartphone\n", "Yes."},
        {"Sent from Mail<https://go.example/?id=1> for Windows 10", "Yes.\n\nSent from Mail<https://go.example/?id=1> for Windows 10\n", "Yes."},
        {"Skickat från Outlook för iOS", "Yes.\n\nSkickat från Outlook för iOS\n", "Yes."},
        {"Von meinem iPhone gesendet", "Yes.\n\nVon meinem iPhone gesendet\n", "Yes."},
        {"Outlook für Android beziehen", "Yes.\n\nOutlook für Android beziehen\n", "Yes."},
        {"Verzonden met Yahoo Mail op Android", "Yes.\n\nVerzonden met Yahoo Mail op Android\n", "Yes."},
        {"Envoyé depuis mon téléphone Orange", "Yes.\n\nEnvoyé depuis mon téléphone Orange\n", "Yes."},
        {"Enviado do meu iPhone", "Yes.\n\nEnviado do meu iPhone\n", "Yes."},
        {"Wysłane z iPhone'a", "Yes.\n\nWysłane z iPhone'a\n", "Yes."},
        {"Lähetetty iPhonesta", "Yes.\n\nLähetetty iPhonesta\n", "Yes."},
        {"Få Outlook til iOS", "Yes.\n\nFå Outlook til iOS\n", "Yes."},
        {"iPhoneから送信", "Yes.\n\niPhoneから送信\n", "Yes."},
        {"telephone, no blank line", "Mvh Anna\nSkickat från min iPhone\n", "Mvh Anna"},
        {"GitHub's footer", "Yes.\n\n—\nReply to this email directly or view it on GitHub.\n", "Yes."},
        {"virus scanner", "Yes.\n\n---\nThis email has been checked for viruses by Avast antivirus software.\n", "Yes."},
        {"list footer of Google", "Yes.\n\n-- \nYou received this message because you are subscribed to the Google Groups \"x\" group.\n", "Yes."},
        {"reply above, Portuguese", "Sim.\n\n##- Digite sua resposta acima desta linha -##\n\nvelho\n", "Sim."},
        {"PGP", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYes.\n- -- \nAnna\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n", "Yes."},
        {"kept: wrote, with a clock", "As I wrote in my mail of 10:35:\n\nThe pump is broken.\n", "As I wrote in my mail of 10:35:\n\nThe pump is broken."},
        {"kept: wrote, with date and clock", "On 10 March 2026 at 15:05 my boss wrote:\n\"fire them\"\nand now the system is down.\n", "On 10 March 2026 at 15:05 my boss wrote:\n\"fire them\"\nand now the system is down."},
        {"kept: schrieb ich", "Am 10.03.2026 um 15:05 schrieb ich Ihnen bereits:\nbitte um Rückruf.\n", "Am 10.03.2026 um 15:05 schrieb ich Ihnen bereits:\nbitte um Rückruf."},
        {"kept: said, with an address", "Meeting on Tue 10 Mar 2026 at 10:00, as anna@b.example said:\nroom 5.\n", "Meeting on Tue 10 Mar 2026 at 10:00, as anna@b.example said:\nroom 5."},
        {"kept: a third person wrote", "Kunden skrev 2026-03-10 15:05:\ndet fungerar inte.\nVad ska jag göra?\n", "Kunden skrev 2026-03-10 15:05:\ndet fungerar inte.\nVad ska jag göra?"},
        {"kept: a journey", "Please book:\nFrom: London\nTo: Stockholm\nDate: 10 March\nThanks\n", "Please book:\nFrom: London\nTo: Stockholm\nDate: 10 March\nThanks"},
        {"kept: a journey, Spanish", "De: Madrid\nA: Barcelona\nFecha: 10/03\n\nGracias\n", "De: Madrid\nA: Barcelona\nFecha: 10/03\n\nGracias"},
        {"kept: a form", "From: Anna B\nSubject: printer\nPhone: 123\n\nIt is broken.\n", "From: Anna B\nSubject: printer\nPhone: 123\n\nIt is broken."},
        {"kept: a form on top of a new mail", "From: Anna B <a@b.example>\nTo: support\nSubject: printer\n\nIt is broken.\n", "From: Anna B <a@b.example>\nTo: support\nSubject: printer\n\nIt is broken."},
        {"kept: sent by a carrier", "Here is what happened.\n\nSent by DHL on Tuesday\n\nIt never came.\n", "Here is what happened.\n\nSent by DHL on Tuesday\n\nIt never came."},
        {"kept: sent from a town", "Paketet:\n\nSkickat från Stockholm igår\n\nVar är det?\n", "Paketet:\n\nSkickat från Stockholm igår\n\nVar är det?"},
        {"kept: Outlook crashes", "Problem:\n\nOutlook for iOS crashes\n\nPlease help.\n", "Problem:\n\nOutlook for iOS crashes\n\nPlease help."},
        {"kept: my account", "Problem\n\nVon meinem Konto wurde Geld abgebucht\n\nBitte prüfen.\n", "Problem\n\nVon meinem Konto wurde Geld abgebucht\n\nBitte prüfen."},
        {"kept: a question about the line", "Why does your mail say reply above this line? I do not understand.\n", "Why does your mail say reply above this line? I do not understand."},
        {"kept: a postscript below the telephone", "Yes.\n\nSent from my iPhone\n\nPS: and bring the key, the green one, and the lamp, please.\n\nAnd the map.\n\nAnd the car.\n\nAnna\n", "Yes.\n\nSent from my iPhone\n\nPS: and bring the key, the green one, and the lamp, please.\n\nAnd the map.\n\nAnd the car.\n\nAnna"},
        {"kept: dashes between", "Shopping\n--\nmilk\n--\nbread, which is a long sentence that goes on and on until nobody takes it for a line of a card any more, I hope\n", "Shopping\n--\nmilk\n--\nbread, which is a long sentence that goes on and on until nobody takes it for a line of a card any more, I hope"},
        {"kept: a log", "10:35:01 error: user a@b.example wrote: denied\n10:35:02 bye\n", "10:35:01 error: user a@b.example wrote: denied\n10:35:02 bye"},
        {"kept: Forwarded, said a person", "Forwarded message: what is that? I see it in the menu.\nPlease explain.\n", "Forwarded message: what is that? I see it in the menu.\nPlease explain."},
        {"kept: short and confidential", "This is confidential: my boss is bad.\n", "This is confidential: my boss is bad."},
        {"kept: a sentence about a telephone", "Hello.\n\nSent from my iPhone, your page takes ages\n", "Hello.\n\nSent from my iPhone, your page takes ages"},
        {"folded at a comma", "Yes.\n\nOn Tuesday,\nMarch 10, 2026, Bob <b@x.example> wrote:\n> q\n", "Yes."},
        {"telephone below dashes", "Yes.\n\n---\nSent from my iPhone\n", "Yes."},
        {"kept: a rule of three dashes", "Part 1\n\n---\n\nPart 2\n", "Part 1\n\n---\n\nPart 2"},
        {"kept: a dash alone", "Part 1\n\n—\n\nPart 2\n", "Part 1\n\n—\n\nPart 2"},
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
        {"Gmail, forward", "<div>See below<br><div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- Forwarded message ---------<br>From: <b>Bob</b> &lt;b@x.example&gt;<br>Date: Tue<br>Subject: x<br>To: a<br></div><br>old</div></div>", "See below"},
        {"Outlook, a language nobody knows", "<p>Yes.</p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\"><p><b>Fran:</b> Bob<br><b>Anfonwyd:</b> Dydd Mawrth</p></div><p>old</p>", "Yes."},
        {"Outlook, a mail in a mail", "<p>Yes.</p><div id=\"x_x_Signature\">Anna</div><hr><div id=\"x_divRplyFwdMsg\">From: Bob</div>old", "Yes."},
        {"a border is no quote", "<div>Yes.</div><div style=\"border-top:solid #E1E1E1 1.0pt;padding:3pt\">My second part</div>", "Yes.\nMy second part"},
        {"Yahoo for Android", "<div>Yes.</div><blockquote style=\"margin: 0 0 20px 0\"><div><div>On Tue, Mar 10, 2026 at 15:05, Bob</div><div>&lt;b@x.example&gt; wrote:</div></div><div>old</div></blockquote>", "Yes."},
        {"Yandex", "<div>Yes.</div><div>10.03.2026, 15:05, \"Bob\" &lt;b@x.example&gt;:</div><blockquote><div>old</div></blockquote>", "Yes."},
        {"indented below an announcement, answer below", "<div>On Tue, Mar 10, 2026 at 3:05 PM Bob &lt;b@x.example&gt; wrote:</div><blockquote>old</blockquote><div>Yes.</div>", "Yes."},
        {"indented below a person's words", "<p>He said:</p><blockquote>Go away</blockquote><p>and left.</p>", "He said:\n\nGo away\n\nand left."},
        {"Zimbra", "<div>Yes.<hr id=\"zwchr\"><div><b>From: </b>\"Bob\"<br><b>To: </b>a<br></div>old</div>", "Yes."},
        {"Spark", "<div name=\"messageBodySection\">Yes.</div><div name=\"messageSignatureSection\">Sent from Spark</div><div name=\"messageReplySection\">On x Bob wrote:<blockquote>old</blockquote></div>", "Yes."},
        {"a law that is cited", "<p>The law says</p><blockquote cite=\"https://law.example/\" class=\"wp-block-quote\">No.</blockquote>", "The law says\n\nNo."},
        {"an anchor of that name", "<a name=\"quote\">I want a quote.</a>", "I want a quote."},
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

/* A header block on top of all is cut where the mail says that it answers or forwards; what lawyers add is marked and stays. */
static void
what_the_mail_says(void **state)
{
    static const struct { const char *label, *mail, *want, *warning; } table[] = {
        {"an answer", "Subject: Re: x\n\nFrom: Anna <a@b.example>\nSent: Tue\nTo: S\nSubject: x\n\nold\n", "", NULL},
        {"a new mail", "Subject: x\n\nFrom: Anna <a@b.example>\nTo: S\nSubject: x\n\nIt is broken.\n", "From: Anna <a@b.example>\nTo: S\nSubject: x\n\nIt is broken.", NULL},
        {"below the telephone of an answer", "Subject: Re: x\n\nYes.\n\nSent from my iPhone\n\nold\nwords\nthat\nnobody\nmarked\n", "Yes.", NULL},
        {"below the telephone of a new mail", "Subject: x\n\nYes.\n\nSent from my iPhone\n\none\ntwo\nthree\nfour\n", "Yes.\n\nSent from my iPhone\n\none\ntwo\nthree\nfour", NULL},
        {"a disclaimer", "Subject: x\n\nYes.\n\nThis e-mail is confidential. If you are not the intended recipient, please delete it and tell us so.\n",
            "Yes.\n\nThis e-mail is confidential. If you are not the intended recipient, please delete it and tell us so.", "disclaimer"},
        {"PGP", "\n-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n", "-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----", "PGP"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "From: a@b.example\nContent-Type: text/plain; charset=utf-8\n%s", table[i].mail);
        struct test_mail t = test_parse(b.data);
        test_same(table[i].label, t.m->reply_text, table[i].want);
        if (test_warned(t.m, table[i].warning == NULL ? "disclaimer" : table[i].warning) != (table[i].warning != NULL))
            fail_msg("%s: warnings", table[i].label);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(new_words), cmocka_unit_test(new_words_of_html), cmocka_unit_test(what_the_mail_says), cmocka_unit_test(languages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
