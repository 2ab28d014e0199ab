/* SPDX-License-Identifier: ISC
 *
 * What staff are told of their commands, in the languages that letters are written in: a table of sentences. {1} and {2} are
 * filled in.
 */
#include "command.h"

#include <string.h>

static const char *const sentences[SAIDS][COMMAND_LANGUAGES] = {
    [SAID_TAKEN] = { "Taken: the case is yours.", "Taget: ärendet är ditt.", "Taget: sagen er din." },
    [SAID_ASSIGNED] = { "Assigned to {1}.", "Tilldelat {1}.", "Tildelt {1}." },
    [SAID_UNASSIGNED] = { "Assigned to nobody.", "Tilldelat ingen.", "Tildelt ingen." },
    [SAID_QUEUE] = { "Moved to the queue {1}.", "Flyttat till kön {1}.", "Flyttet til køen {1}." },
    [SAID_PRIORITY] = { "The priority is {1}.", "Prioriteten är {1}.", "Prioriteten er {1}." },
    [SAID_KIND] = { "The kind is {1}.", "Sorten är {1}.", "Slagsen er {1}." },
    [SAID_STATE] = { "The state is {1}.", "Läget är {1}.", "Tilstanden er {1}." },
    [SAID_NOTE] = { "Noted. It stays inside.", "Antecknat. Det stannar hos oss.", "Noteret. Det bliver hos os." },
    [SAID_TIME] = { "{1} logged.", "{1} har antecknats som nedlagd tid.", "{1} er noteret som brugt tid." },
    [SAID_FIELD] = { "{1} is now \"{2}\".", "{1} är nu \"{2}\".", "{1} er nu \"{2}\"." },
    [SAID_TAG] = { "Tag {1} put on.", "Etiketten {1} har satts.", "Etiketten {1} er sat på." },
    [SAID_UNTAG] = { "Tag {1} taken off.", "Etiketten {1} har tagits bort.", "Etiketten {1} er taget af." },
    [SAID_WATCH] = { "You will hear of every step.", "Du får höra om varje steg.", "Du hører om hvert skridt." },
    [SAID_UNWATCH] = { "You will not hear of every step any more.", "Du får inte längre höra om varje steg.", "Du hører ikke længere om hvert skridt." },
    [SAID_LETTER] = { "The letter {1} goes to the customer.", "Brevet {1} går till kunden.", "Brevet {1} går til kunden." },
    [SAID_ESCALATED] = { "Priority escalated. The customer is told.", "Prioriterad eskalering. Kunden får veta det.", "Prioriteret eskalering. Kunden får besked." },
    [SAID_DECLINED] = { "The escalation is declined. The customer is told.", "Eskaleringen har avslagits. Kunden får veta det.", "Eskaleringen er afslået. Kunden får besked." },
    [SAID_ESTIMATE] = { "The estimate goes to the customer for approval.", "Uppskattningen går till kunden för godkännande.", "Estimatet går til kunden til godkendelse." },
    [SAID_APPROVAL] = { "The customer is asked to approve the solution.", "Kunden ombeds godkänna lösningen.", "Kunden bedes godkende løsningen." },
    [SAID_MERGED] = { "Merged into {1}.", "Sammanslaget med {1}.", "Lagt sammen med {1}." },
    [SAID_SPAM] = { "Closed as spam. Nobody is written to.", "Avslutat som skräppost. Ingen får brev.", "Afsluttet som spam. Ingen får brev." },
    [SAID_PARKED] = { "{1} is off the case.", "{1} är borta från ärendet.", "{1} er taget af sagen." },
    [SAID_ADMITTED] = { "{1} is on the case.", "{1} är med i ärendet.", "{1} er med på sagen." },
    [SAID_RELAY] = { "Your answer goes to {1}.", "Ditt svar går till {1}.", "Dit svar går til {1}." },
    [SAID_RELAY_AT] = { "Your answer goes to {1} in {2}; until then #undo takes it back.", "Ditt svar går till {1} om {2}; till dess tar #undo tillbaka det.",
                        "Dit svar går til {1} om {2}; indtil da tager #undo det tilbage." },
    [SAID_ALSO_HELD] = { "Another answer, of {1}, is still waiting to go out.", "Ett annat svar, från {1}, väntar fortfarande på att skickas.",
                         "Et andet svar, fra {1}, venter stadig på at blive sendt." },
    [SAID_MEANWHILE] = { "The customer has written meanwhile: please read it too.", "Kunden har skrivit under tiden: läs det också.", "Kunden har skrevet imens: læs også det." },
    [SAID_NOT_PASSED] = { "Attachments stay here and do not go to the customer: {1}.", "Bilagor stannar här och går inte till kunden: {1}.",
                          "Vedhæftede filer bliver her og går ikke til kunden: {1}." },
    [SAID_UNDONE] = { "Taken back: your answer does not go out, and the case is as it was before.", "Tillbakataget: ditt svar skickas inte, och ärendet är som det var innan.",
                      "Taget tilbage: dit svar sendes ikke, og sagen er som før." },
    [SAID_OPENED] = { "A case for {1}.", "Ett ärende åt {1}.", "En sag for {1}." },
    [SAID_NEXT] = { "Next: {1}", "På tur: {1}", "Den næste: {1}" },
    [SAID_NOTHING_NEXT] = { "No case is waiting to be worked on.", "Inget ärende väntar på att bli påbörjat.", "Ingen sag venter på at blive taget." },
    [SAID_NO_CHANGE] = { "#{1}: it was so already.", "#{1}: det var redan så.", "#{1}: sådan var det allerede." },
    [SAID_REMIND] = { "You will be reminded on {1}.", "Du påminns {1}.", "Du bliver mindet om det {1}." },
    [SAID_SPLIT] = { "A case of its own: {1}.", "Ett eget ärende: {1}.", "En sag for sig: {1}." },
    [SAID_FOUND] = { "Cases found: {1}.", "Funna ärenden: {1}.", "Fundne sager: {1}." },
    [SAID_FOUND_NONE] = { "No case was found.", "Inget ärende hittades.", "Ingen sag blev fundet." },
    [WRONG_UNKNOWN] = { "#{1}: there is no such command. #help lists them.", "#{1}: ett sådant kommando finns inte. #help räknar upp dem.",
                        "#{1}: den kommando findes ikke. #help viser dem." },
    [WRONG_UNKNOWN_NEAR] = { "#{1}: there is no such command. Did you mean #{2}?", "#{1}: ett sådant kommando finns inte. Menade du #{2}?",
                             "#{1}: den kommando findes ikke. Mente du #{2}?" },
    [WRONG_LATE] = { "\"{1}\" stands below other words. Commands stand on the first lines.", "\"{1}\" står under andra ord. Kommandon ska stå på de första raderna.",
                     "\"{1}\" står under andre ord. Kommandoer skal stå på de første linjer." },
    [WRONG_TOO_MANY] = { "Too many commands in one mail.", "För många kommandon i ett mejl.", "For mange kommandoer i en mail." },
    [WRONG_NO_CASE] = { "#{1}: no case is named. Answer a letter of the case, or put its number into the subject.", "#{1}: inget ärende är nämnt. Svara på ett av ärendets brev, eller skriv numret i ämnesraden.",
                        "#{1}: ingen sag er nævnt. Svar på et brev om sagen, eller skriv nummeret i emnet." },
    [WRONG_NEEDS] = { "#{1} needs more: #{1} {2}", "#{1} behöver mer: #{1} {2}", "#{1} mangler noget: #{1} {2}" },
    [WRONG_PERSON] = { "\"{1}\": nobody of that name works here. There are: {2}.", "\"{1}\": ingen med det namnet arbetar här. Det finns: {2}.",
                       "\"{1}\": ingen af det navn arbejder her. Der er: {2}." },
    [WRONG_PERSONS] = { "\"{1}\" fits several: {2}.", "\"{1}\" passar på flera: {2}.", "\"{1}\" passer på flere: {2}." },
    [WRONG_QUEUE] = { "\"{1}\": there is no such queue. There are: {2}.", "\"{1}\": en sådan kö finns inte. Det finns: {2}.", "\"{1}\": den kø findes ikke. Der er: {2}." },
    [WRONG_PRIORITY] = { "\"{1}\": there is no such priority. There are: {2}.", "\"{1}\": en sådan prioritet finns inte. Det finns: {2}.",
                         "\"{1}\": den prioritet findes ikke. Der er: {2}." },
    [WRONG_KIND] = { "\"{1}\": there is no such kind. There are: {2}.", "\"{1}\": en sådan sort finns inte. Det finns: {2}.", "\"{1}\": den slags findes ikke. Der er: {2}." },
    [WRONG_STATE] = { "\"{1}\": there is no such state. There are: {2}.", "\"{1}\": ett sådant läge finns inte. Det finns: {2}.", "\"{1}\": den tilstand findes ikke. Der er: {2}." },
    [WRONG_TIME] = { "\"{1}\" is no time. Write 45m, 1h30m or 1.5h.", "\"{1}\" är ingen tid. Skriv 45m, 1h30m eller 1,5h.", "\"{1}\" er ingen tid. Skriv 45m, 1h30m eller 1,5h." },
    [WRONG_NUMBER] = { "\"{1}\" is not the number of a case of this desk.", "\"{1}\" är inte numret på ett ärende här.", "\"{1}\" er ikke nummeret på en sag her." },
    [WRONG_SAME] = { "A case cannot be merged into itself.", "Ett ärende kan inte slås samman med sig självt.", "En sag kan ikke lægges sammen med sig selv." },
    [WRONG_FIELD] = { "\"{1}\" is no name of a field. There are: {2}.", "\"{1}\" är inget fältnamn. Det finns: {2}.", "\"{1}\" er ikke navnet på et felt. Der er: {2}." },
    [WRONG_LETTER] = { "\"{1}\": there is no such letter. There are: {2}.", "\"{1}\": ett sådant brev finns inte. Det finns: {2}.", "\"{1}\": det brev findes ikke. Der er: {2}." },
    [WRONG_WORDS] = { "#{1} needs words for the customer. Write them below the command.", "#{1} behöver ord till kunden. Skriv dem under kommandot.",
                      "#{1} mangler ord til kunden. Skriv dem under kommandoen." },
    [WRONG_NOTHING_ASKED] = { "#{1}: nobody has asked for an escalation of this case.", "#{1}: ingen har begärt eskalering av detta ärende.", "#{1}: ingen har bedt om eskalering af denne sag." },
    [WRONG_NOTHING_HELD] = { "#undo: no answer of yours is waiting; what has gone out cannot be taken back.", "#undo: inget svar från dig väntar; det som har skickats kan inte tas tillbaka.",
                             "#undo: intet svar fra dig venter; det, der er sendt, kan ikke tages tilbage." },
    [WRONG_NOT_CLOSED] = { "#{1}: the case is neither resolved nor closed.", "#{1}: ärendet är varken löst eller avslutat.", "#{1}: sagen er hverken løst eller afsluttet." },
    [WRONG_CLOSED] = { "The case is closed. #reopen opens it again.", "Ärendet är avslutat. #reopen öppnar det igen.", "Sagen er afsluttet. #reopen åbner den igen." },
    [WRONG_ADDRESS] = { "\"{1}\" is no mail address.", "\"{1}\" är ingen e-postadress.", "\"{1}\" er ingen mailadresse." },
    [WRONG_NOT_NEW] = { "#{1} opens a case: send it in a new mail of its own.", "#{1} öppnar ett ärende: skicka det i ett nytt, eget mejl.",
                        "#{1} åbner en sag: send den i en ny mail for sig." },
    [WRONG_NOBODY] = { "#{1}: nobody is waiting to be let in. Name the address.", "#{1}: ingen väntar på att släppas in. Skriv adressen.", "#{1}: ingen venter på at blive lukket ind. Skriv adressen." },
    [WRONG_DATE] = { "\"{1}\" is no date to come. Write 2026-03-31, or 3d.", "\"{1}\" är inget kommande datum. Skriv 2026-03-31 eller 3d.", "\"{1}\" er ingen kommende dato. Skriv 2026-03-31 eller 3d." },
    [WRONG_NONE_DONE] = { "Nothing of this mail was done, and nothing was sent.", "Inget i detta mejl har utförts, och inget har skickats.", "Intet i denne mail er udført, og intet er sendt." },
    [WRONG_NOT_YOURS] = { "{1} is not on this case.", "{1} är inte med i ärendet.", "{1} er ikke med på sagen." },
    [WRONG_TAG] = { "\"{1}\" cannot be a tag: letters, digits and dashes, please.", "\"{1}\" kan inte vara en etikett: bokstäver, siffror och bindestreck.",
                    "\"{1}\" kan ikke være en etiket: bogstaver, tal og bindestreger." },
    [WRONG_UNREACHABLE] = { "{1}: nobody can be written to there.", "{1}: dit går det inte att skriva.", "{1}: dertil kan der ikke skrives." },
};

const char *
command_said(struct arena *a, enum command_language l, enum said what, const char *one, const char *two)
{
    struct buf b = { 0 };
    buf_puts(&b, "");
    for (const char *p = sentences[what][l]; *p != '\0'; p++) {
        if (p[0] == '{' && (p[1] == '1' || p[1] == '2') && p[2] == '}') {
            const char *value = p[1] == '1' ? one : two;
            buf_puts(&b, value ? value : "");
            p += 2;
        } else {
            buf_putc(&b, *p);
        }
    }
    char *s = arena_strndup(a, b.data, b.len);
    buf_free(&b);
    return s;
}

/* What is done and what is wrong are lists of the letter that answers. */
void
run_done(struct command_run *r, enum said what, const char *one, const char *two)
{
    arena_push(r->t->a, &r->done, &r->n_done, (void *)command_said(r->t->a, r->language, what, one, two));
}

void
run_wrong(struct command_run *r, enum said what, const char *one, const char *two)
{
    arena_push(r->t->a, &r->wrong, &r->n_wrong, (void *)command_said(r->t->a, r->language, what, one, two));
}
