/* SPDX-License-Identifier: ISC
 *
 * Delivery reports in free text, from servers that never learnt RFC 3464. Sender, subject and words must say it together, and nothing may
 * speak for a person: people write about bounces, forward them, and are called Postmaster. Then the text is read: which addresses it
 * names before the mail that came back, and what was replied for each.
 */
#include "dsn.h"
#include "quote.h"

#include <string.h>

static bool
has_any(const char *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_find_nocase(s, words[i]) != NULL)
            return true;
    return false;
}
#define HAS_ANY(s, table) has_any((s), (table), countof(table))

/* ---- who says it */
/* The local part of a mail system's address, without what stands between its words: the whole of it, or its beginning. */
static const struct { const char *local; bool whole; } systems[] = {
    {"mailerdaemon", false}, {"maildaemon", true}, {"mdaemon", true}, {"postmaster", true}, {"maildeliverysystem", true}, {"maildeliverysubsystem", true},
    {"maildelivery", true}, {"mailsystem", true}, {"mailadmin", true}, {"mailadministrator", true}, {"systemadministrator", true}, {"mmdf", true}, {"uucp", true},
    {"postoffice", true}, {"imss", true}, {"smtpgateway", true}, {"mailmarshal", true}, {"mailsweeper", true}, {"microsoftexchange", false}, {"daemon", true},
    {"internetmaildelivery", true}, {"bounce", true}, {"bounces", true}, {"mailerror", true}, {"returnedmail", true}, {"mailrouter", true}, {"dsn", true},
};
/* How its display name begins. */
static const char *const names[] = {
    "mail delivery", "mailer-daemon", "mailer daemon", "mail-daemon", "mail administrator", "mail system", "mail router", "internet mail delivery",
    "systemadministrat", "delivery subsystem", "courier mail server", "content-filter at", "content filter at", "mdaemon at", "message transfer agent", "x.400 gateway",
    "メール配信", "メールサーバ",
};
/* People may be called so, or these send much else: their words must be plain. */
static const char *const doubtful[] = {
    "noreply", "no-reply", "no_reply", "notification", "root@", "admin@", "administrator@", "info@", "support@", "help@", "mailer@", "postmaster", "microsoft outlook",
    "system administrator", "järjestelmänvalvoja", "administrateur système", "administrador del sistema", "amministratore di sistema", "administrator systemu", "systeembeheerder",
    "administrador do sistema", "systemansvarig", "mail server", "mail gateway", "returned mail", "mailmarshal", "mailsweeper", "barracuda", "interscan", "smtp gateway",
    "symantec email", "mail relay", "courier", "imss", "bounce",
};

enum sender { A_PERSON, A_DOUBT, A_SYSTEM };

static void
folded_local(const char *addr, char out[64])
{
    size_t n = 0;

    for (; *addr != 0 && *addr != '@' && *addr != '+' && *addr != '=' && n < 63; addr++)
        if (strchr("-_. \"", *addr) == NULL)
            out[n++] = (char)lower((unsigned char)*addr);
    out[n] = 0;
}

static bool
system_local(const char *addr)
{
    char local[64];

    folded_local(addr, local);
    for (size_t i = 0; i < countof(systems); i++)
        if (systems[i].whole ? strcmp(local, systems[i].local) == 0 : strncmp(local, systems[i].local, strlen(systems[i].local)) == 0)
            return true;
    return false;
}

static enum sender
sender_of(const struct reading *r, const struct header *h)
{
    static const char *const marks[] = {"X-Failed-Recipients", "X-MS-Embedded-Report", "X-MS-Exchange-Message-Is-Ndr", "X-MDDSN-Message"};
    const char *from = header_value(h, "From"), *name = r->m->from == NULL ? NULL : r->m->from->name;

    for (size_t i = 0; i < countof(marks); i++)
        if (header_first(h, marks[i]) != NULL)
            return A_SYSTEM;
    if (from == NULL || *from == 0)
        return A_DOUBT;
    while (*from == '"' || *from == '<' || is_space((unsigned char)*from))
        from++;
    if (system_local(from) || (r->m->from != NULL && system_local(r->m->from->addr)))
        return A_SYSTEM;
    for (size_t i = 0; i < countof(names); i++)
        if (str_starts_nocase(from, names[i]) || (name != NULL && str_starts_nocase(name, names[i])) || str_find_nocase(from, "(Mail Delivery S") != NULL)
            return A_SYSTEM;
    return r->m->from == NULL || HAS_ANY(from, doubtful) || (name != NULL && HAS_ANY(name, doubtful)) ? A_DOUBT : A_PERSON;
}

