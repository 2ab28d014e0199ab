/* SPDX-License-Identifier: ISC
 *
 * The words by which mail programs announce a quoted or forwarded mail, in English, Swedish, Danish, Norwegian, German, Dutch, French,
 * Spanish, Italian, Polish, Finnish, Portuguese and a few more: tables, and the functions that look into them.
 */
#include "quote.h"

#include <string.h>

static const struct { const char *word; enum label label; } labels[] = {
    {"From", LABEL_FROM}, {"Från", LABEL_FROM}, {"Fra", LABEL_FROM}, {"Von", LABEL_FROM}, {"Van", LABEL_FROM}, {"De", LABEL_FROM}, {"Da", LABEL_FROM},
    {"Od", LABEL_FROM}, {"Lähettäjä", LABEL_FROM}, {"От", LABEL_FROM}, {"Expéditeur", LABEL_FROM}, {"Remitente", LABEL_FROM}, {"Mittente", LABEL_FROM},
    {"Afsender", LABEL_FROM}, {"Avsender", LABEL_FROM}, {"Avsändare", LABEL_FROM}, {"Absender", LABEL_FROM}, {"Afzender", LABEL_FROM}, {"发件人", LABEL_FROM},
    {"差出人", LABEL_FROM}, {"Feladó", LABEL_FROM}, {"Kimden", LABEL_FROM}, {"寄件者", LABEL_FROM}, {"보낸 사람", LABEL_FROM}, {"Nadawca", LABEL_FROM},
    {"Sent", LABEL_DATE}, {"Date", LABEL_DATE}, {"Skickat", LABEL_DATE}, {"Datum", LABEL_DATE}, {"Sendt", LABEL_DATE}, {"Dato", LABEL_DATE}, {"Gesendet", LABEL_DATE},
    {"Verzonden", LABEL_DATE}, {"Envoyé", LABEL_DATE}, {"Envoyé le", LABEL_DATE}, {"Enviado", LABEL_DATE}, {"Enviado el", LABEL_DATE}, {"Fecha", LABEL_DATE},
    {"Inviato", LABEL_DATE}, {"Data", LABEL_DATE}, {"Wysłano", LABEL_DATE}, {"Lähetetty", LABEL_DATE}, {"Päiväys", LABEL_DATE}, {"Päivämäärä", LABEL_DATE},
    {"Pvm", LABEL_DATE}, {"Enviada em", LABEL_DATE}, {"Enviado em", LABEL_DATE}, {"Enviada", LABEL_DATE}, {"Sent at", LABEL_DATE}, {"Дата", LABEL_DATE}, {"Отправлено", LABEL_DATE},
    {"发送时间", LABEL_DATE}, {"送信日時", LABEL_DATE}, {"Gesendet am", LABEL_DATE}, {"Verzonden op", LABEL_DATE}, {"Date d'envoi", LABEL_DATE}, {"Elküldve", LABEL_DATE},
    {"Gönderildi", LABEL_DATE}, {"Odesláno", LABEL_DATE}, {"Data/Ora", LABEL_DATE}, {"Wysłane", LABEL_DATE}, {"Lähetyspäivä", LABEL_DATE}, {"Sent on", LABEL_DATE},
    {"To", LABEL_TO}, {"Till", LABEL_TO}, {"Til", LABEL_TO}, {"An", LABEL_TO}, {"Aan", LABEL_TO}, {"À", LABEL_TO}, {"A", LABEL_TO}, {"Para", LABEL_TO}, {"Do", LABEL_TO},
    {"Vastaanottaja", LABEL_TO}, {"Kenelle", LABEL_TO}, {"Destinataire", LABEL_TO}, {"Destinatario", LABEL_TO}, {"Destinatário", LABEL_TO}, {"Кому", LABEL_TO}, {"收件人", LABEL_TO},
    {"宛先", LABEL_TO}, {"Pour", LABEL_TO}, {"Mottagare", LABEL_TO}, {"Modtager", LABEL_TO}, {"Mottaker", LABEL_TO}, {"Empfänger", LABEL_TO}, {"Adresat", LABEL_TO}, {"Címzett", LABEL_TO},
    {"Kime", LABEL_TO}, {"Komu", LABEL_TO},
    {"Cc", LABEL_CC}, {"Bcc", LABEL_CC}, {"Kopia", LABEL_CC}, {"Kopi", LABEL_CC}, {"Kopie", LABEL_CC}, {"Копия", LABEL_CC}, {"DW", LABEL_CC}, {"抄送", LABEL_CC}, {"Kopio", LABEL_CC},
    {"Copie", LABEL_CC}, {"Copie à", LABEL_CC},
    {"Subject", LABEL_SUBJECT}, {"Ämne", LABEL_SUBJECT}, {"Emne", LABEL_SUBJECT}, {"Betreff", LABEL_SUBJECT}, {"Onderwerp", LABEL_SUBJECT}, {"Objet", LABEL_SUBJECT},
    {"Asunto", LABEL_SUBJECT}, {"Oggetto", LABEL_SUBJECT}, {"Temat", LABEL_SUBJECT}, {"Aihe", LABEL_SUBJECT}, {"Assunto", LABEL_SUBJECT}, {"Тема", LABEL_SUBJECT}, {"主题", LABEL_SUBJECT},
    {"件名", LABEL_SUBJECT}, {"Tárgy", LABEL_SUBJECT}, {"Konu", LABEL_SUBJECT}, {"Předmět", LABEL_SUBJECT}, {"主旨", LABEL_SUBJECT}, {"제목", LABEL_SUBJECT}, {"Sujet", LABEL_SUBJECT},
    {"Reply-To", LABEL_REPLY_TO}, {"Svar till", LABEL_REPLY_TO}, {"Antwort an", LABEL_REPLY_TO}, {"Répondre à", LABEL_REPLY_TO}, {"Importance", LABEL_REPLY_TO}, {"Prioritet", LABEL_REPLY_TO},
    {"Attachments", LABEL_REPLY_TO},
};

