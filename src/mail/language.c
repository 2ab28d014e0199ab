/* SPDX-License-Identifier: ISC
 *
 * The language of the new words. Support mails are short, and letter statistics alone guess short texts wrong; so the script decides where
 * it can, then the small words that each language cannot do without, and libexttextcat's fingerprints (read once, before the sandbox
 * closes) where those are silent or divided. A wanted language is preferred to a neighbour that fits about as well (Danish and Norwegian),
 * never to one that fits better. Unsure: the mail's own word (Content-Language) if it is wanted, else nothing; the desk knows what to do then.
 */
#include "read.h"

#include <libexttextcat/textcat.h>
#include <stdlib.h>
#include <string.h>

#define MODELS "/usr/share/libexttextcat/"
#define LETTERS_LEAST 40u       /* shorter texts the fingerprints guess wrong too often */
#define LETTERS_ALONE 160u      /* of this length they are believed without any small word */
#define BYTES_MOST 4000u
#define WORDS_MOST 2048u        /* of all lists together */

/* Small words, and how people greet, thank and complain. What two languages share stands in both. */
static const struct { const char *code, *words; } lexicon[] = {
    {"en", "the and is are was were be been have has had do does did not this that these those with for from you your we our they it its my me i if when what which how why where can could would should will "
        "please thanks thank hello hi dear regards any of to in on at but or an a as there here no yes get still after before about who am any us their all need help work works working"},
    {"sv", "och är var att det den som på för med inte jag du vi ni han hon de dem en ett har hade kan kunde ska skulle vill om när vad hur varför till från av men eller så min mitt mina er ert era vår vårt våra tack "
        "hej vänligen snälla hälsningar mvh också efter före sedan detta denna dessa här där inget något någon fungerar hjälp hjälpa ja nej i mig oss dig får fick fortfarande ännu"},
    {"da", "og er var at det den som på for med ikke jeg du vi i han hun de dem en et har havde kan kunne skal skulle vil om når hvad hvordan hvorfor til fra af men eller så min mit mine jeres vores tak hej venligst "
        "hilsen mvh også efter før siden dette denne disse her der ingen noget nogen virker hjælp hjælpe ja nej mig os dig får fik stadig endnu kære løste mere"},
    {"no", "og er var at det den som på for med ikke jeg du vi dere han hun de dem en et ei har hadde kan kunne skal skulle vil om når hva hvordan hvorfor til fra av men eller så min mitt mine deres vår vårt våre takk hei "
        "vennligst hilsen mvh også etter før siden dette denne disse her der ingen noe noen fungerer virker hjelp hjelpe ja nei meg oss deg får fikk fortsatt ennå kjære løste mer lenger feil"},
    {"de", "und ist sind war waren dass das der die den dem des ein eine einen einem einer nicht ich du wir sie er es ihr ihre ihnen mein meine meinen mir mich uns unser haben hat hatte kann können könnten wird werden "
        "würde wenn was wie warum wo auf für mit von zu zum zur bei nach vor aus aber oder auch noch schon bitte danke vielen dank hallo guten tag sehr geehrte grüße gruß freundlichen im am an in seit mehr immer hilfe ja nein"},
    {"nl", "en is zijn was waren dat het de een niet ik je jij u wij we jullie zij hij mijn ons onze uw hebben heeft had kan kunt kunnen zal zou wil wilt als wat hoe waarom waar op voor met van naar bij na uit maar of ook nog al "
        "graag bedankt dank hallo beste groet groeten vriendelijke sinds meer werkt te aan om dit deze die er geen wel mij hulp helpen ja nee steeds"},
    {"fr", "et est sont était que qui le la les un une des du de au aux ne pas je tu nous vous il elle ils ce cette ces mon ma mes notre votre vos avons avez avoir ai a peux peut pouvez pourriez pour avec sur dans par si quand quoi "
        "comment pourquoi où mais ou aussi encore merci bonjour cordialement salutations depuis plus après avant toujours cela ça s'il plaît veuillez en y sans très bien oui non m'aider c'est n'est"},
    {"es", "y es son era que el la los las un una unos unas del de al no yo tú usted ustedes nosotros él ella mi mis nuestro nuestra su sus he ha han hay tiene tengo puedo puede pueden para por con en sobre si cuando qué cómo "
        "por qué donde dónde pero o también aún gracias hola saludos estimado favor desde más después antes todavía esto eso esta este ya muy bien sí me se lo está están sin"},
    {"it", "e è sono era che il lo la i gli le un una uno del della dei delle di al alla non io tu lei noi voi lui mio mia miei nostro nostra vostro ho ha hanno abbiamo avete posso può potete potreste per con su in da se quando cosa "
        "come perché dove ma o anche ancora grazie salve buongiorno ciao saluti gentile cordiali favore più dopo prima questo questa ci si mi vi sì aiutarmi funziona"},
    {"pt", "e é são era que o a os as um uma uns do da dos das de no na ao à não eu tu você vocês nós ele ela meu minha meus nosso nossa seu sua tem tenho há posso pode podem para por com em sobre se quando como porquê onde mas ou "
        "também ainda obrigado obrigada olá bom dia cumprimentos atenciosamente favor desde mais depois antes isto isso esta este já muito bem sim me está estão sem"},
    {"pl", "i jest są był była że to ten ta te w na z ze do od dla przez nie ja ty my wy on ona oni mój moja moje mnie nas nasz wasz pan pani państwo mam ma mają mogę może czy jak kiedy co gdzie dlaczego ale lub albo też jeszcze już "
        "proszę dziękuję dzień dobry witam pozdrawiam po przed się o za tym tego jestem jeśli dziś pomoc bardzo"},
    {"fi", "ja on ovat oli että se ne tämä nämä ei en et emme ette eivät minä sinä me te he hän minun minua meidän teidän mutta tai myös vielä kun jos mitä miten miksi missä voi voitte voitteko voin kiitos hei terve ystävällisin terveisin "
        "olen olemme olisi sen kanssa jälkeen ennen nyt enää aina onko ole kyllä mikä joka jotka siitä apua toimi"},
    {"cs", "a je jsou byl byla že to ten ta v na s se do od pro ne já my vy on ona můj moje mám má máme mohu může můžete jak když co kde proč ale nebo také ještě už prosím děkuji dobrý den pozdravem po před si o za tím který není jsem "
        "mi nás vás"},
    {"sk", "a je sú bol byť že to ten tá na s sa do od pre nie ja ty my vy on ona môj moja moje máme môžem môže môžete ako keď čo kde prečo ale alebo tiež ešte už prosím ďakujem dobrý deň pozdravom po pred si o za ktorý som mi nás vás"},
    {"ru", "и в не на что я с он как это по но мы к у за из вы так же от меня мой моя мне нас наш ваш для есть бы или если да нет уже ещё еще может можно пожалуйста спасибо здравствуйте добрый день после до больше "
        "работает помогите когда почему где"},
    {"uk", "і в не на що я з він як це по але ми до у за ви так від мене мій моя мені нас наш ваш для є або якщо ні вже ще може можна будь ласка дякую доброго дня після більше працює допоможіть коли чому де та"},
    {"bg", "и в не на че аз с той как това по но ние към за от вие така да ми мен моя моят ви ни сме съм са ще има няма или ако вече още може моля благодаря здравейте добър ден след преди работи когато защо къде се"},
    {"hu", "és a az nem van volt hogy ez egy én ti mi ők meg már még csak is ha mint de vagy kérem köszönöm tisztelt jó napot üdvözlettel nekem lehet kell mert mit hogyan miért hol után előtt"},
    {"ro", "și este sunt era că nu eu noi voi el ea un o în la de pe cu din pentru care ce cum când unde dar sau mai mulțumesc bună ziua vă rog salut mea meu avem am are poate"},
    {"tr", "ve bir bu şu için ile değil var yok ben biz siz sen o ne nasıl neden nerede ama veya da de çok teşekkür ederim merhaba lütfen saygılar olarak daha sonra önce mi mı"},
};
#define LANGUAGES countof(lexicon)

