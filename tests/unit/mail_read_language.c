/* SPDX-License-Identifier: ISC
 *
 * The language of short texts: right, or none; never a wrong one. And which languages are wanted.
 */
#include "mail_read.h"

static void
guess(const char *label, const char *text, const char *const *wanted, size_t n, const char *declared, const char *want)
{
    struct mail_options o = {.limits = mail_limits_default, .languages = wanted, .n_languages = n};
    struct arena *a = arena_new(0);
    struct buf b = {0};

    mail_init();
    buf_printf(&b, "From: a@b.example\nContent-Type: text/plain; charset=utf-8\n%s%s\n\n%s\n", declared == NULL ? "X-Y: z" : "Content-Language: ", declared == NULL ? "" : declared, text);
    test_same(label, mail_parse((const uint8_t *)b.data, b.len, &o, a)->language, want);
    buf_free(&b);
    arena_free(&a);
}

static void
of_all(void **state)
{
    static const struct { const char *want, *text; } table[] = {
        {"en", "Hello, my printer does not work any more. Can you please help me?"},
        {"en", "Please reset my password, I cannot log in since this morning."},
        {"en", "Thanks, that solved it."},
        {"sv", "Hej, min skrivare fungerar inte längre. Kan ni hjälpa mig?"},
        {"sv", "Jag kan inte logga in sedan i morse, var snäll och återställ mitt lösenord."},
        {"sv", "Fakturan för mars är fel, vänligen kontrollera den."},
        {"da", "Hej, min printer virker ikke længere. Kan I hjælpe mig?"},
        {"da", "Jeg kan ikke logge ind siden i morges, vær venlig at nulstille min adgangskode."},
        {"da", "Fakturaen for marts er forkert, kontroller den venligst."},
        {"no", "Hei, skriveren min fungerer ikke lenger. Kan dere hjelpe meg?"},
        {"no", "Jeg får ikke logget inn siden i morges, vennligst tilbakestill passordet mitt."},
        {"no", "Fakturaen for mars er feil, vennligst sjekk den."},
        {"de", "Hallo, mein Drucker funktioniert nicht mehr. Können Sie mir helfen?"},
        {"de", "Ich kann mich seit heute Morgen nicht mehr anmelden, bitte setzen Sie mein Passwort zurück."},
        {"de", "Danke, das hat geholfen."},
        {"nl", "Hallo, mijn printer werkt niet meer. Kunt u mij helpen?"},
        {"nl", "Ik kan sinds vanmorgen niet meer inloggen, wilt u mijn wachtwoord opnieuw instellen?"},
        {"nl", "Bedankt, dat heeft geholpen."},
        {"fr", "Bonjour, mon imprimante ne fonctionne plus. Pouvez-vous m'aider ?"},
        {"fr", "Je ne peux plus me connecter depuis ce matin, merci de réinitialiser mon mot de passe."},
        {"fr", "Merci, le problème est résolu."},
        {"es", "Hola, mi impresora ya no funciona. ¿Me pueden ayudar?"},
        {"es", "No puedo entrar desde esta mañana, por favor restablezcan mi contraseña."},
        {"es", "Gracias, eso lo resolvió."},
        {"it", "Salve, la mia stampante non funziona più. Potete aiutarmi?"},
        {"it", "Non riesco ad accedere da stamattina, per favore reimpostate la mia password."},
        {"it", "La fattura di marzo è sbagliata, vi prego di controllarla."},
        {"pt", "Olá, a minha impressora já não funciona. Podem ajudar-me?"},
        {"pt", "Não consigo entrar desde esta manhã, por favor reponham a minha senha."},
        {"pt", "Obrigado, isso resolveu."},
        {"pl", "Dzień dobry, moja drukarka już nie działa. Czy możecie mi pomóc?"},
        {"pl", "Nie mogę się zalogować od dziś rana, proszę o zresetowanie hasła."},
        {"pl", "Faktura za marzec jest błędna, proszę ją sprawdzić."},
        {"fi", "Hei, tulostimeni ei enää toimi. Voitteko auttaa minua?"},
        {"fi", "En pääse kirjautumaan sisään aamusta lähtien, voitteko nollata salasanani?"},
        {"ru", "Здравствуйте, мой принтер больше не работает. Помогите, пожалуйста."},
        {"cs", "Dobrý den, moje tiskárna už nefunguje. Můžete mi pomoci?"},
        {"ja", "こんにちは。プリンターが動かなくなりました。助けてください。"},
        {"zh", "你好，我的打印机坏了，请帮我看看。"},
        {NULL, "Hallo, my drukker werk nie meer nie. Kan jy my asseblief help?"},
        {NULL, "Proszę, proszę, proszę, proszę!"},
        {NULL, "ok"},
        {NULL, "Mvh Anna"},
        {NULL, "John Smith, Acme Ltd"},
        {NULL, "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua."},
        {NULL, "ERROR in main: NullPointerException at com.foo.Bar.run"},
        {NULL, "Tere, minu printer ei tööta enam. Kas te saate mind aidata? Tänan."},
        {NULL, "Poštovani, moj pisač više ne radi. Možete li mi pomoći? Hvala lijepa."},
        {NULL, "https://www.example.com/this/is/not/a/word and@the.example"},
        {NULL, "Takk"},
        {"en", "Good morning, the coffee machine on floor 3 is leaking. Could someone have a look?"},
        {"en", "Still broken.\nAnna"},
        {"en", "Any news on this?"},
        {"en", "It works now, thank you very much for the quick help!"},
        {"en", "Attached is the invoice. We paid twice, please refund."},
        {"en", "Order 4711 never arrived. I want my money back."},
        {"sv", "Godmorgon, kaffemaskinen på våning 3 läcker. Kan någon titta på den?"},
        {"sv", "Det fungerar fortfarande inte.\nMvh Anna"},
        {"sv", "Några nyheter om detta?"},
        {"sv", "Nu funkar det, tack så mycket för den snabba hjälpen!"},
        {"sv", "Bifogar fakturan. Vi har betalat två gånger, vänligen återbetala."},
        {"sv", "Vi saknar leveransen från i fredags. Var är den?"},
        {"da", "Godmorgen, kaffemaskinen på 3. sal er utæt. Kan nogen kigge på den?"},
        {"da", "Det virker stadig ikke.\nMvh Anna"},
        {"da", "Nu virker det, mange tak for den hurtige hjælp!"},
        {"da", "Vedhæftet er fakturaen. Vi har betalt to gange, venligst refundér beløbet."},
        {"da", "Vi mangler leveringen fra i fredags. Hvor er den blevet af?"},
        {"no", "Det fungerer fortsatt ikke.\nMvh Anna"},
        {"no", "Nå virker det, tusen takk for rask hjelp!"},
        {"no", "Vedlagt er fakturaen. Vi har betalt to ganger, vennligst refunder beløpet."},
        {"no", "Vi mangler leveransen fra fredag. Hvor er det blitt av den?"},
        {"de", "Guten Morgen, die Kaffeemaschine im 3. Stock leckt. Könnte jemand nachsehen?"},
        {"de", "Es geht immer noch nicht.\nAnna"},
        {"de", "Gibt es hierzu etwas Neues?"},
        {"de", "Jetzt funktioniert es, vielen Dank für die schnelle Hilfe!"},
        {"de", "Anbei die Rechnung. Wir haben doppelt bezahlt, bitte erstatten Sie den Betrag."},
        {"de", "Die Lieferung vom Freitag fehlt. Wo bleibt sie?"},
        {"nl", "Goedemorgen, het koffieapparaat op de derde verdieping lekt. Kan iemand ernaar kijken?"},
        {"nl", "Het werkt nog steeds niet.\nAnna"},
        {"nl", "Nu werkt het, hartelijk dank voor de snelle hulp!"},
        {"nl", "Bijgaand de factuur. We hebben twee keer betaald, graag terugbetalen."},
        {"fr", "Bonjour, la machine à café du troisième étage fuit. Quelqu'un pourrait-il regarder ?"},
        {"fr", "Cela ne marche toujours pas.\nAnna"},
        {"fr", "Avez-vous des nouvelles ?"},
        {"fr", "Ça marche maintenant, merci beaucoup pour votre aide rapide !"},
        {"fr", "Ci-joint la facture. Nous avons payé deux fois, veuillez rembourser."},
        {"es", "Buenos días, la cafetera de la tercera planta pierde agua. ¿Podría alguien mirarla?"},
        {"es", "¿Hay alguna novedad sobre esto?"},
        {"es", "Ahora funciona, ¡muchas gracias por la ayuda tan rápida!"},
        {"es", "Adjunto la factura. Hemos pagado dos veces, por favor devuelvan el importe."},
        {"it", "Buongiorno, la macchina del caffè al terzo piano perde acqua. Qualcuno può guardarla?"},
        {"it", "Non funziona ancora.\nAnna"},
        {"it", "Ci sono novità su questo?"},
        {"it", "Adesso funziona, grazie mille per il rapido aiuto!"},
        {"it", "In allegato la fattura. Abbiamo pagato due volte, vi prego di rimborsarci."},
        {"pl", "Dzień dobry, ekspres do kawy na trzecim piętrze przecieka. Czy ktoś mógłby zerknąć?"},
        {"pl", "Nadal nie działa.\nAnna"},
        {"pl", "Czy są jakieś wieści w tej sprawie?"},
        {"pl", "Teraz działa, bardzo dziękuję za szybką pomoc!"},
        {"pl", "W załączniku faktura. Zapłaciliśmy dwa razy, prosimy o zwrot."},
        {"fi", "Hyvää huomenta, kolmannen kerroksen kahvikone vuotaa. Voisiko joku katsoa sitä?"},
        {"fi", "Se ei vieläkään toimi.\nAnna"},
        {"fi", "Onko tästä mitään uutta?"},
        {"fi", "Nyt se toimii, kiitos paljon nopeasta avusta!"},
        {"fi", "Liitteenä lasku. Olemme maksaneet kahdesti, pyydämme palauttamaan summan."},
        {"pt", "Bom dia, a máquina de café do terceiro andar está a pingar. Alguém pode ver?"},
        {"pt", "Ainda não funciona.\nAnna"},
        {"pt", "Há novidades sobre isto?"},
        {"pt", "Agora funciona, muito obrigado pela ajuda rápida!"},
        {"pt", "Segue em anexo a fatura. Pagámos duas vezes, por favor devolvam o valor."},
        {"pt", "Bom dia, meu computador não liga. Vocês podem me ajudar?"},
        {NULL, "ok thx"},
        {NULL, "Invoice 4711"},
        {NULL, "Mvh\nAnna Svensson\nAcme AB\n08-123 45 67"},
        {NULL, "Anna"},
        {NULL, "+1"},
        {NULL, "SAP R/3 ABAP dump MESSAGE_TYPE_X"},
        {NULL, "Server: prod-01\nStatus: 500\nPath: /api/v1"},
        {NULL, "Windows 11 Pro, Office 365, Teams"},
        {"en", "Hi Åsa,\nthe Malmö office cannot print. Can you check with Jörg please?\nRegards"},
        {"sv", "Hej, felmeddelandet är \"The file could not be opened because it is in use by another program\". Vad gör jag?"},
        {"de", "Hallo, ich bekomme die Meldung \"Your session has expired, please log in again\". Was kann ich tun?"},
        {"en", "please see below"},
        {"en", "Yes please."},
        {"sv", "Ja tack, gärna."},
        {"fr", "Oui, merci."},
        {NULL, "Bon dia, la impressora del segon pis no funciona. Em podeu ajudar, si us plau? Gràcies."},
        {NULL, "Hola, no puc entrar al meu compte des d'ahir. Què he de fer?"},
        {NULL, "Góðan dag, prentarinn minn virkar ekki lengur. Getið þið hjálpað mér? Takk fyrir."},
        {NULL, "Labdien, mans printeris vairs nestrādā. Vai varat palīdzēt? Paldies."},
        {NULL, "Laba diena, mano spausdintuvas nebeveikia. Gal galite padėti? Ačiū."},
        {NULL, "Pozdravljeni, moj tiskalnik ne deluje več. Mi lahko pomagate? Hvala."},
        {NULL, "Selamat pagi, printer saya tidak berfungsi lagi. Bisakah Anda membantu saya? Terima kasih."},
        {NULL, "Xin chào, máy in của tôi không hoạt động nữa. Bạn có thể giúp tôi không? Cảm ơn."},
        {NULL, "Përshëndetje, printeri im nuk punon më. A mund të më ndihmoni? Faleminderit."},
        {NULL, "Ola, a miña impresora xa non funciona. Podedes axudarme? Grazas."},
        {NULL, "Kaixo, nire inprimagailuak ez du funtzionatzen. Lagunduko didazue? Eskerrik asko."},
        {NULL, "Tere, ma ei saa enam oma kontosse sisse logida. Kas saate aidata? Aitäh."},
        {NULL, "Goeie môre, ek kan nie by my rekening inkom nie. Kan julle asseblief help?"},
        {NULL, "Salve, magister, quid facis hodie in schola nostra cum discipulis tuis?"},
        {NULL, "Shwmae, nid yw fy argraffydd yn gweithio mwyach. Allwch chi fy helpu? Diolch."},
        {NULL, "Dia duit, níl mo phrintéir ag obair níos mó. An féidir leat cabhrú liom? Go raibh maith agat."},
        {"en", "Hi there, my order #12345 shows as shipped but the tracking number is invalid."},
        {"en", "The elevator in building B makes strange noises."},
        {"en", "Could you call me back tomorrow morning between nine and ten?"},
        {"sv", "Kan ni ringa mig i morgon förmiddag mellan nio och tio?"},
        {"sv", "Hej! Jag har beställt två stolar men bara fått en. När kommer den andra?"},
        {"da", "Elevatoren i bygning B siger mærkelige lyde."},
        {"da", "Kan I ringe til mig i morgen formiddag mellem ni og ti?"},
        {"da", "Hej! Jeg har bestilt to stole, men kun fået én. Hvornår kommer den anden?"},
        {"no", "Hei! Jeg har bestilt to stoler, men bare fått én. Når kommer den andre?"},
        {"de", "Können Sie mich morgen Vormittag zwischen neun und zehn zurückrufen?"},
        {"de", "Bildschirm bleibt nach der Anmeldung schwarz."},
        {"nl", "Kunt u mij morgenochtend tussen negen en tien terugbellen?"},
        {"nl", "Hoi, ik heb twee stoelen besteld maar er maar één gekregen."},
        {"fr", "L'ascenseur du bâtiment B fait des bruits bizarres."},
        {"fr", "Pouvez-vous me rappeler demain matin entre neuf et dix heures ?"},
        {"fr", "J'ai commandé deux chaises mais je n'en ai reçu qu'une."},
        {"es", "El ascensor del edificio B hace ruidos raros."},
        {"es", "¿Pueden llamarme mañana por la mañana entre las nueve y las diez?"},
        {"es", "He pedido dos sillas pero solo me ha llegado una."},
        {"it", "L'ascensore dell'edificio B fa rumori strani."},
        {"it", "Potete richiamarmi domani mattina tra le nove e le dieci?"},
        {"it", "Ho ordinato due sedie ma ne ho ricevuta solo una."},
        {"pl", "Winda w budynku B wydaje dziwne dźwięki."},
        {"pl", "Czy mogą Państwo oddzwonić jutro rano między dziewiątą a dziesiątą?"},
        {"pl", "Zamówiłem dwa krzesła, ale dostałem tylko jedno."},
        {"fi", "Rakennuksen B hissi pitää outoa ääntä."},
        {"fi", "Voitteko soittaa minulle huomenna aamupäivällä yhdeksän ja kymmenen välillä?"},
        {"fi", "Tilasin kaksi tuolia, mutta sain vain yhden."},
        {"pt", "Podem ligar-me amanhã de manhã entre as nove e as dez?"},
        {"pt", "Encomendei duas cadeiras mas só recebi uma."},
        {"cs", "Objednal jsem dvě židle, ale dostal jsem jen jednu. Kdy přijde druhá?"},
        {"ru", "Я заказал два стула, но получил только один. Когда придёт второй?"},
        {"hu", "Két széket rendeltem, de csak egyet kaptam. Mikor jön a másik?"},
        {"tr", "İki sandalye sipariş ettim ama sadece bir tane geldi. Diğeri ne zaman gelecek?"},
        {"ro", "Am comandat două scaune, dar am primit doar unul. Când vine al doilea?"},
        {"en", "FYI, Søren from Købæk said the påslag is wrong. Can you check with him?"},
        {"de", "Hi zusammen, beim Onboarding im Tool bekomme ich einen Error 403. Kann das jemand checken?"},
        {"sv", "Hej support, får \"Access denied\" när jag försöker logga in på portalen. Please help!"},
        {"fr", "Hello, je n'arrive plus à me connecter au portail, merci de votre aide. Best regards"},
        {"es", "Hi, no puedo acceder al portal, me sale \"login failed\". Gracias, thanks"},
        {NULL, "Adobe Photoshop CC 2024 license key"},
        {NULL, "Re: Meeting"},
        {NULL, "Tel: +46 8 123 456 78, Fax: +46 8 123 456 79, Mobil: 070"},
        {NULL, "Best,\nTom"},
        {NULL, "12 345 678"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++)
        guess(table[i].text, table[i].text, NULL, 0, NULL, table[i].want);
}

static void
of_wanted(void **state)
{
    static const char *const english[] = {"en"}, *const nordic[] = {"sv", "da", "nb"}, *const danish[] = {"en", "da"}, *const catalan[] = {"es", "ca"};
    static const char swedish_text[] = "Hej, min skrivare fungerar inte längre. Kan ni hjälpa mig?", italian[] = "Salve, la mia stampante non funziona più. Potete aiutarmi?",
        norwegian[] = "Hei, skriveren min fungerer ikke lenger. Kan dere hjelpe meg?", both[] = "Det er ikke her. Hvordan skal jeg for å få det til?";

    (void)state;
    guess("not wanted", swedish_text, english, 1, NULL, NULL);
    guess("not wanted, whatever the program says", italian, english, 1, "en", NULL);
    guess("wanted", swedish_text, nordic, 3, NULL, "sv");
    guess("the configuration's own word", norwegian, nordic, 3, NULL, "nb");
    guess("a neighbour that fits worse", norwegian, danish, 2, NULL, NULL);
    guess("a neighbour that fits worse, longer", "Jeg har ikke fått noe svar ennå. Hva skal jeg gjøre nå? Vennligst si fra når dere vet noe om det, og hvordan vi kan få hjelp til dette.", danish, 2, NULL, NULL);
    guess("a neighbour that fits a little worse", "Jeg har ikke skrevet. Det er ikke her. Hvordan skal jeg gjøre det? Takk.", danish, 2, NULL, NULL);
    guess("unsure: the program's word", "ok", nordic, 3, "sv-SE", "sv");
    guess("unsure: the program's word is not wanted", "ok", english, 1, "sv-SE", NULL);
    guess("unsure: two words of the program", "ok", nordic, 3, "sv, da", NULL);
    guess("nothing wanted in particular: no word of the program", "ok", NULL, 0, "sv", NULL);
    guess("Danish or Norwegian: the wanted one", both, danish, 2, NULL, "da");
    guess("a small neighbour where it is wanted", "Bon dia, la impressora no funciona. Em podeu ajudar, si us plau? Gràcies.", catalan, 2, NULL, "ca");
    guess("and where it is not", "Bon dia, la impressora no funciona. Em podeu ajudar, si us plau? Gràcies.", english, 1, NULL, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_all), cmocka_unit_test(of_wanted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
