/* SPDX-License-Identifier: GPL-3.0-or-later */
/* office.c - SAX events of office XML into lines of text.
 *
 * One handler serves all formats: they call a paragraph, a run, a tab, a table by other names, but
 * mean the same. A table's cells are gathered as quoted values and aligned when it ends. Only the
 * local part of a name counts ("w:p", "text:p", "a:p" are all "p"). Sheets of .xlsx have a handler
 * of their own: their texts stand in another file and dates are numbers with a style. */
#include "reader/office.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/vec.h"
#include "reader/columns.h"
#include "reader/zip.h"

enum { DEPTH_MAX = 512, TABLE_MAX = 1 << 20, STRINGS_MAX = 200000, STRINGS_BYTES = 16 << 20 };
enum { SHEETS_MAX = 50, SLIDES_MAX = 500, STYLES_MAX = 10000, COLUMNS_MAX = 256 };

struct office {
    struct zip zip;
    struct str *out; /* borrow */
    size_t start, max;
    bool cut;
    xmlParserCtxtPtr parser;
    bool in_text;   /* of .docx and .pptx only <t> is text */
    bool plain;     /* OpenDocument: every character inside a paragraph is text */
    int depth, skip, paragraphs, tables;
    bool line;      /* something stands on this line */
    struct str table, cell;
    int repeat;     /* of an OpenDocument cell */
    /* .xlsx */
    struct vec strings; /* strv */
    size_t strings_bytes;
    struct vec formats, styles; /* int: numFmtIds of dates; numFmtId of each style */
    struct vec names, ids, targets, sheet_ids; /* strv: of the workbook and its relations */
    char type[16];
    int style;
    size_t column;
    bool in_value, in_styles;
};

/* ---- parsing ---- */

/* The name without its prefix. */
static const char *local(const xmlChar *name)
{
    const char *colon = strchr((const char *)name, ':');
    return colon ? colon + 1 : (const char *)name;
}

/* An attribute by its local name; NULL. */
static const char *attribute(const xmlChar **atts, const char *name)
{
    for (; atts && atts[0]; atts += 2)
        if (strcmp(local(atts[0]), name) == 0)
            return atts[1] ? (const char *)atts[1] : "";
    return NULL;
}

/* A small number of an attribute. */
static int small(const char *s, int fallback, int most)
{
    int v = 0;
    if (!s || *s < '0' || *s > '9')
        return fallback;
    for (; *s >= '0' && *s <= '9' && v <= most; s++)
        v = v * 10 + (*s - '0');
    return v < most ? v : most;
}

/* Feeds the parser. */
static bool on_bytes(void *user, const char *bytes, size_t n)
{
    struct office *o = user;
    return xmlParseChunk(o->parser, bytes, (int)n, 0) == 0 && o->out->len - o->start < o->max;
}

/* Reads one entry with these events; false when it is not there or broken from the start. */
static bool parse(struct office *o, const char *name, startElementSAXFunc start,
                  endElementSAXFunc end, charactersSAXFunc characters)
{
    const struct zip_entry *e = zip_find(&o->zip, name);
    xmlSAXHandler sax = {.startElement = start, .endElement = end, .characters = characters,
                         .ignorableWhitespace = characters};
    if (!e)
        return false;
    o->depth = o->skip = o->paragraphs = 0;
    o->parser = xmlCreatePushParserCtxt(&sax, o, NULL, 0, NULL);
    if (!o->parser)
        return false;
    xmlCtxtUseOptions(o->parser, XML_PARSE_NONET | XML_PARSE_SAX1 | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    size_t before = o->zip.left;
    if (!zip_read(&o->zip, e, on_bytes, o) || o->out->len - o->start >= o->max)
        o->cut = true;
    xmlParseChunk(o->parser, "", 0, 1);
    xmlDocPtr declared = o->parser->myDoc; /* what a DTD inside it has made, never used */
    xmlFreeParserCtxt(o->parser);
    if (declared)
        xmlFreeDoc(declared);
    o->parser = NULL;
    return o->zip.left < before;
}

/* ---- lines and tables ---- */

/* Where text goes now. */
static struct str *target(struct office *o)
{
    return o->tables ? &o->cell : o->out;
}

/* Ends a line; two in a row make no empty one. */
static void end_line(struct office *o)
{
    if (o->tables) {
        if (o->cell.len && o->cell.data[o->cell.len - 1] != ' ')
            str_putc(&o->cell, ' ');
        return;
    }
    size_t n = o->out->len - o->start;
    if (n < 2 || memcmp(o->out->data + o->out->len - 2, "\n\n", 2) != 0) /* one empty line will do */
        str_putc(o->out, '\n');
    o->line = false;
}

/* Appends a quoted value to the table. */
static void add_value(struct str *table, const char *text, size_t n)
{
    if (table->len > TABLE_MAX)
        return;
    str_putc(table, '"');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            str_putc(table, '"');
        str_putc(table, text[i]);
    }
    str_puts(table, "\"\t");
}

