/* SPDX-License-Identifier: ISC
 *
 * See page.h. What is shown came from strangers' mail at one time or another: nothing reaches the page unescaped.
 */
#include "page.h"
#include "print_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDE 360
#define NAMES 118                       /* of it for the names of bars */
#define BARS (WIDE - NAMES - 62)        /* and for the bars; what is left is for what they say */
#define ROW 22

/* Ink and paper by the reader's choice; colours that can be told apart without red and green, and in grey on paper. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--paper:#fff;--rule:#d5dae0;--fill:#f3f5f8;--a:#2563a8;--b:#b8860b;--bad:#b4421f;--good:#2b7a4b}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e4e8ec;--soft:#9aa4af;--paper:#14181d;--rule:#343b44;--fill:#1d232a;--a:#6aa5e8;--b:#e0b040;--bad:#ee8562;--good:#6cc08b}}\n"
    "@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--rule:#bbb;--fill:#f4f4f4;--a:#2563a8;--b:#b8860b;--bad:#b4421f;--good:#2b7a4b}section,figure,tr,li{break-inside:avoid}}\n"
    "*{box-sizing:border-box}body{margin:0 auto;padding:1.2rem;max-width:64rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.45rem;line-height:1.25;margin:0 0 .2rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:1.8rem 0 .6rem}p{margin:.3rem 0}.soft,figcaption{color:var(--soft)}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.2rem,1fr));gap:.6rem;margin:1rem 0}.tiles div{background:var(--fill);border-radius:.4rem;padding:.5rem .7rem}\n"
    ".tiles b{display:block;font-size:1.35rem;line-height:1.3;font-variant-numeric:tabular-nums}.tiles span{color:var(--soft);font-size:.85rem}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1.2rem}figure{margin:0}figcaption{font-weight:600;margin-bottom:.3rem}svg{width:100%;max-width:36rem;height:auto;display:block}\n"
    "svg text{fill:var(--ink);font:11px system-ui,sans-serif}svg .soft{fill:var(--soft)}.fa{fill:var(--a)}.fb{fill:var(--b)}.bad{fill:var(--bad);color:var(--bad)}.sr{stroke:var(--rule)}.si{stroke:var(--ink)}.ff{fill:var(--fill)}\n"
    ".wide{overflow-x:auto}.wide table{min-width:38rem}table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{text-align:left;padding:.28rem .7rem .28rem 0;border-bottom:1px solid var(--rule);vertical-align:top}\n"
    "th{color:var(--soft);font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.8rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
    "ol{list-style:none;margin:0;padding:0}li{border-left:3px solid var(--rule);padding:.1rem 0 .7rem .8rem;overflow-wrap:anywhere}li.mail{border-color:var(--a)}li.out{border-color:var(--b)}li.late{border-color:var(--bad)}\n"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--fill);border-radius:.4rem;padding:.5rem .7rem;margin:.3rem 0;font:inherit}\n";

void
page_text(struct buf *out, const char *s)
{
    static const char *const names[256] = { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;" };
    for (; s != NULL && *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (names[c] != NULL)
            buf_puts(out, names[c]);
        else
            buf_putc(out, c >= ' ' || c == '\n' ? *s : ' ');
    }
}

void
page_element(struct buf *out, const char *tag, const char *s)
{
    buf_printf(out, "<%s>", tag);
    page_text(out, s);
    buf_printf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void
page_begin(struct buf *out, const char *title)
{
    buf_puts(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    page_element(out, "title", title);
    buf_printf(out, "\n<style>\n%s</style></head>\n<body>\n", style);
}

void
page_end(struct buf *out)
{
    buf_puts(out, "</body></html>\n");
}

void
page_moment(struct buf *out, const char *utc)
{
    char local[64];
    if (utc == NULL) {
        buf_puts(out, "–");
        return;
    }
    print_local(utc, true, local);
    page_text(out, local);
}

void
page_tile(struct buf *out, const char *value, const char *name)
{
    buf_puts(out, "<div>");
    page_element(out, "b", value);
    page_element(out, "span", name);
    buf_puts(out, "</div>\n");
}

static void
svg_begin(struct buf *out, const char *title, int height)
{
    buf_puts(out, "<figure>");
    page_element(out, "figcaption", title);
    buf_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\">", WIDE, height);
    page_element(out, "title", title);
    buf_putc(out, '\n');
}

/* What fits a line of so many letters, cut at a character. */
static void
short_text(struct buf *out, const char *s, size_t most)
{
    size_t n = 0, letters = 0;
    while (s[n] != '\0' && letters < most) {
        n++;
        while (((unsigned char)s[n] & 0xc0) == 0x80)
            n++;
        letters++;
    }
    struct buf cut = { 0 };
    buf_add(&cut, s, n);
    page_text(out, cut.data);
    if (s[n] != '\0')
        buf_puts(out, "…");
    buf_free(&cut);
}