static bool
null_path(const struct reading *r)
{
    return r->m->return_path != NULL && (*r->m->return_path == 0 || str_starts_nocase(r->m->return_path, "mailer-daemon"));
}

bool
bounce_from_system(const struct reading *r, const struct header *h)
{
    return sender_of(r, h) != A_PERSON || null_path(r);
}

/* What only a person's program writes, or an answering machine's. */
static bool
speaks_for_a_person(const struct reading *r, const struct header *h)
{
    static const char *const programs[] = {
        "thunderbird", "outlook", "apple mail", "iphone mail", "ipad mail", "mutt", "evolution", "kmail", "kontact", "roundcube", "squirrelmail", "horde", "claws",
        "sylpheed", "mailmate", "em client", "the bat", "yahoomail", "zimbra", "sogo", "airmail", "spark", "k-9", "bluemail", "aquamail", "postbox", "alpine", "pine",
        "gnus", "eudora", "incredimail", "open-xchange", "rainloop", "snappymail", "mailbird",
    };
    const char *mailer = header_value(h, "X-Mailer"), *agent = header_value(h, "User-Agent");

    if ((mailer != NULL && HAS_ANY(mailer, programs)) || (agent != NULL && HAS_ANY(agent, programs)))
        return !null_path(r);
    return r->m->return_path != NULL && *r->m->return_path != 0 && !null_path(r) && (r->m->n_in_reply_to > 0 || r->m->n_references > 0);
}

/* How people begin them; "Hi. This is the qmail-send program" begins otherwise. */
static bool
greets_like_a_person(const char *words)
{
    static const char *const greetings[] = {
        "hello,", "hello ", "hello!", "hi,", "hi ", "hi!", "dear ", "good morning", "good afternoon", "hej,", "hej!", "hej ", "hei,", "hei!", "hei ", "hallo,", "hallo ", "guten tag", "guten morgen", "sehr geehrte",
        "moin", "liebe", "bonjour", "madame", "monsieur", "hola", "buenos d", "buenas", "estimad", "ciao", "buongiorno", "salve", "gentile", "spett", "olá", "bom dia", "boa tarde", "prezad", "dzień dobry",
        "witam", "szanown", "hyvä ", "moi,", "terve", "goedemorgen", "goedemiddag", "goedendag", "beste ", "geachte", "kære", "kjære", "god dag", "goddag",
    };

    words += *words == ' ';
    for (size_t i = 0; i < countof(greetings); i++)
        if (strncmp(words, greetings[i], strlen(greetings[i])) == 0)
            return true;
    return false;
}

/* How people end their letters, and machines do not. */
static bool
closes_like_a_person(const char *text, size_t len)
{
    static const char *const words[] = {
        "regards", "thanks,", "thanks for", "thanks in adv", "many thanks", "thank you in adv", "cheers", "yours", "please help", "can you", "could you", "hälsningar", "mvh", "med venlig", "hilsen", "grüße", "gruß", "groet", "cordialement",
        "saludos", "cordiali saluti", "atenciosamente", "pozdrawiam", "terveisin", "tack på förhand", "på forhånd", "danke im voraus", "alvast bedankt", "merci d'avance", "gracias de antemano",
        "grazie in anticipo", "obrigad",
    };

    for (size_t i = 0; i < countof(words); i++) {
        const char *p = str_find_nocase(text, words[i]);
        if (p != NULL && (size_t)(p - text) < len)
            return true;
    }
    return false;
}