/* Ends a row. */
static void end_row(struct str *table)
{
    if (table->len && table->data[table->len - 1] == '\t')
        table->data[table->len - 1] = '\n';
}

/* Writes the table that was gathered. */
static void end_table(struct office *o)
{
    size_t room = o->max - (o->out->len - o->start < o->max ? o->out->len - o->start : o->max);
    o->cut |= columns_add(o->out, str_text(&o->table), o->table.len, '\t', room) > 0 ||
              o->table.len > TABLE_MAX;
    str_clear(&o->table);
    str_clear(&o->cell);
    o->line = false;
}

/* Ends a cell, which may stand for several. */
static void end_cell(struct office *o)
{
    while (o->cell.len && o->cell.data[o->cell.len - 1] == ' ')
        str_truncate(&o->cell, o->cell.len - 1);
    int times = o->repeat > 1 && o->cell.len ? o->repeat : 1; /* a run of empty ones is one */
    for (int i = 0; i < times && o->tables == 1; i++)
        add_value(&o->table, str_text(&o->cell), o->cell.len);
    o->repeat = 1;
    if (o->tables == 1)
        str_clear(&o->cell);
}

/* ---- documents and slides ---- */

/* Elements whose text is not the document's: deletions, notes, what a program shows instead. */
static bool is_aside(const char *name)
{
    static const char *const names[] = {"tracked-changes", "annotation", "instrText", "delText",
                                        "Fallback", "forms", "sequence-decls", "notes", "tabs"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* An element begins. */
static void on_start(void *user, const xmlChar *tag, const xmlChar **atts)
{
    struct office *o = user;
    const char *name = local(tag);
    if (++o->depth > DEPTH_MAX || o->skip || is_aside(name)) {
        o->skip++;
        return;
    }
    if (strcmp(name, "tbl") == 0 || strcmp(name, "table") == 0) {
        if (o->tables++ == 0 && o->line)
            str_putc(o->out, '\n');
    } else if (strcmp(name, "t") == 0) {
        o->in_text = true;
    } else if (strcmp(name, "p") == 0 || strcmp(name, "h") == 0) {
        o->paragraphs++;
    } else if (strcmp(name, "tab") == 0 && o->paragraphs) {
        str_puts(target(o), "    ");
    } else if (strcmp(name, "s") == 0 && o->plain) {
        for (int i = small(attribute(atts, "c"), 1, 80); i > 0; i--)
            str_putc(target(o), ' ');
    } else if (strcmp(name, "br") == 0 || strcmp(name, "cr") == 0 || strcmp(name, "line-break") == 0) {
        end_line(o);
    } else if (strcmp(name, "numPr") == 0 || strcmp(name, "list-item") == 0) {
        str_puts(target(o), "- ");
        o->line = true;
    } else if (strcmp(name, "table-cell") == 0) {
        o->repeat = small(attribute(atts, "number-columns-repeated"), 1, COLUMNS_MAX);
    }
}

/* And ends. */
static void on_end(void *user, const xmlChar *tag)
{
    struct office *o = user;
    const char *name = local(tag);
    o->depth--;
    if (o->skip) {
        o->skip--;
        return;
    }
    if (strcmp(name, "t") == 0) {
        o->in_text = false;
    } else if (strcmp(name, "p") == 0 || strcmp(name, "h") == 0) {
        o->paragraphs--;
        end_line(o);
    } else if (strcmp(name, "tc") == 0 || strcmp(name, "table-cell") == 0 ||
               strcmp(name, "covered-table-cell") == 0) {
        end_cell(o);
    } else if (strcmp(name, "tr") == 0 || strcmp(name, "table-row") == 0) {
        if (o->tables == 1)
            end_row(&o->table);
    } else if ((strcmp(name, "tbl") == 0 || strcmp(name, "table") == 0) && o->tables) {
        if (--o->tables == 0)
            end_table(o);
    }
}

/* Text. */
static void on_text(void *user, const xmlChar *text, int n)
{
    struct office *o = user;
    if (o->skip || n <= 0 || !(o->plain ? o->paragraphs > 0 : o->in_text))
        return;
    struct str *to = target(o);
    if (to == &o->cell && to->len > 4096)
        return;
    for (int i = 0; i < n; i++) {
        char c = (char)text[i];
        bool space = c == '\n' || c == '\r' || c == '\t';
        if (space && o->plain && (!to->len || to->data[to->len - 1] == ' '))
            continue;
        str_putc(to, space ? ' ' : c);
    }
    o->line = true;
}

/* Slides in their order. */
static bool read_slides(struct office *o)
{
    bool any = false;
    for (int i = 1; i <= SLIDES_MAX; i++) {
        char name[64];
        snprintf(name, sizeof name, "ppt/slides/slide%d.xml", i);
        if (!zip_find(&o->zip, name))
            break;
        str_addf(o->out, "%s---------- %d\n", any ? "\n" : "", i);
        any |= parse(o, name, on_start, on_end, on_text);
    }
    return any;
}

/* ---- sheets of .xlsx ---- */

/* A shared text begins. */
static void on_string_start(void *user, const xmlChar *tag, const xmlChar **atts)
{
    struct office *o = user;
    const char *name = local(tag);
    (void)atts;
    if (strcmp(name, "rPh") == 0)
        o->skip++;
    else if (strcmp(name, "si") == 0)
        str_clear(&o->cell);
    else if (strcmp(name, "t") == 0)
        o->in_text = true;
}

/* And ends. */
static void on_string_end(void *user, const xmlChar *tag)
{
    struct office *o = user;
    const char *name = local(tag);
    if (strcmp(name, "rPh") == 0) {
        o->skip--;
    } else if (strcmp(name, "t") == 0) {
        o->in_text = false;
    } else if (strcmp(name, "si") == 0) {
        if (o->strings.len < STRINGS_MAX && o->strings_bytes < STRINGS_BYTES) {
            strv_push(&o->strings, str_text(&o->cell));
            o->strings_bytes += o->cell.len;
        } else {
            o->cut = true;
        }
    }
}

/* Its characters. */
static void on_string_text(void *user, const xmlChar *text, int n)
{
    struct office *o = user;
    if (o->in_text && !o->skip && n > 0 && o->cell.len < 32 << 10)
        str_add(&o->cell, (const char *)text, (size_t)n);
}

/* Does a number format show a date or a time? */
static bool is_date_format(const char *code)
{
    bool quoted = false;
    for (; *code; code++) {
        if (*code == '"')
            quoted = !quoted;
        else if (*code == '\\' && code[1])
            code++;
        else if (*code == '[' && !quoted)
            code += strcspn(code, "]") > 3 ? strcspn(code, "]") : 0; /* [Red], not [h] */
        else if (!quoted && strchr("dmyhDMYH", *code))
            return true;
        if (!*code)
            break;
    }
    return false;
}

/* Styles: which of them are dates. */
static void on_style_start(void *user, const xmlChar *tag, const xmlChar **atts)
{
    struct office *o = user;
    const char *name = local(tag), *code;
    if (strcmp(name, "numFmt") == 0 && (code = attribute(atts, "formatCode")) && is_date_format(code) &&
        o->formats.len < STYLES_MAX)
        *(int *)vec_push(&o->formats) = small(attribute(atts, "numFmtId"), 0, 100000);
    else if (strcmp(name, "cellXfs") == 0)
        o->in_styles = true;
    else if (strcmp(name, "xf") == 0 && o->in_styles && o->styles.len < STYLES_MAX)
        *(int *)vec_push(&o->styles) = small(attribute(atts, "numFmtId"), 0, 100000);
}

/* The list of styles ends. */
static void on_style_end(void *user, const xmlChar *tag)
{
    if (strcmp(local(tag), "cellXfs") == 0)
        ((struct office *)user)->in_styles = false;
}

/* Is the style of a cell that of a date? */
static bool is_date(const struct office *o, int style)
{
    if (style < 0 || (size_t)style >= o->styles.len)
        return false;
    int format = *(int *)vec_at(&o->styles, (size_t)style);
    if ((format >= 14 && format <= 22) || (format >= 45 && format <= 47))
        return true;
    for (size_t i = 0; i < o->formats.len; i++)
        if (*(int *)vec_at(&o->formats, i) == format)
            return true;
    return false;
}

/* A day number of the 1900 system as a date, with a time when it has one. */
static void add_date(double days, struct str *out)
{
    time_t t = (time_t)((days - 25569) * 86400 + 0.5);
    struct tm tm;
    char text[32];
    bool has_time = days != (double)(long)days;
    if (days < 0 || days > 2958465 || !gmtime_r(&t, &tm))
        return;
    strftime(text, sizeof text, days < 1 ? "%H:%M" : has_time ? "%Y-%m-%d %H:%M" : "%Y-%m-%d", &tm);
    str_puts(out, text);
}

/* The value of a cell as a person sees it. */
static void add_cell(struct office *o)
{
    const char *raw = str_text(&o->cell);
    struct str shown = STR_INIT;
    char *end;
    double number;
    if (strcmp(o->type, "s") == 0) {
        size_t i = (size_t)strtoul(raw, NULL, 10);
        str_puts(&shown, i < o->strings.len ? strv_at(&o->strings, i) : "");
    } else if (strcmp(o->type, "b") == 0) {
        str_puts(&shown, *raw == '1' ? "TRUE" : "FALSE");
    } else if (*o->type || !*raw || ((number = strtod(raw, &end)), *end)) {
        str_puts(&shown, raw);
    } else if (is_date(o, o->style)) {
        add_date(number, &shown);
    } else {
        str_addf(&shown, "%.15g", number);
    }
    add_value(&o->table, str_text(&shown), shown.len);
    str_fini(&shown);
}

/* The column of a reference "AB12", from 0. */
static size_t column_of(const char *ref, size_t fallback)
{
    size_t v = 0;
    const char *p = ref;
    for (; p && *p >= 'A' && *p <= 'Z' && v < 100000; p++)
        v = v * 26 + (size_t)(*p - 'A') + 1;
    return v ? v - 1 : fallback;
}

/* A row, a cell, a value begins. */
static void on_sheet_start(void *user, const xmlChar *tag, const xmlChar **atts)
{
    struct office *o = user;
    const char *name = local(tag), *type;
    if (strcmp(name, "row") == 0) {
        o->column = 0;
    } else if (strcmp(name, "c") == 0) {
        size_t column = column_of(attribute(atts, "r"), o->column);
        for (; o->column < column && o->column < COLUMNS_MAX; o->column++)
            add_value(&o->table, "", 0);
        type = attribute(atts, "t");
        snprintf(o->type, sizeof o->type, "%s", type && strcmp(type, "n") != 0 ? type : "");
        o->style = small(attribute(atts, "s"), -1, STYLES_MAX);
        str_clear(&o->cell);
    } else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
        o->in_value = true;
    }
}

/* And ends. */
static void on_sheet_end(void *user, const xmlChar *tag)
{
    struct office *o = user;
    const char *name = local(tag);
    if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
        o->in_value = false;
    } else if (strcmp(name, "c") == 0) {
        if (o->column++ < COLUMNS_MAX)
            add_cell(o);
    } else if (strcmp(name, "row") == 0) {
        end_row(&o->table);
        if (o->table.len > TABLE_MAX) {
            o->cut = true;
            xmlStopParser(o->parser);
        }
    }
}

