/* SPDX-License-Identifier: ISC
 *
 * The table of commands: one row a word. What is not done is not in here; the help that staff get by mail and the manual
 * are made from it.
 */
#include "command.h"

#include <string.h>

const struct command_row command_rows[] = {
    { .word = "take", .arguments = "", .run = command_take,
      .help = { "The case is yours, and you begin to work on it.", "Ärendet blir ditt och du börjar arbeta med det.", "Sagen bliver din, og du går i gang med den." } },
    { .word = "assign", .arguments = "PERSON|me|none", .run = command_assign,
      .help = { "Gives the case to a colleague: an address, its first part, or a name.", "Ger ärendet till en kollega: en adress, dess första del eller ett namn.",
                "Giver sagen til en kollega: en adresse, dens første del eller et navn." } },
    { .word = "queue", .arguments = "QUEUE", .run = command_queue,
      .help = { "Hands the case over to another line; the customer is told.", "Lämnar över ärendet till en annan linje; kunden får veta det.",
                "Giver sagen videre til en anden linje; kunden får besked." } },
    { .word = "priority", .arguments = "PRIORITY", .run = command_priority,
      .help = { "Another priority, and its targets from the same start.", "En annan prioritet, och dess mål från samma början.", "En anden prioritet og dens mål fra samme begyndelse." } },
    { .word = "kind", .arguments = "KIND", .run = command_kind, .help = { "Another kind of case.", "En annan sorts ärende.", "En anden slags sag." } },
    { .word = "state", .arguments = "STATE", .phase = PHASE_AFTER, .run = command_state,
      .help = { "Any state: new, assigned, progress, waiting, resolved, closed.", "Vilket läge som helst: new, assigned, progress, waiting, resolved, closed.",
                "En hvilken som helst tilstand: new, assigned, progress, waiting, resolved, closed." } },
    { .word = "wait", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .run = command_wait,
      .help = { "The case waits for the customer; the words go there.", "Ärendet väntar på kunden; orden går dit.", "Sagen venter på kunden; ordene går dertil." } },
    { .word = "resolve", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .run = command_resolve,
      .help = { "It is solved; the words go to the customer.", "Det är löst; orden går till kunden.", "Den er løst; ordene går til kunden." } },
    { .word = "close", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .run = command_close,
      .help = { "It is closed; the words go to the customer.", "Det är avslutat; orden går till kunden.", "Den er afsluttet; ordene går til kunden." } },
    { .word = "reopen", .arguments = "", .phase = PHASE_BEFORE, .run = command_reopen,
      .help = { "It goes on, though it was resolved or closed.", "Det fortsätter, fast det var löst eller avslutat.", "Den fortsætter, selv om den var løst eller afsluttet." } },
    { .word = "note", .arguments = "WORDS", .prose = true, .words = WORDS_INSIDE, .run = command_note,
      .help = { "All words of this mail stay inside.", "Alla ord i detta mejl stannar hos oss.", "Alle ord i denne mail bliver hos os." } },
    { .word = "time", .arguments = "45m|1h30m [overtime] [billable] [WORDS]", .prose = true, .run = command_time,
      .help = { "Time spent on the case.", "Nedlagd tid.", "Tid brugt på sagen." } },
    { .word = "tag", .arguments = "[-]TAG", .run = command_tag, .help = { "Puts a tag on, or takes one off.", "Sätter en etikett, eller tar bort en.", "Sætter en etiket på eller tager en af." } },
    { .word = "merge", .arguments = "NUMBER", .phase = PHASE_AFTER, .words = WORDS_INSIDE, .run = command_merge,
      .help = { "This case goes on in that one.", "Detta ärende fortsätter i det andra.", "Denne sag fortsætter i den anden." } },
    { .word = "park", .arguments = "ADDRESS", .run = command_park,
      .help = { "Takes somebody off the case.", "Tar bort någon från ärendet.", "Tager nogen af sagen." } },
    { .word = "admit", .arguments = "[ADDRESS]", .who = WHO_ADMIN_TOO, .run = command_admit,
      .help = { "Lets somebody onto the case whose mail was parked.", "Släpper in någon vars mejl har parkerats.", "Lukker en ind, hvis mail blev parkeret." } },
    { .word = "spam", .arguments = "", .phase = PHASE_AFTER, .words = WORDS_INSIDE, .run = command_spam,
      .help = { "Not a case: closed, and nobody is written to.", "Inget ärende: avslutas, och ingen får brev.", "Ingen sag: afsluttes, og ingen får brev." } },
    { .word = "escalate", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_escalate,
      .help = { "Priority escalation is accepted, or begun; the customer is told.", "Prioriterad eskalering godtas eller inleds; kunden får veta det.",
                "Prioriteret eskalering accepteres eller indledes; kunden får besked." } },
    { .word = "decline", .arguments = "WORDS", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_decline,
      .help = { "A request for escalation is declined; the words tell the customer why.", "En begäran om eskalering avslås; orden säger kunden varför.",
                "En anmodning om eskalering afslås; ordene siger kunden hvorfor." } },
    { .word = "estimate", .arguments = "WORDS", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_estimate,
      .help = { "Asks the customer to approve what is proposed and the time it takes.", "Ber kunden godkänna förslaget och tiden det tar.",
                "Beder kunden godkende forslaget og den tid, det tager." } },
    { .word = "ask-approval", .arguments = "WORDS", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_ask_approval,
      .help = { "Asks the customer whether the solution is good.", "Frågar kunden om lösningen är bra.", "Spørger kunden, om løsningen er god." } },
    { .word = "set", .arguments = "NAME VALUE", .prose = true, .run = command_set,
      .help = { "Sets a field; without a value it is taken away.", "Sätter ett fält; utan värde tas det bort.", "Sætter et felt; uden værdi fjernes det." } },
    { .word = "letter", .arguments = "NAME", .phase = PHASE_AFTER, .run = command_letter,
      .help = { "Sends a prepared letter to the customer.", "Skickar ett färdigt brev till kunden.", "Sender et færdigt brev til kunden." } },
    { .word = "watch", .arguments = "[off]", .run = command_watch,
      .help = { "You hear of every step, or no more.", "Du får höra om varje steg, eller inte längre.", "Du hører om hvert skridt, eller ikke længere." } },
    { .word = "undo", .arguments = "", .words = WORDS_INSIDE, .run = command_undo,
      .help = { "Takes back the last answer, as long as it has not gone out.", "Tar tillbaka det senaste svaret så länge det inte har gått iväg.",
                "Tager det seneste svar tilbage, så længe det ikke er sendt." } },
    { .word = "for", .arguments = "ADDRESS", .caseless = true, .words = WORDS_INSIDE, .run = command_for,
      .help = { "On a new mail: opens a case for a customer, after a telephone call.", "I ett nytt mejl: öppnar ett ärende åt en kund, efter ett telefonsamtal.",
                "I en ny mail: åbner en sag for en kunde efter en telefonsamtale." } },
    { .word = "next", .arguments = "[QUEUE]", .caseless = true, .words = WORDS_INSIDE, .run = command_next,
      .help = { "Names the case that comes next.", "Säger vilket ärende som står på tur.", "Nævner den sag, der er den næste." } },
    { .word = "mine", .arguments = "", .caseless = true, .words = WORDS_INSIDE, .run = command_mine,
      .help = { "Your open cases, in the order of work.", "Dina öppna ärenden, i arbetsordning.", "Dine åbne sager, i arbejdsrækkefølge." } },
    { .word = "search", .arguments = "NUMBER|ADDRESS", .caseless = true, .words = WORDS_INSIDE, .run = command_search,
      .help = { "Finds a case by its number, or the cases of an address.", "Hittar ett ärende på numret, eller en adress alla ärenden.",
                "Finder en sag på nummeret, eller en adresses sager." } },
    { .word = "show", .arguments = "", .words = WORDS_INSIDE, .run = command_show,
      .help = { "All that was written on this case.", "Allt som har skrivits i ärendet.", "Alt, der er skrevet på sagen." } },
    { .word = "history", .arguments = "", .words = WORDS_INSIDE, .run = command_history,
      .help = { "What happened to this case, and why.", "Vad som har hänt med ärendet, och varför.", "Hvad der er sket med sagen, og hvorfor." } },
    { .word = "remind", .arguments = "DATE|3d|4h [WORDS]", .prose = true, .run = command_remind,
      .help = { "Reminds you of the case at that time; d counts working days.", "Påminner dig om ärendet då; d räknar arbetsdagar.",
                "Minder dig om sagen til den tid; d tæller arbejdsdage." } },
    { .word = "split", .arguments = "SUBJECT", .prose = true, .words = WORDS_INSIDE, .run = command_split,
      .help = { "Opens a case of its own for the customer, linked to this one; the words below are what it is about.",
                "Öppnar ett eget ärende åt kunden, länkat till detta; orden under är vad det gäller.",
                "Åbner en sag for sig til kunden, knyttet til denne; ordene nedenfor er, hvad den handler om." } },
    { .word = "help", .arguments = "[COMMAND]", .caseless = true, .words = WORDS_INSIDE, .run = command_help,
      .help = { "This list.", "Denna lista.", "Denne liste." } },
};
const size_t command_rows_n = countof(command_rows);

void
commands_manual(struct buf *out)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < command_rows_n; i++) {
        const struct command_row *row = &command_rows[i];
        buf_printf(out, ".It Ic #%s%s%s\n%s\n", row->word, row->arguments[0] ? " Ar " : "", row->arguments, row->help[COMMAND_EN]);
        if (row->words == WORDS_INSIDE)
            buf_puts(out, "No words of the mail go to the customer.\n");
        if (row->caseless)
            buf_puts(out, "It needs no case.\n");
    }
    buf_puts(out, ".El\n");
}

void
commands_run(struct command_run *r, const struct commands *c, enum command_phase phase)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct command_row *row = c->v[i].row;
        if (row == NULL || row->phase != phase)
            continue;
        if (r->act.ch == NULL && !row->caseless)
            run_wrong(r, WRONG_NO_CASE, row->word, NULL);
        else
            row->run(r, c->v[i].args);
    }
}