static bool
answering_machine(const struct reading *r, const struct header *h)
{
    static const char *const marks[] = {"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Apple-Action"};
    const char *submitted = header_value(h, "Auto-Submitted"), *precedence = header_value(h, "Precedence");

    (void)r;
    for (size_t i = 0; i < countof(marks); i++)
        if (header_first(h, marks[i]) != NULL)
            return true;
    return (submitted != NULL && str_starts_nocase(submitted, "auto-replied")) || (precedence != NULL && str_starts_nocase(precedence, "auto_reply"));
}

/* ---- what it says */
static const char *const subjects[] = {
    "undeliver", "delivery status notification", "delivery failure", "failure notice", "delivery report", "returned mail", "mail delivery failed", "delivery failed", "mail failure",
    "non delivery", "nondeliverable", "non-delivery", "delivery problem", "delivery error", "message delivery", "could not be delivered", "not delivered", "could not send",
    "delivery has failed", "mail system error", "error sending mail", "returned to sender", "mail could not", "cannot deliver", "unable to deliver", "can't be delivered",
    "couldn't be delivered", "mail delivery", "failed mail", "rejected mail", "user unknown", "bounce", "deferred", "delivery delay", "delayed", "delivery status", "delivery notification",
    "message status", "transport error", "message you sent", "mail error", "email you sent", "fail", "postmaster notify", "mail transaction", "unknown user", "unsuccessful", "expired",
    "unzustellbar", "nicht zustellbar", "unzustellbare", "zustellung fehlgeschlagen", "zustellungsfehler", "konnte nicht zugestellt", "kan inte levereras", "olevererat", "kan ikke leveres",
    "ikke leveret", "ikke levert", "non remis", "notification d'échec", "échec de la remise", "no se puede entregar", "no se pudo entregar", "devuelto", "non recapitabile", "mancato recapito",
    "niet bestelbaar", "onbestelbaar", "niet te bezorgen", "niet bezorgd", "niedostarcz", "nie można dostarczyć", "toimittamaton", "toimitus epäonnistui", "não entregue", "não foi possível entregar", "失敗", "エラー",
    "送信できません", "配信", "未配達", "退信", "系统退信", "退件", "едоставлен", "не доставлен", "doručit", "nedoručiteln", "iletilemedi", "kézbesíthetetlen", "systemadministrator", "no recipient addresses", "delivery incomplete", "toimittamatta", "viestiä ei voi",
    "zustellung", "rejected:", "kunde inte leverera", "mancata consegna", "errore di consegna", "fallo en la entrega", "error de entrega", "falha na entrega", "bezorging mislukt",
    "levering mislyk", "leverans misslyck", "błąd dostarcz",
};
/* These alone say that a letter failed, when a mail system says them. */
static const char *const strong[] = {
    "could not be delivered", "undeliverable", "was not delivered", "not been delivered", "delivery failed", "delivery to the following", "failed permanently", "permanent fatal errors",
    "transient non-fatal errors", "couldn't be delivered", "could not deliver", "unable to be delivered", "did not reach", "i wasn't able to deliver", "i'm sorry to have to inform",
    "delivery error", "delivery failure", "failed to deliver", "not deliverable", "will continue to retry", "not yet been delivered", "no mailbox here by that name",
    "following addresses had", "cannot be delivered", "can not be delivered", "can't be delivered", "wasn't delivered", "returned to sender", "this is a permanent error",
    "unable to deliver", "undelivered", "reason of the delivery failure", "delivery has failed", "error occurred while attempting to deliver", "error delivering your mail",
    "transcript of session follows", "not listed in public name", "failure reasons", "nondelivery report", "non-delivery report", "attempts to send the message",
    "group you tried to contact", "no delivery could be attempted", "temporary problem delivering", "unable to be delivered", "has not been delivered", "delivery incomplete", "was automatically rejected",
    "could not be sent to", "could not be reached", "were not delivered", "cannot be sent to", "message blocked", "message not delivered", "address not found", "delivery temporarily suspended", "had delivery problems", "permanent delivery failure", "recipient(s) could not be reached",
    "nicht zugestellt", "nicht erreicht", "unzustellbar", "konnte nicht ausgeliefert", "nådde inte följande mottagare", "kunde inte levereras", "har inte levererats", "nåede ikke",
    "kunne ikke leveres", "nådde ikke", "non remis", "n'a pas pu être remis", "n'a pas été remis", "n'a pas pu être délivré", "no se ha podido entregar", "no se pudo entregar",
    "no ha llegado", "non è stato recapitato", "impossibile recapitare", "non ha raggiunto", "niet bezorgd", "niet worden bezorgd", "heeft de volgende geadresseerde", "geadresseerden niet bereikt", "kunnen niet worden bereikt", "niet worden afgeleverd", "nie został dostarczon",
    "nie dotarł", "nie mogła zostać dostarczona", "ei voitu toimittaa", "ei tavoittanut", "não pôde ser entregue", "não foi entregue", "não chegou", "не может быть доставлен",
    "не может быть отправлено", "не было доставлено", "не доставлено", "nemohla být doručena", "iletilemedi", "nem sikerült kézbesíteni", "送信できませんでした", "配信できませんでした",
    "お届けできませんでした", "配送できません", "届けられませんでした", "无法送达", "投递失败", "无法投递", "無法傳送", "無法傳遞",
};
/* Beside a reply code or such a subject only. */
static const char *const weak[] = {
    "mailbox unavailable", "user unknown", "unknown user", "no such user", "mailbox full", "mailbox is full", "over quota", "quota exceeded", "does not exist", "address rejected", "not found",
    "has been rejected", "not listed in", "konnte nicht", "unable to relay", "unroutable", "host unknown", "host not found", "access denied", "was not accepted", "delivery attempt", "still trying",
    "has been delayed", "invalid recipient", "unknown recipient", "recipient unknown", "were unable to", "unrecoverable", "could not be sent", "the error", "smtp error", "rejected", "bounced",
    "send failed", "has failed", "送信", "宛先", "以下の", "error-for", "too large", "message size exceeds", "no valid recipients", "undelivery", "delivery status", "account is disabled", "アドレス",
    "送信できま", "見つかりません", "unable to", "failed", "invalid user", "blocked", "has expired", "invalid address", "server message", "mail system error", "user's mailbox", "account is temporarily",
};
static const char *const delays[] = {
    "will continue to", "still trying", "has been delayed", "not yet been delivered", "no action is required", "warning message only", "do not need to resend", "transient non-fatal",
    "will be retried", "delivery will be attempted", "could not be delivered for the last", "has not been collected", "continue to be attempted", "will keep trying", "delivery attempts will continue",
    "this is a warning only", "warning only", "temporarily deferred", "will retry", "wird weiterhin versucht", "försöker igen", "delivery is delayed", "delivery incomplete", "will be attempted again", "not been delivered yet", "is delayed", "warning message",
    "noch nicht zugestellt", "har ännu inte levererats", "er endnu ikke", "ennå ikke levert", "n'a pas encore été remis", "aún no se ha entregado", "non è stato ancora recapitato", "is nog niet bezorgd",
    "nie została jeszcze dostarczona", "ainda não foi entregue", "ei ole vielä toimitettu",
};
static const char *const final_words[] = {
    "this is a permanent error", "given up", "giving up", "failed permanently", "permanent fatal", "permanent failure", "has been removed from the mail queue",
    "no further attempts", "no further delivery attempts", "will not be retried", "too old",
};