/* The characters of a value. */
static void on_sheet_text(void *user, const xmlChar *text, int n)
{
    struct office *o = user;
    if (o->in_value && n > 0 && o->cell.len < 4096)
        str_add(&o->cell, (const char *)text, (size_t)n);
}

/* Sheets and relations of the workbook. */
static void on_book_start(void *user, const xmlChar *tag, const xmlChar **atts)
{
    struct office *o = user;
    const char *name = local(tag), *id = attribute(atts, "id"), *target_name;
    if (!id)
        id = attribute(atts, "Id");
    if (strcmp(name, "sheet") == 0 && o->names.len < SHEETS_MAX) {
        const char *r = NULL;
        for (const xmlChar **a = atts; a && a[0]; a += 2)
            if (strcmp((const char *)a[0], "r:id") == 0)
                r = (const char *)a[1];
        strv_push(&o->names, attribute(atts, "name") ? attribute(atts, "name") : "");
        strv_push(&o->sheet_ids, r ? r : id ? id : "");
    } else if (strcmp(name, "Relationship") == 0 && id && o->ids.len < 10000 &&
               (target_name = attribute(atts, "Target"))) {
        strv_push(&o->ids, id);
        strv_push(&o->targets, target_name);
    }
}

/* The entry of the i-th sheet. Yours. */
static char *sheet_entry(const struct office *o, size_t i)
{
    for (size_t k = 0; k < o->ids.len; k++)
        if (str_eq(strv_at(&o->ids, k), strv_at(&o->sheet_ids, i))) {
            const char *to = strv_at(&o->targets, k);
            return *to == '/' ? mem_strdup(to + 1) : str_format("xl/%s", to);
        }
    return str_format("xl/worksheets/sheet%zu.xml", i + 1);
}

