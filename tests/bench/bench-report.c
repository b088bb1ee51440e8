/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-report.h"

#include "bench-bars.h"
#include "bench-machine.h"
#include "bench-timing.h"

#include <json-glib/json-glib.h>
#include <string.h>

typedef struct {
  char *section;
  char *name;
  char *unit;
  gsize size; /* bytes that one operation handles; 0: none */
  GArray *values[BENCH_N_SUBJECTS];
} Row;

struct _BenchReport {
  BenchMachine machine;
  GPtrArray *rows;
  GPtrArray *failures;
};

typedef struct {
  guint n;
  gdouble median;
  gdouble least;
  gdouble most;
} Spread;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->section);
  g_free (row->name);
  g_free (row->unit);
  for (guint i = 0; i < BENCH_N_SUBJECTS; i++)
    g_array_unref (row->values[i]);
  g_free (row);
}

/** bench_report_new: (transfer full): Begin a report; notes how busy the machine is now. */
BenchReport *
bench_report_new (void)
{
  BenchReport *self = g_new0 (BenchReport, 1);

  bench_machine_read (&self->machine);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->failures = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/** bench_report_free: (nullable): Free. */
void
bench_report_free (BenchReport *self)
{
  if (self == NULL)
    return;
  bench_machine_clear (&self->machine);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->failures);
  g_free (self);
}

static Row *
find_row (BenchReport *self, const char *section, const char *name)
{
  Row *row = NULL;

  for (guint i = 0; i < self->rows->len; i++) {
    row = g_ptr_array_index (self->rows, i);
    if (strcmp (row->section, section) == 0 && strcmp (row->name, name) == 0)
      return row;
  }
  row = g_new0 (Row, 1);
  row->section = g_strdup (section);
  row->name = g_strdup (name);
  for (guint i = 0; i < BENCH_N_SUBJECTS; i++)
    row->values[i] = g_array_new (FALSE, FALSE, sizeof (gdouble));
  g_ptr_array_add (self->rows, row);
  return row;
}

/**
 * bench_report_add:
 * @self: a report
 * @subject: whose figure
 * @section: the heading that it stands under
 * @name: what was measured
 * @unit: in which unit
 * @value: the figure of one run
 *
 * Add a figure. Those with the same section and name are runs of one measurement.
 */
void
bench_report_add (BenchReport *self,
                  BenchSubject subject,
                  const char *section,
                  const char *name,
                  const char *unit,
                  gdouble value)
{
  Row *row = find_row (self, section, name);

  if (row->unit == NULL)
    row->unit = g_strdup (unit);
  g_array_append_val (row->values[subject], value);
}

/** bench_report_set_bytes: Tell how many bytes one operation handles, to show MB/s as well. */
void
bench_report_set_bytes (BenchReport *self, const char *section, const char *name, gsize size)
{
  find_row (self, section, name)->size = size;
}

