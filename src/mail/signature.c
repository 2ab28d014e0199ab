/* SPDX-License-Identifier: ISC
 *
 * What programs and firms put below a text: "sent from my" lines, the dashes of a signature, the footers of lists and virus scanners,
 * the line above which an answer is to be written, disclaimers. Tables of words in the languages that are known. A line that only begins
 * like one of them ("Sent from my warehouse on Monday") is a person's: a device or a mail program must be named, and it must end there.
 */
#include "quote.h"

#include <string.h>

#define LINE_MOST 180u

/* Lower case, all of it: see quote_fold(). */
static const char *const sent[] = {
    "sent from ", "sent via ", "sent using ", "sent with ", "sent on the ", "sent by ", "sent from", "skickat från ", "skickat med ", "skickat via ", "skickades från ", "skickat från", "sendt fra ", "sendt med ", "sendt via ",
    "gesendet von ", "gesendet mit ", "gesendet via ", "gesendet aus ", "verstuurd vanaf ", "verstuurd met ", "verstuurd vanuit ", "verzonden vanaf ", "verzonden vanuit ", "verzonden met ", "verzonden via ", "envoyé de ",
    "envoyé depuis ", "envoyé à partir ", "envoyé avec ", "envoyé par ", "enviado desde ", "enviado con ", "enviado do ", "enviado da ", "enviado de ", "enviado via ", "enviado a partir ", "enviado com ", "enviado por ",
    "inviato da ", "inviato dal ", "inviato con ", "wysłane z ", "wysłano z ", "wysłane za pomocą ", "wysłano za pomocą ", "lähetetty ", "отправлено с ", "отправлено из ", "odesláno z ", "odoslané z ", "trimis de pe ", "trimis din ",
    "küldve ", "надіслано з ", "изпратено от ", "poslano z ", "发自", "從我的", "从我的", "provenance : ", "provenance: ",
};
/* The verb stands at the end: what begins and what ends the line. */
static const struct { const char *begin, *end; } framed[] = {
    {"von mein", "gesendet"}, {"von samsung", "gesendet"}, {"diese nachricht wurde von ", "gesendet"}, {"von unterwegs", "gesendet"}, {"iphone", "gönderildi"}, {"iphone", "送信"}, {"나의 ", "보냄"}, {"ipad", "送信"}, {"ipad", "gönderildi"},
    {"outlook für ", "herunterladen"}, {"outlook für ", "beziehen"}, {"outlook voor ", "downloaden"}, {"outlook pro ", "zde"}, {"download outlook v", ""}, {"download outlook f", ""}, {"get outlook for ", ""}, {"hämta outlook för ", ""},
    {"skaffa outlook för ", ""}, {"hent outlook til ", ""}, {"hent outlook for ", ""}, {"få outlook ", ""}, {"skaff deg outlook ", ""}, {"last ned outlook ", ""}, {"holen sie sich outlook ", ""}, {"laden sie outlook ", ""}, {"obtenir outlook ", ""},
    {"télécharger outlook ", ""}, {"obtenez outlook ", ""}, {"obtener outlook ", ""}, {"obtén outlook ", ""}, {"descargar outlook ", ""}, {"obter o outlook ", ""}, {"obtenha o outlook ", ""}, {"scarica outlook ", ""},
    {"ottieni outlook ", ""}, {"pobierz aplikację outlook ", ""}, {"pobierz program outlook ", ""}, {"pobierz outlook ", ""}, {"hanki outlook ", ""}, {"lataa outlook ", ""}, {"загрузить outlook ", ""}, {"download outlook ", ""}, {"скачать outlook ", ""}, {"скачайте outlook ", ""}, {"baixe o outlook ", ""}, {"baixar o outlook ", ""}, {"transferir o outlook ", ""}, {"hent outlook ", ""},
    {"stáhnout outlook ", ""}, {"az outlook ", ""},
};
static const char *const devices[] = {
    "iphon", "ipad", "ipod", "android", "samsung", "galaxy", "blackberry", "htc", "nokia", "lumia", "windows", "outlook", "yahoo", "gmail", "proton", "spark", "phone", "mobil", "smartphone", "handy", "telefon", "téléphone",
    "teléfono", "puhelime", "tablet", "surfplatta", "device", "appareil", "gerät", "dispositivo", "dispositif", "enhet", "enhed", "urządzeni", "xperia", "huawei", "xiaomi", "redmi", "oneplus", "pixel", "motorola", "honor", "boxer",
    "typemail", "bluemail", "mymail", "mailbird", "from nine", "em client", "airmail", "k-9", "fairemail", "thunderbird", " 4g", " 5g", " lte", "wireless", "droid", "kindle", "verizon", "t-mobile", "at&t", "telstra", "vodafone", "web.de",
    "gmx", "telekom", "tutanota", "tuta", "zoho", "macbook", "imac", "laptop", "aol", "icloud", "hotmail", "почты", "mail.ru", "яндекс", "mail for", "e-post för", "e-post for", "mail til", "mail til ", "mail für", "mail voor", "courrier", "correo para",
    "correio para", "email para", "posta per", "poczta", "sähköposti", "mailspring", "superhuman", "hey", "front", "libero", "virgilio", "tiscali", "orange", "application mail", "mail app", "mail-app", "mailapp", "freenet", "t-online", "seznam", "onet", "interia", "laposte", "free.fr", "edison", "newton", "sent from mail", "smartwatch", "watch",
};
/* What may go on behind a comma or a full stop. */
static const char *const excuses[] = {"an ", "a ", "ett ", "en ", "ein ", "un ", "please", "excuse", "pardon", "sorry", "apolog", "forgive", "typos", "ursäkta", "bitte ", "désolé", "merci", "brevity", "powered", "so ", "undskyld", "beklager", "gå till", "go to"};

