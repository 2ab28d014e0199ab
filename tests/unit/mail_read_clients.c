/* SPDX-License-Identifier: ISC
 *
 * The new words in what mail programs make of an answer: their announcements of a quote in some thirty languages, their "sent from my"
 * lines, their HTML; and what persons write that only looks like it.
 */
#include "mail_read.h"

#define HEAD "From: Anna <a@b.example>\nTo: s@desk.example\nContent-Type: %s; charset=utf-8\n"
#define ANSWER "Subject: Re: x\nIn-Reply-To: <o@desk.example>\n"

/* Compared without white space: where lines are folded is no matter here. */
static void
same_ink(const char *label, const char *head, const char *type, const char *body, const char *want)
{
    struct buf b = {0}, got = {0}, ink = {0};

    buf_printf(&b, HEAD "%s\n%s", type, head, body);
    struct test_mail t = test_parse(b.data);
    buf_puts(&got, "");
    buf_puts(&ink, "");
    for (const char *p = t.m->reply_text; *p != 0; p++)
        if (strchr(" \t\r\n", *p) == NULL)
            buf_putc(&got, *p);
    for (const char *p = want; *p != 0; p++)
        if (strchr(" \t\r\n", *p) == NULL)
            buf_putc(&ink, *p);
    test_same(label, got.data, ink.data);
    test_done(&t);
    buf_free(&b);
    buf_free(&got);
    buf_free(&ink);
}