/* Where the returned mail begins inside the text. */
static size_t
returned_at(const char *s, size_t len)
{
    static const char *const marks[] = {
        "--- Below this line is a copy", "------ This is a copy of", "--- Original message follows", "----- Original message", "-----Original message", "--- Unsent message follows", "----- Unsent message",
        "--- Returned message", "------- Returned Message", "Original message follows", "----- Message header follows", "--- The header of the original", "--- Undelivered message follows",
        "------ This is a copy", "--- Message header follows", "Below is a copy of the original message", "Message headers follow", "-------original message",
        "Received: from ", "\nReturn-Path: ", "\nReceived: ", "\nMessage-Id: <", "\nMessage-ID: <", "--- The transcript of the original", "------------- Forwarded", "-------- Original message",
        "--- Undeliverable message", "The first 50 lines", "- - - - - -", "Your original message",
    };
    size_t best = len;

    for (size_t i = 0; i < countof(marks); i++) {
        const char *p = memmem(s, best, marks[i], strlen(marks[i]));
        if (p != NULL && p > s + 20)
            best = (size_t)(p - s);
    }
    return best;
}

/* ---- replies */
/* What stands before an SMTP reply: the beginning of a line, a sign, or a word that announces it. */
static bool
announces_reply(const char *s, size_t at)
{
    static const char *const words[] = {
        "said", "error", "code", "smtp", "server", "with", "replied", "response", "status", "reason", "returned", "was", "is", "reply", "responded", "answered", "esmtp", "says", "rejected", "dsn",
    };
    size_t end = at, from;

    while (end > 0 && is_blank((unsigned char)s[end - 1]))
        end--;
    if (end == 0 || strchr("\n:>(#\"',[=-;|*", s[end - 1]) != NULL)
        return true;
    for (from = end; from > 0 && is_alpha((unsigned char)s[from - 1]); from--)
        ;
    for (size_t i = 0; i < countof(words); i++)
        if (end - from == strlen(words[i]) && mem_eq_nocase(s + from, words[i], end - from))
            return true;
    return false;
}