static double
larger(double a, double b)
{
    return a > b ? a : b;
}

void
page_bars(struct buf *out, const char *title, const struct bar *v, size_t n, double most)
{
    bool greatest = most <= 0;
    for (size_t i = 0; greatest && i < n; i++)
        most = larger(most, v[i].value);
    svg_begin(out, title, (int)n * ROW + 4);
    for (size_t i = 0; i < n; i++) {
        int y = (int)i * ROW;
        double w = most > 0 ? v[i].value / most * BARS : 0;
        buf_printf(out, "<g>");
        page_element(out, "title", v[i].name);
        buf_printf(out, "<text x=\"0\" y=\"%d\">", y + 15);
        short_text(out, v[i].name, 19);
        buf_printf(out, "</text><rect class=\"ff\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\"/><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\"/>", NAMES, y + 4, BARS,
                   v[i].bad ? "bad" : "fa", NAMES, y + 4, w);
        if (v[i].goal >= 0 && most > 0)
            buf_printf(out, "<path class=\"si\" stroke-width=\"2\" d=\"M%.1f %dv18\"/>", NAMES + v[i].goal / most * BARS, y + 2);
        buf_printf(out, "<text x=\"%d\" y=\"%d\">", NAMES + BARS + 6, y + 15);
        page_text(out, v[i].said);
        buf_puts(out, "</text></g>\n");
    }
    buf_puts(out, "</svg></figure>\n");
}

void
page_pairs(struct buf *out, const char *title, const char *a, const char *b, const struct pair *v, size_t n)
{
    const int top = 20, tall = 120;
    double most = 1, step = n > 0 ? (double)WIDE / (double)n : WIDE, w = step * 0.36 < 26 ? step * 0.36 : 26;
    for (size_t i = 0; i < n; i++)
        most = larger(most, larger(v[i].a, v[i].b));
    svg_begin(out, title, top + tall + 22);
    buf_puts(out, "<rect class=\"fa\" x=\"0\" y=\"3\" width=\"10\" height=\"10\"/><text x=\"14\" y=\"12\">");
    page_text(out, a);
    buf_printf(out, "</text><rect class=\"fb\" x=\"%d\" y=\"3\" width=\"10\" height=\"10\"/><text x=\"%d\" y=\"12\">", WIDE / 3, WIDE / 3 + 14);
    page_text(out, b);
    buf_printf(out, "</text><text class=\"soft\" x=\"%d\" y=\"12\" text-anchor=\"end\">%.0f</text><path class=\"sr\" d=\"M0 %dh%dM0 %dh%d\"/>\n", WIDE, most, top, WIDE, top + tall, WIDE);
    for (size_t i = 0; i < n; i++) {
        double mid = step * ((double)i + 0.5), ha = v[i].a / most * tall, hb = v[i].b / most * tall;
        buf_puts(out, "<g><title>");
        page_text(out, v[i].name);
        buf_printf(out, ": %.0f, %.0f</title><rect class=\"fa\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/><rect class=\"fb\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                   v[i].a, v[i].b, mid - w, top + tall - ha, w - 1, ha, mid, top + tall - hb, w - 1, hb);
        if (n <= 13 || i % (n / 12 + 1) == 0) {
            buf_printf(out, "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", mid, top + tall + 15);
            page_text(out, n > 6 && strlen(v[i].name) == strlen("2026-03") ? v[i].name + strlen("2026-") : v[i].name);
            buf_puts(out, "</text>");
        }
        buf_puts(out, "</g>\n");
    }
    buf_puts(out, "</svg></figure>\n");
}
