/* SPDX-License-Identifier: ISC
 *
 * imap: from nothing to a selected folder. TLS first: nothing that came before it is believed, neither capabilities nor
 * PREAUTH nor bytes already in the buffer (CVE-2020-15953). AUTHENTICATE is ours, for libetpan's PLAIN wants SASL plug-ins
 * at run time and its XOAUTH2 cannot do without SASL-IR. RFC 3501, 4616, 4959; XOAUTH2 as Google and Microsoft describe it.
 */
#include "imap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum imap_rc
capabilities(struct imap *c)
{
    enum imap_rc rc = imap_command(c, 0, "CAPABILITY");

    if (rc == IMAP_NO)
        return IMAP_LOST;
    if (rc == IMAP_OK && (c->lib->imap_connection_info == NULL || c->lib->imap_connection_info->imap_capability == NULL))
        return imap_problem(c, IMAP_LOST, "the server does not say what it can do");
    return rc;
}

static enum imap_rc
start_tls(struct imap *c)
{
    enum imap_rc rc = capabilities(c);

    if (rc != IMAP_OK)
        return rc;
    if (!imap_has(c, "STARTTLS"))
        return imap_problem(c, IMAP_LOST, "%s does not offer STARTTLS: no login over an open line", c->setup->host);
    if ((rc = imap_command(c, 0, "STARTTLS")) != IMAP_OK)
        return rc == IMAP_NO ? IMAP_LOST : rc;
    if (stream_has_buffered(c->stream, c->lib->imap_stream))
        return imap_problem(c, IMAP_LOST, "bytes after STARTTLS that nobody asked for: somebody sits in the line to %s", c->setup->host);
    imap_limit(c, 0);
    if (!stream_start_tls(c->stream, c->setup->host, c->setup->ca_file))
        return imap_problem(c, IMAP_LOST, "%s", stream_why(c->stream));
    /* what was said in the clear counts for nothing */
    if (c->lib->imap_connection_info != NULL && c->lib->imap_connection_info->imap_capability != NULL) {
        mailimap_capability_data_free(c->lib->imap_connection_info->imap_capability);
        c->lib->imap_connection_info->imap_capability = NULL;
    }
    return IMAP_OK;
}

/* Connected, greeted, and under TLS where it must be. *authenticated: the server knows us already (PREAUTH). */
static enum imap_rc
connect_and_greet(struct imap *c, bool *authenticated)
{
    const Td__ImapSetup *s = c->setup;
    bool none = strcmp(s->tls, "none") == 0, starttls = strcmp(s->tls, "starttls") == 0;
    char why[STREAM_WHY_MAX];
    int rc;

    if ((c->stream = stream_connect(s->host, s->port, STREAM_CONNECT_MS, none, why)) == NULL)
        return imap_problem(c, IMAP_LOST, "connecting: %s", why);
    imap_limit(c, 0);
    if (!none && !starttls && !stream_start_tls(c->stream, s->host, s->ca_file))
        return imap_problem(c, IMAP_LOST, "%s", stream_why(c->stream));
    c->lib = mailimap_new(0, NULL);
    if (c->lib == NULL)
        bug("no memory for an IMAP session");
    rc = mailimap_connect(c->lib, stream_open_mailstream(c->stream));
    if (rc != MAILIMAP_NO_ERROR_AUTHENTICATED && rc != MAILIMAP_NO_ERROR_NON_AUTHENTICATED) {
        (void)imap_result(c, rc, "greeting");
        return IMAP_LOST;
    }
    *authenticated = rc == MAILIMAP_NO_ERROR_AUTHENTICATED;
    if (starttls && *authenticated)
        return imap_problem(c, IMAP_LOST, "%s greets us as known before STARTTLS: refused", s->host);
    return starttls ? start_tls(c) : IMAP_OK;
}

/* ---- authentication */
static void
base64(const struct buf *in, struct buf *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < in->len; i += 3) {
        const uint8_t *p = (const uint8_t *)in->data + i;
        size_t have = in->len - i;
        uint32_t v = (uint32_t)p[0] << 16 | (have > 1 ? (uint32_t)p[1] << 8 : 0) | (have > 2 ? p[2] : 0);

        buf_putc(out, alphabet[v >> 18]);
        buf_putc(out, alphabet[v >> 12 & 63]);
        buf_putc(out, have > 1 ? alphabet[v >> 6 & 63] : '=');
        buf_putc(out, have > 2 ? alphabet[v & 63] : '=');
    }
}