static bool
is_reply(const char *s, size_t len, size_t i)
{
    char after;

    if ((s[i] != '5' && s[i] != '4') || s[i + 1] < '0' || s[i + 1] > '7' || !is_digit((unsigned char)s[i + 2]) ||
        (i > 0 && (is_alnum((unsigned char)s[i - 1]) || strchr(".@+/", s[i - 1]) != NULL)))
        return false;
    after = s[i + 3];
    if (after == '-' || after == ':' || after == ';' || after == ',')   /* "550-5.1.1", "550: no", never "555-1234" or "500:00" */
        return i + 4 < len && (is_space((unsigned char)s[i + 4]) || is_alpha((unsigned char)s[i + 4]) || strchr("<\"'(#[{", s[i + 4]) != NULL ||
                               (s[i + 4] == s[i] && i + 5 < len && s[i + 5] == '.'));
    if (after != ' ' && after != '\t')
        return false;
    if (i + 4 < len && is_digit((unsigned char)s[i + 4])) {     /* "550 5551234567@host" */
        size_t k = i + 4;
        while (k < len && is_digit((unsigned char)s[k]))
            k++;
        if (k < len && s[k] == '@')
            return true;
    }
    return i + 4 < len && (is_alpha((unsigned char)s[i + 4]) || (unsigned char)s[i + 4] >= 0x80 || strchr("<\"'(#[{*-:", s[i + 4]) != NULL ||
                           (s[i + 4] == s[i] && i + 5 < len && s[i + 5] == '.'));
}

bool
bounce_find_reply(const char *s, size_t len, size_t *from, size_t *to)
{
    for (size_t i = 0; i + 4 < len; i++) {
        if (!is_reply(s, len, i) || !announces_reply(s, i))
            continue;
        *from = i;
        for (*to = i; *to < len && *to < i + 400; (*to)++)
            if (s[*to] == '\n' && (*to + 1 >= len || !is_blank((unsigned char)s[*to + 1])))
                break;
        return true;
    }
    return false;
}

/* What phrases are looked for in: they are folded over lines, and in capitals. */
static const char *
flat(struct reading *r, const char *s)
{
    struct buf b = {0};
    const char *copy;

    quote_flatten(s, strlen(s), &b);
    copy = arena_strndup(r->tmp, b.data, b.len);
    buf_free(&b);
    return copy;
}

