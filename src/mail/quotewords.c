/* SPDX-License-Identifier: ISC
 *
 * The words by which mail programs announce a quoted or forwarded mail, in English, Swedish, Danish, Norwegian, German, Dutch, French,
 * Spanish, Italian, Polish, Finnish, Portuguese and a few more: tables, and the functions that look into them.
 */
#include "quote.h"

#include <string.h>

static const struct { const char *word; enum label label; } labels[] = {
    {"From", LABEL_FROM}, {"Från", LABEL_FROM}, {"Fra", LABEL_FROM}, {"Von", LABEL_FROM}, {"Van", LABEL_FROM}, {"De", LABEL_FROM}, {"Da", LABEL_FROM},
    {"Od", LABEL_FROM}, {"Lähettäjä", LABEL_FROM}, {"От", LABEL_FROM}, {"От кого", LABEL_FROM}, {"Expéditeur", LABEL_FROM}, {"Remitente", LABEL_FROM}, {"Mittente", LABEL_FROM},
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
    {"Attachments", LABEL_REPLY_TO}, {"Anlagen", LABEL_REPLY_TO}, {"Bilagor", LABEL_REPLY_TO}, {"Prioridade", LABEL_REPLY_TO}, {"Importancia", LABEL_REPLY_TO}, {"Wichtigkeit", LABEL_REPLY_TO}, {"Urgence", LABEL_REPLY_TO},
    {"Frå", LABEL_FROM}, {"Frá", LABEL_FROM}, {"De la", LABEL_FROM}, {"Gönderen", LABEL_FROM}, {"Από", LABEL_FROM}, {"من", LABEL_FROM}, {"מאת", LABEL_FROM}, {"Šalje", LABEL_FROM}, {"Saatja", LABEL_FROM}, {"No", LABEL_FROM},
    {"Nuo", LABEL_FROM}, {"Від", LABEL_FROM}, {"Pošiljatelj", LABEL_FROM}, {"寄件人", LABEL_FROM}, {"보낸사람", LABEL_FROM}, {"送信者", LABEL_FROM}, {"Ärende", LABEL_SUBJECT},
    {"Odoslané", LABEL_DATE}, {"Trimis", LABEL_DATE}, {"Gönderilme", LABEL_DATE}, {"Tarih", LABEL_DATE}, {"Στάλθηκε", LABEL_DATE}, {"Ημερομηνία", LABEL_DATE}, {"تاريخ الإرسال", LABEL_DATE}, {"נשלח", LABEL_DATE}, {"Poslano", LABEL_DATE},
    {"Saadetud", LABEL_DATE}, {"Nosūtīts", LABEL_DATE}, {"Išsiųsta", LABEL_DATE}, {"Изпратено", LABEL_DATE}, {"Надіслано", LABEL_DATE}, {"日期", LABEL_DATE}, {"寄件日期", LABEL_DATE}, {"보낸 날짜", LABEL_DATE}, {"날짜", LABEL_DATE},
    {"日時", LABEL_DATE}, {"日付", LABEL_DATE}, {"已发送", LABEL_DATE}, {"Dátum", LABEL_DATE}, {"Datums", LABEL_DATE}, {"Enviado a", LABEL_DATE}, {"Inviato il", LABEL_DATE}, {"Wysłano dnia", LABEL_DATE}, {"Date et heure", LABEL_DATE},
    {"Către", LABEL_TO}, {"Alıcı", LABEL_TO}, {"Προς", LABEL_TO}, {"إلى", LABEL_TO}, {"אל", LABEL_TO}, {"Prima", LABEL_TO}, {"Za", LABEL_TO}, {"Adressaat", LABEL_TO}, {"Kam", LABEL_TO}, {"До", LABEL_TO}, {"收件者", LABEL_TO},
    {"받는 사람", LABEL_TO}, {"받는사람", LABEL_TO}, {"Pentru", LABEL_TO}, {"Κοιν", LABEL_CC}, {"副本", LABEL_CC}, {"참조", LABEL_CC}, {"Másolatot kap", LABEL_CC}, {"Bilgi", LABEL_CC},
    {"Predmet", LABEL_SUBJECT}, {"Subiect", LABEL_SUBJECT}, {"Θέμα", LABEL_SUBJECT}, {"الموضوع", LABEL_SUBJECT}, {"נושא", LABEL_SUBJECT}, {"Zadeva", LABEL_SUBJECT}, {"Teema", LABEL_SUBJECT}, {"Tēma", LABEL_SUBJECT}, {"Tema", LABEL_SUBJECT},
    {"Efni", LABEL_SUBJECT}, {"Относно", LABEL_SUBJECT}, {"主題", LABEL_SUBJECT}, {"Onderwerp", LABEL_SUBJECT}, {"Betr", LABEL_SUBJECT},
};