/* What nobody's program says there: a sentence. */
static const char *const sentences[] = {" but ", " men ", " aber ", " maar ", " mais ", " pero ", " ale ", " mutta ", " mas ", " yesterday", " igår", " i går", " gestern", " ayer", " ieri", " wczoraj", " eilen", " ontem", " gisteren",
    " is ", " was ", " are ", " have ", " when ", " är ", " var ", " har ", " ist ", " sind ", " hat ", " est ", " sont ", " jest ", " er ", " ble ", " blev ", " werd ", " fehlt", " saknas", " mangler", " missing"};
/* Words that are in people's sentences too: only in a short line. */
static const char *const plain_devices[] = {"phone", "mobil", "handy", "telefon", "téléphone", "teléfono", "puhelime", "tablet", "device", "appareil", "gerät", "dispositiv", "enhet", "enhed", "urządzeni", "laptop", "watch", "front", "hey", "honor",
    "pixel", "orange", "windows", "mobilen", "boxer", "wireless"};

static const char *const reply_above[] = {
    "reply above this line", "please type your reply above this line", "type your reply above this line", "write above this line", "type your response above this line", "do not write below this line", "reply above", "svara ovanför denna rad", "skriv ditt svar ovanför denna rad",
    "svara ovanför den här raden", "skriv ditt svar ovanför den här raden", "skriv ditt svar ovanför", "antworten sie oberhalb dieser zeile", "bitte oberhalb dieser zeile antworten", "antwort oberhalb dieser zeile", "répondez au-dessus de cette ligne", "réponse au-dessus de cette ligne",
    "skriv dit svar over denne linje", "skriv svaret ditt over denne linjen", "svar over denne linje", "antwoord boven deze lijn", "antwoord boven deze regel", "respuesta por encima de esta línea", "respuesta encima de esta línea", "responda por encima de esta línea",
    "resposta acima desta linha", "responda acima desta linha", "risposta al di sopra di questa riga", "rispondi sopra questa riga", "odpowiedź powyżej tej linii", "odpowiedz powyżej tej linii", "vastaa tämän rivin yläpuolelle", "vastauksesi tämän rivin yläpuolelle",
};