static void
wipe(struct buf *b)
{
    if (b->data != NULL)
        explicit_bzero(b->data, b->cap);
    buf_free(b);
}

/* AUTHENTICATE with one message of ours: at once where the server has SASL-IR, else when it asks. Any further question
 * (XOAUTH2 puts its error there) gets an empty line. */
static enum imap_rc
authenticate(struct imap *c, const char *mechanism, const char *message)
{
    bool initial = imap_has(c, "SASL-IR");
    struct mailimap_response *response = NULL;
    struct buf line = { 0 };
    enum imap_rc rc;
    int lib_rc;

    must(message != NULL);
    imap_limit(c, 0);
    buf_printf(&line, "AUTHENTICATE %s%s%s", mechanism, initial ? " " : "", initial ? message : "");
    lib_rc = mailimap_send_current_tag(c->lib);
    rc = lib_rc == MAILIMAP_NO_ERROR ? imap_send_line(c, line.data, line.len) : imap_result(c, lib_rc, "AUTHENTICATE");
    if (rc == IMAP_OK)
        rc = imap_read_line(c);
    for (unsigned asked = 0; rc == IMAP_OK && c->lib->imap_stream_buffer->str[0] == '+'; asked++) {
        bool ours = asked == 0 && !initial;

        if (asked > 3)
            rc = imap_problem(c, IMAP_LOST, "AUTHENTICATE: the server asks without end");
        else if ((rc = imap_send_line(c, ours ? message : "", ours ? strlen(message) : 0)) == IMAP_OK)
            rc = imap_read_line(c);
    }
    wipe(&line);
    if (rc != IMAP_OK)
        return rc;
    lib_rc = mailimap_parse_response(c->lib, &response);
    if (lib_rc == MAILIMAP_NO_ERROR) {
        if (response->rsp_resp_done->rsp_data.rsp_tagged->rsp_cond_state->rsp_type != MAILIMAP_RESP_COND_STATE_OK)
            lib_rc = MAILIMAP_ERROR_LOGIN;
        mailimap_response_free(response);
    }
    if (lib_rc == MAILIMAP_NO_ERROR)
        c->lib->imap_state = MAILIMAP_STATE_AUTHENTICATED;
    return imap_result(c, lib_rc, "login");
}

static enum imap_rc
login_plain(struct imap *c)
{
    struct buf plain = { 0 }, coded = { 0 };
    enum imap_rc rc;

    buf_putc(&plain, '\0');
    buf_puts(&plain, c->setup->user);
    buf_putc(&plain, '\0');
    buf_puts(&plain, c->setup->secret);
    base64(&plain, &coded);
    rc = authenticate(c, "PLAIN", coded.data);
    wipe(&plain);
    wipe(&coded);
    return rc;
}

static enum imap_rc
login_xoauth2(struct imap *c)
{
    struct buf plain = { 0 }, coded = { 0 };
    enum imap_rc rc;

    buf_printf(&plain, "user=%s\001auth=Bearer %s\001\001", c->setup->user, c->setup->secret);
    base64(&plain, &coded);
    rc = authenticate(c, "XOAUTH2", coded.data);
    wipe(&plain);
    wipe(&coded);
    return rc;
}

static enum imap_rc
login_login(struct imap *c)
{
    if (imap_has(c, "LOGINDISABLED"))
        return imap_problem(c, IMAP_NO, "login refused: the server has LOGIN switched off; try auth = \"plain\"");
    imap_limit(c, 0);
    return imap_result(c, mailimap_login(c->lib, c->setup->user, c->setup->secret), "login");
}

static const struct { const char *auth; enum imap_rc (*login)(struct imap *c); } logins[] = {
    { "login", login_login },
    { "plain", login_plain },
    { "xoauth2", login_xoauth2 },
};

/* RFC 5530: the server, not the password, is out of order. */
static bool
refusal_is_temporary(const struct imap *c)
{
    static const char *const codes[] = { "UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG", "CONTACTADMIN" };
    const struct mailimap_response_info *info = c->lib->imap_response_info;

    for (size_t i = 0; i < countof(codes); i++)
        if (info != NULL && info->rsp_atom != NULL && str_eq_nocase(info->rsp_atom, codes[i]))
            return true;
    return false;
}