bool
bounce_is(struct reading *r, const struct header *h, const struct leaves *l, const char *text)
{
    const char *subject = flat(r, r->m->subject == NULL ? "" : r->m->subject), *words;
    enum sender sender = sender_of(r, h);
    size_t len = strlen(text), from, to;
    size_t end = returned_at(text, len);
    bool coded, subjected, strongly, returned = end < len, whole = false, path = r->m->return_path != NULL && !null_path(r);
    char status[12];

    if (header_first(h, "X-Failed-Recipients") != NULL)
        return true;
    if (sender == A_PERSON && !null_path(r))
        return false;
    if (speaks_for_a_person(r, h) || (sender != A_SYSTEM && r->m->machine->list))
        return false;
    for (size_t i = 0; i < l->n; i++)
        whole |= str_starts_nocase(l->v[i].type, "message/rfc822") || str_eq_nocase(l->v[i].type, "text/rfc822-headers");
    whole |= str_find_nocase(text + end, "\nMessage-ID:") != NULL;
    returned |= whole;
    coded = bounce_find_reply(text, len, &from, &to) || dsn_find_status(text, len, "45", status);
    subjected = HAS_ANY(subject, subjects);
    words = flat(r, text);
    strongly = HAS_ANY(words, strong) || (sender == A_SYSTEM && HAS_ANY(words, delays));
    if (sender != A_SYSTEM && answering_machine(r, h))
        return subjected && strongly && coded && whole;
    if (!null_path(r) && (!returned || path) && (closes_like_a_person(text, end) || (sender != A_SYSTEM && greets_like_a_person(words))))
        return false;
    if (sender != A_SYSTEM || path)             /* a bounce comes from a system and has a null path: without one of them it must be plain */
        return (subjected && strongly && (coded || returned || sender == A_SYSTEM)) || (returned && coded && (subjected || strongly)) ||
               (sender != A_PERSON && strongly && (whole || (memchr(text, '@', len) != NULL && (null_path(r) || r->m->from == NULL)))) ||
               (sender == A_SYSTEM && subjected && returned && HAS_ANY(words, weak));
    if (subjected)
        return strongly || HAS_ANY(words, weak) || coded || *words == 0 || strcmp(words, " ") == 0;
    return strongly || (HAS_ANY(words, weak) && (coded || returned));
}

/* ---- recipients */
static bool
is_local_char(char c)
{
    return is_alnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c != 0 && strchr(".!#$%&*+/=?^_`{|}~-'", c) != NULL);
}

/* The first address in s[*from, to) that is not masked and no machine's; *from is then where it ends. NULL: none. */
static char *
address_next(struct reading *r, const char *s, size_t *from, size_t to)
{
    for (size_t i = *from; i < to; ) {
        const char *at = memchr(s + i, '@', to - i);
        size_t a, b;
        if (at == NULL)
            return NULL;
        a = b = (size_t)(at - s);
        while (a > i && is_local_char(s[a - 1]))
            a--;
        for (b++; b < to && (is_alnum((unsigned char)s[b]) || s[b] == '.' || s[b] == '-' || s[b] == '_' || (unsigned char)s[b] >= 0x80); b++)
            ;
        while (b > a && (s[b - 1] == '.' || s[b - 1] == '-'))
            b--;
        while (a < (size_t)(at - s) && strchr("'=`", s[a]) != NULL)
            a++;
        if (a < (size_t)(at - s) && b > (size_t)(at - s) + 1 && memchr(at, '.', (size_t)(s + b - at)) != NULL && memchr(s + a, '*', b - a) == NULL && utf8_valid(s + a, b - a)) {
            char *addr = arena_strndup(r->a, s + a, b - a);
            addr_fold(addr);
            *from = b;
            if (addr_valid(addr) && !system_local(addr))
                return addr;
        }
        i = (size_t)(at - s) + 1;
    }
    return NULL;
}

static char *
address_in(struct reading *r, const char *s, size_t from, size_t to)
{
    return address_next(r, s, &from, to);
}

/* The reporting system's own address, or one that the report was sent to. */
static bool
is_a_party(const struct reading *r, const char *addr)
{
    if (r->m->from != NULL && addr_equal(r->m->from->addr, addr))
        return true;
    for (size_t i = 0; i < r->m->n_to; i++)
        if (addr_equal(r->m->to[i]->addr, addr))
            return true;
    return false;
}

#define NAMED_MAX 10u           /* addresses that are looked for in the text */
struct place { char *addr; size_t at; };        /* where the text begins to speak of a recipient; SIZE_MAX: it does not */
struct places { struct place v[DSN_OTHERS_MAX]; size_t n; };

static void
place_add(struct places *p, char *addr, size_t at)
{
    if (addr == NULL || p->n == DSN_OTHERS_MAX)
        return;
    for (size_t i = 0; i < p->n; i++)
        if (addr_equal(p->v[i].addr, addr))
            return;
    p->v[p->n++] = (struct place){addr, at};
}