/* Lower case; what stands between dashes, or alone. */
static const struct { const char *words; enum separator kind; bool bare; } separators[] = {
    {"original message", SEPARATOR_REPLY, false}, {"original appointment", SEPARATOR_REPLY, false}, {"ursprungligt meddelande", SEPARATOR_REPLY, false},
    {"ursprungligt meddelande", SEPARATOR_REPLY, false}, {"originalmeddelande", SEPARATOR_REPLY, false}, {"oprindelig meddelelse", SEPARATOR_REPLY, false}, {"original meddelelse", SEPARATOR_REPLY, false},
    {"opprinnelig melding", SEPARATOR_REPLY, false}, {"original melding", SEPARATOR_REPLY, false}, {"ursprüngliche nachricht", SEPARATOR_REPLY, false}, {"originalnachricht", SEPARATOR_REPLY, false},
    {"original-nachricht", SEPARATOR_REPLY, false}, {"ursprünglicher termin", SEPARATOR_REPLY, false}, {"oorspronkelijk bericht", SEPARATOR_REPLY, false}, {"origineel bericht", SEPARATOR_REPLY, false},
    {"message d'origine", SEPARATOR_REPLY, false}, {"message d’origine", SEPARATOR_REPLY, false}, {"message original", SEPARATOR_REPLY, false}, {"mensaje original", SEPARATOR_REPLY, false},
    {"messaggio originale", SEPARATOR_REPLY, false}, {"messaggio original", SEPARATOR_REPLY, false}, {"mensagem original", SEPARATOR_REPLY, false}, {"oryginalna wiadomość", SEPARATOR_REPLY, false},
    {"wiadomość oryginalna", SEPARATOR_REPLY, false}, {"alkuperäinen viesti", SEPARATOR_REPLY, false}, {"исходное сообщение", SEPARATOR_REPLY, false}, {"原始邮件", SEPARATOR_REPLY, false},
    {"reply message", SEPARATOR_REPLY, false}, {"réponse au message", SEPARATOR_REPLY, false},
    {"below this line is a copy of the message", SEPARATOR_REPLY, false}, {"this is a copy of the message", SEPARATOR_REPLY, false}, {"original message follows", SEPARATOR_REPLY, false},
    {"returned message", SEPARATOR_REPLY, false}, {"unsent message follows", SEPARATOR_REPLY, false}, {"message header follows", SEPARATOR_REPLY, false},
    {"forwarded message", SEPARATOR_FORWARD, false}, {"forwarded by", SEPARATOR_FORWARD, false}, {"vidarebefordrat meddelande", SEPARATOR_FORWARD, false}, {"vidarebefordrat brev", SEPARATOR_FORWARD, false},
    {"videresendt meddelelse", SEPARATOR_FORWARD, false}, {"videresendt besked", SEPARATOR_FORWARD, false}, {"videresendt melding", SEPARATOR_FORWARD, false}, {"videresendt e-post", SEPARATOR_FORWARD, false},
    {"weitergeleitete nachricht", SEPARATOR_FORWARD, false}, {"doorgestuurd bericht", SEPARATOR_FORWARD, false}, {"message transféré", SEPARATOR_FORWARD, false}, {"message transmis", SEPARATOR_FORWARD, false},
    {"mensaje reenviado", SEPARATOR_FORWARD, false}, {"messaggio inoltrato", SEPARATOR_FORWARD, false}, {"mensagem encaminhada", SEPARATOR_FORWARD, false}, {"wiadomość przekazana", SEPARATOR_FORWARD, false},
    {"przekazana wiadomość", SEPARATOR_FORWARD, false}, {"treść przekazanej wiadomości", SEPARATOR_FORWARD, false}, {"välitetty viesti", SEPARATOR_FORWARD, false}, {"edelleenlähetetty viesti", SEPARATOR_FORWARD, false},
    {"пересылаемое сообщение", SEPARATOR_FORWARD, false}, {"转发的邮件", SEPARATOR_FORWARD, false},
    {"begin forwarded message:", SEPARATOR_FORWARD, true}, {"början på vidarebefordrat brev:", SEPARATOR_FORWARD, true}, {"vidarebefordrat brev:", SEPARATOR_FORWARD, true},
    {"start på videresendt besked:", SEPARATOR_FORWARD, true}, {"start på videresendt melding:", SEPARATOR_FORWARD, true}, {"videresendt melding:", SEPARATOR_FORWARD, true},
    {"anfang der weitergeleiteten nachricht:", SEPARATOR_FORWARD, true}, {"begin doorgestuurd bericht:", SEPARATOR_FORWARD, true}, {"début du message réexpédié :", SEPARATOR_FORWARD, true},
    {"début du message transféré :", SEPARATOR_FORWARD, true}, {"début du message réexpédié:", SEPARATOR_FORWARD, true}, {"inicio del mensaje reenviado:", SEPARATOR_FORWARD, true},
    {"inizio messaggio inoltrato:", SEPARATOR_FORWARD, true}, {"início da mensagem reencaminhada:", SEPARATOR_FORWARD, true}, {"início da mensagem encaminhada:", SEPARATOR_FORWARD, true},
    {"początek przekazywanej wiadomości:", SEPARATOR_FORWARD, true}, {"välitetty viesti alkaa:", SEPARATOR_FORWARD, true},
};

