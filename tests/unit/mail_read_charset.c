/* SPDX-License-Identifier: ISC
 *
 * Charsets as they are declared, as they are not, and as they are declared wrongly: the bytes that programs write under each label.
 */
#include "mail_read.h"

static void
labelled(void **state)
{
    /* charset NULL: no label */
    static const struct { const char *label, *charset, *encoding, *bytes, *want; } table[] = {
        {"iso-2022-jp", "ISO-2022-JP", "8bit", "\x1b$B$3$s$K$A$O!\"%5!<%P!<\x1b(B\n", "こんにちは、サーバー\n"},
        {"iso2022jp with halfwidth & NEC", "iso-2022-jp", "8bit", "\x1b$B3t<02q<R-!-j\x1b(IC=D\x1b(B\n", "株式会社①㈱ﾃｽﾄ\n"},
        {"iso-2022-jp-2004", "iso-2022-jp-2004", "8bit", "\x1b$(Q.!\x1b(B\n", "俱\n"},
        {"shift_jis with 0x5c", "Shift_JIS", "8bit", "\x95\\\x8e\xa6\x83\\\x94\\ \x87@\n", "表示ソ能 ①\n"},
        {"x-sjis", "x-sjis", "8bit", "\x83T\x81[\x83o\x81[\n", "サーバー\n"},
        {"euc-jp", "EUC-JP", "8bit", "\xc3\xed\xca\xb8\xa4\xce\xb7\xef\xa4\xc7\xa4\xaa\xcc\xe4\xa4\xa4\xb9\xe7\xa4\xef\xa4\xbb\xa4\xb7\xa4\xde\xa4\xb9\xa1\xa3\n", "注文の件でお問い合わせします。\n"},
        {"gb2312", "gb2312", "8bit", "\xc4\xfa\xba\xc3\xa3\xac\xb7\xfe\xce\xf1\xc6\xf7\xb4\xd3\xd4\xe7\xc9\xcf\xbf\xaa\xca\xbc\xc3\xbb\xd3\xd0\xcf\xec\xd3\xa6\xa1\xa3\n", "您好，服务器从早上开始没有响应。\n"},
        {"gbk in gb2312", "gb2312", "8bit", "\xd6\xec\xe9" "F\xbb\xf9\x81\xed\xc1\xcb\n", "朱镕基來了\n"},
        {"gb18030 4byte", "GB18030", "8bit", "\x81" "9\xef" "1 \x95" "2\x82" "6 \xc4\xfa\xba\xc3\n", "㐂 𠀀 您好\n"},
        {"hz", "HZ-GB-2312", "8bit", "~{Dz:C#,7~NqFw4STgIO?*J<C;SPOlS&!#~}\n", "您好，服务器从早上开始没有响应。\n"},
        {"hz line continuation ~\\n", "hz-gb-2312", "8bit", "~{Dc:C~}~\nabc\n", "你好abc\n"},
        {"big5", "Big5", "8bit", "\xb1z\xa6n\xa1" "A\xa6\xf8\xaa" "A\xbe\xb9\xb1q\xa6\xad\xa4W\xb6}\xa9l\xa8S\xa6\xb3\xa6^\xc0\xb3\xa1" "C\n", "您好，伺服器從早上開始沒有回應。\n"},
        {"big5-hkscs", "Big5-HKSCS", "8bit", "\xa7" "A\xa6n\xa1" "A\xca\\\x92]\x9d\xf8\x9d\xcf\xc9N\x9d\xf7\xa1" "A\xad\xf8\xb8\xd3\xda\xbb\xa4U\xa1" "C\x9d\xef\x9d\xf7\x9d\xf6\n", "你好，佢哋啲嘢冇咗，唔該睇下。嘅咗喺\n"},
        {"big5 label with hkscs", "big5", "8bit", "\xa7" "A\xa6n\xa1" "A\xca\\\x92]\x9d\xf8\x9d\xcf\xc9N\x9d\xf7\xa1" "A\xad\xf8\xb8\xd3\xda\xbb\xa4U\xa1" "C\x9d\xef\x9d\xf7\x9d\xf6\n", "你好，佢哋啲嘢冇咗，唔該睇下。嘅咗喺\n"},
        {"cp950", "cp950", "8bit", "\xb1z\xa6n\xa1" "A\xa6\xf8\xaa" "A\xbe\xb9\xb1q\xa6\xad\xa4W\xb6}\xa9l\xa8S\xa6\xb3\xa6^\xc0\xb3\xa1" "C\n", "您好，伺服器從早上開始沒有回應。\n"},
        {"big5 eten box/euro", "big5", "8bit", "\xa3\xe1" "100 \xb1z\xa6n\n", "€100 您好\n"},
        {"euc-tw?", "euc-kr", "8bit", "\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4, \xbc\xad\xb9\xf6\xb0\xa1 \xc0\xc0\xb4\xe4\xc7\xcf\xc1\xf6 \xbe\xca\xbd\xc0\xb4\xcf\xb4\xd9.\n", "안녕하세요, 서버가 응답하지 않습니다.\n"},
        {"ks_c", "ks_c_5601-1987", "8bit", "\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4 \x8c" "c\xb9\xe6\xb0\xa2\xc7\xcf \xbe\xb1\n", "안녕하세요 똠방각하 쓩\n"},
        {"iso-2022-kr", "iso-2022-kr", "8bit", "\x1b$)C\x0e>H3gGO<<?d\x0f, \x0e<-9v0!\x0f \x0e@@4dGOAv\x0f \x0e>J=@4O4Y\x0f.\n", "안녕하세요, 서버가 응답하지 않습니다.\n"},
        {"iso-2022-kr no header designator", "iso-2022-kr", "8bit", "\x0e>H3gGO<<?d\x0f, \x0e<-9v0!\x0f \x0e@@4dGOAv\x0f \x0e>J=@4O4Y\x0f.\n", "안녕하세요, 서버가 응답하지 않습니다.\n"},
        {"johab", "johab", "8bit", "\xb4" "e\x91w\xd0" "a\xad" "A\xb6" "a, \xac\xe1\xa4\xe1\x88" "a \xb7w\x94s\xd0" "a\xbb\xa1 \xb4g\xafs\x93\xa1\x94" "a.\n", "안녕하세요, 서버가 응답하지 않습니다.\n"},
        {"koi8-r", "koi8-r", "8bit", "\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"koi8-u", "koi8-u", "8bit", "\xf0\xd2\xc9\xd7\xa6\xd4, \xa7\xa7 \xad\xc1\xce\xcf\xcb\n", "Привіт, її ґанок\n"},
        {"1251", "windows-1251", "8bit", "\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5, \xf1\xe5\xf0\xe2\xe5\xf0 \xed\xe5 \xee\xf2\xe2\xe5\xf7\xe0\xe5\xf2 \xf1 \xf3\xf2\xf0\xe0.\n", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"cp866", "cp866", "8bit", "\x87\xa4\xe0\xa0\xa2\xe1\xe2\xa2\xe3\xa9\xe2\xa5, \xe1\xa5\xe0\xa2\xa5\xe0 \xad\xa5 \xae\xe2\xa2\xa5\xe7\xa0\xa5\xe2 \xe1 \xe3\xe2\xe0\xa0.\n", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"mac-cyr", "x-mac-cyrillic", "8bit", "\x87\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5, \xf1\xe5\xf0\xe2\xe5\xf0 \xed\xe5 \xee\xf2\xe2\xe5\xf7\xe0\xe5\xf2 \xf1 \xf3\xf2\xf0\xe0.\n", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"iso-8859-5", "iso-8859-5", "8bit", "\xb7\xd4\xe0\xd0\xd2\xe1\xe2\xd2\xe3\xd9\xe2\xd5, \xe1\xd5\xe0\xd2\xd5\xe0 \xdd\xd5 \xde\xe2\xd2\xd5\xe7\xd0\xd5\xe2 \xe1 \xe3\xe2\xe0\xd0.\n", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"utf-7", "utf-7", "8bit", "+BBcENARABDAEMgRBBEIEMgRDBDkEQgQ1, +BEEENQRABDIENQRA +BD0ENQ +BD4EQgQyBDUERwQwBDUEQg +BEE +BEMEQgRABDA.\nA +- B +-- C\n", "Здравствуйте, сервер не отвечает с утра.\nA + B +- C\n"},
        {"utf-7 lit", "UTF-7", "8bit", "Hi Mom +Jjo-! 1 +- 2 +AOU-a\n", "Hi Mom ☺! 1 + 2 åa\n"},
        {"utf-7 label plain with +", "UTF-7", "8bit", "call +46 8 123, a+b\n", "call +46 8 123, a+b\n"},
        {"utf-7 label, 8bit utf-8", "UTF-7", "8bit", "på svenska, tack så mycket\n", "på svenska, tack så mycket\n"},
        {"1250", "windows-1250", "8bit", "Za\xbf\xf3\xb3\xe6 g\xea\x9cl\xb9 ja\x9f\xf1 \x96 serwer nie dzia\xb3" "a.\n", "Zażółć gęślą jaźń – serwer nie działa.\n"},
        {"8859-2", "iso-8859-2", "8bit", "Za\xbf\xf3\xb3\xe6 g\xea\xb6l\xb1 ja\xbc\xf1\n", "Zażółć gęślą jaźń\n"},
        {"1253", "windows-1253", "8bit", "\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1, \xef \xe4\xe9\xe1\xea\xef\xec\xe9\xf3\xf4\xde\xf2 \xe4\xe5\xed \xe1\xed\xf4\xe1\xf0\xef\xea\xf1\xdf\xed\xe5\xf4\xe1\xe9.\n", "Καλημέρα, ο διακομιστής δεν ανταποκρίνεται.\n"},
        {"8859-7", "iso-8859-7", "8bit", "\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1, \xef \xe4\xe9\xe1\xea\xef\xec\xe9\xf3\xf4\xde\xf2 \xe4\xe5\xed \xe1\xed\xf4\xe1\xf0\xef\xea\xf1\xdf\xed\xe5\xf4\xe1\xe9.\n", "Καλημέρα, ο διακομιστής δεν ανταποκρίνεται.\n"},
        {"8859-9", "iso-8859-9", "8bit", "\xdeu anda sunucu \xe7" "al\xfd\xfem\xfdyor, l\xfctfen yard\xfdm edin. I\xfe\xfdk \xf0\xfc\xfei\xf6\xe7\n", "Şu anda sunucu çalışmıyor, lütfen yardım edin. Işık ğüşiöç\n"},
        {"8859-8-i", "iso-8859-8-i", "8bit", "\xf9\xec\xe5\xed, \xe4\xf9\xf8\xfa \xec\xe0 \xee\xe2\xe9\xe1 \xee\xe4\xe1\xe5\xf7\xf8.\n", "שלום, השרת לא מגיב מהבוקר.\n"},
        {"1255", "windows-1255", "8bit", "\xf9\xec\xe5\xed, \xe4\xf9\xf8\xfa \xec\xe0 \xee\xe2\xe9\xe1 \xee\xe4\xe1\xe5\xf7\xf8.\n", "שלום, השרת לא מגיב מהבוקר.\n"},
        {"1256", "windows-1256", "8bit", "\xe3\xd1\xcd\xc8\xc7\xa1 \xc7\xe1\xce\xc7\xcf\xe3 \xe1\xc7 \xed\xd3\xca\xcc\xed\xc8 \xe3\xe4\xd0 \xc7\xe1\xd5\xc8\xc7\xcd.\n", "مرحبا، الخادم لا يستجيب منذ الصباح.\n"},
        {"tis", "tis-620", "8bit", "\xca\xc7\xd1\xca\xb4\xd5 \xe0\xab\xd4\xc3\xec\xbf\xe0\xc7\xcd\xc3\xec\xe4\xc1\xe8\xb5\xcd\xba\xca\xb9\xcd\xa7\xb5\xd1\xe9\xa7\xe1\xb5\xe8\xe0\xaa\xe9\xd2\n", "สวัสดี เซิร์ฟเวอร์ไม่ตอบสนองตั้งแต่เช้า\n"},
        {"8859-11", "iso-8859-11", "8bit", "\xca\xc7\xd1\xca\xb4\xd5 \xe0\xab\xd4\xc3\xec\xbf\xe0\xc7\xcd\xc3\xec\xe4\xc1\xe8\xb5\xcd\xba\xca\xb9\xcd\xa7\xb5\xd1\xe9\xa7\xe1\xb5\xe8\xe0\xaa\xe9\xd2\n", "สวัสดี เซิร์ฟเวอร์ไม่ตอบสนองตั้งแต่เช้า\n"},
        {"1258", "windows-1258", "8bit", "Ti\xea\xecng, \xd0" "a\xcc Lat \xfd\xf5\n", "Tiếng, Đà Lat ươ\n"},
        {"viscii-like utf8", "utf-8", "8bit", "Xin chào, máy chủ không phản hồi từ sáng.\n", "Xin chào, máy chủ không phản hồi từ sáng.\n"},
        {"8859-15", "iso-8859-15", "8bit", "\xbcuvre \xe0 5 \xa4\n", "Œuvre à 5 €\n"},
        {"macroman", "macintosh", "8bit", "\x81\x8a\x9a caf\x8e \xd0 ok\n", "Åäö café – ok\n"},
        {"cp850", "cp850", "8bit", "\x8f\x84\x94 servern\n", "Åäö servern\n"},
        {"cp437", "cp437", "8bit", "\x8f\x84\x94 servern\n", "Åäö servern\n"},
        {"unl utf8", NULL, "8bit", "Здравствуйте, сервер не отвечает с утра.\n", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"unl koi8", NULL, "8bit", "\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n", "Здравствуйте, сервер не отвечает с утра.\nЗдравствуйте, сервер не отвечает с утра.\nЗдравствуйте, сервер не отвечает с утра.\n"},
        {"unl 1251", NULL, "8bit", "\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5, \xf1\xe5\xf0\xe2\xe5\xf0 \xed\xe5 \xee\xf2\xe2\xe5\xf7\xe0\xe5\xf2 \xf1 \xf3\xf2\xf0\xe0.\n\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5, \xf1\xe5\xf0\xe2\xe5\xf0 \xed\xe5 \xee\xf2\xe2\xe5\xf7\xe0\xe5\xf2 \xf1 \xf3\xf2\xf0\xe0.\n\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5, \xf1\xe5\xf0\xe2\xe5\xf0 \xed\xe5 \xee\xf2\xe2\xe5\xf7\xe0\xe5\xf2 \xf1 \xf3\xf2\xf0\xe0.\n", "Здравствуйте, сервер не отвечает с утра.\nЗдравствуйте, сервер не отвечает с утра.\nЗдравствуйте, сервер не отвечает с утра.\n"},
        {"unl sjis", NULL, "8bit", "\x82\xa8\x90\xa2\x98" "b\x82\xc9\x82\xc8\x82\xc1\x82\xc4\x82\xa8\x82\xe8\x82\xdc\x82\xb7\x81" "B\x83T\x81[\x83o\x81[\x82\xaa\x8e~\x82\xdc\x82\xe8\x82\xdc\x82\xb5\x82\xbd\x81" "B\x82\xe6\x82\xeb\x82\xb5\x82\xad\x82\xa8\x8a\xe8\x82\xa2\x82\xb5\x82\xdc\x82\xb7\x81" "B\n", "お世話になっております。サーバーが止まりました。よろしくお願いします。\n"},
        {"unl eucjp", NULL, "8bit", "\xa4\xaa\xc0\xa4\xcf\xc3\xa4\xcb\xa4\xca\xa4\xc3\xa4\xc6\xa4\xaa\xa4\xea\xa4\xde\xa4\xb9\xa1\xa3\xa5\xb5\xa1\xbc\xa5\xd0\xa1\xbc\xa4\xac\xbb\xdf\xa4\xde\xa4\xea\xa4\xde\xa4\xb7\xa4\xbf\xa1\xa3\xa4\xe8\xa4\xed\xa4\xb7\xa4\xaf\xa4\xaa\xb4\xea\xa4\xa4\xa4\xb7\xa4\xde\xa4\xb9\xa1\xa3\n", "お世話になっております。サーバーが止まりました。よろしくお願いします。\n"},
        {"unl gbk", NULL, "8bit", "\xc4\xfa\xba\xc3\xa3\xac\xb7\xfe\xce\xf1\xc6\xf7\xb4\xd3\xd4\xe7\xc9\xcf\xbf\xaa\xca\xbc\xc3\xbb\xd3\xd0\xcf\xec\xd3\xa6\xa1\xa3\n\xc4\xfa\xba\xc3\xa3\xac\xb7\xfe\xce\xf1\xc6\xf7\xb4\xd3\xd4\xe7\xc9\xcf\xbf\xaa\xca\xbc\xc3\xbb\xd3\xd0\xcf\xec\xd3\xa6\xa1\xa3\n", "您好，服务器从早上开始没有响应。\n您好，服务器从早上开始没有响应。\n"},
        {"unl big5", NULL, "8bit", "\xb1z\xa6n\xa1" "A\xa6\xf8\xaa" "A\xbe\xb9\xb1q\xa6\xad\xa4W\xb6}\xa9l\xa8S\xa6\xb3\xa6^\xc0\xb3\xa1" "C\n\xb1z\xa6n\xa1" "A\xa6\xf8\xaa" "A\xbe\xb9\xb1q\xa6\xad\xa4W\xb6}\xa9l\xa8S\xa6\xb3\xa6^\xc0\xb3\xa1" "C\n", "您好，伺服器從早上開始沒有回應。\n您好，伺服器從早上開始沒有回應。\n"},
        {"unl euckr", NULL, "8bit", "\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4, \xbc\xad\xb9\xf6\xb0\xa1 \xc0\xc0\xb4\xe4\xc7\xcf\xc1\xf6 \xbe\xca\xbd\xc0\xb4\xcf\xb4\xd9.\n\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4, \xbc\xad\xb9\xf6\xb0\xa1 \xc0\xc0\xb4\xe4\xc7\xcf\xc1\xf6 \xbe\xca\xbd\xc0\xb4\xcf\xb4\xd9.\n", "안녕하세요, 서버가 응답하지 않습니다.\n안녕하세요, 서버가 응답하지 않습니다.\n"},
        {"unl 1252", NULL, "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"unl greek", NULL, "8bit", "\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1, \xef \xe4\xe9\xe1\xea\xef\xec\xe9\xf3\xf4\xde\xf2 \xe4\xe5\xed \xe1\xed\xf4\xe1\xf0\xef\xea\xf1\xdf\xed\xe5\xf4\xe1\xe9.\n\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1, \xef \xe4\xe9\xe1\xea\xef\xec\xe9\xf3\xf4\xde\xf2 \xe4\xe5\xed \xe1\xed\xf4\xe1\xf0\xef\xea\xf1\xdf\xed\xe5\xf4\xe1\xe9.\n", "Καλημέρα, ο διακομιστής δεν ανταποκρίνεται.\nΚαλημέρα, ο διακομιστής δεν ανταποκρίνεται.\n"},
        {"unl he", NULL, "8bit", "\xf9\xec\xe5\xed, \xe4\xf9\xf8\xfa \xec\xe0 \xee\xe2\xe9\xe1 \xee\xe4\xe1\xe5\xf7\xf8.\n\xf9\xec\xe5\xed, \xe4\xf9\xf8\xfa \xec\xe0 \xee\xe2\xe9\xe1 \xee\xe4\xe1\xe5\xf7\xf8.\n", "שלום, השרת לא מגיב מהבוקר.\nשלום, השרת לא מגיב מהבוקר.\n"},
        {"unl iso2022kr", NULL, "8bit", "\x1b$)C\x0e>H3gGO<<?d\x0f, \x0e<-9v0!\x0f \x0e@@4dGOAv\x0f \x0e>J=@4O4Y\x0f.\n", "안녕하세요, 서버가 응답하지 않습니다.\n"},
        {"unl short latin", NULL, "8bit", "S\xe5 \xe4r det\n", "Så är det\n"},
        {"utf8 as us-ascii", "us-ascii", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"1252 as us-ascii", "us-ascii", "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"1252 as utf-8", "utf-8", "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"1252 as 8859-1", "iso-8859-1", "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"utf8 as 8859-1", "iso-8859-1", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"utf8 as gb2312", "gb2312", "8bit", "您好，服务器从早上开始没有响应。\n", "您好，服务器从早上开始没有响应。\n"},
        {"utf8 as koi8", "koi8-r", "8bit", "Здравствуйте, сервер не отвечает с утра.\n", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"utf8 as euc-kr", "euc-kr", "8bit", "안녕하세요, 서버가 응답하지 않습니다.\n", "안녕하세요, 서버가 응답하지 않습니다.\n"},
        {"utf8 as sjis", "shift_jis", "8bit", "サーバーが止まりました\n", "サーバーが止まりました\n"},
        {"utf8 as big5", "big5", "8bit", "您好，伺服器從早上開始沒有回應。\n", "您好，伺服器從早上開始沒有回應。\n"},
        {"utf8 as iso-2022-jp", "iso-2022-jp", "8bit", "サーバーが止まりました\n", "サーバーが止まりました\n"},
        {"iso2022jp as utf8", "utf-8", "8bit", "\x1b$B$3$s$K$A$O!\"%5!<%P!<\x1b(B\n", "こんにちは、サーバー\n"},
        {"iso2022jp as us-ascii", "us-ascii", "8bit", "\x1b$B$3$s$K$A$O!\"%5!<%P!<\x1b(B\n", "こんにちは、サーバー\n"},
        {"iso2022jp as latin1", "iso-8859-1", "8bit", "\x1b$B$3$s$K$A$O!\"%5!<%P!<\x1b(B\n", "こんにちは、サーバー\n"},
        {"iso2022jp as sjis", "shift_jis", "8bit", "\x1b$B$3$s$K$A$O!\"%5!<%P!<\x1b(B\n", "こんにちは、サーバー\n"},
        {"sjis as iso-2022-jp", "iso-2022-jp", "8bit", "\x82\xa8\x90\xa2\x98" "b\x82\xc9\x82\xc8\x82\xc1\x82\xc4\x82\xa8\x82\xe8\x82\xdc\x82\xb7\x81" "B\x83T\x81[\x83o\x81[\x82\xaa\x8e~\x82\xdc\x82\xe8\x82\xdc\x82\xb5\x82\xbd\x81" "B\n", "お世話になっております。サーバーが止まりました。\n"},
        {"eucjp as iso2022", "iso-2022-jp", "8bit", "\xa4\xaa\xc0\xa4\xcf\xc3\xa4\xcb\xa4\xca\xa4\xc3\xa4\xc6\xa4\xaa\xa4\xea\xa4\xde\xa4\xb9\xa1\xa3\xa5\xb5\xa1\xbc\xa5\xd0\xa1\xbc\xa4\xac\xbb\xdf\xa4\xde\xa4\xea\xa4\xde\xa4\xb7\xa4\xbf\xa1\xa3\n", "お世話になっております。サーバーが止まりました。\n"},
        {"sjis as utf-8", "utf-8", "8bit", "\x82\xa8\x90\xa2\x98" "b\x82\xc9\x82\xc8\x82\xc1\x82\xc4\x82\xa8\x82\xe8\x82\xdc\x82\xb7\x81" "B\x83T\x81[\x83o\x81[\x82\xaa\x8e~\x82\xdc\x82\xe8\x82\xdc\x82\xb5\x82\xbd\x81" "B\n", "お世話になっております。サーバーが止まりました。\n"},
        {"eucjp as sjis", "shift_jis", "8bit", "\xa4\xaa\xc0\xa4\xcf\xc3\xa4\xcb\xa4\xca\xa4\xc3\xa4\xc6\xa4\xaa\xa4\xea\xa4\xde\xa4\xb9\xa1\xa3\xa5\xb5\xa1\xbc\xa5\xd0\xa1\xbc\xa4\xac\xbb\xdf\xa4\xde\xa4\xea\xa4\xde\xa4\xb7\xa4\xbf\xa1\xa3\xa4\xe8\xa4\xed\xa4\xb7\xa4\xaf\xa4\xaa\xb4\xea\xa4\xa4\xa4\xb7\xa4\xde\xa4\xb9\xa1\xa3\n", "お世話になっております。サーバーが止まりました。よろしくお願いします。\n"},
        {"sjis as eucjp", "euc-jp", "8bit", "\x82\xa8\x90\xa2\x98" "b\x82\xc9\x82\xc8\x82\xc1\x82\xc4\x82\xa8\x82\xe8\x82\xdc\x82\xb7\x81" "B\x83T\x81[\x83o\x81[\x82\xaa\x8e~\x82\xdc\x82\xe8\x82\xdc\x82\xb5\x82\xbd\x81" "B\x82\xe6\x82\xeb\x82\xb5\x82\xad\x82\xa8\x8a\xe8\x82\xa2\x82\xb5\x82\xdc\x82\xb7\x81" "B\n", "お世話になっております。サーバーが止まりました。よろしくお願いします。\n"},
        {"koi8 as 1251 is undecidable-ish", "utf-8", "8bit", "\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n", "Здравствуйте, сервер не отвечает с утра.\nЗдравствуйте, сервер не отвечает с утра.\n"},
        {"1251 as utf8", "utf-8", "8bit", "\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5, \xf1\xe5\xf0\xe2\xe5\xf0 \xed\xe5 \xee\xf2\xe2\xe5\xf7\xe0\xe5\xf2 \xf1 \xf3\xf2\xf0\xe0.\n\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5, \xf1\xe5\xf0\xe2\xe5\xf0 \xed\xe5 \xee\xf2\xe2\xe5\xf7\xe0\xe5\xf2 \xf1 \xf3\xf2\xf0\xe0.\n", "Здравствуйте, сервер не отвечает с утра.\nЗдравствуйте, сервер не отвечает с утра.\n"},
        {"gbk as utf-8", "utf-8", "8bit", "\xc4\xfa\xba\xc3\xa3\xac\xb7\xfe\xce\xf1\xc6\xf7\xb4\xd3\xd4\xe7\xc9\xcf\xbf\xaa\xca\xbc\xc3\xbb\xd3\xd0\xcf\xec\xd3\xa6\xa1\xa3\n\xc4\xfa\xba\xc3\xa3\xac\xb7\xfe\xce\xf1\xc6\xf7\xb4\xd3\xd4\xe7\xc9\xcf\xbf\xaa\xca\xbc\xc3\xbb\xd3\xd0\xcf\xec\xd3\xa6\xa1\xa3\n", "您好，服务器从早上开始没有响应。\n您好，服务器从早上开始没有响应。\n"},
        {"gbk as us-ascii", "us-ascii", "8bit", "\xc4\xfa\xba\xc3\xa3\xac\xb7\xfe\xce\xf1\xc6\xf7\xb4\xd3\xd4\xe7\xc9\xcf\xbf\xaa\xca\xbc\xc3\xbb\xd3\xd0\xcf\xec\xd3\xa6\xa1\xa3\n\xc4\xfa\xba\xc3\xa3\xac\xb7\xfe\xce\xf1\xc6\xf7\xb4\xd3\xd4\xe7\xc9\xcf\xbf\xaa\xca\xbc\xc3\xbb\xd3\xd0\xcf\xec\xd3\xa6\xa1\xa3\n", "您好，服务器从早上开始没有响应。\n您好，服务器从早上开始没有响应。\n"},
        {"unknown-8bit utf8", "unknown-8bit", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"x-unknown 1252", "x-unknown", "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"nonsense", "foo-bar-99", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"nonsense koi", "foo-bar-99", "8bit", "\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n\xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4 \xd3 \xd5\xd4\xd2\xc1.\n", "Здравствуйте, сервер не отвечает с утра.\nЗдравствуйте, сервер не отвечает с утра.\n"},
        {"charset with quote junk", "\"utf-8;\"", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"cs utf8;format", "utf-8 ; format=flowed", "8bit", "a\n", "a\n"},
        {"CP-850?", "cp-1252", "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"win1252", "windows1252", "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"utf_8", "UTF_8", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"utf-8//TRANSLIT", "utf-8//TRANSLIT", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"iso-8859-1 in cs dup", "iso-8859-1; charset=utf-8", "8bit", "Hej, servern svarar inte p\xe5 morgonen. \xc5\xe4\xf6 \x93" "citat\x94 \x96 \x80\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"charset ISO-8859-1 lower c1 as windows", "ISO-8859-1", "8bit", "\x93q\x94 \x85 \x80\n", "“q” … €\n"},
        {"utf-16le bom", "utf-16", "base64", "//7lAOQA9gANAAoAYgAKAA==", "åäö\nb\n"},
        {"utf-16be no bom", "utf-16be", "base64", "AOUA5AD2AAo=", "åäö\n"},
        {"utf-16 no bom ascii be", "utf-16", "base64", "AGgAZQBsAGwAbwAgAHQAaABlAHIAZQAK", "hello there\n"},
        {"utf-16 label but utf-8", "utf-16", "8bit", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n", "Hej, servern svarar inte på morgonen. Åäö “citat” – €\n"},
        {"utf-16 label but ascii", "utf-16", "8bit", "hello there\n", "hello there\n"},
        {"utf-16 label odd ascii", "utf-16", "8bit", "hello there!\nyou\n", "hello there!\nyou\n"},
        {"utf-16le no BOM cyr", "utf-16", "base64", "FwQ0BEAEMAQyBEEEQgQyBEMEOQRCBDUELAAgAEEENQRABDIENQRABCAAPQQ1BCAAPgRCBDIENQRHBDAENQRCBCAAQQQgAEMEQgRABDAELgAKAA==", "Здравствуйте, сервер не отвечает с утра.\n"},
        {"utf-32", "utf-32", "base64", "//4AAOUAAABiAAAACgAAAA==", "åb\n"},
        {"utf8 with bom", "utf-8", "8bit", "\xef\xbb\xbfhi\n", "hi\n"},
        {"cesu/overlong", "utf-8", "8bit", "a\xed\xa0\xbd\xed\xb8\x80" "b \xc0\xaf" "c\n", "aí\xc2\xa0½í¸€b À¯c\n"},
        {"ebcdic", "cp037", "base64", "iIWTk5Y=", "hello"},
        {"mixed: one cut utf-8 char at end", "utf-8", "8bit", "\xc3\xa5\xc3\xa4\xc3\xb6 \xc3\xa5\xc3\xa4\xc3\xb6 \xc3\xa5\xc3\xa4\xc3\xb6 \xc3", "åäö åäö åäö \xef\xbf\xbd"},
        {"utf8 with one latin1 byte", "utf-8", "8bit", "r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s p\xc3\xa5 svenska \xe5\n", "räksmörgås på svenska \xef\xbf\xbd\n"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_puts(&b, "From: a@b.example\nMIME-Version: 1.0\n");
        if (table[i].charset != NULL)
            buf_printf(&b, "Content-Type: text/plain; charset=%s\n", table[i].charset);
        buf_printf(&b, "Content-Transfer-Encoding: %s\n\n%s", table[i].encoding, table[i].bytes);
        struct test_mail t = test_parse(b.data);
        test_same(table[i].label, t.m->text, table[i].want);
        test_done(&t);
        buf_free(&b);
    }
}

/* What was not as declared is said. */
static void
warnings(void **state)
{
    static const struct { const char *label, *charset, *bytes, *warning; } table[] = {
        {"as declared", "iso-8859-1", "\xe5\n", NULL}, {"plain ASCII", "koi8-r", "a\n", NULL}, {"UTF-8 under another label", "koi8-r", "\xc3\xa5\xc3\xa4\n", "label is wrong: it is UTF-8"},
        {"unknown", "x-nonsense", "\xe5\n", "unknown charset"}, {"broken", "utf-8", "åäöåäö \xff\n", "broken UTF-8"}, {"escapes", "iso-8859-1", "\x1b$B$3$s\x1b(B\n", "known by its escapes"},
        {"no UTF-16", "utf-16", "hello there\n", "no UTF-16"}, {"not in the set", "us-ascii", "\xe5\n", "guessed"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "From: a@b.example\nContent-Type: text/plain; charset=%s\n\n%s", table[i].charset, table[i].bytes);
        struct test_mail t = test_parse(b.data);
        if (table[i].warning == NULL ? t.m->n_warnings != 0 : !test_warned(t.m, table[i].warning))
            fail_msg("%s: %s", table[i].label, t.m->n_warnings > 0 ? t.m->warnings[0] : "no warning");
        test_done(&t);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(labelled), cmocka_unit_test(warnings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