struct word { const char *s; size_t len; uint32_t mask; };
static void *models;
static struct word *words;
static size_t n_words;

static int
word_order(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int d = memcmp(x->s, y->s, n);

    return d != 0 ? d : x->len < y->len ? -1 : x->len > y->len;
}

static void
words_init(void)
{
    size_t cap = 0, w = 0;

    for (size_t i = 0; i < LANGUAGES; i++)
        for (const char *p = lexicon[i].words; *p != 0; p++)
            cap += *p == ' ' || p[1] == 0;
    words = mem_alloc(cap * sizeof *words);
    for (size_t i = 0; i < LANGUAGES; i++)
        for (const char *p = lexicon[i].words; *p != 0; ) {
            size_t n = strcspn(p, " ");
            words[n_words++] = (struct word){p, n, UINT32_C(1) << i};
            p += n + (p[n] == ' ');
        }
    qsort(words, n_words, sizeof *words, word_order);
    for (size_t i = 0; i < n_words; i++)
        if (w > 0 && word_order(&words[w - 1], &words[i]) == 0)
            words[w - 1].mask |= words[i].mask;
        else
            words[w++] = words[i];
    n_words = w;
    must(n_words <= WORDS_MOST);
}

void
language_init(void)
{
    if (words == NULL)
        words_init();
    if (models == NULL)
        models = special_textcat_Init(MODELS "fpdb.conf", MODELS);
}