static size_t
skip_marks(const char *s, size_t len, size_t i)
{
    while (i < len && (is_blank((unsigned char)s[i]) || s[i] == '*' || s[i] == '|'))
        i++;
    return i;
}

enum label
quote_label(const char *s, size_t len, size_t *value)
{
    size_t from = skip_marks(s, len, 0), near = len - from < 48 ? len : from + 48;

    if (memchr(s + from, ':', near - from) == NULL && memmem(s + from, near - from, "\xef\xbc\x9a", 3) == NULL)
        return LABEL_NONE;
    for (size_t k = 0; k < countof(labels); k++) {
        size_t n = strlen(labels[k].word), i = from + n;
        if (i >= len || !mem_eq_nocase(s + from, labels[k].word, n))
            continue;
        i = skip_marks(s, len, i);
        if (i + 1 < len && (unsigned char)s[i] == 0xc2 && (unsigned char)s[i + 1] == 0xa0)
            i = skip_marks(s, len, i + 2);
        if (i < len && s[i] == ':')
            i++;
        else if (i + 2 < len && memcmp(s + i, "\xef\xbc\x9a", 3) == 0)
            i += 3;
        else
            continue;
        *value = skip_marks(s, len, i);
        return labels[k].label;
    }
    return LABEL_NONE;
}

size_t
quote_header_block(const struct lines *l, size_t i)
{
    size_t k, last = i;
    unsigned seen = 0, kinds = 0, gap = 0;
    enum label first = l->v[i].label;

    if (first == LABEL_NONE || first == LABEL_REPLY_TO || (first != LABEL_FROM && first != LABEL_DATE && first != LABEL_SUBJECT))
        return 0;
    for (k = i; k < l->n && k < i + 14; k++) {
        enum label label;
        if (l->v[k].blank) {
            if (++gap > 1)
                break;
            continue;
        }
        label = l->v[k].label;
        if (label == LABEL_NONE) {
            if (gap > 0 || k > last + 3)
                break;                  /* else it is a long list of recipients that goes on */
            continue;
        }
        gap = 0;
        if ((seen & 1u << label) == 0 && label != LABEL_REPLY_TO)
            kinds++;
        seen |= 1u << label;
        last = k;
    }
    return (seen & 1u << LABEL_FROM) != 0 && kinds >= 3 ? last + 1 : 0;
}

enum separator
quote_separator(const char *s, size_t len)
{
    char low[160];
    size_t n = 0, from, to;
    bool dashes;

    while (len > 0 && is_blank((unsigned char)s[len - 1]))
        len--;
    while (len > 0 && (is_blank((unsigned char)*s) || *s == '*'))
        s++, len--;
    if (len < 8 || len >= sizeof low)
        return SEPARATOR_NONE;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] == 0xc3 && i + 1 < len && (unsigned char)s[i + 1] >= 0x80 && (unsigned char)s[i + 1] <= 0x9e) {
            low[n++] = s[i++];          /* Latin capitals with marks: their small letters lie 32 further on */
            low[n++] = (char)((unsigned char)s[i] + 0x20);
        } else {
            low[n++] = (char)lower((unsigned char)s[i]);
        }
    }
    for (from = 0; from < n && strchr("-_=* ", low[from]) != NULL; from++)
        ;
    for (to = n; to > from && strchr("-_=* ", low[to - 1]) != NULL; to--)
        ;
    dashes = from >= 2 && low[0] != ' ';
    for (size_t i = 0; i < countof(separators); i++) {
        size_t w = strlen(separators[i].words);
        if (separators[i].bare ? to - from == w && memcmp(low + from, separators[i].words, w) == 0
                               : dashes && to - from >= w && memcmp(low + from, separators[i].words, w) == 0 &&
                                     (to - from <= w + 1 || separators[i].kind == SEPARATOR_FORWARD || n - to >= 2 || low[from + w] == ':'))
            return separators[i].kind;
    }
    return SEPARATOR_NONE;
}
