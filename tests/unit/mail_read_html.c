/* SPDX-License-Identifier: ISC
 *
 * HTML as mail programs and newsletters write it: what is hidden, lists, tables, links, conditional comments, documents that are broken.
 */
#include "mail_read.h"

static void
html(void **state)
{
    static const struct { const char *label, *html, *want; } table[] = {
        {"a link of nothing", "<a href='https://x.example/a'></a>", ""},
        {"preheader display none", "<body><div style=\"display:none;font-size:1px;color:#fff;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden;\">Preview text &zwnj;&nbsp;&#847;</div><p>Real</p></body>", "Real\n"},
        {"preheader DISPLAY : NONE !important", "<span style=\"DISPLAY : none !important\">pre</span><p>Real</p>", "Real\n"},
        {"preheader mso-hide", "<div style=\"mso-hide:all\">pre</div><p>Real</p>", "Real\n"},
        {"preheader max-height 0 overflow", "<div style=\"max-height: 0; overflow: hidden;\">pre</div><p>Real</p>", "Real\n"},
        {"preheader max-height 0 no overflow w/ fontsize", "<div style=\"max-height:0;font-size:0;line-height:0\">pre</div><p>Real</p>", "Real\n"},
        {"preheader height 0 width 0 overflow", "<div style=\"height:0;width:0;overflow:hidden\">pre</div><p>Real</p>", "Real\n"},
        {"font-size 0 span", "<span style=\"font-size:0px;line-height:0px\">pre</span><p>Real</p>", "Real\n"},
        {"font-size 0 div", "<div style=\"font-size:0px;line-height:0\">pre</div><p>Real</p>", "Real\n"},
        {"font-size 0 td with child reset", "<table><tr><td style=\"font-size:0px\"><div style=\"font-size:13px\">Shown</div></td></tr></table>", "Shown\n"},
        {"mjml wrap div font-size:0 w/ inner", "<div style=\"font-size:0px\"><div style=\"font-size:16px;line-height:1.5\">Hello there</div></div>", "Hello there\n"},
        {"visibility hidden", "<div style=\"visibility:hidden\">x</div>y", "y\n"},
        {"opacity 0", "<div style=\"opacity:0\">x</div>y", "y\n"},
        {"opacity 0.5", "<div style=\"opacity:0.5\">x</div>y", "x\ny\n"},
        {"hidden attr", "<p hidden>x</p><p>y</p>", "y\n"},
        {"white on white not judged", "<p style=\"color:#fff\">x</p>", "x\n"},
        {"input type hidden", "<input type=hidden value=x>y", "y\n"},
        {"class hidden in <style>", "<style>.preheader{display:none!important}</style><div class=\"preheader\">pre</div><p>Real</p>", "Real\n"},
        {"id hidden in style", "<style type=\"text/css\">#pre, .hid { display : none ; } .x{color:red}</style><div id=\"pre\">pre</div><p class=\"a hid\">b</p><p class=x>Real</p>", "Real\n"},
        {"style media query hide for mobile shown", "<style>@media only screen and (max-width:480px){.desk{display:none!important}}</style><div class=\"desk\">Shown</div>", "Shown\n"},
        {"style mobile-only hidden by default", "<style>.mob{display:none}@media only screen{.mob{display:block!important}}</style><div class=\"mob\">M</div><p>Real</p>", "Real\n"},
        {"conditional comments", "<!--[if mso]><p>mso</p><![endif]--><!--[if !mso]><!--><p>real</p><!--<![endif]-->", "real\n"},
        {"conditional downlevel revealed", "<![if !vml]><img alt=\"pic\"><![endif]><p>x</p>", "pic\n\nx\n"},
        {"o:p", "<p class=MsoNormal>Hej,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Text<o:p></o:p></p>", "Hej,\n\nText\n"},
        {"xml island", "<xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><p>x</p>", "x\n"},
        {"base64 image", "<img src=\"data:image/png;base64,iVBORw0KGgo=\" alt=\"chart\">x", "chartx\n"},
        {"image alt space", "<p>see <img alt=\"the graph\" src=x> now</p>", "see the graph now\n"},
        {"img without alt", "<p>see <img src=\"cid:1\"> now</p>", "see now\n"},
        {"tracking pixel alt empty", "<img width=1 height=1 alt=\"\" src=x>y", "y\n"},
        {"link text differs", "<a href=\"https://evil.example/login?x=1&amp;y=2\">https://bank.example/login</a>", "https://bank.example/login <https://evil.example/login?x=1&y=2>\n"},
        {"link same", "<a href=\"https://x.example/a\">https://x.example/a</a>", "https://x.example/a\n"},
        {"link with www", "<a href=\"http://www.x.example\">www.x.example</a>", "www.x.example\n"},
        {"link around image alt", "<a href=\"https://x.example/buy\"><img alt=\"Buy now\"></a>", "Buy now <https://x.example/buy>\n"},
        {"link image no alt", "<a href=\"https://x.example/buy\"><img src=x></a>y", "y\n"},
        {"javascript link", "<a href=\"javascript:alert(1)\">click</a>", "click\n"},
        {"anchor link", "<a href=\"#top\">top</a>", "top\n"},
        {"mailto with subject", "<a href=\"mailto:s@x.example?subject=hi\">mail us</a>", "mail us <s@x.example>\n"},
        {"nested lists", "<ul><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ul>", "- a\n- b\n- c\n- d\n"},
        {"ol in ul", "<ol><li>one</li><li>two<ul><li>x</li></ul></li><li>three</li></ol>", "1. one\n2. two\n- x\n3. three\n"},
        {"ol type a", "<ol type=\"a\"><li>x</li></ol>", "1. x\n"},
        {"table rows", "<table><thead><tr><th>Artikel</th><th>Antal</th></tr></thead><tbody><tr><td>Skruv</td><td>3</td></tr><tr><td></td><td>4</td></tr></tbody></table>", "Artikel  Antal\nSkruv  3\n4\n"},
        {"nested layout tables", "<table><tr><td><table><tr><td>Hello <b>Anna</b>,</td></tr><tr><td>your order</td></tr></table></td></tr><tr><td>Bye</td></tr></table>", "Hello Anna,\nyour order\nBye\n"},
        {"definition list", "<dl><dt>T</dt><dd>D</dd></dl>", "T\nD\n"},
        {"br twice", "a<br><br>b", "a\n\nb\n"},
        {"br in p", "<p>a<br>b</p><p>c</p>", "a\nb\n\nc\n"},
        {"outlook div per line", "<div>a</div><div><br></div><div>b</div>", "a\n\nb\n"},
        {"outlook br self in div", "<div>a<br></div><div>b</div>", "a\nb\n"},
        {"whitespace", "<p>  a \n  b\t c  </p>", "a b c\n"},
        {"entities", "<p>&lt;b&gt; &amp;amp; &euro; &#8364; &#x20AC; &quot; &apos; &hellip; &rsquo;</p>", "<b> &amp; € € € \" ' … ’\n"},
        {"zero width joiner entities", "<p>a&zwnj;&#8203;b&shy;c</p>", "a\xe2\x80\x8c\xe2\x80\x8b" "b\xc2\xad" "c\n"},
        {"title not shown", "<html><head><title>T</title><meta charset=\"utf-8\"></head><body>x</body></html>", "x\n"},
        {"noscript/select", "<noscript>n</noscript><select><option>o</option></select>y", "y\n"},
        {"textarea", "<textarea>t</textarea>y", "y\n"},
        {"button shown", "<button>Buy</button>", "Buy\n"},
        {"script in the middle", "a<script>if (a<b) { document.write(\"<p>x</p>\") }</script>b", "ab\n"},
        {"script with </p>", "<script>var s=\"</p>\"; x</script>b", "b\n"},
        {"style in body with child comment", "<style><!-- p{color:red} --></style>b", "b\n"},
        {"unterminated style", "a<style>p{color:red}<p>b", "a\n"},
        {"svg text", "<svg><text>s</text></svg>y", "y\n"},
        {"plaintext element", "<plaintext>a<b>", "a\n"},
        {"xmp", "<xmp>a<b></xmp>", "a\n"},
        {"html after /html", "<html><body>a</body></html><p>footer</p>", "a\n\nfooter\n"},
        {"unclosed tag at the end", "<p>a</p><p", "a\n"},
        {"< in text", "<p>1 < 2 and 3 > 2 && x<y</p>", "1 < 2 and 3 > 2 && x\n"},
        {"attr with >", "<a title=\"a>b\" href=\"https://x.example/\">t</a>", "t <https://x.example/>\n"},
        {"single quote attr", "<a href='https://x.example/'>t</a>", "t <https://x.example/>\n"},
        {"uppercase", "<DIV>A</DIV><BR><P>B</P>", "A\n\nB\n"},
        {"sup/sub/del", "<p>m<sup>2</sup> <del>old</del> new</p>", "m2 old new\n"},
        {"q", "<p><q>x</q></p>", "x\n"},
        {"blockquote gmail", "<div dir=\"ltr\">svar</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Tue Anna wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex;border-left:1px\">old</blockquote></div>", "svar\n\nOn Tue Anna wrote:\nold\n"},
        {"pre in html", "<pre>a\n  b\n</pre><p>c</p>", "a\n  b\n\nc\n"},
        {"tabs pre-wrap", "<span style=\"white-space:pre-wrap\">a\tb\nc</span>", "a\tb\nc\n"},
        {"nbsp only paragraphs", "<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb\n"},
        {"cdata", "<![CDATA[x]]>y", "y\n"},
        {"iframe", "<iframe>x</iframe>y", "y\n"},
        {"video fallback", "<video>fallback</video>y", "fallbacky\n"},
        {"amp4email", "<p>a</p>", "a\n"},
        {"utf-16 meta lies", "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-16\"><p>åäö</p>", "åäö\n"},
        {"meta lies latin", "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\"><p>åäö</p>", "åäö\n"},
        {"rtl", "<p dir=rtl>שלום</p>", "שלום\n"},
        {"form label", "<form><label>Name</label><input value=\"x\"></form>", "Name\n"},
        {"details/summary", "<details><summary>s</summary>d</details>", "s\nd\n"},
        {"td with br", "<table><tr><td>a<br>b</td><td>c</td></tr></table>", "a\nb  c\n"},
        {"colspan etc", "<table><tr><td>A:</td><td>1</td></tr><tr><td>B:</td><td>2</td></tr></table>", "A:  1\nB:  2\n"},
        {"th scope", "<table><caption>Cap</caption><tr><th>h</th></tr></table>", "Cap\nh\n"},
        {"span block display", "<span style=\"display:block\">a</span><span style=\"display:block\">b</span>", "a\nb\n"},
        {"td display none", "<table><tr><td style=\"display:none\">x</td><td>y</td></tr></table>", "y\n"},
        {"div line-height 0 font 1px preheader color", "<div style=\"font-size:1px;line-height:1px;color:#ffffff;max-width:0;overflow:hidden\">pre</div><p>Real</p>", "pre\n\nReal\n"},
        {"text-indent -9999", "<span style=\"text-indent:-9999px;position:absolute;left:-9999px\">x</span>y", "xy\n"},
        {"aria-hidden is shown", "<span aria-hidden=\"true\">x</span>y", "xy\n"},
        {"style quotes html-escaped", "<div style=\"display:none;font-family:&quot;Arial&quot;\">x</div>y", "y\n"},
        {"style > 400 chars then display none", "<div style=\"font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;font-family:Arial,Helvetica,sans-serif;display:none\">x</div>y", "y\n"},
        {"display:none in comment of style", "<div style=\"/*display:none*/color:red\">x</div>y", "x\ny\n"},
        {"display:nonexistent", "<div style=\"display:nonexistent\">x</div>y", "x\ny\n"},
        {"block display none nested", "<div style=\"display:none\"><div>a</div><table><tr><td>b</td></tr></table></div>c", "c\n"},
        {"hidden void: img", "<img style=\"display:none\" alt=\"x\">y", "y\n"},
        {"unclosed hidden p", "<p style=\"display:none\">x<p>y", "y\n"},
        {"unclosed hidden li", "<ul><li style=\"display:none\">x<li>y</ul>", "- y\n"},
        {"unclosed hidden div eats all? browser does", "<div style=\"display:none\">x<p>y</p>", ""},
        {"unclosed hidden span in td", "<table><tr><td><span style=\"display:none\">x</td><td>y</td></tr></table>", "y\n"},
        {"outlook word", "<html xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><meta http-equiv=Content-Type content=\"text/html; charset=utf-8\"><meta name=Generator content=\"Microsoft Word 15 (filtered medium)\"><!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]--><style><!--\n/* Font Definitions */\n@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}\np.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt;}\n.MsoChpDefault {mso-style-type:export-only; display:none;}\n@page WordSection1 {size:612.0pt 792.0pt;}\n--></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext=\"edit\" spidmax=\"1026\" /></xml><![endif]--></head><body lang=SV link=\"#0563C1\"><div class=WordSection1><p class=MsoNormal>Hej Anna,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Punkt ett<o:p></o:p></p><p class=MsoNormal>Hälsningar<br>Ola</p></div></body></html>", "Hej Anna,\n\n·    Punkt ett\n\nHälsningar\nOla\n"},
        {"marketing", "<!doctype html><html><head><title>News</title><style type=\"text/css\">#outlook a{padding:0}.ReadMsgBody{width:100%} body,table,td,a{font-size:14px} .preview{display:none!important;mso-hide:all} @media only screen and (max-width:600px){ .full{width:100%!important} .hide-m{display:none!important} }</style></head><body><span class=\"preview\">Don't miss it&nbsp;&zwnj;&nbsp;&zwnj;</span><!--[if (gte mso 9)|(IE)]><table width=\"600\"><tr><td><![endif]--><table width=\"100%\"><tr><td align=\"center\"><table class=\"full\"><tr><td class=\"hide-m\"><a href=\"https://t.example/c?u=1\"><img src=\"https://x.example/logo.png\" alt=\"Acme\" width=\"100\"></a></td></tr><tr><td style=\"font-size:0;line-height:0\" height=\"20\">&nbsp;</td></tr><tr><td><h1>Big sale</h1><p>Dear Anna,</p><p>Everything must go. <a href=\"https://t.example/c?u=2\" style=\"color:#fff\">Shop now</a></p></td></tr><tr><td><table><tr><td>Widget</td><td>2</td><td>€10</td></tr><tr><td>Gadget</td><td>1</td><td>€5</td></tr></table></td></tr><tr><td style=\"text-align:center\"><div><!--[if mso]><v:roundrect href=\"https://x.example\"><center>Buy</center></v:roundrect><![endif]--><a href=\"https://x.example/buy\" style=\"background:#f00;mso-hide:all;\">Buy</a></div></td></tr></table></td></tr></table><img src=\"https://t.example/o.gif\" width=\"1\" height=\"1\" alt=\"\"></body></html>", "Acme <https://t.example/c?u=1>\n\nBig sale\n\nDear Anna,\n\nEverything must go. Shop now <https://t.example/c?u=2>\n\nWidget  2  €10\nGadget  1  €5\nBuy <https://x.example/buy>\n"},
        {"class with media rule only", "<style>@media screen{.a{display:none}}</style><p class=a>x</p>", "x\n"},
        {"style: later rule shows again", "<style>.a{display:none}.a{display:block}</style><p class=a>x</p>", "x\n"},
        {"inline beats sheet", "<style>.a{display:none}</style><p class=a style=\"display:block\">x</p>", "x\n"},
        {"descendant selectors ignored", "<style>.w .a{display:none} div>.b{display:none} .a.b{display:none} .a:hover{display:none}</style><p class=\"a b\">x</p>", "x\n"},
        {"tag.class", "<style>td.h{display:none}</style><table><tr><td class=h>no</td><td>yes</td></tr></table><p class=h>p</p>", "yes\n\np\n"},
        {"style comment", "<style>/* .a{display:none} */ .b{color:red}</style><p class=a>x</p>", "x\n"},
        {"style import", "<style>@import url(\"x.css\"); .a{display:none}</style><p class=a>x</p>y", "y\n"},
        {"style unclosed brace", "<style>.a{display:none</style><p class=a>x</p>y", "y\n"},
        {"style charset", "<style>@charset \"utf-8\";.a{display:none}</style><p class=a>x</p>y", "y\n"},
        {"two styles", "<style>.q{color:red}</style><style>.a{display:none}</style><p class=a>x</p>y", "y\n"},
        {"url with ; in style", "<div style=\"background:url(data:image/png;base64,AAA=);display:none\">x</div>y", "y\n"},
        {"quoted ; in style", "<div style=\"font-family:'a;display:none'\">x</div>y", "x\ny\n"},
        {"display: none uppercase class", "<style>.Pre{DISPLAY:NONE}</style><p class=Pre>x</p>y", "y\n"},
        {"font-size 0 with class giving size", "<style>.btn{font-size:16px}</style><td style=\"font-size:0\"><a class=\"btn\" href=\"https://x.example\">Go</a></td>", "Go <https://x.example>\n"},
        {"font-size:0 inherit em", "<div style=\"font-size:0\"><span style=\"font-size:1em\">x</span><span style=\"font-size:small\">y</span></div>", "y\n"},
        {"alt in font-size 0", "<td style=\"font-size:0\"><img alt=\"Logo\"></td>", "Logo\n"},
        {"script no end", "a<script>b<p>c", "a\n"},
        {"style no end 2", "<style>a<style>b<p>c", ""},
        {"body inside", "<p>a</p></body></html>\n<br>--<br>List footer", "a\n\n\n--\nList footer\n"},
        {"two docs", "<html><body><p>a</p></body></html><html><body>b</body></html>", "a\n\nb\n"},
        {"a display:block", "<a href=\"https://x.example/1\" style=\"display:block\">One</a><a href=\"https://x.example/2\" style=\"display:block\">Two</a>", "One <https://x.example/1>\nTwo <https://x.example/2>\n"},
        {"word hidden text", "<p>a<span style=\"display:none;mso-hide:all\">hid</span>b</p>", "ab\n"},
        {"width:0 without overflow", "<td style=\"width:0\">x</td>", "x\n"},
        {"max-width 0 with overflow hidden layout", "<div style=\"max-width:100%;overflow:hidden;width:600px\">x</div>", "x\n"},
        {"table overflow ellipsis trick", "<td style=\"max-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap\">Subject line</td>", "Subject line\n"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n%s", table[i].html);
        struct test_mail t = test_parse(b.data);
        test_same(table[i].label, t.m->text, table[i].want);
        test_done(&t);
        buf_free(&b);
    }
}

/* A large image or script inside the markup takes nothing from the text behind it. */
static void
large_pieces(void **state)
{
    static const struct { const char *label, *begin, *end; } table[] = {
        {"an image's bytes", "<img src=\"data:image/png;base64,", "\">"}, {"a style", "<style>.a{color:red", "}</style>"}, {"a script", "<script>", "</script>"}, {"a comment", "<!-- ", "-->"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<p>a</p>%s", table[i].begin);
        for (unsigned k = 0; k < 1000000; k++)
            buf_puts(&b, "AAAAAAAAAA");
        buf_printf(&b, "%s<p>b</p>", table[i].end);
        struct test_mail t = test_parse(b.data);
        test_same(table[i].label, t.m->text, "a\n\nb\n");
        test_done(&t);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(html), cmocka_unit_test(large_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