/* How mail programs announce what they quote. `unmarked`: it is plain enough to cut what stands below without a mark. */
static void
announcements(void **state)
{
    static const struct { const char *label, *text; bool unmarked; } table[] = {
        {"gmail en-US", "On Tue, Mar 10, 2026 at 11:05 AM Support <support@desk.example> wrote:", true},
        {"gmail en-GB", "On Tue, 10 Mar 2026 at 11:05, Support <support@desk.example> wrote:", true},
        {"gmail en wide space", "On Tue, Mar 10, 2026 at 11:05\xe2\x80\xaf" "AM Support <support@desk.example> wrote:", true},
        {"gmail en folded", "On Tue, Mar 10, 2026 at 11:05 AM Example Customer Support Department <\nsupport@desk.example> wrote:", true},
        {"gmail sv", "Den tis 10 mars 2026 kl 11:05 skrev Support <support@desk.example>:", true},
        {"gmail sv folded", "Den tis 10 mars 2026 kl 11:05 skrev Example Support Department <\nsupport@desk.example>:", true},
        {"gmail da", "Den tir. 10. mar. 2026 kl. 11.05 skrev Support <support@desk.example>:", true},
        {"gmail no", "tir. 10. mars 2026 kl. 11:05 skrev Support <support@desk.example>:", true},
        {"gmail de", "Am Di., 10. März 2026 um 11:05 Uhr schrieb Support <support@desk.example>:", true},
        {"gmail de folded", "Am Di., 10. März 2026 um 11:05 Uhr schrieb Beispiel Support <\nsupport@desk.example>:", true},
        {"gmail nl", "Op di 10 mrt 2026 om 11:05 schreef Support <support@desk.example>:", true},
        {"gmail fr", "Le mar. 10 mars 2026 à 11:05, Support <support@desk.example> a écrit :", true},
        {"gmail fr folded 3", "Le mar. 10 mars 2026 à 11:05, Service client de la société <\nsupport@desk.example> a\nécrit :", true},
        {"gmail es", "El mar, 10 mar 2026 a las 11:05, Support (<support@desk.example>) escribió:", true},
        {"gmail es-419", "El mar., 10 de marzo de 2026 11:05 a. m., Support <support@desk.example> escribió:", true},
        {"gmail it", "Il giorno mar 10 mar 2026 alle ore 11:05 Support <support@desk.example> ha scritto:", true},
        {"gmail pl", "wt., 10 mar 2026 o 11:05 Support <support@desk.example> napisał(a):", true},
        {"gmail fi", "ti 10. maalisk. 2026 klo 11.05 Support (support@desk.example) kirjoitti:", true},
        {"gmail pt-BR", "Em ter., 10 de mar. de 2026 às 11:05, Support <support@desk.example> escreveu:", true},
        {"gmail pt-PT", "Support <support@desk.example> escreveu (terça, 10/03/2026 à(s) 11:05):", true},
        {"gmail ru", "вт, 10 мар. 2026 г. в 11:05, Support <support@desk.example>:", true},
        {"gmail cs", "út 10. 3. 2026 v 11:05 odesílatel Support <support@desk.example> napsal:", true},
        {"gmail tr", "Support <support@desk.example>, 10 Mar 2026 Sal, 11:05 tarihinde şunu yazdı:", true},
        {"gmail ja", "2026年3月10日(火) 11:05 Support <support@desk.example>:", true},
        {"gmail ko", "2026년 3월 10일 (화) 오전 11:05, Support <support@desk.example>님이 작성:", true},
        {"gmail zh-TW", "Support <support@desk.example> 於 2026年3月10日 週二 上午11:05寫道：", true},
        {"gmail ro", "mar., 10 mar. 2026 la 11:05, Support <support@desk.example> a scris:", true},
        {"gmail el", "Στις Τρί 10 Μαρ 2026 στις 11:05 π.μ., ο/η Support <support@desk.example> έγραψε:", true},
        {"gmail uk", "вт, 10 бер. 2026 р. о 11:05 Support <support@desk.example> пише:", true},
        {"gmail et", "Support <support@desk.example> kirjutas kuupäeval T, 10. märts 2026 kell 11:05:", true},
        {"gmail lv", "otrd., 2026. g. 10. marts, plkst. 11:05 — lietotājs Support (<support@desk.example>) rakstīja:", true},
        {"gmail lt", "2026-03-10, an, 11:05 Support <support@desk.example> rašė:", true},
        {"gmail is", "þri., 10. mar. 2026 kl. 11:05 skrifaði Support <support@desk.example>:", true},
        {"gmail hr", "uto, 10. ožu 2026. u 11:05 Support <support@desk.example> napisao je:", true},
        {"gmail sk", "ut 10. 3. 2026 o 11:05 Support <support@desk.example> napísal(a):", true},
        {"apple en", "On 10 Mar 2026, at 11:05, Support <support@desk.example> wrote:", true},
        {"apple en-US", "On Mar 10, 2026, at 11:05 AM, Support <support@desk.example> wrote:", true},
        {"apple no address", "On Mar 10, 2026, at 11:05 AM, Example Support wrote:", true},
        {"apple sv", "10 mars 2026 kl. 11:05 skrev Support <support@desk.example>:", true},
        {"apple da", "Den 10. mar. 2026 kl. 11.05 skrev Support <support@desk.example>:", true},
        {"apple no", "10. mar. 2026 kl. 11:05 skrev Support <support@desk.example>:", true},
        {"apple de", "Am 10.03.2026 um 11:05 schrieb Support <support@desk.example>:", true},
        {"apple nl", "Op 10 mrt. 2026, om 11:05 heeft Support <support@desk.example> het volgende geschreven:", true},
        {"apple nl folded", "Op 10 mrt. 2026, om 11:05 heeft Example Support <support@desk.example> het volgende\ngeschreven:", true},
        {"apple fr", "Le 10 mars 2026 à 11:05, Support <support@desk.example> a écrit :", true},
        {"apple es", "El 10 mar 2026, a las 11:05, Support <support@desk.example> escribió:", true},
        {"apple it", "Il giorno 10 mar 2026, alle ore 11:05, Support <support@desk.example> ha scritto:", true},
        {"apple pl", "Wiadomość napisana przez Support <support@desk.example> w dniu 10 mar 2026, o godz. 11:05:", true},
        {"apple fi", "Support <support@desk.example> kirjoitti 10.3.2026 kello 11.05:", true},
        {"apple pt", "No dia 10/03/2026, às 11:05, Support <support@desk.example> escreveu:", true},
        {"apple pt-BR", "Em 10 de mar. de 2026, à(s) 11:05, Support <support@desk.example> escreveu:", true},
        {"ios sv", "> 10 mars 2026 kl. 11:05 skrev Support <support@desk.example>:\n> ", false},
        {"ios en", "> On 10 Mar 2026, at 11:05, Support <support@desk.example> wrote:\n> ", false},
        {"tb en", "On 3/10/26 11:05, Support wrote:", true},
        {"tb en2", "On 10/03/2026 11:05, Support via Desk wrote:", false},
        {"tb sv", "Den 2026-03-10 kl. 11:05, skrev Support:", true},
        {"tb de", "Am 10.03.26 um 11:05 schrieb Support:", true},
        {"tb fr", "Le 10/03/2026 à 11:05, Support a écrit :", true},
        {"tb nl", "Op 10-03-2026 om 11:05 schreef Support:", true},
        {"tb it", "Il 10/03/2026 11:05, Support ha scritto:", true},
        {"tb es", "El 10/3/26 a las 11:05, Support escribió:", true},
        {"tb pl", "W dniu 10.03.2026 o 11:05, Support pisze:", true},
        {"tb pt", "Em 10/03/2026 11:05, Support escreveu:", true},
        {"tb pt-PT", "Às 11:05 de 10/03/2026, Support escreveu:", true},
        {"tb fi", "Support kirjoitti 10.3.2026 klo 11.05:", false},
        {"tb da", "Den 10.03.2026 kl. 11.05 skrev Support:", true},
        {"tb nb", "Den 10.03.2026 11:05, skrev Support:", true},
        {"yahoo en", "    On Tuesday, March 10, 2026 at 11:05:00 AM GMT+1, Support <support@desk.example> wrote:  \n ", true},
        {"yahoo de", "    Am Dienstag, 10. März 2026 um 11:05:00 MEZ hat Support <support@desk.example> Folgendes geschrieben:  \n ", true},
        {"yahoo fr", "    Le mardi 10 mars 2026 à 11:05:00 UTC+1, Support <support@desk.example> a écrit :  \n ", true},
        {"yahoo es", "    En martes, 10 de marzo de 2026, 11:05:00 CET, Support <support@desk.example> escribió:  \n ", true},
        {"yahoo it", "    Il martedì 10 marzo 2026 alle ore 11:05:00 CET, Support <support@desk.example> ha scritto:  \n ", true},
        {"yahoo sv", "    Den tisdag 10 mars 2026 11:05:00 CET skrev Support <support@desk.example>:  \n ", true},
        {"yahoo pt", "    Em terça-feira, 10 de março de 2026 11:05:00 BRT, Support <support@desk.example> escreveu:  \n ", true},
        {"yahoo nl", "    Op dinsdag 10 maart 2026 om 11:05:00 CET schreef Support <support@desk.example>:  \n ", true},
        {"proton", "On Tuesday, March 10th, 2026 at 11:05 AM, Support <support@desk.example> wrote:", true},
        {"proton de", "Support <support@desk.example> schrieb am Dienstag, 10. März 2026 um 11:05:", true},
        {"proton fr", "Le mardi 10 mars 2026 à 11:05, Support <support@desk.example> a écrit :", true},
        {"proton old", "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Tuesday, March 10th, 2026 at 11:05 AM, Support <support@desk.example> wrote:", true},
        {"proton es", "------- Mensaje original -------\nEl martes, 10 de marzo de 2026 a las 11:05, Support <support@desk.example> escribió:", true},
        {"k9", "On 10 March 2026 11:05:00 CET, Support <support@desk.example> wrote:", true},
        {"k9 de", "Am 10. März 2026 11:05:00 MEZ schrieb Support <support@desk.example>:", true},
        {"fairemail", "On Tue, 10 Mar 2026 11:05:00 +0100\nSupport <support@desk.example> wrote:", true},
        {"mutt", "On Tue, Mar 10, 2026 at 11:05:00AM +0100, Support wrote:", true},
        {"claws", "On Tue, 10 Mar 2026 11:05:00 +0100\nSupport <support@desk.example> wrote:", true},
        {"roundcube", "On 2026-03-10 11:05, Support wrote:", true},
        {"roundcube de", "Am 10.03.2026 11:05, schrieb Support:", true},
        {"roundcube sv", "Support skrev den 2026-03-10 11:05:", false},
        {"horde", "Quoting Support <support@desk.example>:", false},
        {"horde imp de", "Zitat von Support <support@desk.example>:", false},
        {"horde fr", "Support <support@desk.example> a écrit :", false},
        {"horde es", "Support <support@desk.example> escribió:", false},
        {"zoho", "---- On Tue, 10 Mar 2026 11:05:00 +0100 Support <support@desk.example> wrote ---", true},
        {"zoho de", "---- Am Di., 10 Mär 2026 11:05:00 +0100 Support <support@desk.example> schrieb ----", true},
        {"spark", "On 10 Mar 2026, 11:05 +0100, Support <support@desk.example>, wrote:", true},
        {"spark de", "Am 10. März 2026, 11:05 +0100 schrieb Support <support@desk.example>:", true},
        {"superhuman", "On Tue, Mar 10, 2026 at 11:05 AM, Support < support@desk.example > wrote:", true},
        {"blackberry hub", "Original Message  \nFrom: Support\nSent: Tuesday, March 10, 2026 11:05\nTo: Anna\nSubject: x", true},
        {"aol", "In a message dated 3/10/2026 11:05:00 AM Eastern Standard Time, support@desk.example writes:", true},
        {"aol dashes", "-----Original Message-----\nFrom: Support <support@desk.example>\nTo: Anna <anna@aol.com>\nSent: Tue, Mar 10, 2026 11:05 am\nSubject: x", true},
        {"gmx", "Gesendet: Dienstag, 10. März 2026 um 11:05 Uhr\nVon: \"Support\" <support@desk.example>\nAn: anna@gmx.de\nBetreff: x", true},
        {"gmx en", "Sent: Tuesday, March 10, 2026 at 11:05 AM\nFrom: \"Support\" <support@desk.example>\nTo: anna@gmx.com\nSubject: x", true},
        {"gmx new", "Am 10.03.26, 11:05 schrieb Support <support@desk.example>:", true},
        {"evolution", "On Tue, 2026-03-10 at 11:05 +0100, Support wrote:", true},
        {"evolution de", "Am Dienstag, dem 10.03.2026 um 11:05 +0100 schrieb Support:", true},
        {"evolution sv", "tis 2026-03-10 klockan 11:05 +0100 skrev Support:", true},
        {"kmail", "On Tuesday, 10 March 2026 11:05:00 CET Support wrote:", true},
        {"kmail de", "Am Dienstag, 10. März 2026, 11:05:00 CET schrieb Support:", true},
        {"outlook mac", "On 3/10/26, 11:05 AM, \"Support\" <support@desk.example> wrote:", true},
        {"outlook mac sv", "2026-03-10, 11:05 skrev \"Support\" <support@desk.example>:", true},
        {"outlook mac 2019", "From: Support <support@desk.example>\nDate: Tuesday, 10 March 2026 at 11:05\nTo: Anna <anna@cust.example>\nSubject: x", true},
        {"outlook 2003 dates", "-----Original Message-----\nFrom: Support [mailto:support@desk.example] \nSent: den 10 mars 2026 11:05\nTo: Anna\nSubject: x", true},
        {"outlook sv sep", "-----Ursprungligt meddelande-----\nFrån: Support [mailto:support@desk.example] \nSkickat: den 10 mars 2026 11:05\nTill: Anna\nÄmne: x", true},
        {"outlook da", "-----Oprindelig meddelelse-----\nFra: Support\nSendt: 10. marts 2026 11:05\nTil: Anna\nEmne: x", true},
        {"outlook no", "-----Opprinnelig melding-----\nFra: Support\nSendt: 10. mars 2026 11:05\nTil: Anna\nEmne: x", true},
        {"outlook fi", "-----Alkuperäinen viesti-----\nLähettäjä: Support\nLähetetty: 10. maaliskuuta 2026 11:05\nVastaanottaja: Anna\nAihe: x", true},
        {"outlook pl", "-----Oryginalna wiadomość-----\nOd: Support\nWysłano: wtorek, 10 marca 2026 11:05\nDo: Anna\nTemat: x", true},
        {"outlook pl2", "-----Wiadomość oryginalna-----\nFrom: Support\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna\nSubject: x", true},
        {"outlook fr", "-----Message d'origine-----\nDe : Support\nEnvoyé : mardi 10 mars 2026 11:05\nÀ : Anna\nObjet : x", true},
        {"outlook it", "-----Messaggio originale-----\nDa: Support\nInviato: martedì 10 marzo 2026 11:05\nA: Anna\nOggetto: x", true},
        {"outlook es", "-----Mensaje original-----\nDe: Support\nEnviado el: martes, 10 de marzo de 2026 11:05\nPara: Anna\nAsunto: x", true},
        {"outlook pt", "-----Mensagem original-----\nDe: Support\nEnviada em: terça-feira, 10 de março de 2026 11:05\nPara: Anna\nAssunto: x", true},
        {"outlook nl", "-----Oorspronkelijk bericht-----\nVan: Support\nVerzonden: dinsdag 10 maart 2026 11:05\nAan: Anna\nOnderwerp: x", true},
        {"owa", "________________________________\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x", true},
        {"owa pl", "________________________________________\nOd: Support <support@desk.example>\nWysłane: wtorek, 10 marca 2026 11:05\nDo: Anna\nTemat: x", true},
        {"owa fr", "________________________________\nDe : Support <support@desk.example>\nEnvoyé : mardi 10 mars 2026 11:05\nÀ : Anna\nCc : Bob\nObjet : x", true},
        {"owa da", "________________________________\nFra: Support <support@desk.example>\nSendt: 10. marts 2026 11:05\nTil: Anna\nCc: Bob\nEmne: Re: x", true},
        {"outlook mobile", "________________________________\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05:00 AM\nTo: Anna <anna@cust.example>\nSubject: x", true},
        {"samsung", "-------- Original message --------\nFrom: Support <support@desk.example>\nDate: 10/03/2026 11:05 (GMT+01:00)\nTo: Anna <anna@cust.example>\nSubject: x", true},
        {"samsung de", "-------- Ursprüngliche Nachricht --------\nVon: Support <support@desk.example>\nDatum: 10.03.26 11:05 (GMT+01:00)\nAn: Anna\nBetreff: x", true},
        {"samsung sv", "-------- Originalmeddelande --------\nFrån: Support <support@desk.example>\nDatum: 2026-03-10 11:05 (GMT+01:00)\nTill: Anna\nÄmne: x", true},
        {"samsung da", "-------- Oprindelig besked --------\nFra: Support <support@desk.example>\nDato: 10.03.2026 11.05 (GMT+01:00)\nTil: Anna\nEmne: x", true},
        {"samsung no", "-------- Opprinnelig melding --------\nFra: Support <support@desk.example>\nDato: 10.03.2026 11:05 (GMT+01:00)\nTil: Anna\nEmne: x", true},
        {"samsung fi", "-------- Alkuperäinen viesti --------\nLähettäjä: Support <support@desk.example>\nPäivämäärä: 10.3.2026 11.05 (GMT+01:00)\nSaaja: Anna\nAihe: x", true},
        {"samsung fr", "-------- Message d'origine --------\nDe : Support <support@desk.example>\nDate : 10/03/2026 11:05 (GMT+01:00)\nÀ : Anna\nObjet : x", true},
        {"samsung es", "-------- Mensaje original --------\nDe: Support <support@desk.example>\nFecha: 10/3/26 11:05 (GMT+01:00)\nA: Anna\nAsunto: x", true},
        {"samsung it", "-------- Messaggio originale --------\nDa: Support <support@desk.example>\nData: 10/03/26 11:05 (GMT+01:00)\nA: Anna\nOggetto: x", true},
        {"samsung nl", "-------- Oorspronkelijk bericht --------\nVan: Support <support@desk.example>\nDatum: 10-03-2026 11:05 (GMT+01:00)\nAan: Anna\nOnderwerp: x", true},
        {"samsung pl", "-------- Oryginalna wiadomość --------\nOd: Support <support@desk.example>\nData: 10.03.2026 11:05 (GMT+01:00)\nDo: Anna\nTemat: x", true},
        {"samsung pt", "-------- Mensagem original --------\nDe: Support <support@desk.example>\nData: 10/03/2026 11:05 (GMT+01:00)\nPara: Anna\nAssunto: x", true},
        {"notes plain", "From:   Support <support@desk.example>\nTo:     anna@cust.example\nDate:   10.03.2026 11:05\nSubject:        x", true},
        {"notes de", "Von:    Support <support@desk.example>\nAn:     anna@cust.example\nDatum:  10.03.2026 11:05\nBetreff:        x", true},
        {"notes rule", "-----Support <support@desk.example> wrote: -----\nTo: anna@cust.example\nFrom: Support <support@desk.example>\nDate: 03/10/2026 11:05AM\nSubject: x", true},
        {"notes short", "Support <support@desk.example> wrote on 10.03.2026 11:05:00:", true},
        {"notes de short", "Support <support@desk.example> schrieb am 10.03.2026 11:05:00:", true},
        {"em client", "------ Original Message ------\nFrom: \"Support\" <support@desk.example>\nTo: anna@cust.example\nSent: 10.03.2026 11:05:00\nSubject: x", true},
        {"em client de", "------ Originalnachricht ------\nVon: \"Support\" <support@desk.example>\nAn: anna@cust.example\nGesendet: 10.03.2026 11:05:00\nBetreff: x", true},
        {"em client new", "------ Original Message ------\nFrom \"Support\" <support@desk.example>\nTo anna@cust.example\nDate 3/10/2026 11:05:00 AM\nSubject x", true},
        {"the bat", "Tuesday, March 10, 2026, 11:05:00 AM, you wrote:", false},
        {"zimbra", "----- Original Message -----\nFrom: \"Support\" <support@desk.example>\nTo: \"Anna\" <anna@cust.example>\nSent: Tuesday, March 10, 2026 11:05:00 AM\nSubject: x", true},
        {"zimbra fr", "----- Mail original -----\nDe: \"Support\" <support@desk.example>\nÀ: \"Anna\" <anna@cust.example>\nEnvoyé: Mardi 10 Mars 2026 11:05:00\nObjet: x", true},
        {"sogo", "On Tuesday, March 10, 2026 11:05 CET, Support <support@desk.example> wrote:", true},
        {"open-xchange", "> Support <support@desk.example> hat am 10.03.2026 11:05 CET geschrieben:\n> ", false},
        {"ox en", "> On 10/03/2026 11:05 GMT Support <support@desk.example> wrote:\n> ", false},
        {"fastmail", "On Tue, 10 Mar 2026, at 11:05, Support wrote:", true},
        {"hey", "On March 10, 2026, Support <support@desk.example> wrote:", true},
        {"mailspring", "On Mar 10 2026, at 11:05 am, Support <support@desk.example> wrote:", true},
        {"airmail", "On 10 March 2026 at 11:05:00, Support (support@desk.example) wrote:", true},
        {"newton", "On Tue, Mar 10, 2026 at 11:05am, Support <support@desk.example> wrote:", true},
        {"seznam", "---------- Původní e-mail ----------\nOd: Support <support@desk.example>\nKomu: anna@seznam.cz\nDatum: 10. 3. 2026 11:05:00\nPředmět: x", true},
        {"o2.pl", "Dnia 10 marca 2026 11:05 Support <support@desk.example> napisał(a):", true},
        {"wp.pl", "Dnia wtorek, 10 marca 2026 Support <support@desk.example> napisał(a):", true},
        {"onet", "W dniu 2026-03-10 11:05:00 użytkownik Support <support@desk.example> napisał:", true},
        {"libero", "Il 10/03/2026 11:05 CET Support <support@desk.example> ha scritto:", true},
        {"orange fr", "> Message du 10/03/26 11:05\n> De : \"Support\" <support@desk.example>\n> A : anna@orange.fr\n> Copie à : \n> Objet : x\n> ", false},
        {"laposte", "De : \"Support\" <support@desk.example>\nA : anna@laposte.net\nEnvoyé: mardi 10 Mars 2026 11:05\nObjet : x", true},
        {"bol br", "De: support@desk.example\nEnviada: Terça-feira, 10 de Março de 2026 11:05\nPara: anna@bol.com.br\nAssunto: x", true},
        {"mail.ru", ">Вторник, 10 марта 2026, 11:05 +03:00 от Support <support@desk.example>:\n>", false},
        {"mail.ru unmarked", "Вторник, 10 марта 2026, 11:05 +03:00 от Support <support@desk.example>:", true},
        {"qq", "------------------ 原始邮件 ------------------\n发件人: \"Support\" <support@desk.example>;\n发送时间: 2026年3月10日(星期二) 晚上6:05\n收件人: \"Anna\"<anna@qq.com>;\n主题: x", true},
        {"163", "在 2026-03-10 18:05:00，\"Support\" <support@desk.example> 写道：", true},
        {"163 en", "At 2026-03-10 18:05:00, \"Support\" <support@desk.example> wrote:", true},
        {"name with comma", "On Tue, Mar 10, 2026 at 11:05 AM \"Smith, John (IT)\" <john.smith@desk.example> wrote:", true},
        {"name with comma sv", "Den tis 10 mars 2026 kl 11:05 skrev Svensson, Åke <ake@desk.example>:", true},
        {"gmail mailto links", "On Tue, Mar 10, 2026 at 11:05 AM Support <support@desk.example<mailto:support@desk.example>> wrote:", true},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "Yes, it works.\n\nThanks\nAnna\n\n%s\n> Hi Anna,\n> have you tried it?\n>\n> Support\n", table[i].text);
        same_ink(table[i].label, ANSWER, "text/plain", b.data, "Yes, it works.\n\nThanks\nAnna");
        b.len = 0;
        buf_printf(&b, "Yes, it works.\n\n%s\n\nHi Anna,\n\nhave you tried it?\n\nSupport\n", table[i].text);
        if (table[i].unmarked)
            same_ink(table[i].label, ANSWER, "text/plain", b.data, "Yes, it works.");
        buf_free(&b);
    }
}