static const char *const footers[] = {
    "to unsubscribe", "you received this message because", "you are receiving this because", "checked for viruses", "virus-free", "virenfrei", "auf viren geprüft", "avast", "scanned by", "scanned for viruses", "reply to this email directly", "view it on github",
    "mailman/listinfo", "för att avsluta prenumerationen", "um sich abzumelden", "för att avregistrera", "pour vous désabonner", "pour se désabonner", "para cancelar la suscripción", "para darse de baja", "per annullare l'iscrizione",
    "aby wypisać się", "om u af te melden", "para cancelar a inscrição", "yahoo groups links", "yahoo! groups links", "no virus found", "checked by avg", "kaspersky", "eset mail security", "eset nod32", "eset endpoint", "mcafee", "bitdefender",
};

static bool
holds(const char *s, size_t len, const char *word)
{
    return memmem(s, len, word, strlen(word)) != NULL;
}

static bool
begins(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);

    return len >= n && memcmp(s, word, n) == 0;
}

static bool
ends(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);

    return len >= n && memcmp(s + len - n, word, n) == 0;
}

static bool
is_any(const char *s, size_t len, const char *const *words, size_t n, bool (*test)(const char *, size_t, const char *))
{
    for (size_t i = 0; i < n; i++)
        if (test(s, len, words[i]))
            return true;
    return false;
}

/* A comma or a full stop in the line: only a maker's description or an excuse may follow. */
static bool
goes_on(const char *s, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++)
        if ((s[i] == ',' || s[i] == '.' || s[i] == '!') && s[i + 1] == ' ') {
            size_t k = i + 2;
            while (k < len && s[k] == ' ')
                k++;
            if (k < len && !is_any(s + k, len - k, excuses, countof(excuses), begins))
                return true;
        }
    return false;
}

static bool
is_named_device(const char *s, size_t len)
{
    for (size_t i = 0; i < countof(devices); i++)
        if (holds(s, len, devices[i]) && !is_any(devices[i], strlen(devices[i]), plain_devices, countof(plain_devices), holds))
            return true;
    return false;
}

bool
quote_is_sent_from(const char *line, size_t line_len)
{
    char low[LINE_MOST], s[LINE_MOST];
    size_t n, len = 0, words = 1, from = 0;

    quote_trim(&line, &line_len);
    if (line_len < 6 || line_len > LINE_MOST)
        return false;
    n = quote_fold(line, line_len, low, sizeof low);
    for (size_t i = 0; i < n; i++) {            /* without the targets of links */
        const char *e = low[i] == '<' || low[i] == '[' ? memchr(low + i, low[i] == '<' ? '>' : ']', n - i) : NULL;
        if (e != NULL && holds(low + i, (size_t)(e - low) - i, "http"))
            i = (size_t)(e - low);
        else
            s[len++] = low[i];
    }
    while (len > 0 && strchr(" _<>()[]~-*\"", s[len - 1]) != NULL)
        len--;
    while (from < len && strchr(" _<>()[]~-*\"|", s[from]) != NULL)
        from++;
    if (len - from < 6 || s[len - 1] == '?' || s[len - 1] == ':' || s[len - 1] == ',')
        return false;
    for (size_t i = from; i < len && !(i > from && s[i] == ' ' && strchr(",.", s[i - 1]) != NULL); i++)
        words += s[i] == ' ';
    while (len > from && s[len - 1] == '.')
        len--;
    if (words > 11 || goes_on(s + from, len - from) || is_any(s + from, len - from, sentences, countof(sentences), holds) ||
        (words > 8 && is_any(s + from, len - from, plain_devices, countof(plain_devices), holds) && !is_named_device(s + from, len - from)))
        return false;
    for (size_t i = 0; i < countof(framed); i++)
        if (begins(s + from, len - from, framed[i].begin) && ends(s + from, len - from, framed[i].end))
            return is_any(s + from, len - from, devices, countof(devices), holds) && (framed[i].end[0] != 0 || words <= 7) &&
                   (framed[i].end[0] != 0 || holds(s + from, len - from, "ios") || holds(s + from, len - from, "android") || holds(s + from, len - from, "windows") || holds(s + from, len - from, "mac"));
    return is_any(s + from, len - from, sent, countof(sent), begins) && is_any(s + from, len - from, devices, countof(devices), holds);
}