/* Lines that are an address, or begin with one as reports do: "<u@host>:", "u@host: 550", "To: u@host". */
static void
find_places(struct reading *r, const char *text, size_t len, struct places *p)
{
    static const char *const labels[] = {
        "recipient:", "recipient address:", "final-recipient:", "original-recipient:", "addressed to:", "failed recipient:", "error-for:", "to: <", "address:", "email:", "unknown user:",
        "mottagare:", "empfänger:", "destinataire:", "destinatario:", "宛先:", "your message to:",
    };
    size_t next;

    for (size_t at = 0; at < len; at = next) {
        size_t end = line_end((const uint8_t *)text, len, at, &next), i = at, word;
        bool labelled = false;
        while (i < end && (is_space((unsigned char)text[i]) || text[i] == '*' || text[i] == '"' || text[i] == '>'))
            i++;
        for (size_t k = 0; k < countof(labels) && !labelled; k++)
            labelled = str_starts_nocase(text + i, labels[k]);
        if (labelled) {
            place_add(p, address_in(r, text, i, end), at);
            continue;
        }
        for (word = i; word < end && !is_space((unsigned char)text[word]); word++)
            ;
        if (i < end && memchr(text + i, '@', word - i) != NULL &&
            (text[i] == '<' || word == end || strchr(":;\",>", text[word - 1]) != NULL || str_starts_nocase(text + word, " on ") || str_starts_nocase(text + word, " den ") ||
             str_starts_nocase(text + word, " am ") || text[word] == '\t' || (word + 1 < end && strchr("(<[", text[word + 1]) != NULL))) {
            char *addr = address_in(r, text, i, word);
            if (addr == NULL && memchr(text + i, '*', word - i) != NULL)
                addr = address_in(r, text, word, end);          /* "****@host (expanded from: u@host)" */
            if (addr != NULL && !is_a_party(r, addr))
                place_add(p, addr, at);
        }
    }
}

/* Any address that is not ours, from where words of failure stand; then any at all. */
static char *
any_address(struct reading *r, const char *text, size_t len)
{
    char *party = NULL;
    size_t next;

    for (size_t at = 0; at < len; at = next) {
        size_t end = line_end((const uint8_t *)text, len, at, &next), from = at;
        if (str_starts_nocase(text + at, "from:") || str_starts_nocase(text + at, "original sender"))
            continue;
        for (size_t i = at; i + 11 <= end; i++)         /* an id looks like an address */
            if (mem_eq_nocase(text + i, "message-id:", 11) || mem_eq_nocase(text + i, "message id:", 11))
                end = i;
        for (char *a; (a = address_next(r, text, &from, end)) != NULL; ) {
            if (!is_a_party(r, a))
                return a;
            party = party == NULL ? a : party;
        }
    }
    return party;
}

/* The recipient of the mail that came back inside the text. */
static char *
returned_to(struct reading *r, const char *text, size_t from)
{
    const char *p = str_find_nocase(text + from, "\nTo:");
    size_t next, end;

    if (p == NULL)
        return NULL;
    end = line_end((const uint8_t *)p, strlen(p), 1, &next);
    return dsn_recipient(r, p + 4, end - 4);
}

/* ---- what was replied */
/* A line that names both the address and a reply: the transcript of an old Sendmail. */
static bool
reply_for(const char *text, size_t len, const char *addr, size_t *from, size_t *to)
{
    size_t next;

    for (size_t at = 0; at < len; at = next) {
        size_t end = line_end((const uint8_t *)text, len, at, &next);
        const char *p;
        if (memchr(text + at, '@', end - at) == NULL || !bounce_find_reply(text + at, end - at, from, to))
            continue;
        for (p = text + at; (p = memchr(p, addr[0], (size_t)(text + end - p))) != NULL; p++)
            if ((p == text || !is_local_char(p[-1])) && (size_t)(text + end - p) >= strlen(addr) && mem_eq_nocase(p, addr, strlen(addr)))
                break;
        if (p != NULL) {
            *from += at;
            *to += at;
            return true;
        }
    }
    return false;
}

struct bounce { struct reading *r; const char *text; size_t len; bool delayed, alone; };

