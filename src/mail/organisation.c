/* SPDX-License-Identifier: ISC
 *
 * The organisational domain, for relaxed alignment: the name one label below what is given out to anybody. The public list of those
 * names is a megabyte that changes every week, and a worker may open no file; what decides nearly always is DMARC, and there our own
 * mail server has asked the list. So this is a short table for the rest, on the strict side: a name that the table does not know as a
 * suffix costs at worst a neighbour's proof below that suffix, and equal domains are aligned without it.
 */
#include "read.h"

#include <string.h>

/* What stands before a country: second levels that are no organisations. "*" holds in every country. */
static const struct { const char *country, *words; } below[] = {
    {"*", " ac asn asso biz club co com edu ed firm gen gob gov gouv govt gouvernement go gv id ind inf info int law ltd me med mil museum muni name ne net "
          "nhs nic nom or org plc police pp priv pro pub sch school store tm tv web www k12 "},
    {"ar", " tur senasa mutual coop bet musica "}, {"at", " gv "}, {"au", " act nsw nt qld sa tas vic wa "},
    {"br", " adm adv agr am art arq ato bib bio blog bmd cim cng cnt coop coz dev ecn eco emp enf eng esp etc eti far fisio flog fm fnd fot fst geo ggf ia imb "
           "jor jus leg lel log mat mus not ntr odo ppg psc psi qsl radio rec seg slg srv taxi tec teo tmp trd tur vet vlog wiki zlg "},
    {"ca", " ab bc mb nb nf nl ns nt nu on pe qc sk yk gc "}, {"cn", " ah bj cq fj gd gs gz gx ha hb he hi hl hn jl js jx ln nm nx qh sc sd sh sn sx tj xj xz yn zj tw hk mo "},
    {"hk", " idv "}, {"hu", " agrar bolt casino city erotica film forum games hotel ingatlan jogasz konyvelo lakas media news reklam sex shop sport suli szex tozsde utazas video "},
    {"id", " desa my "}, {"il", " idf "}, {"in", " res nic er bihar cn delhi dr gujarat internet io ai am ca cs post travel uk up us "},
    {"it", " gov edu "},
    {"jp", " ad ed gr lg aichi akita aomori chiba ehime fukui fukuoka fukushima gifu gunma hiroshima hokkaido hyogo ibaraki ishikawa iwate kagawa kagoshima "
           "kanagawa kochi kumamoto kyoto mie miyagi miyazaki nagano nagasaki nara niigata oita okayama okinawa osaka saga saitama shiga shimane shizuoka "
           "tochigi tokushima tokyo tottori toyama wakayama yamagata yamaguchi yamanashi kawasaki kitakyushu kobe nagoya sapporo sendai yokohama "},
    {"kr", " re pe es hs kg ms sc busan chungbuk chungnam daegu daejeon gangwon gwangju gyeongbuk gyeonggi gyeongnam incheon jeju jeonbuk jeonnam seoul ulsan "},
    {"my", " coop "}, {"no", " fhs vgs fylkesbibl folkebibl museum idrett kommune stat dep herad priv "}, {"nz", " geek kiwi maori iwi health cri parliament "},
    {"pl", " aid agro atm auto gmina gsm mail miasta nieruchomosci powiat realestate rel sex shop sklep sos szkola targi tourism travel turystyka waw wroclaw "
           "krakow warszawa poznan gda gdansk gdynia katowice lodz lublin szczecin torun bydgoszcz bialystok "},
    {"ru", " msk spb nov "}, {"sg", " per "}, {"th", " in mi "}, {"tr", " av bbs bel dr gen kep pol tel tsk "}, {"tw", " idv game ebiz "},
    {"ua", " in kiev kyiv kharkiv kharkov lviv lvov odesa odessa dp dn zp cherkassy chernigov crimea donetsk poltava rivne sumy vinnica volyn "},
    {"uk", " nhs police gov sch judiciary mod parliament "},
    {"us", " ak al ar as az ca co ct dc de fl ga gu hi ia id il in ks ky la ma md me mi mn mo ms mt nc nd ne nh nj nm nv ny oh ok or pa pr ri sc sd tn tx ut "
           "va vt wa wi wv wy dni fed isa kids nsn "},
    {"za", " agric alt grondar law ngo nis nom school "},
};

/* Hosts that give names to anyone. */
static const char *const shared[] = {
    "amazonaws.com", "appspot.com", "atlassian.net", "azurewebsites.net", "blogspot.com", "cloudfront.net", "co.com", "de.com", "duckdns.org",
    "dyndns.org", "eu.com", "eu.org", "firebaseapp.com", "fly.dev", "freshdesk.com", "gb.net", "github.io", "gitlab.io", "googleusercontent.com",
    "herokuapp.com", "mcsv.net", "myshopify.com", "netlify.app", "no-ip.org", "onmicrosoft.com", "onrender.com", "pages.dev", "render.com", "se.net",
    "sendgrid.net", "uk.com", "uk.net", "us.com", "vercel.app", "web.app", "wordpress.com", "workers.dev", "zendesk.com", "za.com", "ru.com", "sa.com",
    "br.com", "cn.com", "jpn.com", "gr.com", "hu.net", "in.net", "jp.net", "ae.org", "us.org", "com.de", "com.se", "priv.at", "co.at", "or.at",
};

static bool
in_words(const char *words, const char *label, size_t len)
{
    for (const char *s = words; *s == ' ' && s[1] != 0; s += 1 + strcspn(s + 1, " "))
        if (strcspn(s + 1, " ") == len && mem_eq_nocase(s + 1, label, len))
            return true;
    return false;
}

/* "co" before "uk". */
static bool
is_second_level(const char *label, size_t len, const char *country)
{
    for (size_t i = 0; i < countof(below); i++)
        if ((*below[i].country == '*' || str_eq_nocase(below[i].country, country)) && in_words(below[i].words, label, len))
            return true;
    return false;
}

/* A town below a prefecture ("city.tokyo.jp"), schools and libraries below a state ("k12.ma.us") are given out once more. */
static bool
is_third_level(const char *third, size_t len, size_t second_len, const char *country)
{
    if (str_eq_nocase(country, "jp"))
        return second_len > 2;
    return str_eq_nocase(country, "us") && second_len == 2 && in_words(" k12 cc lib state co ci town ", third, len);
}

const char *
auth_organisation(const char *domain)
{
    const char *label[4] = {0};         /* where the last four labels begin, from the right */
    size_t k = 0;

    for (size_t i = strlen(domain); i > 0 && k < countof(label); i--)
        if (domain[i - 1] == '.')
            label[k++] = domain + i;
    if (k < countof(label))
        label[k++] = domain;
    if (k < 3)
        return domain;
    for (size_t i = 0; i < countof(shared); i++)
        if (str_eq_nocase(label[1], shared[i]))
            return label[2];
    if (strlen(label[0]) != 2 || !is_second_level(label[1], (size_t)(label[0] - label[1] - 1), label[0]))
        return label[1];
    if (k == 4 && is_third_level(label[2], (size_t)(label[1] - label[2] - 1), (size_t)(label[0] - label[1] - 1), label[0]))
        return label[3];
    return label[2];
}
