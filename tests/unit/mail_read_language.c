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
        {NULL, "12 345 678"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++)
        guess(table[i].text, table[i].text, NULL, 0, NULL, table[i].want);
}

static void
of_wanted(void **state)
{
    static const char *const english[] = {"en"}, *const nordic[] = {"sv", "da", "nb"}, *const danish[] = {"en", "da"};
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
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_all), cmocka_unit_test(of_wanted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