static void
telephones(void **state)
{
    static const char *const table[] = {
        "Sent from my iPhone", "Sent from my iPad", "Sent from my Galaxy", "Sent from my Samsung Galaxy smartphone.", "Sent from Samsung Mobile",
        "Sent from my Android device with K-9 Mail. Please excuse my brevity.", "Sent from Yahoo Mail for iPhone", "Sent from Yahoo Mail on Android", "Sent from Outlook for Android",
        "Get Outlook for iOS", "Get Outlook for Android<https://aka.ms/AAb9ysg>", "Sent from Mail for Windows", "Sent from Mail for Windows 10", "Sent from my Huawei phone",
        "Sent from my BlackBerry 10 smartphone on the EE network.", "Sent from my T-Mobile 4G LTE Device", "Sent from Proton Mail for iOS", "Sent with Proton Mail secure email.",
        "Sent from Proton Mail mobile", "Sent via Superhuman", "Sent from the all new AOL app for iOS", "Sent from AOL on Android", "Sent from Gmail Mobile",
        "Sent from my mobile phone", "Sent from my phone", "Sent from Spark", "Sent from Front", "Skickat från min iPhone", "Skickat från min iPad",
        "Skickat från min Samsung Galaxy-smartphone.", "Skickat från Outlook för Android", "Skickat från E-post för Windows", "Skickat från Yahoo Mail för iPhone",
        "Hämta Outlook för iOS", "Skaffa Outlook för Android", "Skickat från min mobil", "Skickat från min Huawei-mobil", "Sendt fra min iPhone", "Sendt fra min iPad",
        "Sendt fra min Samsung Galaxy-smartphone.", "Hent Outlook til iOS", "Sendt fra Outlook til Android", "Sendt fra Mail til Windows", "Sendt fra Yahoo Mail til iPhone",
        "Sendt fra min mobil", "Sendt fra min Galaxy", "Hent Outlook for iOS", "Skaff deg Outlook for iOS", "Sendt fra Outlook for iOS", "Sendt fra E-post for Windows",
        "Sendt fra mobilen min", "Sendt fra min mobiltelefon", "Von meinem iPhone gesendet", "Von meinem iPad gesendet", "Gesendet von meinem iPhone", "Gesendet von Mail für Windows",
        "Gesendet von Outlook für Android", "Holen Sie sich Outlook für iOS", "Outlook für Android herunterladen", "Von meinem Samsung Galaxy Smartphone gesendet.",
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.", "Gesendet mit der GMX Mail App", "Gesendet mit der WEB.DE Mail App",
        "Gesendet von Yahoo Mail auf Android", "Von meinem Huawei-Mobiltelefon gesendet", "Gesendet mit der Telekom Mail App", "Von meinem/meiner Galaxy gesendet",
        "Verstuurd vanaf mijn iPhone", "Verstuurd vanaf mijn iPad", "Verzonden vanaf mijn Galaxy", "Verzonden vanuit Outlook voor iOS", "Outlook voor Android downloaden",
        "Verzonden vanuit Mail voor Windows", "Verzonden vanaf mijn Samsung Galaxy-smartphone.", "Outlook voor iOS downloaden", "Envoyé de mon iPhone", "Envoyé depuis mon iPhone",
        "Envoyé de mon iPad", "Envoyé depuis mon appareil Galaxy", "Envoyé depuis mon smartphone Samsung Galaxy.", "Télécharger Outlook pour iOS", "Obtenir Outlook pour Android",
        "Envoyé à partir de Outlook pour Android", "Envoyé à partir de Courrier pour Windows", "Envoyé depuis l'application Mail Orange", "Envoyé à partir de Yahoo Mail pour iPhone",
        "Envoyé avec Proton Mail", "Provenance : Courrier pour Windows 10", "Enviado desde mi iPhone", "Enviado desde mi iPad", "Enviado desde mi Samsung Mobile de Claro",
        "Obtener Outlook para iOS", "Enviado desde Outlook para Android", "Enviado desde Correo para Windows", "Enviado desde Yahoo Mail para iPhone",
        "Enviado desde mi smartphone Samsung Galaxy.", "Obtener Outlook para Android<https://aka.ms/ghei36>", "Enviado desde mi teléfono Huawei", "Inviato da iPhone", "Inviato da iPad",
        "Inviato dal mio Galaxy", "Inviato dal mio telefono Samsung", "Scarica Outlook per iOS", "Ottieni Outlook per Android", "Inviato da Posta per Windows",
        "Inviato da Yahoo Mail su Android", "Inviato da Libero Mail", "Inviato dal mio dispositivo Android", "Wysłane z iPhone'a", "Wysłane z iPada",
        "Wysłane z telefonu Samsung Galaxy.", "Pobierz program Outlook dla systemu iOS", "Wysłane z programu Outlook dla systemu Android",
        "Wysłane z aplikacji Poczta dla systemu Windows", "Wysłane z Yahoo Mail na Androida", "Pobierz aplikację Outlook dla systemu Android", "Wysłano z Poczty systemu Windows",
        "Wysłane z urządzenia Huawei", "Lähetetty iPhonesta", "Lähetetty iPadista", "Lähetetty Galaxysta", "Hanki Outlook iOS:lle", "Lähetetty Samsung Galaxy -älypuhelimesta.",
        "Lähetetty Outlook for Androidista", "Lähetetty Windowsin Sähköpostista", "Lähetetty laitteesta Galaxy", "Lähetetty iPhonestani", "Hanki Outlook for iOS",
        "Enviado do meu iPhone", "Enviado do meu iPad", "Enviado do meu smartphone Samsung Galaxy.", "Obter o Outlook para iOS", "Obtenha o Outlook para Android",
        "Enviado do Outlook para Android", "Enviado do Correio para Windows", "Enviado do Yahoo Mail no Android", "Enviado de Galaxy", "Enviado a partir do meu iPhone",
        "Baixe o Outlook para iOS", "Отправлено с iPhone", "Отправлено из мобильной Почты Mail.ru", "Отправлено из Outlook для iOS", "Скачать Outlook для Android", "iPhoneから送信",
        "发自我的iPhone", "從我的 iPhone 傳送", "나의 iPhone에서 보냄", "Odesláno z iPhonu", "Odesláno z mobilu", "Küldve az iPhone-omról", "Trimis de pe iPhone-ul meu", "iPhone'umdan gönderildi",
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "Yes.\n\n%s\n", table[i]);
        same_ink(table[i], "Subject: x\n", "text/plain", b.data, "Yes.");
        buf_printf(&b, "\nOn Tue, 10 Mar 2026 at 11:05, Support <support@desk.example> wrote:\n> q\n");
        same_ink(table[i], ANSWER, "text/plain", b.data, "Yes.");
        buf_free(&b);
    }
}