static enum imap_rc
login(struct imap *c)
{
    enum imap_rc rc = IMAP_NO;

    if (str_has_control(c->setup->user) || str_has_control(c->setup->secret))
        return imap_problem(c, IMAP_AUTH, "user or password holds a control character");
    for (size_t i = 0; i < countof(logins); i++)
        if (strcmp(logins[i].auth, c->setup->auth) == 0)
            rc = logins[i].login(c);
    /* libetpan's output buffer still holds it */
    explicit_bzero(c->lib->imap_stream->write_buffer, c->lib->imap_stream->buffer_max_size);
    if (rc == IMAP_NO)
        return refusal_is_temporary(c) ? IMAP_LOST : IMAP_AUTH;
    return rc;
}

/* ---- the folder */
/* PERMANENTFLAGS that has the keyword or \*; one that is absent allows everything (RFC 3501, 7.1). */
static bool
keyword_is_allowed(const struct mailimap_selection_info *info, const char *keyword)
{
    if (info->sel_perm_flags == NULL)
        return true;
    for (clistiter *i = clist_begin(info->sel_perm_flags); i != NULL; i = clist_next(i)) {
        const struct mailimap_flag_perm *p = clist_content(i);

        if (p->fl_type == MAILIMAP_FLAG_PERM_ALL)
            return true;
        if (p->fl_type == MAILIMAP_FLAG_PERM_FLAG && p->fl_flag != NULL && p->fl_flag->fl_type == MAILIMAP_FLAG_KEYWORD &&
            p->fl_flag->fl_data.fl_keyword != NULL && str_eq_nocase(p->fl_flag->fl_data.fl_keyword, keyword))
            return true;
    }
    return false;
}

static void
note_folder(struct imap *c, const struct mailimap_selection_info *info)
{
    const Td__ImapSetup *s = c->setup;
    const char *note = "";

    c->may_store = info->sel_perm != MAILIMAP_MAILBOX_READONLY;
    c->keyword = s->keyword != NULL && s->keyword[0] != '\0' && keyword_is_allowed(info, s->keyword);
    if (!c->may_store)
        note = "; the folder is read-only: what was taken in cannot be marked there";
    else if (s->move_to != NULL && !imap_has(c, "MOVE") && !imap_has(c, "UIDPLUS"))
        note = "; the server has neither MOVE nor UIDPLUS: moved mails stay in the folder, marked as deleted";
    else if (s->move_to == NULL && s->keyword != NULL && s->keyword[0] != '\0' && !c->keyword)
        note = "; the server takes no keyword: only \\Seen is set";
    (void)snprintf(c->note, sizeof c->note, "%s", note);
}

static enum imap_rc
select_folder(struct imap *c)
{
    const struct mailimap_selection_info *info;
    uint32_t uidvalidity, uidnext, exists;
    enum imap_rc rc;

    imap_limit(c, 0);
    rc = imap_result(c, mailimap_select(c->lib, c->folder.data), "folder");
    if (rc != IMAP_OK)
        return IMAP_LOST;
    if ((info = c->lib->imap_selection_info) == NULL || info->sel_uidvalidity == 0)
        return imap_problem(c, IMAP_LOST, "folder %s: the server gives no UIDVALIDITY", c->folder.data);
    note_folder(c, info);
    uidvalidity = info->sel_uidvalidity;
    uidnext = info->sel_uidnext;
    exists = info->sel_has_exists ? info->sel_exists : 0;
    if (uidnext == 0 && imap_uidnext(c, &uidnext) != IMAP_OK)
        return IMAP_LOST;
    if (uidvalidity != c->uidvalidity) {
        /* other mails under the same numbers */
        for (enum imap_item_state s = 0; s < ITEM_STATES; s++)
            imap_items_drop(&c->items, s);
        c->n_sent = 0;
        c->again_at_ms = 0;
        c->uidvalidity = uidvalidity;
    }
    imap_core_selected(c, uidnext, exists);
    return IMAP_OK;
}

enum imap_rc
imap_open(struct imap *c)
{
    bool authenticated = false;
    enum imap_rc rc = connect_and_greet(c, &authenticated);

    if (rc == IMAP_OK)
        rc = capabilities(c);
    if (rc == IMAP_OK && !authenticated) {
        rc = login(c);
        if (rc == IMAP_OK)
            rc = capabilities(c);
    }
    if (rc == IMAP_OK)
        rc = select_folder(c);
    return rc;
}

/* Without a LOGOUT: libetpan would wait for the answer of a server that may be gone. */
void
imap_close(struct imap *c)
{
    if (c->lib != NULL) {
        if (c->lib->imap_stream != NULL)
            mailstream_close(c->lib->imap_stream);
        c->lib->imap_stream = NULL;
        mailimap_free(c->lib);
        c->lib = NULL;
    }
    stream_free(&c->stream);
}