bool
quote_is_dashes(const char *s, size_t len, bool *sure)
{
    size_t end;

    while (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
        s += 3, len -= 3;
    for (end = len; end > 0 && is_space((unsigned char)s[end - 1]); end--)
        ;
    while (end > 2 && (unsigned char)s[end - 2] == 0xc2 && (unsigned char)s[end - 1] == 0xa0)
        end -= 2;
    *sure = end == 2 && len > 2;
    return end == 2 && s[0] == '-' && s[1] == '-';
}

/* "Users mailing list", "Users-list@x.example -- users@x.example": what Mailman writes below its rule. */
static bool
is_list_name(const char *s, size_t len)
{
    size_t words = 1;

    for (size_t i = 0; i < len; i++)
        words += s[i] == ' ';
    return (words <= 4 && ends(s, len, "mailing list")) || (holds(s, len, " mailing list -- ") && memchr(s, '@', len) != NULL);
}

bool
quote_is_footer(const struct lines *l, size_t i)
{
    const char *s = l->s + l->v[i].at;
    size_t len = l->v[i].len, marks = 0;
    bool asked = false, linked = false;
    char low[200];

    if (len > 10 && len < 60 && (begins(s, len, "Virus-free. www.") || begins(s, len, "Virus-free.www.")))
        return true;
    if (begins(s, len, "__________ ") && ends(s, len, " __________") && holds(s, len, "ESET"))
        return true;
    for (size_t k = 0; k < len; k++)
        if (strchr("-_=~", s[k]) != NULL)
            marks++;
        else if (!is_space((unsigned char)s[k]) && (unsigned char)s[k] != 0xe2 && (unsigned char)s[k] != 0x80 && (unsigned char)s[k] != 0x94)
            return false;
    if (len == 0 || (marks < 2 && len != 3))
        return false;
    for (size_t k = i + 1; k < l->n && k < i + 5; k++) {
        size_t n;
        s = l->s + l->v[k].at;
        len = l->v[k].len;
        quote_trim(&s, &len);
        n = quote_fold(s, len, low, sizeof low);
        asked |= holds(low, n, "unsubscribe");
        linked |= holds(low, n, "http") || holds(low, n, "www.") || (asked && memchr(low, '@', n) != NULL);
        if ((marks >= 30 && k < i + 3 && is_list_name(low, n)) || (k < i + 4 && is_any(low, n, footers, countof(footers), holds)) || (asked && linked))
            return true;
        if (l->v[k].quoted)
            return false;
    }
    return false;
}

bool
quote_is_reply_above(const char *line, size_t len)
{
    char low[200];
    size_t n, from = 0, end;

    if (len > sizeof low)
        return false;
    quote_trim(&line, &len);
    n = end = quote_fold(line, len, low, sizeof low);
    while (from < n && strchr("#-=_*> ~[(<|", low[from]) != NULL)
        from++;
    while (end > from && strchr("#-=_*> ~])>|.!:", low[end - 1]) != NULL)
        end--;
    for (size_t i = 0; i < countof(reply_above); i++) {
        size_t w = strlen(reply_above[i]);
        if (from >= 2 && memmem(low + from, end - from, reply_above[i], w) != NULL)
            return true;
        if (w > 12 && from + w + (begins(low + from, end - from, "please ") ? 7 : 0) == end && memcmp(low + end - w, reply_above[i], w) == 0)
            return true;
    }
    return false;
}

bool
quote_is_disclaimer(const char *s, size_t len)
{
    static const char *const secret[] = {"confidential", "privileged", "konfidentiell", "sekretess", "fortrolig", "vertraulich", "vertrouwelijk", "confidentiel", "confidencial", "riservat", "poufn", "luottamuksel", "confidenz"};
    static const char *const who[] = {"intended recipient", "addressee", "intended solely", "intended only", "avsedd", "mottagare", "modtager", "mottaker", "empfänger", "adressat", "bestemd", "geadresseerde", "destinataire", "destinatari", "destinatário", "adresat", "vastaanottaj"};
    char low[1200];
    size_t n;

    if (len < 80)
        return false;
    n = quote_fold(s, len, low, sizeof low);
    return is_any(low, n, secret, countof(secret), holds) && is_any(low, n, who, countof(who), holds);
}
