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
#define CITED_MOST 300u
#define WORDS_LEAST 12u         /* bytes beside what is cited */
#define WORDS_MOST 4096u        /* of all lists together */

/* Small words, and how people greet, thank and complain. What two languages share stands in both. */
static const struct { const char *code, *words; } lexicon[] = {
    {"en", "the and is are was were be been have has had do does did not this that these those with for from you your we our they it its my me i if when what which how why where can could would should will "
        "please thanks thank hello hi dear regards any of to in on at but or an a as there here no yes get still after before about who am any us their all need help work works working again another "
        "anyone someone something anything nothing because below broken cannot can't don't doesn't didn't isn't won't i'm i've it's we're we've you're every everything find first found getting give going "
        "got haven't having into issue just keep know let like look looking make many might more much must never new news now once only other ours paid receive received same see seems sent she some soon "
        "than then through time today tomorrow too took tried try trying until up use used using very want wanted way week well went while within without yesterday yet yours arrived money attached invoice "
        "refund back one two by also each both such being seem appears anymore so over door"},
    {"sv", "och är var att det den som på för med inte jag du vi ni han hon de dem en ett har hade kan kunde ska skulle vill om när vad hur varför till från av men eller så min mitt mina er ert era vår vårt "
        "våra tack hej vänligen snälla hälsningar mvh också efter före sedan detta denna dessa här där inget något någon fungerar hjälp hjälpa ja nej i mig oss dig får fick fortfarande ännu aldrig alla "
        "allt andra annan bara behöver bifogar bifogad bifogat blev blir bli borde båda dag ej ens eftersom fel finns fler flera funkar fått försöker försökt genom ger gick ge gjort gäller gör göra gång "
        "gånger gärna hos ibland igen idag imorgon igår innan istället kanske kommer kolla kvar logga lösenord lösenordet lite mellan mycket många måste nu nya några nåt nästa rätt saknar saknas samma sen "
        "senaste sitt själv skickade skicka skickat skriver snabbt snabba snarast står tar tid tidigare titta två tycker tyvärr undrar upp utan vara varit veckan vecka vet vidare vilken vilket visar vänta "
        "väntar åt även betalat återbetala fakturan nyheter går godmorgon kund ut snart få man"},
    {"da", "og er var at det den som på for med ikke jeg du vi i han hun de dem en et har havde kan kunne skal skulle vil om når hvad hvordan hvorfor til fra af men eller så min mit mine jeres vores tak hej "
        "venligst hilsen mvh også efter før siden dette denne disse her der ingen noget nogen virker hjælp hjælpe ja nej mig os dig får fik stadig endnu kære løste mere aldrig alle alt anden andet bare "
        "begge behøver blev blevet bliver burde bør dag derfor desværre fejl finde findes flere forkert få gang gange gerne gik gør gøre heller hvem hver hvilken hvor igen ind intet jer kigge komme kommer "
        "kunde lige løsning mangler mange meget måske måtte nogle nu nødvendigt oplever prøv prøvet samme sende sendt sidste siger sker skriver snart spørgsmål stadigvæk står sådan tid tidligere tilbage "
        "to tror uden udskrive uge undskyld vedhæftet ved venter vist være været betalt beløbet nyt logge ud går hos idag sen man over"},
    {"no", "og er var at det den som på for med ikke jeg du vi dere han hun de dem en et ei har hadde kan kunne skal skulle vil om når hva hvordan hvorfor til fra av men eller så min mitt mine deres vår vårt "
        "våre takk hei vennligst hilsen mvh også etter før siden dette denne disse her der ingen noe noen fungerer virker hjelp hjelpe ja nei meg oss deg får fikk fortsatt ennå kjære løste mer lenger feil "
        "aldri alle alt andre bare begge bli blir blitt ble burde bør dag derfor dessverre finne finnes flere få fått gang ganger gikk gjerne gjør gjøre gjort heller hvem hver hvilken hvor igjen inn "
        "kanskje kikke komme kommer kunde lurer løsning mangler mange mye må måtte nå nødvendig opplever passord passordet prøv prøvd rask raskt samme sende sendt siste sier skjer skriver snart spørsmål "
        "står sånn tid tidligere tilbake to tror tusen uten uke unnskyld vedlagt vet ved venter være vært betalt beløpet nytt logge ut går hos idag sen tar sitt man over"},
    {"de", "und ist sind war waren dass das der die den dem des ein eine einen einem einer nicht ich du wir sie er es ihr ihre ihnen mein meine meinen mir mich uns unser haben hat hatte kann können könnten "
        "wird werden würde wenn was wie warum wo auf für mit von zu zum zur bei nach vor aus aber oder auch noch schon bitte danke vielen dank hallo guten tag sehr geehrte grüße gruß freundlichen im am an "
        "in seit mehr immer hilfe ja nein alle alles als also andere anbei beim bekomme bekommen bereits besteht bin bis bleibt brauche brauchen dann darauf darf davon dazu denn deshalb dieser diese "
        "dieses diesem doch dort durch erhalten erhalte erst etwas fehlt funktioniert ganz gar geben gegen geht gerade gerne gern gestern gibt habe heute hier hierzu ihren ihrem ihrer ins jetzt jemand "
        "kein keine keinen komme konnte leider machen mal man manchmal mehrere meiner meinem melden morgen muss müssen neue neuen neues nichts nun nur ob ohne schnell schnelle sein sich sobald sollte "
        "sollen sonst statt steht um unter versucht versuche viel viele wann weil weiter weiterhin welche welcher weitere werde wieder wollen zwischen zweimal bezahlt so"},
    {"nl", "en is zijn was waren dat het de een niet ik je jij u wij we jullie zij hij mijn ons onze uw hebben heeft had kan kunt kunnen zal zou wil wilt als wat hoe waarom waar op voor met van naar bij na "
        "uit maar of ook nog al graag bedankt dank hallo beste groet groeten vriendelijke sinds meer werkt te aan om dit deze die er geen wel mij hulp helpen ja nee steeds allemaal altijd andere ben bent "
        "beter bijgaand bijlage betaald binnen daar daarom dan doen doet door echter eens eerste ernaar gaan gaat geeft gegevens gekregen gemaakt gisteren goed goede goedemorgen goedemiddag hartelijk hebt "
        "helaas hierbij hieronder hier iemand iets juist kijken klopt komen komt krijg krijgen laat laten maak maken mag mee moet moeten niemand niets nieuw nieuwe nieuws nodig nu omdat ontvangen opnieuw "
        "over proberen probeer snel snelle sturen stuur toch tot twee vandaag vanaf vanmorgen veel verder vraag wachtwoord wanneer want weten willen worden wordt zelf zeer zich zien ziet zo zonder zullen "
        "terugbetalen keer alle alles wie"},
    {"fr", "et est sont était que qui le la les un une des du de au aux ne pas je tu nous vous il elle ils ce cette ces mon ma mes notre votre vos avons avez avoir ai a peux peut pouvez pourriez pour avec "
        "sur dans par si quand quoi comment pourquoi où mais ou aussi encore merci bonjour cordialement salutations depuis plus après avant toujours cela ça s'il plaît veuillez en y sans très bien oui non "
        "m'aider c'est n'est alors après-midi aucun aucune aujourd'hui auriez autre avait beaucoup bon car celle celui chez ci-joint comme d'accord déjà demain dernière dernier deux devons dit dois doit "
        "donc dont d'un d'une été être eu faire fait faut fois fonctionne hier ici j'ai j'aimerais jamais jour jours jusqu'à l'aide là leur leurs lors maintenant marche même moi moins mot n'a n'ai "
        "n'arrive nouveau nouvelle nouvelles ont parce payé pendant peu problème puis puisque quel quelle quelqu'un quelque rien sa savoir se semaine ses seulement soit son suis tous tout toute toutes "
        "trop vers voici voudrais vraiment rembourser aider qu'il qu'elle va"},
    {"es", "y es son era que el la los las un una unos unas del de al no yo tú usted ustedes nosotros él ella mi mis nuestro nuestra su sus he ha han hay tiene tengo puedo puede pueden para por con en sobre "
        "si cuando qué cómo por qué donde dónde pero o también aún gracias hola saludos estimado favor desde más después antes todavía esto eso esta este ya muy bien sí me se lo está están sin adjunto "
        "ahora algo alguien algún alguna alguno así ayer ayuda bueno buenos buenas cada casi como contraseña creo cual cualquier cuál cuándo cuenta días debe debo decir dice dos durante ellos entonces "
        "entre eres estamos estar estoy fue funciona fuera gustaría haber hablar hace hacer haciendo hasta hemos hoy igual les luego mañana mejor misma mismo mucho muchas muchos nada nadie ni ninguna "
        "ninguno nueva nuevo nunca otra otro otros pagado pasa pedido poder podría podrían porque pueda puedan quiero quién saber sea según ser siempre siendo sino solo sólo tan tanto tarde te tenemos "
        "tener tiempo todo todos tras va vez veces ver novedad importe poco uno"},
    {"it", "e è sono era che il lo la i gli le un una uno del della dei delle di al alla non io tu lei noi voi lui mio mia miei nostro nostra vostro ho ha hanno abbiamo avete posso può potete potreste per "
        "con su in da se quando cosa come perché dove ma o anche ancora grazie salve buongiorno ciao saluti gentile cordiali favore più dopo prima questo questa ci si mi vi sì aiutarmi funziona abbia "
        "adesso alcuni allegato allora altra altri altro appena avere aveva avevo bene bisogno c'è casa chi ciò cioè cui dal dalla dalle dato degli deve devo dire dobbiamo dovrebbe due ecco effettuare "
        "erano essere fa fare fatto finora forse già giorno giorni ieri l'errore l'ordine invece invio inviare loro mai mattina mentre mille molto nei nel nella nelle nessun nessuno niente nulla nuovo "
        "nuova ogni oggi oppure ordine ora pagato perciò però poi poco possibile potrebbe presso problema prossimo pure qualche qualcosa qualcuno quale quali quanto quella quello questi queste qui "
        "ricevuto riesco risposta sarà sarebbe scusi sempre senza sia siamo solo sta stata stato stesso sul sulla tra troppo tutti tutto tutta vorrei volte volta novità vostra durante tanto va"},
    {"pt", "e é são era que o a os as um uma uns do da dos das de no na ao à não eu tu você vocês nós ele ela meu minha meus nosso nossa seu sua tem tenho há posso pode podem para por com em sobre se quando "
        "como porquê onde mas ou também ainda obrigado obrigada olá bom dia cumprimentos atenciosamente favor desde mais depois antes isto isso esta este já muito bem sim me está estão sem agora algo "
        "alguém algum alguma amanhã aqui após até boa cada coisa conseguimos consigo contudo deste desta deve disso dois duas durante eles então entre esse essa estamos estar estava estou fazer feito fica "
        "ficou foi foram fui gostaria hoje houve lhe minhas muita muitas muitos nada nas nem nenhum nenhuma nesta neste ninguém nos nova novo nunca ontem outra outro pagámos pagamos pela pelo pelos podia "
        "poderia porque pra preciso qual qualquer quanto quem quero seja sempre ser será seus só suas tarde tinha toda todas todo todos tudo vez vezes vou anexo segue devolvam valor poder saber tanto ver "
        "ora volta"},
    {"pl", "i jest są był była że to ten ta te w na z ze do od dla przez nie ja ty my wy on ona oni mój moja moje mnie nas nasz wasz pan pani państwo mam ma mają mogę może czy jak kiedy co gdzie dlaczego ale "
        "lub albo też jeszcze już proszę dziękuję dzień dobry witam pozdrawiam po przed się o za tym tego jestem jeśli dziś pomoc bardzo aby ani bez bo bym być było były ci coś czekam często dlatego "
        "dopiero dostałem drugi dwa dzisiaj gdy gdyby go ich ile im inny innych jaki jakie jakieś jakiś jako jednak jedną jego jej jeżeli kiedyś kilka kolejny kogo kto które który która ktoś lecz mieć mi "
        "moich moim mógłby mogli możemy możliwe musi muszę nad nadal naszej naszego nam nic nich niestety niż nigdy nowe nowy nowa oraz oto pilne pod podczas poza potem powinno prosimy próbuję przy raz "
        "razy sobie sprawie sprawa swoje szybką szybko tak tam także teraz tu tylko tych u udało wam wczoraj według więc wciąż wiem wszystko wszystkie załączniku załączeniu zapłaciliśmy zawsze został "
        "została zwrot żeby żaden żadnej działa"},
    {"fi", "ja on ovat oli että se ne tämä nämä ei en et emme ette eivät minä sinä me te he hän minun minua meidän teidän mutta tai myös vielä kun jos mitä miten miksi missä voi voitte voitteko voin kiitos "
        "hei terve ystävällisin terveisin olen olemme olisi sen kanssa jälkeen ennen nyt enää aina onko ole kyllä mikä joka jotka siitä apua toimi aamu eikä eilen enemmän ensin entä etten ettei hyvä hyvää "
        "huomenta iltaa ihan ilman itse jää jo jokin joku jonka joskus jossa joten kaikki kahdesti kahta katsoa kaksi koska koskaan koko kuin kuinka kuitenkaan kuitenkin lasku laskun liitteenä lisäksi "
        "mistä mitään myöskään näin niin noin nopeasti nopeasta olevan olette olin olisin olivat ollut oma pitäisi pitää päivää paljon pyydämme pyydän saa saada saan sain sanoo salasana sekä sellainen "
        "siellä siihen sillä sitten sitä tarvitsen tarvitsemme takaisin tästä tätä tähän tänään toinen toimii tulee tuo tällä uudelleen uusi uutta vaan vai vain vaikka varten viesti vieläkään voisi "
        "voisiko voisitteko viime viimeinen yhtään yksi yli ystävällisesti missään siis"},
    {"cs", "a je jsou byl byla že to ten ta v na s se do od pro ne já my vy on ona můj moje mám má máme mohu může můžete jak když co kde proč ale nebo také ještě už prosím děkuji dobrý den pozdravem po před "
        "si o za tím který není jsem mi nás vás jako nad pod tak tam nic bez"},
    {"sk", "a je sú bol byť že to ten tá na s sa do od pre nie ja ty my vy on ona môj moja moje máme môžem môže môžete ako keď čo kde prečo ale alebo tiež ešte už prosím ďakujem dobrý deň pozdravom po pred "
        "si o za ktorý som mi nás vás nad pod tak tam raz bez"},
    {"ru", "и в не на что я с он как это по но мы к у за из вы так же от меня мой моя мне нас наш ваш для есть бы или если да нет уже ещё еще может можно пожалуйста спасибо здравствуйте добрый день после до больше "
        "работает помогите когда почему где"},
    {"uk", "і в не на що я з він як це по але ми до у за ви так від мене мій моя мені нас наш ваш для є або якщо ні вже ще може можна будь ласка дякую доброго дня після більше працює допоможіть коли чому де та"},
    {"bg", "и в не на че аз с той как това по но ние към за от вие така да ми мен моя моят ви ни сме съм са ще има няма или ако вече още може моля благодаря здравейте добър ден след преди работи когато защо къде се"},
    {"hu", "és a az nem van volt hogy ez egy én ti mi ők meg már még csak is ha mint de vagy kérem köszönöm tisztelt jó napot üdvözlettel nekem lehet kell mert mit hogyan miért hol után előtt"},
    {"ro", "și este sunt era că nu eu noi voi el ea un o în la de pe cu din pentru care ce cum când unde dar sau mai mulțumesc bună ziua vă rog salut mea meu avem am are poate"},
    {"tr", "ve bir bu şu için ile değil var yok ben biz siz sen o ne nasıl neden nerede ama veya da de çok teşekkür ederim merhaba lütfen saygılar olarak daha sonra önce mi mı"},
    /* neighbours that would be taken for one of the above: answered only where they are wanted */
    {"ca", "amb que no és els les una del dels per però com què quan on puc pot podeu he hem ha han meu meva meu nostre nostra gràcies si us plau bon dia hola ahir avui demà més ja també encara aquest "
        "aquesta fer des d'ahir compte em ens cada ser saber"},
    {"gl", "non é os as unha do da dos das co coa na no para pero como cando onde podo pode podedes teño temos miña meu noso grazas ola bos días onte hoxe mañá máis xa tamén aínda este esta facer desde axudarme funciona"},
    {"et", "ja ei on et see kas ma sa me te nad mis kui aga või ka veel enam minu meie teie palun tänan aitäh tere saa saab saate aidata olen oleme ole kuidas miks kus pärast enne nüüd siis juba oma tööta "
        "sisse sain kaks"},
    {"af", "en die is nie het ek jy ons julle hulle my se van vir met op in om te wat hoe hoekom waar kan sal moet asseblief dankie hallo goeie môre dit daar hier nog meer by help weer as maar of ook so nou"},
    {"hr", "i je su da ne u na za se sam smo ste od do što kako kada gdje zašto ali ili ako više moj moja moje nam nas vas hvala molim poštovani dobar dan pozdrav lijepa mogu možete može pomoći radi nije "
        "biti ima prije poslije ovo taj pod bez tako"},
    {"sl", "in je so da ne v na za se sem smo ste od do kaj kako kdaj kje zakaj ampak ali če več moj moja moje nam nas vas hvala prosim pozdravljeni dober dan lep pozdrav mi lahko pomagate deluje ni biti ima "
        "pred po to ta pri pod brez tako"},
    {"is", "og er ekki að ég þú við þið hann hún það sem á í til með um fyrir en eða hvað hvernig hvenær hvar af hverju get getur getið minn mín mitt takk fyrir góðan dag halló kveðja lengur hjálpað virkar "
        "hefur hafa var nu þetta"},
    {"lv", "un ir nav ka es jūs mēs viņi kas kā kad kur kāpēc bet vai ar no uz par pie mans mana mūsu paldies lūdzu labdien sveiki varat palīdzēt vairs vēl jau nestrādā tas šis"},
    {"lt", "ir yra ne nėra kad aš jūs mes jie kas kaip kada kur kodėl bet ar su iš į apie prie mano mūsų ačiū prašau laba diena sveiki galite padėti dar jau nebeveikia tai šis"},
};
#define LANGUAGES countof(lexicon)
#define ANSWERED 20u            /* the first so many of them */
_Static_assert(countof(lexicon) <= 32, "one bit of a mask for each");

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

    for (size_t i = ANSWERED; i < LANGUAGES && r->o->n_languages == 0; i++)
        if (strcmp(code, lexicon[i].code) == 0)
            return NULL;
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
/* Where a citation that begins at s ends: "The file is in use". NULL: none begins there. */
static const char *
cited_to(const char *s)
{
    static const struct { const char *open, *close; } marks[] = {{"\"", "\""}, {"“", "”"}, {"„", "“"}, {"”", "”"}, {"«", "»"}, {"»", "«"}};

    for (size_t i = 0; i < countof(marks); i++) {
        size_t n = strlen(marks[i].open);
        const char *e;
        if (strncmp(s, marks[i].open, n) != 0)
            continue;
        e = memmem(s + n, strnlen(s + n, CITED_MOST), marks[i].close, strlen(marks[i].close));
        return e == NULL ? NULL : e + strlen(marks[i].close);
    }
    return NULL;
}

/* Words of mail addresses, links, numbers and signs say nothing of the language, nor does a message of some program that is cited. */
static void
prose(const char *text, bool cited, struct buf *out)
{
    for (const char *p = text; *p != 0 && out->len < BYTES_MOST; ) {
        const char *w = p, *e = cited ? NULL : cited_to(p);
        bool word = true;
        if (e != NULL)
            p = w = e;
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
        if (c < 0x80) {
            latin += is_alpha((int)c);
            continue;
        }
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
        latin += c >= 0xc0 && c <= 0x24f;
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
    prose(text, false, &b);
    if (b.len < WORDS_LEAST) {
        b.len = 0;
        prose(text, true, &b);
    }
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
