/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_html - HTML as readable text, and what a person would not see. */
#include <stdlib.h>

#include "reader/charset.h"
#include "reader/html.h"
#include "tap.h"

/* Converts; the result is kept until the next call. */
static struct found found;

static const char *convert(const char *html)
{
    found_fini(&found);
    found_init(&found);
    html_add(&found, html, strlen(html));
    return str_text(&found.text);
}

/* Converts and compares the text. */
static void shows(const char *html, const char *want, const char *name)
{
    is_str(convert(html), want, name);
}

/* Converts and compares visible and hidden text. */
static void hides(const char *html, const char *want, const char *hidden, const char *name)
{
    const char *text = convert(html);
    is_str(text, want, name);
    is_str(str_text(&found.hidden), hidden, "  … and what was hidden");
}

/* Converts and looks for a warning. */
static void warns(const char *html, const char *want, const char *name)
{
    convert(html);
    bool seen = !want && !found.warnings.len;
    for (size_t i = 0; want && i < found.warnings.len; i++)
        seen |= strcmp(strv_at(&found.warnings, i), want) == 0;
    ok(seen, "%s", name);
    for (size_t i = 0; !seen && i < found.warnings.len; i++)
        printf("#   got: %s\n", strv_at(&found.warnings, i));
}

/* Blocks, lists, tables. */
static void test_flow(void)
{
    shows("<p>One\n two</p><p>three</p>", "One two\n\nthree", "paragraphs, white space folded");
    shows("a<br>b<br><br><br><br>c", "a\nb\n\nc", "line breaks, at most one empty line");
    shows("<div>a</div><div>b</div>", "a\nb", "blocks are lines");
    shows("<h1>Head</h1>text", "Head\n\ntext", "headings stand apart");
    shows("<ul><li>a<li>b</ul>", "- a\n- b", "list");
    shows("<ol start=3><li>a</li><li>b<ul><li>c</ul></ol>", "3. a\n4. b\n  - c", "numbers, nested");
    shows("<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d", "> a\n> b\n>\n> > c\n\nd",
          "quotes");
    shows("<pre>a  b\n  c</pre>", "a  b\n  c", "pre keeps white space");
    shows("<table><tr><th>Item<th>Price<tr><td>Chair<td>48,200<tr><td>桌子<td>9</table>",
          "Item    Price\nChair  48,200\n桌子        9", "columns in cells");
    shows("<table><tr><td><p>Hello</p><p>there</p><td>right</table>", "Hello\n\nthere\n\nright",
          "a table that only places things");
    shows("<table><tr><td><table><tr><td>a<td>b</table></table>", "a  b", "nested table");
    shows("<table><tr><th>Item<th>Description<th>EUR<tr><td>A1<td>A pallet of wood that was treated with heat, 1200 by 800 "
          "millimetres, as ordered<td>120.50<tr><td>B<td>Nut<td>9<tr><td colspan=2>Total<td>129.50</table>",
          "Item  Description                                                        EUR\n"
          "A1    A pallet of wood that was treated with heat, 1200 by 800        120.50\n"
          "      millimetres, as ordered\n"
          "B     Nut                                                                  9\n"
          "Total                                                                 129.50",
          "a column of sentences gets what the others leave");
    shows("<table><tr><td>One long story that goes on for more than sixty cells of a line of text<td>Another long story that "
          "goes on for more than sixty cells of text<tr><td>x<td>y</table>",
          "One long story that goes on for more than sixty cells of a line of text\n\nAnother long story that goes on for more "
          "than sixty cells of text\n\nx\ny", "two stories beside each other are none");
    shows("a &amp; b &lt;c&gt; &eacute; &#20250; &#x8bae; &nosuch; &copy;",
          "a & b <c> é 会 议 &nosuch; ©", "entities");
    shows("x<img src=a alt='Logo'>y<img src=b><img src=c alt='12'>", "x[Logo]y(12)", "images");
    shows("<img alt='🙂'>", "🙂", "a picture that is a character");
    shows("<title>t</title><script>alert(1)</script><style>p{}</style>x", "x", "no scripts");
    shows("<!-- c --><p>a<!-- <p>b -->c", "ac", "comments");
    shows("<p><![if !supportLists]>1. <![endif]>a<!--[if mso]>no <b>x<![endif]-->b"
          "<!--[if !mso]><!-->c<!--<![endif]-->",
          "1. abc", "conditions of Outlook");
    shows("<!doctype html><p>a <! b>c <!-- d", "a c", "other marks, and a comment without an end");
    shows("Hi\xe2\x80\x8c \xe2\x80\x8c\xc2\xa0 there\xc2\xad!", "Hi there!", "padding that nobody sees");
    shows("<p>unclosed <b>bold <i>both</p>next", "unclosed bold both\n\nnext", "broken nesting");
    shows("", "", "empty");
}