/* ---- which languages are wanted */
/* "sv--utf8" to "sv"; Norwegian has two spellings and one code in mail. */
static bool
short_name(const char *name, char out[3])
{
    if (!is_alpha((unsigned char)name[0]) || !is_alpha((unsigned char)name[1]) || is_alpha((unsigned char)name[2]))
        return false;
    out[0] = (char)lower((unsigned char)name[0]);
    out[1] = (char)lower((unsigned char)name[1]);
    out[2] = 0;
    if (strcmp(out, "nb") == 0 || strcmp(out, "nn") == 0)
        memcpy(out, "no", 3);
    return true;
}

/* The configuration's own word for `code`; NULL: not wanted. */
static const char *
wanted(const struct mail_options *o, const char *code)
{
    for (size_t i = 0; i < o->n_languages; i++) {
        const char *l = o->languages[i];
        if (strncasecmp(l, code, 2) == 0 || (strcmp(code, "no") == 0 && (strncasecmp(l, "nb", 2) == 0 || strncasecmp(l, "nn", 2) == 0)))
            return l;
    }
    return o->n_languages == 0 ? code : NULL;
}

static const char *
answer(struct reading *r, const char *code)
{
    const char *l = *code == 0 ? NULL : wanted(r->o, code);

    return l == NULL ? NULL : arena_strndup(r->a, l, 2);
}

static const char *
declared_language(struct reading *r, const char *declared)
{
    char code[3];

    if (declared == NULL || strchr(declared, ',') != NULL || r->o->n_languages == 0 || !short_name(declared, code))
        return NULL;
    return answer(r, code);
}

/* ---- the text */
/* Words of mail addresses, links, numbers and signs say nothing of the language. */
static void
prose(const char *text, struct buf *out)
{
    for (const char *p = text; *p != 0 && out->len < BYTES_MOST; ) {
        const char *w = p;
        bool word = true;
        while (*p != 0 && !is_space((unsigned char)*p)) {
            if (is_digit((unsigned char)*p) || strchr("@/\\<>_=", *p) != NULL)
                word = false;
            p++;
        }
        if (word && p > w && p - w < 60) {
            buf_add(out, w, (size_t)(p - w));
            buf_putc(out, ' ');
        }
        while (is_space((unsigned char)*p))
            p++;
    }
    buf_puts(out, "");
}