/* A workbook: each sheet with its name and its table. */
static bool read_book(struct office *o)
{
    bool any = false;
    parse(o, "xl/workbook.xml", on_book_start, NULL, NULL);
    parse(o, "xl/_rels/workbook.xml.rels", on_book_start, NULL, NULL);
    parse(o, "xl/styles.xml", on_style_start, on_style_end, NULL);
    parse(o, "xl/sharedStrings.xml", on_string_start, on_string_end, on_string_text);
    if (!o->names.len) {
        strv_push(&o->names, "1");
        strv_push(&o->sheet_ids, "");
    }
    for (size_t i = 0; i < o->names.len && o->out->len - o->start < o->max; i++) {
        char *entry = sheet_entry(o, i);
        if (o->names.len > 1)
            str_addf(o->out, "%s---------- %s\n", any ? "\n" : "", strv_at(&o->names, i));
        any |= parse(o, entry, on_sheet_start, on_sheet_end, on_sheet_text);
        end_table(o);
        free(entry);
    }
    return any;
}

/* ---- all of them ---- */

/* Which it is, by the entries that are there. */
static bool read_any(struct office *o)
{
    if (zip_find(&o->zip, "word/document.xml"))
        return parse(o, "word/document.xml", on_start, on_end, on_text);
    if (zip_find(&o->zip, "xl/workbook.xml"))
        return read_book(o);
    if (zip_find(&o->zip, "ppt/slides/slide1.xml"))
        return read_slides(o);
    if (zip_find(&o->zip, "content.xml")) {
        o->plain = true;
        return parse(o, "content.xml", on_start, on_end, on_text);
    }
    return false;
}

/* Reads an office file. */
bool office_add(struct str *out, const char *bytes, size_t n, size_t max, bool *cut)
{
    struct office o = {.out = out, .start = out->len, .max = max, .repeat = 1};
    bool good = zip_open(&o.zip, bytes, n);
    struct vec *texts[] = {&o.strings, &o.names, &o.ids, &o.targets, &o.sheet_ids};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        strv_init(texts[i]);
    vec_init(&o.formats, sizeof(int), NULL);
    vec_init(&o.styles, sizeof(int), NULL);
    good = good && read_any(&o);
    if (out->len - o.start > max) {
        o.cut = true;
        str_truncate(out, o.start + max);
    }
    *cut |= o.cut;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        vec_fini(texts[i]);
    vec_fini(&o.formats);
    vec_fini(&o.styles);
    str_fini(&o.table);
    str_fini(&o.cell);
    zip_close(&o.zip);
    return good;
}