/* Links and their numbers. */
static void test_links(void)
{
    shows("see <a href='https://a.example/x'>the page</a> now", "see the page [1] now", "link");
    is_str(((struct found_link *)vec_at(&found.links, 0))->url, "https://a.example/x", "its url");
    is_str(((struct found_link *)vec_at(&found.links, 0))->text, "the page", "its text");
    shows("<a href='#x'>a</a> <a href='javascript:x()'>b</a> <a href='cid:1'>c</a>", "a b c",
          "links that lead nowhere");
    shows("<a href='mailto:a@b.example'>write</a>", "write [1]", "mailto");
    shows("<a href=' ht\ntps://a.example/b c '>x</a>", "x [1]", "an address with white space");
    is_str(((struct found_link *)vec_at(&found.links, 0))->url, "https://a.example/b+c",
           "is cleaned");
    shows("<a href='https://a.example'><img alt=Pay></a>", "[Pay] [1]", "a picture as a link");
    warns("<a href='http://evil.example/'>https://bank.example/login</a>",
          "link-host-differs: bank.example, evil.example", "text names another host");
    warns("<a href='http://click.bank.example/'>www.bank.example</a>", NULL, "the same owner");
    warns("<a href='http://bank.example@evil.example/'>x</a>", "link-user: evil.example",
          "user in the address");
    warns("<a href='http://192.0.2.7/'>x</a>", "link-address: 192.0.2.7", "a bare address");
    warns("<a href='http://p\xd0\xb0ypal.com/'>x</a>", "mixed-script: p\xd0\xb0ypal.com",
          "Cyrillic among Latin");
    warns("<a href='http://xn--80ak6aa92e.com/'>x</a>", "mixed-script: \xd0\xb0\xd1\x80\xd1\x80\xd3\x8f\xd0\xb5.com",
          "all Cyrillic that looks Latin");
    warns("<a href='https://例え.jp/'>x</a>", NULL, "honest Japanese host");
    warns("<a href='http://x.example/'>report.pdf</a>", NULL, "a file name is no host");
}

/* What a person does not see. */
static void test_hidden(void)
{
    hides("a<span style='display:none'>evil</span>b", "ab", "evil", "display:none");
    hides("a<span style='DISPLAY : NONE !important'>evil</span>", "a", "evil", "in capitals");
    hides("a<p style='visibility:hidden'>evil <b style='visibility:visible'>seen</b></p>",
          "a\n\nseen", "evil", "visibility, and back");
    hides("<span style='font-size:0'>evil</span>a", "a", "evil", "font-size 0");
    hides("<span style='font-size:1px'>evil</span>a", "a", "evil", "font-size 1px");
    hides("<td style='font-size:0px'><div style='font-size:13px'>seen</div></td>", "seen", "",
          "a size that comes back");
    hides("<div style='color:#fff'>evil</div>a", "a", "evil", "white on white");
    hides("<div style='color:#fefefe;background:#ffffff'>evil</div>a", "a", "evil", "nearly white");
    hides("<table bgcolor='#000080'><tr><td><font color='white'>seen</font></table>", "seen", "",
          "white on navy is there");
    hides("<div style=\"background:url(x.png);color:white\">seen</div>", "seen", "",
          "white on a picture may be there");
    hides("<div style='opacity:0'>evil</div>a", "a", "evil", "opacity");
    hides("<div style='mso-hide:all'>evil</div>a", "a", "evil", "mso-hide");
    hides("<div style='position:absolute;left:-9999px'>evil</div>a", "a", "evil", "off the screen");
    hides("<div style='text-indent:-9999px'>evil</div>a", "a", "evil", "indented away");
    hides("<div style='max-height:0;overflow:hidden'>evil</div>a", "a", "evil", "no height");
    hides("<div style='width:0px;overflow:hidden'>evil</div>a", "a", "evil", "no width");
    hides("<div hidden>evil</div>a", "a", "evil", "hidden attribute");
    hides("<style>.x{display:none} @media print{.y{display:none}}</style>"
          "<p class='q x'>evil</p><p class=y>seen</p>",
          "seen", "evil", "class, but not from @media");
    hides("<style>#i, b.z { color : #FFF }</style><i id=i>evil</i><b class=z>two</b><i>a</i>", "a",
          "eviltwo", "id and tag.class");
    hides("<a href='http://x.example/' style='display:none'>evil</a>a", "a", "evil", "hidden link");
    ok(found.links.len == 0, "  … has no number");
    hides("<img alt=evil width=1 height=1>a", "a", "evil", "a picture of one pixel");
    hides("ok \xf3\xa0\x81\xa9\xf3\xa0\x81\xa7\xf3\xa0\x81\xae!", "ok !", "ign", "tag characters");
    hides("\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xbf", "\xf0\x9f\x8f\xb4",
          "", "but not those of a flag");
}

/* Runs all. */
int main(void)
{
    charset_open_all();
    found_init(&found);
    test_flow();
    test_links();
    test_hidden();
    char *charset = html_charset("<html><meta http-equiv=x content='text/html; charset=gb2312'>", 61);
    is_str(charset, "gb2312", "charset of a meta");
    free(charset);
    found_fini(&found);
    return tap_end();
}