/* What looks like a program's and is a person's: every word stays. */
static void
persons_words(void **state)
{
    static const struct { const char *label; bool answer; const char *body; } table[] = {
        {"said on a date", true, "On Monday 9 March 2026 at 10:00 the printer wrote:\nPC LOAD LETTER\n\nWhat does it mean?\n"},
        {"email content listed", false, "The user reported:\n\nName: Anna\nFrom: Berlin\nTo: Rome\nDate: 10 March 2026 10:00\n\nPlease book.\n"},
        {"mail header asked about", false, "Please whitelist mails like this:\n\nFrom: news@shop.example\nSubject: Sale\n\nThey land in spam.\n"},
        {"log with >", false, "See:\n\n$ cat a > b\nerror\n"},
        {"-- in list", true, "Options:\n-- one\n-- two\n-- three\n"},
        {"dashes headline", true, "Summary\n-------\nIt broke.\n\nDetails\n-------\nBadly.\n"},
        {"underscore form", true, "Name: ________________\nDate: ________________\nPlease fill that in for me.\n"},
        {"Original Message words", true, "I lost the original message, can you resend it?\n"},
        {"wrote ends para", true, "My boss wrote:\n\nplease stop\n\nSo please stop.\n"},
        {"schrieb", true, "Herr Müller schrieb mir am 10.03.2026 um 10:00:\n\nBitte stornieren.\n\nKönnen Sie das tun?\n"},
        {"skrev", true, "Min chef skrev den 10 mars 2026 kl 10:00:\n\nAvboka allt.\n\nKan ni göra det?\n"},
        {"a écrit", true, "Mon chef m'a écrit le 10 mars 2026 à 10:00 :\n\nAnnulez.\n\nPouvez-vous ?\n"},
        {"escribió", true, "El 10 de marzo de 2026 a las 10:00 mi jefe me escribió:\n\nCancele.\n\n¿Pueden?\n"},
        {"address and wrote", true, "As anna@cust.example wrote:\nit is broken.\n"},
        {"van", true, "Op 10 maart 2026 om 10:00 schreef mijn baas:\n\nStop.\n\nKunt u stoppen?\n"},
        {"transcript", true, "10:00 Anna: hello\n10:01 Bob: hi\n10:02 Anna wrote: it broke\n"},
        {"ticket dump", false, "Ticket: 5\nFrom: Anna\nSent: yesterday\n\nWhat now?\n"},
        {"Regards only sig", true, "It broke.\n\nRegards,\nAnna Smith\nAcme Ltd\nTel. +44 20 1234 5678\n"},
        {"sentence Sent from", true, "Sent from our Berlin office last week, the parcel did not arrive.\n"},
        {"Sent via DHL", true, "The phone was\nsent via DHL to your Samsung repair center on Monday\nand is lost.\n"},
        {"Enviado", true, "El paquete fue\nenviado desde el teléfono equivocado de mi hermano y no llegó\n¿Qué hago?\n"},
        {"numbers", true, "1. On 10/03/2026 10:00 I wrote:\n2. nothing came\n"},
        {"colon end date", true, "The meeting was on Tue, 10 Mar 2026 at 10:00, notes by Bob Jones <bob@x.example>:\n- one\n- two\n"},
        {"list of contacts", true, "Please add:\nAnna Smith <anna@x.example>:\nBob Jones <bob@x.example>:\n"},
        {"unsubscribe talk", true, "How do I unsubscribe?\n---\nI cannot find the link.\n"},
        {"----- heading -----", true, "----- Problem -----\nIt broke.\n----- Wish -----\nRepair.\n"},
        {"=== heading", true, "=====\nPart one\n=====\nIt broke\n"},
        {"Forwarded by", true, "Forwarded by my boss yesterday, I ask you to help.\n"},
        {"confidential short", true, "This is confidential and only for the addressee.\n"},
        {"Von: trip", false, "Reise:\nVon: Hamburg\nNach: Berlin\nDatum: 10.03.2026 10:00\nBetreff: Messe\n"},
        {"de: trip fr", false, "De : Paris\nÀ : Lyon\nDate : 10 mars 2026 10:00\n\nMerci de réserver.\n"},
        {"A: B: dialog", false, "Q: does it work?\nA: no\nQ: why?\nA: no power\n"},
        {"till fran buss", false, "Jag vill ändra resan.\n\nFrån: Malmö\nTill: Lund\nDatum: 2026-03-10 10:00\n\nTack\n"},
        {"Da: a:", false, "Ordine\nDa: magazzino\nA: negozio\nData: 10/03/2026\nOggetto: scarpe\n"},
        {"Sent from word", true, "P.S. the picture was sent from my phone.\n"},
        {"Get Outlook q", true, "How do I get Outlook for Android?\n"},
        {"re above line", true, "Please write above this line in red ink\n"},
        {"at sign quote", true, "@Bob: please look\n@Anna: done\n"},
        {"Date: alone", true, "Date: 10 March 2026 10:00\nPlace: London\n\nSee you.\n"},
        {"Am ... schrieb der Kunde", true, "Am 10.03.2026 schrieb der Kunde, dass nichts geht:\n- Drucker\n- Fax\n"},
        {"inline From sentence", false, "From: what I understand, it is broken.\nTo: be honest, I am angry.\nSubject: to change.\n"},
        {"poem", true, "Roses are red\n--\nViolets are blue\n--\nmy printer is dead and your hotline is a joke that nobody laughs at, I say this as a customer of twenty long years\n"},
        {"html-looking text", true, "Use <b>From:</b> and <i>To:</i> in the form.\n"},
        {"python prompt", true, "I ran it:\n\n    >>> print(1)\n    1\n"},
        {"mail about attribution", true, "Your mails end with \"On Tue, 10 Mar 2026 at 10:00, Support wrote:\" which looks odd.\n"},
        {"dated entries", true, "10.03.2026 10:00 Bob: rang\n11.03.2026 11:00 Carl: rang again\n"},
        {"dated entries colon", true, "10.03.2026 10:00:\nrang\n11.03.2026 11:00:\nrang again\n"},
        {"names with colon", true, "Bob Jones:\nplease order\nCarl May:\nplease cancel\n"},
        {"wrote to me quote", true, "On 9 March Bob from your team wrote to me:\n\n\"It will be done\"\n\nBut nothing came.\n"},
        {"wrote with address", true, "Last week, Bob Jones <bob@desk.example> wrote:\n\n\"It will be done\"\n\nBut nothing came.\n"},
        {"sv skrev", true, "I fredags skrev Bo Ek <bo@desk.example>:\n\n\"Det blir gjort\"\n\nMen inget kom.\n"},
        {"de schrieb", true, "Letzte Woche schrieb Bob Jones <bob@desk.example>:\n\n\"Wird erledigt\"\n\nAber nichts kam.\n"},
        {"fr écrit", true, "Mardi dernier, Bob Jones <bob@desk.example> a écrit :\n\n\"Ce sera fait\"\n\nMais rien.\n"},
        {"hotel", false, "Booking:\n\nFrom: 10 March 2026 14:00\nTo: 12 March 2026 10:00\nSubject: two rooms\n"},
        {"hotel in answer", true, "The stay:\n\nFrom: 10 March 2026\nTo: 12 March 2026\n\nTwo rooms please.\n"},
        {"form in answer", true, "Here is what you asked for:\n\nName: Anna\nDate: 10 March 2026\nSubject: printer\nSerial: 123\n"},
        {"form in answer with from", true, "Shipment:\nFrom: Berlin\nTo: Rome\nDate: 10 March 2026\nWeight: 5 kg\n"},
        {"form sv", true, "Resa:\nFrån: Malmö\nTill: Lund\nDatum: 10 mars\nAntal: 2\n"},
        {"form de", true, "Umzug:\nVon: Berlin\nNach: Bonn\nAn: 3. April\nBetreff: Klavier\n"},
        {"form it", true, "Viaggio\nDa: Roma\nA: Milano\nData: 3 aprile\nPersone: 2\n"},
        {"form es", true, "Viaje\nDe: Roma\nA: Milano\nFecha: 3 de abril\nPersonas: 2\n"},
        {"form pl", true, "Podróż\nOd: 3 kwietnia\nDo: 5 kwietnia\nTemat: szkolenie\n"},
        {"form pl new", false, "Podróż\nOd: 3 kwietnia\nDo: 5 kwietnia\nTemat: szkolenie\nData: 3.04.2026\n"},
        {"dash list", true, "- one\n-- two\n--- three\n"},
        {"two dash para", true, "I think -- no, I know\n--\nthat it is broken, and I have told you so three times now, each time with a long explanation of what is wrong in it\n"},
        {"sig words", true, "Yes.\n\nBest regards\n\nAnna Smith\nHead of Pumps\nAcme Ltd | 1 Road | London\nT +44 20 1234 | anna@cust.example\n"},
        {"Original Message as title", true, "Original Message:\nThe pump is broken.\nTranslation:\nDie Pumpe ist kaputt.\n"},
        {"forwarded message title", true, "Begin of forwarded stuff: none\nhello\n"},
        {"sent from sentence", false, "Hello,\n\nSent from the iPhone store yesterday, my order is missing.\n"},
        {"Skickat sentence", false, "Hej,\n\nSkickat från er butik i går med telefonen i paketet men den saknas.\n"},
        {"Gesendet sentence", false, "Hallo,\n\nGesendet mit DHL am Montag, das Handy fehlt.\n"},
        {"underscores", true, "Fill: ____\n____________________\nAnna\n"},
        {"stars", true, "*****\nIMPORTANT\n*****\nIt broke\n"},
        {"quote in quotes", true, "He said\n\"> no\"\nok\n"},
        {"email in signature", true, "Yes\nAnna <anna@cust.example>\n"},
        {"ascii table", true, "A | B\n--|--\n1 | 2\n"},
        {"question", true, "On which date was it sent?\nFrom whom?\n"},
        {"Reply above as words", true, "I tried to reply above the line but nothing came\n"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++)
        same_ink(table[i].label, table[i].answer ? ANSWER : "Subject: x\n", "text/plain", table[i].body, table[i].body);
}

static void
answers(void **state)
{
    static const struct { const char *label, *body, *want; } table[] = {
        {"inline 1", "On Tue, 10 Mar 2026 at 11:05, Support <support@desk.example> wrote:\n> Which model?\n\nX200\n\n> Since when?\n\nMonday.\n\nAnna\n", "X200\n\nMonday.\n\nAnna"},
        {"inline with top", "See below.\n\nOn Tue, 10 Mar 2026 at 11:05, Support <support@desk.example> wrote:\n> Which model?\nX200\n> Since when?\nMonday.\n", "See below.\n\nX200\nMonday."},
        {"inline sv", "Hej, svar nedan.\n\nDen tis 10 mars 2026 kl 11:05 skrev Support <support@desk.example>:\n\n> Vilken modell?\n\nX200\n\n>\n> Sedan när?\n\nMåndag\n\n> Mvh\n> Support\n", "Hej, svar nedan.\n\nX200\n\nMåndag"},
        {"nested", "I agree.\n\nOn Tue, 10 Mar 2026 at 11:05, Bob <bob@x.example> wrote:\n> No.\n>\n> On Mon, 9 Mar 2026 at 10:00, Support <support@desk.example> wrote:\n>> Really?\n>>\n>> > old\n", "I agree."},
        {"nested attributions below", "I agree.\n\nOn Tue, 10 Mar 2026 at 11:05, Bob <bob@x.example> wrote:\n\nNo.\n\nOn Mon, 9 Mar 2026 at 10:00, Support <support@desk.example> wrote:\n\nReally?\n", "I agree."},
        {"bottom + signature", "On Tue, 10 Mar 2026 at 11:05, Support <support@desk.example> wrote:\n> Hi Anna,\n> have you tried it?\n>\n> Support\n\nYes.\n\n-- \nAnna\n", "Yes."},
        {"quoted separator inside", "Yes.\n\n> -----Original Message-----\n> From: a\n\nAnd no.\n", "Yes.\n\nAnd no."},
        {"pipe quote", "> | nested\n> more\nYes.\n", "Yes."},
        {"sig dashdash", "Yes.\n\n-- \nAnna Smith\nAcme\n\n> old\n", "Yes."},
        {"sig then quote", "Yes.\n-- \nAnna\n\nOn Tue, 10 Mar 2026 at 11:05, Support <support@desk.example> wrote:\n> q\n", "Yes."},
        {"sig nospace", "Yes.\n\n--\nAnna Smith\nAcme Ltd\n+44 1\n", "Yes."},
        {"apple quote sent", "Yes\n\nSent from my iPhone\n\n> On 10 Mar 2026, at 11:05, Support <support@desk.example> wrote:\n> \n> q\n", "Yes"},
        {"bold markers", "Yes.\n\n*From:* Support <support@desk.example>\n*Sent:* Tuesday, March 10, 2026 11:05 AM\n*To:* Anna\n*Subject:* x\n\nHi\n", "Yes."},
        {"bold markers inside", "Yes.\n\n*From: *Support <support@desk.example>\n*Date: *Tuesday, March 10, 2026 at 11:05\n*To: *Anna\n*Subject: *x\n\nHi\n", "Yes."},
        {"long to list", "Yes.\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>; Bob <bob@cust.example>; Carl\n <carl@cust.example>; Dora\n <dora@cust.example>\nCc: Emil <emil@cust.example>\nSubject: x\n\nHi\n", "Yes."},
        {"importance line", "Yes.\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\nImportance: High\n\nHi Anna\n", "Yes."},
        {"blank lines between labels", "Yes.\n\nFrom: Support <support@desk.example>\n\nSent: Tuesday, March 10, 2026 11:05 AM\n\nTo: Anna\n\nSubject: x\n\nHi\n", "Yes."},
        {"text signature then block", "Yes.\n\nKind regards,\nAnna Smith\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\n\nHi Anna\n", "Yes.\n\nKind regards,\nAnna Smith"},
        {"signature dash then block", "Yes.\n\n-- \nAnna Smith\nAcme\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\n\nHi Anna\n", "Yes."},
        {"get outlook then rule", "Yes.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\n\nHi Anna\n", "Yes."},
        {"two levels", "Yes.\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\n\nHi Anna\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\n\nHi Anna\n", "Yes."},
        {"attribution 4 lines", "Yes.\n\nOn Tue, Mar 10, 2026 at 11:05 AM Example Customer Support and Delivery\nDepartment of the Northern Region <\nsupport@desk.example>\nwrote:\n\n> q\n", "Yes."},
        {"attribution 2 lines no marks", "Yes.\n\nOn Tue, Mar 10, 2026 at 11:05 AM Example Customer Support\n<support@desk.example> wrote:\n\nold\n", "Yes."},
        {"attr fr folded marks", "Oui.\n\nLe mar. 10 mars 2026 à 11:05, Support <support@desk.example> a\nécrit :\n\n> q\n", "Oui."},
        {"attr it folded", "Sì.\n\nIl giorno mar 10 mar 2026 alle ore 11:05 Supporto <\nsupport@desk.example> ha scritto:\n\n> q\n", "Sì."},
        {"attr es folded", "Sí.\n\nEl mar, 10 mar 2026 a las 11:05, Soporte técnico de la empresa (<\nsupport@desk.example>) escribió:\n\n> q\n", "Sí."},
        {"attr pl folded", "Tak.\n\nwt., 10 mar 2026 o 11:05 Dział Obsługi Klienta <support@desk.example>\nnapisał(a):\n\n> q\n", "Tak."},
        {"attr fi folded", "Joo.\n\nti 10. maalisk. 2026 klo 11.05 Asiakaspalvelu (support@desk.example)\nkirjoitti:\n\n> q\n", "Joo."},
        {"attr pt folded", "Sim.\n\nEm ter., 10 de mar. de 2026 às 11:05, Suporte <\nsupport@desk.example> escreveu:\n\n> q\n", "Sim."},
        {"attr nl folded", "Ja.\n\nOp di 10 mrt 2026 om 11:05 schreef Klantenservice Nederland <\nsupport@desk.example>:\n\n> q\n", "Ja."},
        {"attr no folded", "Ja.\n\ntir. 10. mars 2026 kl. 11:05 skrev Kundeservice Norge AS <\nsupport@desk.example>:\n\n> q\n", "Ja."},
        {"attr da folded", "Ja.\n\nDen tirsdag den 10. marts 2026 kl. 11.05 skrev Kundeservice <\nsupport@desk.example>:\n\n> q\n", "Ja."},
        {"attr quoted, reply below text", "> On Tue, 10 Mar 2026, Support wrote:\n> q\n\nYes.\n", "Yes."},
        {">From mangled", "Yes.\n\n>From: x\n>q\n", "Yes."},
        {"space quote", "Yes.\n\n > q\n > q2\n", "Yes."},
        {"initial quoting kept", "AS> q\nYes\n", "AS> q\nYes"},
        {"inline many", "> 1?\nA\n> 2?\nB\n>\n> 3?\n\nC\n\n> bye\n", "A\nB\n\nC"},
        {"answers with [Anna] marks below block", "See inline.\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\n\nHi Anna\n\n[Anna] yes\n", "See inline."},
        {"disclaimer then quote", "Yes.\n\nThis e-mail is confidential and intended solely for the addressee. If you are not the intended recipient please delete it.\n\nFrom: Support <support@desk.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: x\n\nHi Anna\n", "Yes.\n\nThis e-mail is confidential and intended solely for the addressee. If you are not the intended recipient please delete it."},
        {"google group footer", "Yes.\n\n-- \nYou received this message because you are subscribed to the Google Groups \"x\" group.\nTo unsubscribe from this group and stop receiving emails from it, send an email to x+unsubscribe@googlegroups.com.\nTo view this discussion visit https://groups.google.com/d/msgid/x/y.\n", "Yes."},
        {"mailman footer", "Yes.\n_______________________________________________\nUsers mailing list -- users@lists.example\nTo unsubscribe send an email to users-leave@lists.example\n", "Yes."},
        {"yahoo group footer", "Yes.\n\n------------------------------------\n\nYahoo Groups Links\n\n<*> To visit your group on the web, go to:\n    http://groups.yahoo.com/group/x/\n\n<*> To unsubscribe from this group, send an email to:\n    x-unsubscribe@yahoogroups.com\n", "Yes."},
        {"sympa footer none", "Yes.\n", "Yes."},
        {"avg footer", "Yes.\n\n-----\nNo virus found in this message.\nChecked by AVG - www.avg.com\nVersion: 2016.0.7998\n", "Yes."},
        {"avast footer", "Yes.\n\n\n-- \nThis email has been checked for viruses by Avast antivirus software.\nwww.avast.com\n", "Yes."},
        {"avast de", "Ja.\n\n-- \nDiese E-Mail wurde von Avast-Antivirussoftware auf Viren geprüft.\nwww.avast.com\n", "Ja."},
        {"eset", "Yes.\n\n__________ Information from ESET Mail Security, version of virus signature database 12345 (20260310) __________\n\nThe message was checked by ESET Mail Security.\nhttp://www.eset.com\n", "Yes."},
        {"reply above en", "Yes.\n\n-- Reply above this line --\nold\n", "Yes."},
        {"reply above zendesk", "Yes.\n\n##- Please type your reply above this line -##\n\nold\n", "Yes."},
        {"reply above jira", "Yes.\n\n———-—-—\nReply above this line.\n\nold\n", "Yes."},
        {"reply above sv", "Ja.\n\n--- Svara ovanför denna rad ---\nold\n", "Ja."},
        {"quoted reply above", "> ##- Please type your reply above this line -##\n> old\n\nYes.\n", "Yes."},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++)
        same_ink(table[i].label, ANSWER, "text/plain", table[i].body, table[i].want);
}

#define OLD "<div>Hi Anna,</div><div>have you tried it?</div>"

static void
answers_in_html(void **state)
{
    static const struct { const char *label, *body, *want; } table[] = {
        {"gmail", "<div dir=\"ltr\">Yes.<div><br></div><div>Anna</div></div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">On Tue, Mar 10, 2026 at 11:05 AM Support &lt;<a href=\"mailto:support@desk.example\">support@desk.example</a>&gt; wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">" OLD "</blockquote></div>", "Yes.\n\nAnna"},
        {"gmail sig", "<div dir=\"ltr\">Yes.<br clear=\"all\"><div><br></div><span class=\"gmail_signature_prefix\">-- </span><br><div dir=\"ltr\" class=\"gmail_signature\" data-smartmail=\"gmail_signature\"><div>Anna</div><div>Acme</div></div></div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">Den tis 10 mars skrev Support:</div><blockquote class=\"gmail_quote\">" OLD "</blockquote></div>", "Yes."},
        {"gmail inline", "<div dir=\"ltr\"><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Tue Support wrote:<br></div><blockquote class=\"gmail_quote\">Which?</blockquote><div>X200</div><blockquote class=\"gmail_quote\">When?</blockquote><div>Monday</div></div></div>", "X200\nMonday"},
        {"outlook desktop", "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style>p.MsoNormal{}</style></head><body lang=\"EN-GB\"><div class=\"WordSection1\"><p class=\"MsoNormal\">Yes.<o:p></o:p></p><p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p><p class=\"MsoNormal\">Anna<o:p></o:p></p><p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\"><p class=\"MsoNormal\"><b><span lang=\"EN-US\">From:</span></b><span lang=\"EN-US\"> Support &lt;support@desk.example&gt; <br><b>Sent:</b> Tuesday, March 10, 2026 11:05 AM<br><b>To:</b> Anna<br><b>Subject:</b> x<o:p></o:p></span></p></div><p class=\"MsoNormal\">Hi Anna</p></div></body></html>", "Yes.\n\nAnna"},
        {"outlook 2010", "<div class=\"WordSection1\"><p class=\"MsoNormal\">Ja.</p><div style=\"border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm\"><p class=\"MsoNormal\"><b>Von:</b> Support [mailto:support@desk.example] <br><b>Gesendet:</b> Dienstag, 10. M&auml;rz 2026 11:05<br><b>An:</b> Anna<br><b>Betreff:</b> x</p></div><p>Hallo</p></div>", "Ja."},
        {"outlook web", "<div style=\"font-family:Calibri\">Yes.</div><div class=\"elementToProof\"><br></div><div id=\"Signature\"><p>Anna<br>Acme</p></div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font><b>From:</b> Support &lt;support@desk.example&gt;<br><b>Sent:</b> Tue<br><b>To:</b> A<br><b>Subject:</b> x</font><div>&nbsp;</div></div>" OLD, "Yes."},
        {"outlook mobile", "<div dir=\"auto\">Yes.</div><div id=\"ms-outlook-mobile-signature\" dir=\"auto\"><div><br></div>Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div><hr style=\"display:inline-block;width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>Från:</b> Support<br><b>Skickat:</b> tis<br><b>Till:</b> A<br><b>Ämne:</b> x</div>" OLD, "Yes."},
        {"outlook mobile 2", "<div id=\"mail-editor-reference-message-container\" dir=\"auto\"><br><hr style=\"display: inline-block; width: 98%;\"><div id=\"divRplyFwdMsg\"><b>From:</b> S<br><b>Sent:</b> t<br></div>" OLD "</div>", ""},
        {"outlook mac", "<div><p class=\"MsoNormal\">Yes.</p><p class=\"MsoNormal\">&nbsp;</p><div style=\"border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\"><b><span style=\"font-size:12.0pt;color:black\">From: </span></b><span style=\"color:black\">Support &lt;support@desk.example&gt;<br><b>Date: </b>Tuesday, 10 March 2026 at 11:05<br><b>To: </b>Anna<br><b>Subject: </b>x</span></p></div>" OLD "</div>", "Yes."},
        {"apple", "<html><body style=\"overflow-wrap: break-word;\">Yes.<br id=\"lineBreakAtBeginningOfMessage\"><div><br><blockquote type=\"cite\"><div>On 10 Mar 2026, at 11:05, Support &lt;support@desk.example&gt; wrote:</div><br class=\"Apple-interchange-newline\"><div>" OLD "</div></blockquote></div><br></body></html>", "Yes."},
        {"ios", "<html><body dir=\"auto\">Yes.<br><br><div dir=\"ltr\">Skickat från min iPhone</div><div dir=\"ltr\"><br><blockquote type=\"cite\">10 mars 2026 kl. 11:05 skrev Support &lt;support@desk.example&gt;:<br><br></blockquote></div><blockquote type=\"cite\"><div dir=\"ltr\">" OLD "</div></blockquote></body></html>", "Yes."},
        {"thunderbird", "<html><body><p>Yes.</p><div class=\"moz-cite-prefix\">Am 10.03.26 um 11:05 schrieb Support:<br></div><blockquote type=\"cite\" cite=\"mid:x@desk.example\">" OLD "</blockquote><pre class=\"moz-signature\" cols=\"72\">-- \nAnna</pre></body></html>", "Yes."},
        {"thunderbird bottom", "<div class=\"moz-cite-prefix\">Am 10.03.26 um 11:05 schrieb Support:<br></div><blockquote type=\"cite\" cite=\"mid:x@desk.example\">" OLD "</blockquote><p>Yes.</p>", "Yes."},
        {"yahoo", "<div class=\"ydp1yahoo-style-wrap\"><div>Yes.</div><div><br></div></div><div id=\"yahoo_quoted_123\" class=\"yahoo_quoted\"><div><div>On Tuesday, March 10, 2026, Support wrote:</div>" OLD "</div></div>", "Yes."},
        {"aol", "<div>Yes.</div><div id=\"yahoo_quoted_1\" class=\"yahoo_quoted\">On Tue Support wrote:" OLD "</div>", "Yes."},
        {"aol old", "<font>Yes.<br><br><div style=\"font-family:helvetica\">-----Original Message-----<br>From: Support &lt;support@desk.example&gt;<br>To: Anna<br>Sent: Tue<br>Subject: x<br><br>" OLD "</div></font>", "Yes."},
        {"proton", "<div style=\"font-family: Arial\">Yes.</div><div class=\"protonmail_signature_block\"><div class=\"protonmail_signature_block-proton\">Sent with <a href=\"https://proton.me/\">Proton Mail</a> secure email.</div></div><div class=\"protonmail_quote\">On Tuesday, March 10th, 2026 at 11:05 AM, Support &lt;support@desk.example&gt; wrote:<br><blockquote class=\"protonmail_quote\" type=\"cite\">" OLD "</blockquote></div>", "Yes."},
        {"samsung", "<div dir=\"auto\">Yes.</div><div dir=\"auto\"><br></div><div id=\"composer_signature\" dir=\"auto\"><div style=\"font-size:12px\">Skickat från min Galaxy</div></div><div><br></div><div align=\"left\" dir=\"auto\" style=\"font-size:100%;color:#000000\"><div>-------- Originalmeddelande --------</div><div>Från: Support &lt;support@desk.example&gt; </div><div>Datum: 2026-03-10 11:05 (GMT+01:00) </div><div>Till: Anna </div><div>Ämne: x </div><div><br></div></div>" OLD, "Yes."},
        {"notes", "<span style=\"font-family:sans-serif\">Yes.</span><br><br><br><span style=\"color:#5f5f5f\">Von: &nbsp; &nbsp; &nbsp; &nbsp;</span><span>Support &lt;support@desk.example&gt;</span><br><span>An: &nbsp; &nbsp; &nbsp; &nbsp;</span><span>anna@cust.example</span><br><span>Datum: &nbsp; &nbsp; &nbsp; &nbsp;</span><span>10.03.2026 11:05</span><br><span>Betreff: &nbsp; &nbsp; &nbsp; &nbsp;</span><span>x</span><br><hr noshade><br>" OLD, "Yes."},
        {"zimbra", "<div><div>Yes.</div><div><br></div><hr id=\"zwchr\" data-marker=\"__DIVIDER__\"><div data-marker=\"__HEADERS__\"><b>From: </b>\"Support\" &lt;support@desk.example&gt;<br><b>To: </b>\"Anna\"<br><b>Sent: </b>Tuesday<br><b>Subject: </b>x<br></div><div data-marker=\"__QUOTED_TEXT__\">" OLD "</div></div>", "Yes."},
        {"gmx", "<html><head></head><body><div style=\"font-family: Verdana;font-size: 12.0px;\"><div>Ja.</div><div>&nbsp;<div>&nbsp;<div name=\"quote\" style=\"margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5; word-wrap: break-word;\"><div style=\"margin:0 0 10px 0;\"><b>Gesendet:</b>&nbsp;Dienstag, 10. M&auml;rz 2026 um 11:05 Uhr<br/><b>Von:</b>&nbsp;Support &lt;support@desk.example&gt;<br/><b>An:</b>&nbsp;anna@gmx.de<br/><b>Betreff:</b>&nbsp;x</div><div name=\"quoted-content\">" OLD "</div></div></div></div></div></body></html>", "Ja."},
        {"roundcube", "<html><body style=\"font-size: 10pt\"><p>Yes.</p><p id=\"reply-intro\">On 2026-03-10 11:05, Support wrote:</p><blockquote type=\"cite\" style=\"padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0\">" OLD "</blockquote></body></html>", "Yes."},
        {"zoho", "<div style=\"font-family: Verdana\">Yes.<br></div><div><br></div><div class=\"zmail_extra\" id=\"zm-1\"><div id=\"Zm-_Id_-Sgn1\">---- On Tue, 10 Mar 2026 11:05:00 +0100 <b>Support &lt;support@desk.example&gt;</b> wrote ---<br></div><blockquote id=\"blockquote_zmail\" style=\"margin: 0px\">" OLD "</blockquote></div>", "Yes."},
        {"spark", "<html><body><div name=\"messageBodySection\"><div dir=\"auto\">Yes.</div></div><div name=\"messageSignatureSection\"><br><div class=\"matchFont\">Anna</div></div><div name=\"messageReplySection\">On 10 Mar 2026, 11:05 +0100, Support, wrote:<br><blockquote type=\"cite\" class=\"spark_quote\">" OLD "</blockquote></div></body></html>", "Yes."},
        {"superhuman", "<html><body><div><div>Yes.</div><br><div class=\"gmail_signature\">Sent via <a href=\"https://sprh.mn\">Superhuman</a></div><br><div class=\"gmail_quote\">On Tue, Mar 10, 2026 at 11:05 AM, Support <span dir=\"ltr\">&lt;<a>support@desk.example</a>&gt;</span> wrote:<br><blockquote class=\"gmail_quote sh-color-black\">" OLD "</blockquote></div></div></body></html>", "Yes."},
        {"blackberry", "<html><body>Yes.<div id=\"blackberry_signature\">Sent from my BlackBerry 10 smartphone.</div><table id=\"_persistentHeader\"><tr><td><div><div><b>From: </b>Support</div><div><b>Sent: </b>Tuesday 11:05</div><div><b>To: </b>Anna</div><div><b>Subject: </b>x</div></div></td></tr></table>" OLD "</body></html>", "Yes."},
        {"em client", "<div>Yes.</div><div><br></div><div id=\"xb\" class=\"cl-x\"><blockquote cite=\"x\" type=\"cite\" class=\"cite2\"><div>------ Originalnachricht ------</div><div>Von: Support</div>" OLD "</blockquote></div>", "Yes."},
        {"fastmail", "<div>Yes.</div><div><br></div><div>On Tue, 10 Mar 2026, at 11:05, Support wrote:</div><blockquote type=\"cite\" id=\"qt\">" OLD "</blockquote>", "Yes."},
        {"kmail", "<div>Yes.</div><p>On Tuesday, 10 March 2026 11:05:00 CET Support wrote:</p><p>&gt; Hi Anna</p><p>&gt; have you</p>", "Yes."},
        {"mail.ru", "<html><body>Да.<br><br>Вторник, 10 марта 2026, 11:05 +03:00 от Support &lt;<a href=\"mailto:support@desk.example\">support@desk.example</a>&gt;:<br><blockquote style=\"border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;\"><div id=\"\">" OLD "</div></blockquote></body></html>", "Да."},
        {"yandex", "<div>Да.</div><div> </div><div>10.03.2026, 11:05, \"Support\" &lt;support@desk.example&gt;:</div><blockquote><div>" OLD "</div></blockquote>", "Да."},
        {"qq", "<div>好的</div><div><br></div><div style=\"font-size:12px;font-family:Arial Narrow;padding:2px 0 2px 0;\">------------------&nbsp;原始邮件&nbsp;------------------</div><div style=\"font-size:12px;background:#efefef;padding:8px;\"><div><b>发件人:</b>&nbsp;\"Support\" &lt;support@desk.example&gt;</div><div><b>发送时间:</b>&nbsp;2026年3月10日</div><div><b>收件人:</b>&nbsp;\"Anna\"</div><div><b>主题:</b>&nbsp;x</div></div>" OLD, "好的"},
        {"163", "<div>好的</div><div style=\"position:relative;zoom:1\"></div><div id=\"divNeteaseMailCard\"></div><br>At 2026-03-10 18:05:00, \"Support\" &lt;support@desk.example&gt; wrote:<br> <blockquote id=\"isReplyContent\" style=\"PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px 0.8ex; BORDER-LEFT: #ccc 1px solid\">" OLD "</blockquote>", "好的"},
        {"horde", "<p>Yes.</p><p>Quoting Support &lt;support@desk.example&gt;:</p><blockquote type=\"cite\" style=\"border-left:2px solid blue;margin-left:2px;padding-left:12px;\">" OLD "</blockquote>", "Yes."},
        {"orange", "<p>Oui.</p><blockquote style=\"padding-left:5px;margin-left:5px;border-left:#ff0000 2px solid;\">&gt; Message du 10/03/26 11:05<br>&gt; De : \"Support\"<br>&gt; A : anna@orange.fr<br>&gt; Objet : x<br>&gt; " OLD "</blockquote>", "Oui."},
        {"groupwise", "<div>Yes.</div><div><br>&gt;&gt;&gt; Support &lt;support@desk.example&gt; 10.03.2026 11:05 &gt;&gt;&gt;<br></div>" OLD, "Yes."},
        {"ox", "<!doctype html><html><body><div class=\"default-style\">Yes.</div><blockquote type=\"cite\"><div>On 10/03/2026 11:05 GMT Support wrote:</div>" OLD "</blockquote></body></html>", "Yes."},
        {"libero", "<p>Sì.</p><div><blockquote class=\"\" type=\"cite\">Il 10/03/2026 11:05 CET Support ha scritto:" OLD "</blockquote></div>", "Sì."},
        {"freshdesk agent", "<div>Please try.</div><div class=\"freshdesk_quote\"><blockquote class=\"freshdesk_quote\">On Tue, Anna wrote:" OLD "</blockquote></div>", "Please try."},
        {"person blockquote new", "<p>My boss says:</p><blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\"><p>Repair it</p></blockquote><p>So please do.</p>", "My boss says:\n\nRepair it\n\nSo please do."},
        {"gmail indent by person", "<div dir=\"ltr\">Steps:<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\"><div>one</div><div>two</div></blockquote>Done</div>", "Steps:\n\none\ntwo\n\nDone"},
        {"outlook inline in colour", "<div class=\"WordSection1\"><p class=\"MsoNormal\">See my answers below in red.</p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\"><p class=\"MsoNormal\"><b>From:</b> Support<br><b>Sent:</b> Tue<br><b>To:</b> A<br><b>Subject:</b> x</p></div><p>Which?</p><p style=\"color:red\">X200</p></div>", "See my answers below in red."},
        {"nested gmail", "<div dir=\"auto\">Yes.</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">Den tis 10 mars 2026 11:05Support &lt;<a href=\"mailto:support@desk.example\">support@desk.example</a>&gt; skrev:<br></div><blockquote class=\"gmail_quote\">" OLD "<blockquote>older</blockquote></blockquote></div>", "Yes."},
        {"gmail answer below", "<div class=\"gmail_quote\"><div class=\"gmail_attr\">On Tue Support wrote:<br></div><blockquote class=\"gmail_quote\">" OLD "</blockquote></div><div dir=\"ltr\">Yes.</div>", "Yes."},
        {"outlook android", "<html><head></head><body dir=\"ltr\"><div style=\"font-family: Aptos;\">Yes.</div><div id=\"ms-outlook-mobile-signature\">Get <a href=\"https://aka.ms/AAb9ysg\">Outlook for Android</a></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri\" color=\"#000000\"><b>De :</b> Support<br><b>Envoyé :</b> mardi<br><b>À :</b> A<br><b>Objet :</b> x</font><div> </div></div>" OLD "</body></html>", "Yes."},
        {"outlook word mso border pl", "<div class=\"WordSection1\"><p class=\"MsoNormal\">Tak.</p><div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\"><p class=\"MsoNormal\"><b>From:</b> Support &lt;support@desk.example&gt; <br><b>Sent:</b> wtorek, 10 marca 2026 11:05<br><b>To:</b> Anna<br><b>Subject:</b> x</p></div></div><p>old</p></div>", "Tak."},
        {"outlook plain blockquote", "<div class=\"WordSection1\"><p>Yes.</p><blockquote style=\"border:none;border-left:solid #CCCCCC 1.0pt;padding:0cm 0cm 0cm 6.0pt;margin-left:4.8pt;margin-right:0cm\"><p>From: Support<br>Sent: Tuesday 10:00<br>To: a<br>Subject: x</p>" OLD "</blockquote></div>", "Yes."},
        {"samsung email quote", "<div dir=\"auto\">Yes.</div><div id=\"composer_signature\"><div>Sent from my Galaxy</div></div><div><br></div><div align=\"left\"><div>-------- Original message --------</div><div>From: S &lt;s@desk.example&gt;</div><div>Date: 10/03/2026 11:05 (GMT+01:00)</div><div>To: A</div><div>Subject: x</div><div><br></div></div>" OLD, "Yes."},
        {"apple sv", "<html><body>Ja.<div><br><blockquote type=\"cite\"><div>10 mars 2026 kl. 11:05 skrev Support &lt;support@desk.example&gt;:</div><div>" OLD "</div></blockquote></div></body></html>", "Ja."},
        {"apple inline", "<html><body><blockquote type=\"cite\"><div>On 10 Mar 2026, at 11:05, Support wrote:</div></blockquote><blockquote type=\"cite\"><div>Which?</div></blockquote><div>X200</div><blockquote type=\"cite\"><div>When?</div></blockquote><div>Monday</div></body></html>", "X200\nMonday"},
        {"zendesk agent reply", "<div class=\"zd-comment\" dir=\"auto\"><p dir=\"auto\">Yes.</p></div>", "Yes."},
        {"person hr", "<p>Part one</p><hr><p>Part two</p>", "Part one\n\nPart two"},
        {"person table from to", "<p>Trip</p><table><tr><td>From:</td><td>Berlin</td></tr><tr><td>To:</td><td>Rome</td></tr><tr><td>Date:</td><td>3 April</td></tr></table><p>Thanks</p>", "Trip\n\nFrom:  Berlin\nTo:  Rome\nDate:  3 April\n\nThanks"},
        {"hidden preheader", "<div style=\"display:none\">x</div><p>Yes.</p>", "Yes."},
        {"moz-signature", "<p>Yes.</p><div class=\"moz-signature\">-- <br>Anna</div>", "Yes."},
        {"outlook sig then reply", "<div>Yes.</div><div id=\"Signature\">Anna</div><div id=\"divRplyFwdMsg\"><b>From:</b> S</div>" OLD, "Yes."},
        {"yahoo new", "<div class=\"yahoo-style-wrap\"><div dir=\"ltr\">Yes.</div><div><br></div><div id=\"ydpquoted\" class=\"yahoo_quoted\"><div>Am Dienstag, 10. März 2026 hat S Folgendes geschrieben:</div>" OLD "</div></div>", "Yes."},
        {"icloud web", "<html><body>Yes.<br><br>On Mar 10, 2026, at 11:05 AM, Support &lt;support@desk.example&gt; wrote:<br><br><blockquote type=\"cite\"><div class=\"msg-quote\">" OLD "</div></blockquote></body></html>", "Yes."},
        {"tutanota", "<div dir=\"auto\">Yes.<br></div><div dir=\"auto\"><br></div><div dir=\"auto\">-- <br></div><div dir=\"auto\"> Secured with Tuta Mail<br></div><div dir=\"auto\"><br></div><div dir=\"auto\">10. März 2026, 11:05 von support@desk.example:<br></div><blockquote class=\"tutanota_quote\" style=\"border-left:1px solid #93A3B8\">" OLD "</blockquote>", "Yes."},
        {"mailbird", "<div>Yes.</div><blockquote class=\"history_container\" type=\"cite\" style=\"border-left-style:solid\"><p>On 3/10/2026 11:05:00 AM, Support wrote:</p>" OLD "</blockquote>", "Yes."},
        {"airmail", "<body><div>Yes.</div><div class=\"gmail_quote_attribution\">On 10 March 2026 at 11:05:00, Support wrote:</div><blockquote type=\"cite\" class=\"clean_bq\">" OLD "</blockquote></body>", "Yes."},
        {"missive", "<div>Yes.</div><div class=\"missive_quote\">On March 10, 2026 at 11:05, Support wrote:<blockquote>" OLD "</blockquote></div>", "Yes."},
        {"front", "<div>Yes.</div><blockquote type=\"cite\" class=\"front-blockquote\">On x, Support wrote:<br>" OLD "</blockquote>", "Yes."},
        {"hey", "<div class=\"trix-content\">Yes.</div><br><div>On March 10, 2026, Support &lt;support@desk.example&gt; wrote:</div><blockquote>" OLD "</blockquote>", "Yes."},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++)
        same_ink(table[i].label, ANSWER, "text/html", table[i].body, table[i].want);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(announcements), cmocka_unit_test(telephones), cmocka_unit_test(persons_words), cmocka_unit_test(answers), cmocka_unit_test(answers_in_html),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