/* A language that its letters give away. */
static const char *
by_script(const char *s, size_t len)
{
    size_t size, kana = 0, han = 0, hangul = 0, cyrillic = 0, ukrainian = 0, russian = 0, hard = 0, greek = 0, hebrew = 0, thai = 0, latin = 0;

    for (size_t i = 0; i < len; i += size) {
        uint32_t c = utf8_at(s, len, i, &size);
        kana += c >= 0x3041 && c <= 0x30fa;
        han += c >= 0x4e00 && c <= 0x9fff;
        hangul += c >= 0xac00 && c <= 0xd7a3;
        cyrillic += c >= 0x400 && c <= 0x4ff;
        ukrainian += c == 0x456 || c == 0x457 || c == 0x454 || c == 0x491;
        russian += c == 0x44b || c == 0x44d || c == 0x451;
        hard += c == 0x44a;
        greek += c >= 0x370 && c <= 0x3ff;
        hebrew += c >= 0x5d0 && c <= 0x5ea;
        thai += c >= 0xe01 && c <= 0xe5b;
        latin += (c < 0x80 && is_alpha((int)c)) || (c >= 0xc0 && c <= 0x24f);
    }
    if (kana >= 3 && kana + han > latin)
        return "ja";
    if (hangul >= 3 && hangul > latin)
        return "ko";
    if (han >= 4 && kana == 0 && han > latin)
        return "zh";
    if (greek >= 8 && greek > latin)
        return "el";
    if (hebrew >= 8 && hebrew > latin)
        return "he";
    if (thai >= 8 && thai > latin)
        return "th";
    if (cyrillic >= 12 && cyrillic > latin && ukrainian == 0 && russian > 0)
        return "ru";
    if (cyrillic >= 12 && cyrillic > latin && ukrainian > 0 && russian == 0)
        return "uk";
    if (cyrillic >= 12 && cyrillic > latin && ukrainian == 0 && russian == 0 && hard >= 2)
        return "bg";
    return NULL;
}

struct votes { unsigned v[LANGUAGES], total; bool seen[WORDS_MOST]; };  /* each word counts once */

static void
count_word(struct votes *votes, const char *s, size_t len)
{
    const struct word key = {s, len, 0}, *w = bsearch(&key, words, n_words, sizeof *words, word_order);
    unsigned shared;

    if (w == NULL || votes->seen[w - words])
        return;
    votes->seen[w - words] = true;
    shared = (unsigned)__builtin_popcount(w->mask);
    for (size_t i = 0; i < LANGUAGES; i++)
        if (w->mask >> i & 1)
            votes->v[i] += shared == 1 ? 12 : shared == 2 ? 6 : shared == 3 ? 4 : 2;
    votes->total++;
}

