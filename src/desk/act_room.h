/* SPDX-License-Identifier: ISC
 *
 * What the files of the workflow share: clocks, dues, and the letters by which the workflow tells people what happened.
 */
#ifndef TICKETD_DESK_ACT_ROOM_H
#define TICKETD_DESK_ACT_ROOM_H

#include "desk_room.h"

/* ---- clock.c: one clock. Nothing here writes an entry but meeting and breaching. */
bool state_halts(const Td__Case *c, const Td__Clock *k);        /* resolved, closed or merged: nothing runs but what waits for the closing */
/* Starts those that begin with `after` ("open", or the name of a clock that was met) and are not on the case yet. */
void clocks_start_after(const struct desk *d, const struct line *line, Td__Case *c, const char *after, int64_t at, struct arena *a);
/* Into the state that the case is in now: pauses begin and end. */
void clocks_pause(const struct desk *d, const struct line *line, Td__Case *c, int64_t at, struct arena *a);
/* The case goes on after resolved or closed: what was stopped by that goes on with the time used so far, respond starts anew. */
void clocks_reopen(const struct desk *d, const struct line *line, Td__Case *c, int64_t resolved_at, int64_t closed_at, int64_t at, struct arena *a);
/* Target, calendar, stops, pauses and steps from the settings; what has happened to it stays. */
void clock_take_settings(const struct desk *d, const struct line *line, const Td__Case *c, Td__Clock *k, const struct conf_clock *conf,
                         const char *source, int64_t at, struct arena *a);
Td__Clock *clock_add(const struct desk *d, const struct line *line, Td__Case *c, const struct conf_clock *conf, const char *source, int64_t at, struct arena *a);
bool clock_set_due(const struct desk *d, const struct line *line, Td__Clock *k);
bool clock_stops_at(const Td__Clock *k, const char *event);
/* Calls each once for every clock that the settings give this case, the most exact setting of each name. */
struct clock_walk { const struct line *line; const Td__Case *c; size_t source, i; };
const struct conf_clock *clock_next(struct clock_walk *w, const char **source);
/* This case ends in `into`: of each clock the earlier start wins. */
void clocks_merge(const struct desk *d, const struct line *line, Td__Case *into, const Td__Case *from, struct arena *a);

#define TIMER_DUE "due:"                /* and what it is: the timer of a due */

/* ---- act_due.c: what is to happen to a case at a moment, beside its clocks */
void due_set(struct turn *t, Td__Case *c, const char *what, int64_t at, const char *detail);
bool due_clear(Td__Case *c, const char *what);  /* all of this name; NULL: those that the workflow itself sets. false: there was none */
void dues_past(Td__Case *c, const char *what, int64_t now);     /* takes out those of this name whose moment has come */
const Td__Due *due_find(const Td__Case *c, const char *what);
int64_t duration_after(const struct turn *t, int64_t from, const char *duration); /* in the desk's calendar */
void due_held(struct turn *t, struct desk_case_change *ch, const char *detail);         /* held.c: what nobody owned to lapses */
void due_admit(struct turn *t, struct desk_case_change *ch, const char *detail);       /* register.c: an administrator has not answered */
void due_staff(struct turn *t, struct desk_case_change *ch, const char *detail);        /* notice.c: a reminder that one of the staff has set */
/* Those of the state that the case is in now. */
void dues_of_state(struct turn *t, Td__Case *c, int64_t at);

/* ---- away.c */
/* Those of a list who are there; all of them when nobody is. */
struct conf_strings away_present(struct turn *t, const struct conf_strings *all);
/* Who hears of this case (NULL: of any) instead of a person who is away; none: nobody, the person hears of it all the same. */
struct conf_strings away_stand_in(struct turn *t, const Td__Case *c, const char *person);
/* ---- digest.c */
const char *case_in_list(struct turn *t, const struct reader *r, const Td__Case *c);   /* number, priority, state, customer, subject, what is due first */
/* ---- notices.c: letters about cases to one of the staff, so many and no more */
/* May this one leave now? false: it is kept, with these words, for a letter with others; *when: when that one leaves. */
bool notice_now(struct turn *t, struct desk_case_change *ch, const char *to, const struct template_fields *f, int64_t *when);
void notices_due(struct turn *t);       /* what was kept for this person leaves */
/* ---- act_tell.c */
bool is_staff(const struct conf_desk *conf, const char *addr);
/* Fills in who it is for and about, writes it, and an entry that names it. NULL, and an entry that says why, where the
 * customer cannot or must not be written to. */
Td__Letter *tell_customer(const struct act *c, Td__Letter__Kind kind, const struct template_fields *extra, const struct conf_letter *prepared, const char *why);
/* One letter to each behind `who` but the one whose act it is; a role that nobody fills goes to the manager, else to whom alarms
 * go. `extra` is said to all, `say` adds what has to be in this reader's words. Answers who got one, for the journal. */
typedef void tell_say(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f);
const char *tell_staff_each(const struct act *c, Td__Letter__Kind kind, const char *who, tell_say *say, const void *u);
const char *tell_staff(const struct act *c, Td__Letter__Kind kind, const char *who, const struct template_fields *extra);
/* Which letter the entry is about, and to whom. */
void entry_letter(Td__Entry *e, const Td__Letter *l, struct arena *a);
/* What a prepared letter or a status may want to say of a case; an update names only what has changed. */
void tell_fields(struct turn *t, const struct reader *r, const Td__Case *c, struct template_fields *f);
const char *person_words(const struct turn *t, const char *addr);        /* the name of one of the staff, else the address; NULL: NULL */
/* Who watches this case beside those who work on it. */
struct conf_strings watchers_of(struct turn *t, const Td__Case *c);

/* ---- act*.c: parts of the verbs, which tell nobody */
void state_silently(const struct act *c, Td__State state);
bool assign_silently(const struct act *c, const char *person);  /* NULL: nobody. Moves no state. false: it was so */
void priority_set(const struct act *c, const char *priority);
void queue_move(const struct act *c, const char *name);         /* with the targets and the assignee of the new one */
void assignee_anew(const struct act *c);        /* as the queue that it is in now chooses */
const char *priority_default(const struct conf_desk *conf);
Td__Entry *act_entry(const struct act *c, Td__Entry__What what, const char *detail, const char *words);

#endif
