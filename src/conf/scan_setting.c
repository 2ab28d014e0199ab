/* SPDX-License-Identifier: ISC
 *
 * Settings: name, equals sign, a value or a list. A statement with a mistake leaves no copy.
 */
#include "scan.h"

/* The next token has no place in a list here. Often a quote was forgotten before, and shows at the end of the line.
 * Always false. */
static bool
list_broken(struct scan *s, const struct setting *setting, const char *expected)
{
    const struct token *t = conf_peek(s, 0);
    size_t lost = 0;

    while (!conf_peek(s, lost)->error && conf_peek(s, lost)->kind != TOKEN_END && !conf_peek(s, lost + 1)->first)
        lost++;
    if (conf_peek(s, lost)->error) {
        bool broken = conf_peek(s, lost)->kind == TOKEN_BROKEN;

        conf_complain(s->r, s->r->n_places, "%s: %s", setting->name, conf_peek(s, lost)->error);
        for (size_t i = 0; i <= lost; i++)
            conf_take(s, COPY_NOT);
        conf_resync_list(s, broken);
    } else {
        conf_complain(s->r, s->r->n_places - 1, "%s: %s in a list, expected %s", setting->name, conf_token_name(t), expected);
        conf_resync_list(s, t->kind == TOKEN_WORD && t->first);
    }
    return false;
}

static bool
list_read(struct scan *s, const struct setting *setting)
{
    conf_take(s, COPY_RAW);                  /* { */
    while (conf_peek(s, 0)->kind != TOKEN_CLOSE) {
        const struct token *t = conf_peek(s, 0);
        bool value = t->kind == TOKEN_STRING || (t->kind == TOKEN_WORD && !(t->first && conf_peek(s, 1)->kind == TOKEN_EQUALS));

        if (!value || t->error)
            return list_broken(s, setting, "{ \"…\", \"…\" }");
        conf_take(s, t->kind == TOKEN_WORD ? COPY_QUOTED : COPY_RAW);
        if (conf_peek(s, 0)->kind == TOKEN_COMMA)
            conf_take(s, COPY_RAW);
        else if (conf_peek(s, 0)->kind != TOKEN_CLOSE)
            return list_broken(s, setting, "\",\" or \"}\" after this value");
    }
    conf_take(s, COPY_RAW);
    return true;
}

static bool
value_read(struct scan *s, const struct setting *setting)
{
    const struct token *t = conf_peek(s, 0);

    if (t->kind == TOKEN_OPEN && setting->list)
        return list_read(s, setting);
    if (!t->error && (t->kind == TOKEN_STRING || (t->kind == TOKEN_WORD && !t->first))) {
        conf_take(s, t->kind == TOKEN_WORD ? COPY_QUOTED : COPY_RAW);
        return true;
    }
    if (t->error)
        conf_complain(s->r, conf_take(s, COPY_NOT), "%s: %s", setting->name, t->error);
    else if (t->kind == TOKEN_OPEN)
        conf_complain(s->r, s->r->n_places - 1, "%s: a list, expected one value", setting->name);
    else
        conf_complain(s->r, s->r->n_places - 1, "%s: no value, expected %s", setting->name, setting->type->what);
    conf_resync(s, 0);
    return false;
}

void
conf_setting_read(struct scan *s, const struct setting *setting)
{
    struct frame *f = conf_frame_top(s);
    size_t *seen = &f->seen[setting - f->section->settings];
    struct mark m = conf_mark_set(s);
    size_t name_at = conf_take(s, COPY_RAW);
    bool good = false;

    if (conf_peek(s, 0)->kind != TOKEN_EQUALS) {
        conf_complain(s->r, name_at, "%s after %s, expected \"=\"", conf_token_name(conf_peek(s, 0)), setting->name);
        conf_resync(s, 0);
    } else {
        conf_take(s, COPY_RAW);
        good = value_read(s, setting);
    }
    if (good && *seen) {
        conf_complain(s->r, name_at, "%s is there already (line %d), expected it once", setting->name, s->r->places[*seen].line);
        good = false;
    }
    if (!good)
        conf_mark_drop(s, m);
    *seen = name_at;
}