/* Words for a date that stand in everybody's forms; the others ("Sent") only mail programs write. */
static const char *const plain_dates[] = {"dat", "fecha", "дат", "pvm", "päiv", "日", "날", "tarih", "ημ", "dát"};

/* Lower case; what stands between dashes, or alone. */
static const struct { const char *words; enum separator kind; bool bare; } separators[] = {
    {"original message", SEPARATOR_REPLY, false}, {"original appointment", SEPARATOR_REPLY, false}, {"ursprungligt meddelande", SEPARATOR_REPLY, false},
    {"originalmeddelande", SEPARATOR_REPLY, false}, {"oprindelig meddelelse", SEPARATOR_REPLY, false}, {"original meddelelse", SEPARATOR_REPLY, false},
    {"opprinnelig melding", SEPARATOR_REPLY, false}, {"original melding", SEPARATOR_REPLY, false}, {"ursprüngliche nachricht", SEPARATOR_REPLY, false}, {"originalnachricht", SEPARATOR_REPLY, false},
    {"original-nachricht", SEPARATOR_REPLY, false}, {"ursprünglicher termin", SEPARATOR_REPLY, false}, {"oorspronkelijk bericht", SEPARATOR_REPLY, false}, {"origineel bericht", SEPARATOR_REPLY, false},
    {"mail original", SEPARATOR_REPLY, false}, {"mail d'origine", SEPARATOR_REPLY, false}, {"původní zpráva", SEPARATOR_REPLY, false}, {"pôvodná správa", SEPARATOR_REPLY, false}, {"eredeti üzenet", SEPARATOR_REPLY, false}, {"mesaj original", SEPARATOR_REPLY, false},
    {"orijinal mesaj", SEPARATOR_REPLY, false}, {"orijinal ileti", SEPARATOR_REPLY, false}, {"αρχικό μήνυμα", SEPARATOR_REPLY, false}, {"元のメッセージ", SEPARATOR_REPLY, false}, {"원본 메시지", SEPARATOR_REPLY, false}, {"原始郵件", SEPARATOR_REPLY, false}, {"izvorna poruka", SEPARATOR_REPLY, false},
    {"izvirno sporočilo", SEPARATOR_REPLY, false}, {"missatge original", SEPARATOR_REPLY, false}, {"оригинално съобщение", SEPARATOR_REPLY, false}, {"originálna správa", SEPARATOR_REPLY, false}, {"reply to message", SEPARATOR_REPLY, false}, {"original email", SEPARATOR_REPLY, false},
    {"original e-mail", SEPARATOR_REPLY, false}, {"ursprungligt mail", SEPARATOR_REPLY, false}, {"ursprüngliche mail", SEPARATOR_REPLY, false}, {"ursprüngliche e-mail", SEPARATOR_REPLY, false},
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
    {"början på vidarebefordrat meddelande:", SEPARATOR_FORWARD, true}, {"vidarebefordrat meddelande:", SEPARATOR_FORWARD, true}, {"videresendt besked:", SEPARATOR_FORWARD, true}, {"videresendt e-post:", SEPARATOR_FORWARD, true},
    {"begynnelse på videresendt melding:", SEPARATOR_FORWARD, true}, {"weitergeleitete nachricht:", SEPARATOR_FORWARD, true}, {"beginn der weitergeleiteten nachricht:", SEPARATOR_FORWARD, true}, {"doorgestuurd bericht:", SEPARATOR_FORWARD, true},
    {"comienzo del mensaje reenviado:", SEPARATOR_FORWARD, true}, {"messaggio inoltrato:", SEPARATOR_FORWARD, true}, {"início da mensagem reenviada:", SEPARATOR_FORWARD, true}, {"początek przekazanej wiadomości:", SEPARATOR_FORWARD, true},
    {"edelleenlähetetty viesti alkaa:", SEPARATOR_FORWARD, true}, {"начало переадресованного сообщения:", SEPARATOR_FORWARD, true}, {"začátek přeposílané zprávy:", SEPARATOR_FORWARD, true}, {"začátek přeposlané zprávy:", SEPARATOR_FORWARD, true},
    {"továbbított üzenet kezdete:", SEPARATOR_FORWARD, true}, {"mail transféré", SEPARATOR_FORWARD, false}, {"mensagem reencaminhada", SEPARATOR_FORWARD, false}, {"weitergeleitet von", SEPARATOR_FORWARD, false},
    {"vidarebefordrat av", SEPARATOR_FORWARD, false}, {"videresendt af", SEPARATOR_FORWARD, false}, {"videresendt av", SEPARATOR_FORWARD, false}, {"doorgestuurd door", SEPARATOR_FORWARD, false}, {"réexpédié par", SEPARATOR_FORWARD, false},
    {"reenviado por", SEPARATOR_FORWARD, false}, {"inoltrato da", SEPARATOR_FORWARD, false}, {"encaminhado por", SEPARATOR_FORWARD, false}, {"přeposlaná zpráva", SEPARATOR_FORWARD, false}, {"továbbított üzenet", SEPARATOR_FORWARD, false},
    {"yönlendirilen ileti", SEPARATOR_FORWARD, false}, {"yönlendirilmiş ileti", SEPARATOR_FORWARD, false}, {"mesaj redirecționat", SEPARATOR_FORWARD, false}, {"轉寄郵件", SEPARATOR_FORWARD, false}, {"转发邮件信息", SEPARATOR_FORWARD, false},
    {"転送メッセージ", SEPARATOR_FORWARD, false}, {"forwarded email", SEPARATOR_FORWARD, false}, {"forwarded mail", SEPARATOR_FORWARD, false},
};