/** bench_report_fail: Note something that went wrong; the program will end with status 1. */
void
bench_report_fail (BenchReport *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (self->failures, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/** bench_report_has_failed: Tell whether anything went wrong. */
gboolean
bench_report_has_failed (const BenchReport *self)
{
  return self->failures->len > 0;
}

static Spread
spread_of (GArray *values)
{
  Spread spread = { .n = values->len };

  if (values->len == 0)
    return spread;
  g_array_sort (values, bench_compare_doubles);
  spread.median = bench_percentile (values, 0.5);
  spread.least = g_array_index (values, gdouble, 0);
  spread.most = g_array_index (values, gdouble, values->len - 1);
  return spread;
}

static char *
format_number (gdouble value)
{
  gint n_decimals = value >= 1000 ? 0 : value >= 10 ? 1
                                      : value >= 1  ? 2
                                                    : 3;

  return g_strdup_printf ("%.*f", n_decimals, value);
}

static char *
format_spread (const Spread *spread)
{
  g_autofree char *median = format_number (spread->median);
  g_autofree char *least = format_number (spread->least);
  g_autofree char *most = format_number (spread->most);

  if (spread->n == 0)
    return g_strdup ("-");
  return spread->n == 1 ? g_steal_pointer (&median)
                        : g_strdup_printf ("%s [%s..%s]", median, least, most);
}

/* The last column: the bar and whether it is reached; else bytes per second. */
static char *
format_remark (const Row *row, const Spread *own, const Spread *other)
{
  const BenchBar *bar = bench_bars_find (row->section, row->name);
  g_autofree char *text = NULL;

  if (bar == NULL)
    return row->size > 0 ? g_strdup_printf ("%.0f MB/s", (gdouble) row->size * 1000 / own->median)
                         : g_strdup ("");
  text = bench_bar_format (bar);
  if (own->n == 0 || (bar->kind == BENCH_BAR_TIMES_OTHER && other->median <= 0))
    return g_steal_pointer (&text);
  return g_strconcat (text,
                      bench_bar_is_reached (bar, own->median, other->median) ? "  reached"
                                                                             : "  MISSED",
                      NULL);
}

static void
print_row (const Row *row)
{
  Spread own = spread_of (row->values[BENCH_CLOVE]);
  Spread other = spread_of (row->values[BENCH_OTHER]);
  g_autofree char *own_text = format_spread (&own);
  g_autofree char *other_text = format_spread (&other);
  g_autofree char *remark = format_remark (row, &own, &other);
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, "  %-37s %-6s %-24s", row->name, row->unit, own_text);
  if (other.n > 0)
    g_string_append_printf (line, " %-24s", other_text);
  if (other.median > 0)
    g_string_append_printf (line, " %6.2f ×", own.median / other.median);
  g_string_append_printf (line, " %s", remark);
  g_print ("%s\n", g_strchomp (line->str));
}

/* Prints the section of row @first unless an earlier row was in it, too. */
static void
print_section (BenchReport *self, guint first)
{
  const Row *head = g_ptr_array_index (self->rows, first);

  for (guint i = 0; i < self->rows->len; i++) {
    const Row *row = g_ptr_array_index (self->rows, i);

    if (strcmp (row->section, head->section) != 0)
      continue;
    if (i < first)
      return;
    if (i == first)
      g_print ("\n%s\n", row->section);
    print_row (row);
  }
}

/** bench_report_print: Print a table for people: median [least..most] of the runs. */
void
bench_report_print (BenchReport *self)
{
  g_autofree char *machine = bench_machine_describe (&self->machine);

  g_print ("%s\n", machine);
  for (guint i = 0; i < self->rows->len; i++)
    print_section (self, i);
  if (self->failures->len > 0)
    g_print ("\nfailures\n");
  for (guint i = 0; i < self->failures->len; i++)
    g_print ("  %s\n", (const char *) g_ptr_array_index (self->failures, i));
}

static void
add_spread (JsonBuilder *builder, const char *name, GArray *values)
{
  Spread spread = spread_of (values);

  if (spread.n == 0)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "median");
  json_builder_add_double_value (builder, spread.median);
  json_builder_set_member_name (builder, "values");
  json_builder_begin_array (builder);
  for (guint i = 0; i < values->len; i++)
    json_builder_add_double_value (builder, g_array_index (values, gdouble, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_row (JsonBuilder *builder, const Row *row)
{
  const BenchBar *bar = bench_bars_find (row->section, row->name);
  const char *const texts[][2] = {
    { "section", row->section },
    { "name", row->name },
    { "unit", row->unit },
  };

  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    json_builder_set_member_name (builder, texts[i][0]);
    json_builder_add_string_value (builder, texts[i][1]);
  }
  add_spread (builder, "clove", row->values[BENCH_CLOVE]);
  add_spread (builder, "other", row->values[BENCH_OTHER]);
  if (bar != NULL) {
    g_autofree char *text = bench_bar_format (bar);

    json_builder_set_member_name (builder, "bar");
    json_builder_add_string_value (builder, text);
  }
  json_builder_end_object (builder);
}

/** bench_report_print_json: Print the same, with the figure of each run, for programs. */
void
bench_report_print_json (BenchReport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *machine = bench_machine_describe (&self->machine);
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "machine");
  json_builder_add_string_value (builder, machine);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->rows->len; i++)
    add_row (builder, g_ptr_array_index (self->rows, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "failures");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->failures->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (self->failures, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  g_print ("%s\n", text);
}