/* What the text says of one recipient, in [begin, end); `named`: its first line names him. */
static Td__DeliveryReport *
report_at(const struct bounce *b, char *addr, size_t begin, size_t end, bool named)
{
    Td__DeliveryReport *d = schema_new(b->r->a, &td__delivery_report__descriptor);
    const char *text = b->text;
    size_t from, to, next;
    char status[12];

    d->recipient = addr;
    if (bounce_find_reply(text + begin, end - begin, &from, &to))
        d->diagnostic = dsn_clean(b->r, text + begin + from, to - from);
    else if ((addr != NULL && reply_for(text, b->len, addr, &from, &to)) || (b->alone && bounce_find_reply(text, b->len, &from, &to)))
        d->diagnostic = dsn_clean(b->r, text + from, to - from);
    if (dsn_find_status(text + begin, end - begin, "45", status) || (b->alone && dsn_find_status(text, b->len, "45", status)))
        d->status = arena_strdup(b->r->a, status);
    if (d->diagnostic == NULL && named) {               /* the line that names him, and the next */
        size_t stop = line_end((const uint8_t *)text, b->len, begin, &next);
        if (next < b->len) {
            size_t e2 = line_end((const uint8_t *)text, b->len, next, &from);
            stop = e2 > next ? e2 : stop;
        }
        d->diagnostic = dsn_clean(b->r, text + begin, stop - begin);
    }
    if (d->diagnostic != NULL && dsn_find_status(d->diagnostic, strlen(d->diagnostic), "45", status))
        d->status = arena_strdup(b->r->a, status);      /* what stands in the reply itself counts before any other */
    d->action = (char *)(b->delayed && (d->status == NULL || d->status[0] == '4') ? "delayed" : "failed");
    dsn_fill_gaps(b->r, d);
    return d;
}

/* An address that is known otherwise, where the text names it. */
static void
place_known(struct places *p, const char *text, size_t len, char *addr)
{
    const char *where = p->n < NAMED_MAX ? str_find_nocase(text, addr) : NULL;
    size_t at = where != NULL && (size_t)(where - text) < len ? (size_t)(where - text) : SIZE_MAX;

    place_add(p, addr, at != SIZE_MAX && at > 0 && text[at - 1] == '<' ? at - 1 : at);
}

void
bounce_read(struct reports *s, const struct header *h, const char *text, char *known)
{
    struct reading *r = s->r;
    struct places *p = arena_alloc(r->tmp, sizeof *p);
    size_t all = strlen(text), len = returned_at(text, all < DSN_TEXT_MAX ? all : DSN_TEXT_MAX);
    const struct field *failed = header_first(h, "X-Failed-Recipients");
    struct address_list l;
    char *addr;

    if (known != NULL) {
        place_known(p, text, len, known);
    } else if (failed != NULL) {
        address_parse(r, failed->value, failed->len, NULL, &l);
        for (size_t i = 0; i < l.n; i++)
            if (addr_valid(l.v[i]->addr))
                place_known(p, text, len, l.v[i]->addr);
    } else {
        find_places(r, text, len, p);
    }
    if (p->n == 0 && (addr = any_address(r, text, len)) != NULL)
        place_known(p, text, len, addr);
    if ((p->n == 0 || (p->n == 1 && is_a_party(r, p->v[0].addr))) && len < all && (addr = returned_to(r, text, len)) != NULL) {
        p->v[0] = (struct place){addr, SIZE_MAX};
        p->n = 1;
    }
    const char *words = flat(r, text);
    const struct bounce b = {r, text, len, HAS_ANY(words, delays) && !HAS_ANY(words, final_words), p->n <= 1};
    if (p->n == 0)
        reports_add(s, report_at(&b, NULL, 0, len, false));
    for (size_t i = 0; i < p->n; i++) {
        bool named = p->v[i].at != SIZE_MAX;
        size_t begin = named ? p->v[i].at : 0, end = i + 1 < p->n && p->v[i + 1].at != SIZE_MAX && p->v[i + 1].at > begin ? p->v[i + 1].at : len;
        reports_add(s, report_at(&b, p->v[i].addr, begin, end, named));
    }
}