/* Small letters: Latin, Greek and Cyrillic ones of two bytes keep their length. */
size_t
quote_fold(const char *s, size_t len, char *out, size_t cap)
{
    size_t n = len < cap ? len : cap, size;

    for (size_t i = 0; i < n; i += size) {
        uint32_t c = utf8_at(s, n, i, &size);
        if (c < 0x80) {
            out[i] = (char)lower((int)c);
        } else if (size == 2) {
            if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
                c += 32;
            else if ((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177))
                c |= 1;
            else if (((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) && (c & 1) != 0)
                c++;
            else if (c >= 0x400 && c <= 0x40f)
                c += 80;
            out[i] = (char)(0xc0 | c >> 6);
            out[i + 1] = (char)(0x80 | (c & 0x3f));
        } else {
            memcpy(out + i, s + i, size);
        }
    }
    return n;
}

/* A blank or a character that nobody sees at s[i]: how many bytes it has, else 0. */
static size_t
unseen(const char *s, size_t len, size_t i)
{
    size_t size;
    uint32_t c;

    if ((unsigned char)s[i] < 0x80)
        return is_space((unsigned char)s[i]) || s[i] == '*';
    c = utf8_at(s, len, i, &size);
    return c == 0xa0 || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202f) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff ? size : 0;
}

void
quote_flatten(const char *s, size_t len, struct buf *out)
{
    char low[512];

    buf_puts(out, "");
    for (size_t at = 0, n; at < len; at += n) {
        n = len - at < sizeof low ? len - at : sizeof low;
        while (n > 1 && at + n < len && ((unsigned char)s[at + n] & 0xc0) == 0x80)     /* whole characters */
            n--;
        quote_fold(s + at, n, low, n);
        for (size_t i = 0, size; i < n; i += size) {
            utf8_at(low, n, i, &size);
            if (is_space((unsigned char)low[i]) || (size == 2 && memcmp(low + i, "\xc2\xa0", 2) == 0) || (size == 3 && memcmp(low + i, "\xe2\x80\xaf", 3) == 0)) {
                if (out->len > 0 && out->data[out->len - 1] != ' ')
                    buf_putc(out, ' ');
            } else if (size == 3 && memcmp(low + i, "\xe2\x80\x99", 3) == 0) {
                buf_putc(out, '\'');
            } else {
                buf_add(out, low + i, size);
            }
        }
    }
}

