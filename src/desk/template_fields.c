/* SPDX-License-Identifier: ISC
 *
 * The words by which templates name what a letter has to say. What is not there in a letter is empty; letter_write() gives
 * number, desk, address, zone and staff to all.
 */
#include "template_inner.h"

#include <string.h>

const struct field_row template_field_rows[FIELDS] = {
    [FIELD_NAME] = { "name", SHAPE_LINE },              /* whom we write to, when we are sure who that is */
    [FIELD_NUMBER] = { "number", SHAPE_LINE },          /* CAS-05304-9LGW */
    [FIELD_SUBJECT] = { "subject", SHAPE_LINE },        /* bare subject; in an acknowledgement only when the sender is proven */
    [FIELD_DESK] = { "desk", SHAPE_LINE },              /* from-name of the desk */
    [FIELD_ADDRESS] = { "address", SHAPE_LINE },        /* its first address */
    [FIELD_OPENED] = { "opened", SHAPE_LINE },          /* when the case came in */
    [FIELD_RESPOND_BY] = { "respond_by", SHAPE_LINE },  /* target of the clock respond */
    [FIELD_BEGIN_BY] = { "begin_by", SHAPE_LINE },      /* target of the clock assign */
    [FIELD_OPENS] = { "opens", SHAPE_LINE },            /* next opening, when it came outside the hours */
    [FIELD_ZONE] = { "zone", SHAPE_LINE },              /* whose time dates are in: "London time" */
    [FIELD_WHO] = { "who", SHAPE_LINE },                /* name and address of who wrote */
    [FIELD_CLOCK] = { "clock", SHAPE_LINE },            /* "first answer" */
    [FIELD_TARGET] = { "target", SHAPE_LINE },          /* "2 working days" */
    [FIELD_DUE] = { "due", SHAPE_LINE },
    [FIELD_LATE] = { "late", SHAPE_LINE },              /* how long over; absent: due just now */
    [FIELD_PRIORITY] = { "priority", SHAPE_LINE },      /* label */
    [FIELD_QUEUE] = { "queue", SHAPE_LINE },            /* label */
    [FIELD_STATE] = { "state", SHAPE_LINE },            /* label */
    [FIELD_WHAT] = { "what", SHAPE_LINE },              /* what happened, in a sentence of the reader's language */
    [FIELD_DETAIL] = { "detail", SHAPE_LINE },          /* what a machine said of it */
    [FIELD_SKIPPED] = { "skipped", SHAPE_LIST },        /* earlier escalations that this one stands for */
    [FIELD_ATTACHMENTS] = { "attachments", SHAPE_LIST },
    [FIELD_KIND] = { "kind", SHAPE_LINE },              /* label of the case's kind */
    [FIELD_MEANING] = { "meaning", SHAPE_LINE },        /* what the state means */
    [FIELD_OLD_STATE] = { "old_state", SHAPE_LINE },
    [FIELD_ASSIGNEE] = { "assignee", SHAPE_LINE },      /* name of who has it */
    [FIELD_CUSTOMER] = { "customer", SHAPE_LINE },      /* name of the customer's section */
    [FIELD_DEALER] = { "dealer", SHAPE_LINE },          /* through whom that customer bought */
    [FIELD_CONSULTANT] = { "consultant", SHAPE_LINE },
    [FIELD_USED] = { "used", SHAPE_LINE },              /* of the target, "75 %" */
    [FIELD_LEFT] = { "left", SHAPE_LINE },              /* open time to the target, in words */
    [FIELD_PROOF] = { "proof", SHAPE_LINE },            /* how sure we are who wrote */
    [FIELD_BY] = { "by", SHAPE_LINE },                  /* who did it */
    [FIELD_WORDS] = { "words", SHAPE_BLOCK },           /* what somebody wrote */
    [FIELD_HANDOVER] = { "handover", SHAPE_BLOCK },     /* how the new queue handles the case */
    [FIELD_NOTICE] = { "notice", SHAPE_BLOCK },         /* what escalation may cost */
    [FIELD_SELF_HELP] = { "self_help", SHAPE_BLOCK },   /* what helps in the meantime */
    [FIELD_SURVEY] = { "survey", SHAPE_BLOCK },         /* the desk's own question; absent: the template's */
    [FIELD_QUESTION] = { "question", SHAPE_BLOCK },     /* what is to be approved */
    [FIELD_RESULT] = { "result", SHAPE_BLOCK },         /* answer to a command */
    [FIELD_MISSING] = { "missing", SHAPE_LIST },        /* what the customer is asked for */
    [FIELD_CAUGHT] = { "caught", SHAPE_LIST },          /* fields: "label: value" */
    [FIELD_ANNOUNCE] = { "announce", SHAPE_LIST },      /* coming days with other hours */
    [FIELD_CLOCKS] = { "clocks", SHAPE_LIST },          /* a line each */
    [FIELD_HISTORY] = { "history", SHAPE_LIST },        /* a line each, as far as this reader may see it */
    [FIELD_CASES] = { "cases", SHAPE_LIST },            /* a line each */
    [FIELD_DONE] = { "done", SHAPE_LIST },              /* what a command mail did; in a status: work done */
    [FIELD_WRONG] = { "wrong", SHAPE_LIST },            /* what is wrong in a command mail */
    [FIELD_LINK_STATUS] = { "link_status", SHAPE_LINK },        /* mailto: links, each with a signed address */
    [FIELD_LINK_CASES] = { "link_cases", SHAPE_LINK },
    [FIELD_LINK_CLOSE] = { "link_close", SHAPE_LINK },
    [FIELD_LINK_ESCALATE] = { "link_escalate", SHAPE_LINK },
    [FIELD_LINK_APPROVE] = { "link_approve", SHAPE_LINK },
    [FIELD_LINK_DECLINE] = { "link_decline", SHAPE_LINK },
    [FIELD_LINK_REOPEN] = { "link_reopen", SHAPE_LINK },
    [FIELD_LINK_KINDS] = { "link_kinds", SHAPE_LINKS }, /* one for each kind that may be chosen instead */
    [FIELD_LINK_RATE] = { "link_rate", SHAPE_LINKS },   /* one for each answer to the survey */
    [FIELD_LINK_CONFIRM] = { "link_confirm", SHAPE_LINK },      /* "yes, I sent this" */
    [FIELD_SAY] = { "say", SHAPE_BLOCK },               /* what the rules that matched have to say */
    [FIELD_TIME] = { "time", SHAPE_LINE },              /* time logged, in words */
    [FIELD_MERGED] = { "merged", SHAPE_LINE },          /* number of the case that goes on instead */
    [FIELD_TODAY] = { "today", SHAPE_LIST },            /* of a digest: targets of today */
    [FIELD_WAITING] = { "waiting", SHAPE_LIST },        /* of a digest: cases that have waited too long */
    [FIELD_HELD] = { "held", SHAPE_LIST },              /* mails that wait for "yes, I sent this" */
    [FIELD_STAFF] = { "staff", SHAPE_FLAG },            /* the reader is one of us */
    [FIELD_ACCEPTED] = { "accepted", SHAPE_FLAG },      /* the escalation that was asked for, or what was to be approved */
    [FIELD_DECLINED] = { "declined", SHAPE_FLAG },      /* likewise */
    [FIELD_ESTIMATE] = { "estimate", SHAPE_FLAG },      /* what is to be approved is an estimate, not a solution */
    [FIELD_ALREADY] = { "already", SHAPE_FLAG },        /* what was asked for had been done before */
    [FIELD_TITLE] = { "title", SHAPE_LINE },            /* subject of a prepared letter */
    [FIELD_PREPARED] = { "prepared", SHAPE_PREPARED },  /* its words */
    [FIELD_LINK_OTHER] = { "link_other", SHAPE_LINK },  /* "my last mail was about something else" */
    [FIELD_LINK_LEAVE] = { "link_leave", SHAPE_LINK },  /* for somebody in copy: off the case */
    [FIELD_LINK_ADMIT] = { "link_admit", SHAPE_LINK },  /* lets the sender of whom the letter speaks onto the case */
    [FIELD_LINKS_ADMIT] = { "links_admit", SHAPE_LINKS },       /* one for each who waits to be let onto it */
    [FIELD_REGISTER] = { "register", SHAPE_FLAG },      /* about who may open cases: the question to an administrator, and what came of it */
    [FIELD_COPIES] = { "copies", SHAPE_FLAG },          /* the letter goes to people in copy too */
    [FIELD_NEW_STATE] = { "new_state", SHAPE_FLAG },    /* what an update is about */
    [FIELD_NEW_QUEUE] = { "new_queue", SHAPE_FLAG },
    [FIELD_NEW_PRIORITY] = { "new_priority", SHAPE_FLAG },
    [FIELD_NEW_KIND] = { "new_kind", SHAPE_FLAG },
    [FIELD_QUOTED] = { "quoted", SHAPE_BLOCK },         /* what stood below the new words */
    [FIELD_ANSWER] = { "answer", SHAPE_AS_IS },         /* what one of us writes to the customer */
    /* what staff fill into a prepared letter, under the names that its section gives them */
    [FIELD_ARG_1 + 0] = { "arg1", SHAPE_LINE },
    [FIELD_ARG_1 + 1] = { "arg2", SHAPE_LINE },
    [FIELD_ARG_1 + 2] = { "arg3", SHAPE_LINE },
    [FIELD_ARG_1 + 3] = { "arg4", SHAPE_LINE },
    [FIELD_ARG_1 + 4] = { "arg5", SHAPE_LINE },
    [FIELD_ARG_1 + 5] = { "arg6", SHAPE_LINE },
    [FIELD_ARG_1 + 6] = { "arg7", SHAPE_LINE },
    [FIELD_ARG_1 + 7] = { "arg8", SHAPE_LINE },
};

bool
template_field_find(const char *name, size_t len, enum template_field *out)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strlen(template_field_rows[i].name) == len && memcmp(template_field_rows[i].name, name, len) == 0) {
            *out = (enum template_field)i;
            return true;
        }
    return false;
}