/* Small words in lower case, letters with marks and Cyrillic folded too. */
static void
count_words(const char *s, size_t len, struct votes *votes)
{
    char w[24];
    size_t n = 0, size;

    for (size_t i = 0; i <= len; i += size) {
        uint32_t c = i < len ? utf8_at(s, len, i, &size) : ' ';
        bool letter = (c < 0x80 && (is_alpha((int)c) || c == '\'')) || (c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7) || (c >= 0x218 && c <= 0x21b) || (c >= 0x400 && c <= 0x4ff) || c == 0x2019;
        if (i == len)
            size = 1;
        if (!letter) {
            if (n > 0 && n < sizeof w)
                count_word(votes, w, n);
            n = 0;
            continue;
        }
        if (n + size >= sizeof w) {
            n = sizeof w;               /* too long for a small word */
            continue;
        }
        memcpy(w + n, s + i, size);
        if (size == 1) {
            w[n] = (char)lower((unsigned char)w[n]);
        } else if (c == 0x2019) {
            w[n] = '\'';
            n -= size - 1;
        } else if (c >= 0x410 && c <= 0x41f) {
            w[n + 1] = (char)(w[n + 1] + 0x20);
        } else if (c >= 0x420 && c <= 0x42f) {
            w[n] = (char)0xd1;
            w[n + 1] = (char)(w[n + 1] - 0x20);
        } else if (c >= 0xc0 && c <= 0xde) {
            w[n + 1] = (char)(w[n + 1] + 0x20);
        } else if (((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177) || (c >= 0x218 && c <= 0x21b)) && (c & 1) == 0) {
            w[n + 1] = (char)(w[n + 1] + 1);
        } else if (((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) && (c & 1) == 1) {
            w[n + 1] = (char)(w[n + 1] + 1);
        }
        n += size;
    }
}

/* ---- fingerprints: the best guess of all, and whether another is about as good */
static bool
by_fingerprint(const char *s, size_t len, char best[3])
{
    candidate_t *c;
    char code[3];
    bool near = false;
    int n;

    *best = 0;
    if (models == NULL || len < LETTERS_LEAST)
        return false;
    c = textcat_GetClassifyFullOutput(models);
    n = textcat_ClassifyFull(models, s, len, c);
    for (int i = 0; i < n; i++) {
        if (!short_name(c[i].name, code))
            continue;
        if (*best == 0)
            memcpy(best, code, sizeof code);
        else if (strcmp(best, code) != 0 && c[i].score <= c[0].score + c[0].score / 33)
            near = true;
    }
    textcat_ReleaseClassifyFullOutput(models, c);
    return *best != 0 && !near;
}

/* What the small words say; "" when they are silent or divided. */
static const char *
by_words(struct reading *r, const struct votes *votes, const char *print)
{
    size_t best = 0, second = SIZE_MAX, liked = SIZE_MAX, rival = SIZE_MAX;

    for (size_t i = 1; i < LANGUAGES; i++)
        if (votes->v[i] > votes->v[best])
            best = i;
    for (size_t i = 0; i < LANGUAGES; i++) {
        if (i != best && (second == SIZE_MAX || votes->v[i] > votes->v[second]))
            second = i;
        if (r->o->n_languages == 0 || wanted(r->o, lexicon[i].code) == NULL)
            continue;
        if (liked == SIZE_MAX || votes->v[i] > votes->v[liked]) {
            rival = liked;
            liked = i;
        } else if (rival == SIZE_MAX || votes->v[i] > votes->v[rival]) {
            rival = i;
        }
    }
    if (liked != SIZE_MAX && votes->v[liked] >= 24 && votes->v[liked] * 20 >= votes->v[best] * 19 && (rival == SIZE_MAX || votes->v[liked] >= votes->v[rival] + 12))
        return lexicon[liked].code;     /* as good as any, and the only wanted one that is */
    if (votes->v[best] >= 24 && votes->v[best] * 2 >= votes->v[second] * 3)
        return lexicon[best].code;
    if (votes->v[best] >= 12 && votes->v[best] > votes->v[second] && strcmp(print, lexicon[best].code) == 0)
        return lexicon[best].code;
    if (votes->v[best] >= 36 && votes->v[best] >= votes->v[second] + 12)
        return lexicon[best].code;
    return "";
}

const char *
language_guess(struct reading *r, const char *text, const char *declared)
{
    struct buf b = {0};
    struct votes votes = {0};
    const char *script, *code = "", *found;
    char print[3] = "";
    bool sure = false;

    script = by_script(text, strnlen(text, BYTES_MOST));
    if (script != NULL)
        return answer(r, script);
    prose(text, &b);
    count_words(b.data, b.len, &votes);
    code = by_words(r, &votes, print);
    if (*code == 0) {                   /* they cost more than all the rest of a short mail */
        sure = by_fingerprint(b.data, b.len, print);
        code = by_words(r, &votes, print);
    }
    if (*code == 0 && sure && votes.total == 0 && b.len >= LETTERS_ALONE)
        code = print;
    found = answer(r, code);
    buf_free(&b);
    return found != NULL || *code != 0 ? found : declared_language(r, declared);
}