void
quote_trim(const char **s, size_t *len)
{
    size_t n;

    while (*len > 0 && (n = unseen(*s, *len, 0)) > 0)
        *s += n, *len -= n;
    while (*len > 0) {
        size_t i = *len - 1;
        while (i > 0 && *len - i < 4 && ((unsigned char)(*s)[i] & 0xc0) == 0x80)
            i--;
        if (((*s)[i] != '_' || i == 0) && unseen(*s, *len, i) == 0)
            return;
        *len = i;
    }
}

static size_t
skip_marks(const char *s, size_t len, size_t i)
{
    size_t n;

    while (i < len && ((n = unseen(s, len, i)) > 0 || s[i] == '|'))
        i += n > 0 ? n : 1;
    return i;
}

enum label
quote_label(const char *s, size_t len, size_t *value)
{
    size_t from = skip_marks(s, len, 0), near = len - from < 48 ? len : from + 48, n;
    char low[48];

    if (from >= len || (memchr(s + from, ':', near - from) == NULL && memmem(s + from, near - from, "\xef\xbc\x9a", 3) == NULL))
        return LABEL_NONE;
    n = quote_fold(s + from, near - from, low, sizeof low);
    for (size_t k = 0; k < countof(labels); k++) {
        size_t w = strlen(labels[k].word), i = from + w;
        char word[48];
        if (w >= n || (low[0] != labels[k].word[0] && ((low[0] ^ labels[k].word[0]) & 0x5f) != 0 && (unsigned char)low[0] < 0x80))
            continue;
        quote_fold(labels[k].word, w, word, sizeof word);
        if (memcmp(low, word, w) != 0)
            continue;
        i = skip_marks(s, len, i);
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

/* "Tuesday, March 10, 2026 3:05 PM", "15.05", "15h05" */
static bool
has_clock(const char *s, size_t len)
{
    for (size_t i = 0; i + 3 < len; i++)
        if (is_digit((unsigned char)s[i]) && strchr(":.h", s[i + 1]) != NULL && is_digit((unsigned char)s[i + 2]) && is_digit((unsigned char)s[i + 3]))
            return true;
    return false;
}

static bool
is_plain_date(const char *s, size_t len)
{
    size_t from = skip_marks(s, len, 0), n;
    char low[16];

    n = quote_fold(s + from, len - from, low, sizeof low);
    for (size_t i = 0; i < countof(plain_dates); i++)
        if (n >= strlen(plain_dates[i]) && memcmp(low, plain_dates[i], strlen(plain_dates[i])) == 0)
            return true;
    return false;
}

bool
quote_label_proves(const char *s, size_t len, enum label label)
{
    if (len > 400)
        len = 400;
    if (label == LABEL_FROM)
        return memchr(s, '@', len) != NULL;
    return label == LABEL_DATE && has_clock(s, len) && !is_plain_date(s, len);
}

/* Something of a mail program stands above: a rule or a separator, maybe with a blank line between. */
static bool
is_below_rule(const struct lines *l, size_t i)
{
    if (i > 0 && l->v[i - 1].blank)
        i--;
    return i > 0 && (quote_rule(l->s + l->v[i - 1].at, l->v[i - 1].len, 5) || quote_separator(l->s + l->v[i - 1].at, l->v[i - 1].len) != SEPARATOR_NONE);
}

/* "Nach: Berlin": a word that no mail program writes there. */
static bool
is_form_line(const char *s, size_t len)
{
    const char *colon;

    quote_trim(&s, &len);
    colon = memchr(s, ':', len < 24 ? len : 24);
    return colon != NULL && colon > s && (colon + 1 == s + len || colon[1] == ' ') && memchr(s, ';', (size_t)(colon - s)) == NULL && memchr(s, '@', len) == NULL;
}

bool
quote_block_proves(const struct lines *l, size_t i, size_t end)
{
    if (is_below_rule(l, i))
        return true;
    for (; i < end; i++)
        if (l->v[i].proof || (l->v[i].label == LABEL_DATE && !is_plain_date(l->s + l->v[i].at, l->v[i].len)))
            return true;
    return false;
}

size_t
quote_header_block(const struct lines *l, size_t i)
{
    size_t k, last = i;
    unsigned seen = 0, kinds = 0, gap = 0;
    bool proof = false;
    enum label first = l->v[i].label;

    if (first == LABEL_NONE || first == LABEL_REPLY_TO || first == LABEL_CC || (first == LABEL_TO && (i + 1 >= l->n || l->v[i + 1].label == LABEL_NONE)))
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
            if (gap > 0 || k > last + 3 || (!proof && is_form_line(l->s + l->v[k].at, l->v[k].len)))
                break;                  /* else it is a long list of recipients that goes on */
            proof |= memchr(l->s + l->v[k].at, '@', l->v[k].len) != NULL;
            continue;
        }
        gap = 0;
        if ((seen & 1u << label) == 0 && label != LABEL_REPLY_TO)
            kinds++;
        seen |= 1u << label;
        proof |= l->v[k].proof;
        last = k;
    }
    if ((seen & 1u << LABEL_FROM) == 0 || kinds < 2)
        return 0;
    if (kinds == 2)                     /* "From: a@b.example" and "Date:" below a rule */
        return is_below_rule(l, i) && (seen & (1u << LABEL_DATE | 1u << LABEL_SUBJECT)) != 0 && proof ? last + 1 : 0;
    if (first == LABEL_TO && (seen & 1u << LABEL_SUBJECT) == 0)
        return 0;
    return (seen & (1u << LABEL_SUBJECT | 1u << LABEL_DATE)) == (1u << LABEL_SUBJECT | 1u << LABEL_DATE) || proof || is_below_rule(l, i) ? last + 1 : 0;
}

bool
quote_is_original(const char *s, size_t len)
{
    char low[60];
    size_t n;

    quote_trim(&s, &len);
    if (len >= sizeof low)
        return false;
    n = quote_fold(s, len, low, sizeof low);
    n -= n > 0 && low[n - 1] == ':';
    for (size_t i = 0; i < countof(separators); i++)
        if (n == strlen(separators[i].words) && memcmp(low, separators[i].words, n) == 0)
            return true;
    return false;
}

enum separator
quote_separator(const char *s, size_t len)
{
    char low[160];
    size_t n, from, to;
    bool dashes;

    quote_trim(&s, &len);
    if (len < 8 || len >= sizeof low)
        return SEPARATOR_NONE;
    n = quote_fold(s, len, low, sizeof low);
    for (size_t i = 0; i + 2 < n; i++)          /* dashes of other lengths: U+2010 to U+2015, U+2500 */
        if (memcmp(low + i, "\xe2\x80", 2) == 0 ? (unsigned char)low[i + 2] >= 0x90 && (unsigned char)low[i + 2] <= 0x95 : memcmp(low + i, "\xe2\x94\x80", 3) == 0)
            memset(low + i, '-', 3);
    for (from = 0; from < n && strchr("-_=* ", low[from]) != NULL; from++)
        ;
    for (to = n; to > from && strchr("-_=* ", low[to - 1]) != NULL; to--)
        ;
    if (from == n)
        return SEPARATOR_NONE;
    dashes = from >= 2 && low[0] != ' ';
    for (size_t i = 0; i < countof(separators); i++) {
        if (low[from] != *separators[i].words)
            continue;
        size_t w = strlen(separators[i].words);
        if (separators[i].bare ? to - from == w && memcmp(low + from, separators[i].words, w) == 0
                               : dashes && to - from >= w && memcmp(low + from, separators[i].words, w) == 0 &&
                                     (to - from <= w + 1 || separators[i].kind == SEPARATOR_FORWARD || n - to >= 2 || low[from + w] == ':'))
            return separators[i].kind;
    }
    return SEPARATOR_NONE;
}
