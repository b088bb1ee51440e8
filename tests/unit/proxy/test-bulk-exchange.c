/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Downloads in pieces, against a site with every habit that sites are known to have. */
#include "config.h"

#include "clove-bulk-backend.h"
#include "clove-http-range.h"
#include "clove-http-response.h"
#include "fake-site.h"

#include <string.h>

#define ETAG "ETag: \"version-0\"\r\n"
#define GET  "GET / HTTP/1.1\r\nHost: big.ton\r\n"

/* A browser: takes what is readable, all of it or only when told to. */
typedef struct {
  CloveExchange *exchange;
  GByteArray *read;
  gboolean is_paused;
  gboolean has_ended;
  int error_code; /* -1 for none */
  CloveHttpResponse head;
} Reader;

typedef struct {
  CloveClock *clock;
  FakeSite *site;
  CloveBackend *backend;
} Fixture;

static void
set_up (Fixture *f, const FakeSiteHabits *habits)
{
  f->clock = clove_clock_new_fake ();
  f->site = fake_site_new (f->clock, habits, 7);
  f->backend = clove_bulk_backend_new (CLOVE_BACKEND (f->site), f->clock);
}

static void
tear_down (Fixture *f)
{
  g_assert_cmpuint (clove_bulk_backend_get_in_flight (CLOVE_BULK_BACKEND (f->backend)), ==, 0);
  g_assert_finalize_object (f->backend);
  g_assert_cmpuint (fake_site_get_n_alive (f->site), ==, 0);
  g_assert_finalize_object (f->site);
  g_assert_false (clove_clock_advance_to_next (f->clock));
  clove_clock_unref (f->clock);
}

static void
read_all (Reader *self)
{
  const GError *error = NULL;
  gsize size = 0;
  const guint8 *data = NULL;

  while ((data = clove_exchange_peek (self->exchange, &size)) != NULL && size > 0) {
    g_byte_array_append (self->read, data, (guint) size);
    clove_exchange_consume (self->exchange, size);
  }
  self->has_ended = clove_exchange_has_ended (self->exchange, &error);
  self->error_code = error != NULL ? error->code : -1;
}

static void
on_progress (CloveExchange *exchange, gpointer user_data)
{
  Reader *self = user_data;

  if (!self->is_paused)
    read_all (self);
}

static Reader *
begin (Fixture *f, const char *fields)
{
  Reader *self = g_new0 (Reader, 1);
  g_autofree char *text = g_strconcat (GET, fields, "\r\n", NULL);
  g_autoptr (GBytes) request = g_bytes_new (text, strlen (text));

  self->read = g_byte_array_new ();
  self->error_code = -1;
  self->exchange = clove_backend_send (f->backend, "big.ton", request, on_progress, self);
  return self;
}

static void
end (Reader *self)
{
  clove_exchange_cancel (self->exchange);
  g_assert_finalize_object (self->exchange);
  g_byte_array_unref (self->read);
  g_free (self);
}

static Reader *
run (Fixture *f, const char *fields)
{
  Reader *self = begin (f, fields);

  while (!self->has_ended)
    g_assert_true (clove_clock_advance_to_next (f->clock));
  return self;
}

static guint
parse_head (Reader *self)
{
  g_assert_cmpint (
    clove_http_response_parse (&self->head, FALSE, self->read->data, self->read->len, NULL), ==,
    CLOVE_HTTP_DONE);
  return self->head.status;
}

static void
assert_body (Reader *self, guint version, gint64 first, gint64 size)
{
  const guint8 *body = self->read->data + self->head.head_size;

  g_assert_cmpint ((gint64) (self->read->len - self->head.head_size), ==, size);
  for (gint64 i = 0; i < size; i++) {
    if (body[i] != fake_site_byte_at (version, first + i))
      g_assert_cmpuint (body[i], ==, fake_site_byte_at (version, first + i));
  }
}

static void
assert_field (Reader *self, const char *name, const char *value)
{
  CloveHttpText found = { 0 };

  g_assert_cmpint (clove_http_fields_find (&self->head.fields, name, &found), ==, value != NULL);
  if (value != NULL)
    g_assert_true (clove_http_text_is (found, value));
}

static const char *
request (Fixture *f, guint index)
{
  return g_ptr_array_index (fake_site_get_requests (f->site), index);
}

static guint
n_requests (Fixture *f)
{
  return fake_site_get_requests (f->site)->len;
}

/* The whole resource, whatever it takes. */
static void
assert_download (const FakeSiteHabits *habits, gboolean is_in_pieces)
{
  Fixture f;
  Reader *reader = NULL;
  g_autofree char *length = g_strdup_printf ("%" G_GINT64_FORMAT, habits->size);

  set_up (&f, habits);
  reader = run (&f, "");
  g_assert_cmpint (reader->error_code, ==, -1);
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 0, 0, habits->size);
  assert_field (reader, "content-range", NULL);
  g_assert_cmpint (clove_exchange_get_reply_size (reader->exchange), ==, reader->read->len);
  g_assert_cmpint (fake_site_get_n_pieces (f.site) > 0, ==, is_in_pieces);
  if (is_in_pieces)
    assert_field (reader, "content-length", length);
  end (reader);
  tear_down (&f);
}

static void
test_sizes (void)
{
  static const gint64 sizes[] = { 1, 100, 65535, 65536, 65537, 200000, 1000000, 5000001 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    FakeSiteHabits habits = { .size = sizes[i], .delay_us = 2000 };

    assert_download (&habits, sizes[i] > 65536);
    habits.is_chunked = TRUE;
    assert_download (&habits, sizes[i] > 65536);
    habits.is_chunked = FALSE;
    habits.is_unframed = TRUE;
    assert_download (&habits, sizes[i] > 65536);
  }
}

/* The pieces name the version that the first one was of, and no condition of the browser. */
static void
test_requests (void)
{
  const FakeSiteHabits habits = { .size = 300000 };
  Fixture f;
  Reader *reader = NULL;

  set_up (&f, &habits);
  reader = run (&f, "If-None-Match: \"version-old\"\r\nX-Kept: yes\r\n");
  g_assert_cmpuint (parse_head (reader), ==, 200);
  g_assert_nonnull (strstr (request (&f, 0), "Range: bytes=0-65535\r\n"));
  g_assert_nonnull (strstr (request (&f, 0), "If-None-Match: \"version-old\"\r\n"));
  g_assert_null (strstr (request (&f, 0), "If-Range"));
  for (guint i = 1; i < n_requests (&f); i++) {
    g_assert_nonnull (strstr (request (&f, i), "X-Kept: yes\r\n"));
    g_assert_nonnull (strstr (request (&f, i), "If-Range: \"version-0\"\r\n"));
    g_assert_null (strstr (request (&f, i), "If-None-Match"));
  }
  end (reader);
  reader = run (&f, "If-None-Match: \"version-0\"\r\n");
  g_assert_cmpuint (parse_head (reader), ==, 304);
  end (reader);
  tear_down (&f);
}

static void
test_empty (void)
{
  const FakeSiteHabits habits = { .size = 0 };
  Fixture f;
  Reader *reader = NULL;

  set_up (&f, &habits);
  reader = run (&f, "");
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 0, 0, 0);
  g_assert_cmpuint (n_requests (&f), ==, 2);
  g_assert_null (strstr (request (&f, 1), "Range"));
  end (reader);
  /* An empty resource is no fault of the site. */
  end (run (&f, ""));
  g_assert_nonnull (strstr (request (&f, 2), "Range"));
  tear_down (&f);
}

/* Sites that cannot be asked for parts: the whole comes, and they are not asked again. */
static void
test_cannot (void)
{
  static const FakeSiteHabits cases[] = {
    { .size = 200000, .is_plain_206 = TRUE },
    { .size = 200000, .hides_total = TRUE },
    { .size = 200000, .shift = 1 },
    { .size = 200000, .lacks = 1 },
    { .size = 200000, .fields = "ETag: W/\"version-0\"\r\n" },
    { .size = 200000, .fields = "Content-Type: text/plain\r\n" },
    { .size = 200000,
      .fields = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                "Date: Sun, 06 Nov 1994 08:49:40 GMT\r\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Fixture f;
    Reader *reader = NULL;

    set_up (&f, &cases[i]);
    for (guint turn = 0; turn < 2; turn++) {
      reader = run (&f, "");
      g_assert_cmpuint (parse_head (reader), ==, 200);
      assert_body (reader, 0, 0, cases[i].size - (gint64) cases[i].lacks);
      end (reader);
    }
    g_assert_cmpuint (n_requests (&f), ==, 3);
    g_assert_nonnull (strstr (request (&f, 0), "Range"));
    g_assert_null (strstr (request (&f, 1), "Range"));
    g_assert_null (strstr (request (&f, 2), "Range"));
    tear_down (&f);
  }
}

static void
test_other_good_habits (void)
{
  static const FakeSiteHabits cases[] = {
    { .size = 400000, .most = 10000 },
    { .size = 400000, .most = 1 << 16 },
    { .size = 400000,
      .fields = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                "Date: Mon, 07 Nov 1994 08:49:40 GMT\r\n" },
    { .size = 400000, .status = 503, .n_errors = 4 },
    { .size = 400000, .delay_us = 3 * G_TIME_SPAN_SECOND },
    { .size = 400000, .spread_us = 300000 },
    /* Heads come in many parts, and end where a part ends. */
    { .size = 200000, .part_size = 7 },
    { .size = 200000, .part_size = 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_download (&cases[i], TRUE);
}

static void
test_ignores_range (void)
{
  FakeSiteHabits habits = { .size = 300000, .ignores_range = TRUE };

  assert_download (&habits, FALSE);
  habits.part_size = 7;
  assert_download (&habits, FALSE);
}

/* Bytes of two versions are never mixed. */
static void
test_changes_midway (void)
{
  for (guint changes_after = 1; changes_after < 12; changes_after++) {
    const FakeSiteHabits habits = { .size = 1000000, .changes_after = changes_after };
    Fixture f;
    Reader *reader = NULL;

    set_up (&f, &habits);
    reader = run (&f, "");
    g_assert_cmpint (reader->error_code, ==, CLOVE_BACKEND_ERROR_SITE);
    g_assert_cmpuint (parse_head (reader), ==, 200);
    g_assert_cmpuint (reader->read->len - reader->head.head_size, <, 1000000);
    assert_body (reader, 0, 0, (gint64) (reader->read->len - reader->head.head_size));
    end (reader);
    tear_down (&f);
  }
}

/* As long as nothing was shown, a download can begin anew with the other version. */
static void
test_changes_unseen (void)
{
  const FakeSiteHabits habits = { .size = 300000, .changes_after = 2 };
  Fixture f;
  Reader *reader = NULL;

  set_up (&f, &habits);
  reader = begin (&f, "");
  reader->is_paused = TRUE;
  while (!clove_exchange_has_ended (reader->exchange, NULL))
    g_assert_true (clove_clock_advance_to_next (f.clock));
  read_all (reader);
  g_assert_cmpint (reader->error_code, ==, -1);
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 1, 0, 300000);
  end (reader);
  tear_down (&f);
}

static void
test_site_gives_up (void)
{
  const FakeSiteHabits habits = { .size = 1000000, .status = 502 };
  Fixture f;
  Reader *reader = NULL;

  set_up (&f, &habits);
  reader = run (&f, "");
  g_assert_cmpint (reader->error_code, ==, CLOVE_BACKEND_ERROR_SITE);
  g_assert_cmpuint (parse_head (reader), ==, 200);
  g_assert_cmpuint (n_requests (&f), <, 30);
  end (reader);
  tear_down (&f);
}

static void
assert_lossy_download (guint lost_percent)
{
  const FakeSiteHabits habits = { .size = 1500000, .is_unframed = TRUE, .delay_us = 5000 };
  Fixture f;
  Reader *reader = NULL;

  set_up (&f, &habits);
  reader = begin (&f, "");
  /* That the first piece gets through is the business of the backend behind. */
  while (reader->read->len == 0)
    g_assert_true (clove_clock_advance_to_next (f.clock));
  fake_site_get_habits (f.site)->lost_percent = lost_percent;
  while (!reader->has_ended)
    g_assert_true (clove_clock_advance_to_next (f.clock));
  g_assert_cmpint (reader->error_code, ==, -1);
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 0, 0, habits.size);
  /* Only what was lost came twice. */
  g_assert_cmpuint (fake_site_get_n_sent (f.site), <,
                    (guint64) (habits.size * (110 + 4 * lost_percent) / 100));
  end (reader);
  tear_down (&f);
}

static void
test_lossy (void)
{
  static const guint percents[] = { 1, 10, 30, 60 };

  for (gsize i = 0; i < G_N_ELEMENTS (percents); i++)
    assert_lossy_download (percents[i]);
}

/* A circuit is closed under all pieces at once, again and again. */
static void
test_circuit_dies (void)
{
  const FakeSiteHabits habits = { .size = 2000000, .delay_us = 5000 };
  Fixture f;
  Reader *reader = NULL;
  guint n_steps = 0;

  set_up (&f, &habits);
  reader = begin (&f, "");
  while (!reader->has_ended) {
    g_assert_true (clove_clock_advance_to_next (f.clock));
    if (reader->read->len > 0 && ++n_steps % 20 == 0)
      fake_site_fail_all (f.site, CLOVE_BACKEND_ERROR_CIRCUIT);
  }
  g_assert_cmpuint (n_steps, >, 100);
  g_assert_cmpint (reader->error_code, ==, -1);
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 0, 0, habits.size);
  end (reader);
  tear_down (&f);
}

/* A first piece that is lost is asked for again, less of it each time, but not for ever. */
static void
test_first_is_lost (void)
{
  static const char *const asked[] = { "bytes=0-65535\r", "bytes=0-32767\r", "bytes=0-16383\r",
                                       "bytes=0-16383\r" };
  const FakeSiteHabits habits = { .size = 300000, .delay_us = 5000 };
  Fixture f;
  Reader *reader = NULL;

  set_up (&f, &habits);
  reader = begin (&f, "");
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++) {
    g_assert_cmpuint (n_requests (&f), ==, i + 1);
    g_assert_nonnull (strstr (request (&f, i), asked[i]));
    if (i + 1 < G_N_ELEMENTS (asked))
      fake_site_fail_all (f.site, CLOVE_BACKEND_ERROR_CIRCUIT);
  }
  while (!reader->has_ended)
    g_assert_true (clove_clock_advance_to_next (f.clock));
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 0, 0, habits.size);
  end (reader);

  reader = begin (&f, "");
  for (guint i = 0; i < 100 && !reader->has_ended; i++)
    fake_site_fail_all (f.site, CLOVE_BACKEND_ERROR_CIRCUIT);
  g_assert_cmpint (reader->error_code, ==, CLOVE_BACKEND_ERROR_CIRCUIT);
  end (reader);

  clove_bulk_backend_set_repeats (CLOVE_BULK_BACKEND (f.backend), FALSE);
  reader = begin (&f, "");
  fake_site_fail_all (f.site, CLOVE_BACKEND_ERROR_CIRCUIT);
  g_assert_cmpint (reader->error_code, ==, CLOVE_BACKEND_ERROR_CIRCUIT);
  end (reader);
  tear_down (&f);
}

/* Nothing comes any more: after a minute the download is given up. */
static void
test_no_progress (void)
{
  const FakeSiteHabits habits = { .size = 2000000, .delay_us = 5000 };
  Fixture f;
  Reader *reader = NULL;
  gint64 since_us = 0;
  guint n_seen = 0;

  set_up (&f, &habits);
  reader = begin (&f, "");
  while (reader->read->len == 0)
    g_assert_true (clove_clock_advance_to_next (f.clock));
  fake_site_get_habits (f.site)->lost_percent = 100;
  since_us = clove_clock_now_us (f.clock);
  while (!reader->has_ended) {
    g_assert_true (clove_clock_advance_to_next (f.clock));
    if (reader->read->len > n_seen)
      since_us = clove_clock_now_us (f.clock);
    n_seen = reader->read->len;
  }
  g_assert_cmpint (reader->error_code, ==, CLOVE_BACKEND_ERROR_TIMEOUT);
  g_assert_cmpint (clove_clock_now_us (f.clock) - since_us, >=, 60 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (n_requests (&f), <, 400);
  end (reader);
  tear_down (&f);
}

/* Heads of pieces without a byte behind them are no progress. */
static void
test_heads_only (void)
{
  const FakeSiteHabits habits = { .size = 2000000, .delay_us = 5000, .sends_heads_only = TRUE };
  Fixture f;
  Reader *reader = NULL;
  gint64 began_us = 0;

  set_up (&f, &habits);
  reader = begin (&f, "");
  began_us = clove_clock_now_us (f.clock);
  while (!reader->has_ended && clove_clock_now_us (f.clock) - began_us < 2 * G_TIME_SPAN_MINUTE)
    g_assert_true (clove_clock_advance_to_next (f.clock));
  g_assert_cmpint (reader->error_code, ==, CLOVE_BACKEND_ERROR_TIMEOUT);
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 0, 0, 65536);
  end (reader);
  tear_down (&f);
}

/* What a browser does not take is not asked for, and nobody loses patience with it here. */
static void
test_back_pressure (void)
{
  const FakeSiteHabits habits = { .size = 20000000, .delay_us = 1000 };
  Fixture f;
  Reader *reader = NULL;
  guint n_before = 0;

  set_up (&f, &habits);
  reader = begin (&f, "");
  reader->is_paused = TRUE;
  clove_clock_advance (f.clock, G_TIME_SPAN_SECOND);
  n_before = n_requests (&f);
  g_assert_cmpuint (fake_site_get_n_sent (f.site), <, 2200000);
  clove_clock_advance (f.clock, 10 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (n_requests (&f), ==, n_before);
  reader->is_paused = FALSE;
  read_all (reader);
  while (!reader->has_ended)
    g_assert_true (clove_clock_advance_to_next (f.clock));
  g_assert_cmpint (reader->error_code, ==, -1);
  g_assert_cmpuint (parse_head (reader), ==, 200);
  assert_body (reader, 0, 0, habits.size);
  end (reader);
  tear_down (&f);
}

/* A browser that goes away takes all of its pieces with it, at whatever moment. */
static void
test_cancel (void)
{
  const FakeSiteHabits habits = { .size = 1000000, .delay_us = 1000, .spread_us = 500 };

  for (guint n_steps = 0; n_steps < 200; n_steps += 7) {
    Fixture f;
    Reader *reader = NULL;

    set_up (&f, &habits);
    reader = begin (&f, "");
    for (guint i = 0; i < n_steps && !reader->has_ended; i++)
      g_assert_true (clove_clock_advance_to_next (f.clock));
    end (reader);
    tear_down (&f);
  }
}

static void
on_progress_leave (CloveExchange *exchange, gpointer user_data)
{
  guint *n_left = user_data;

  if (--*n_left > 0) {
    gsize size = 0;

    while (clove_exchange_peek (exchange, &size) != NULL && size > 0)
      clove_exchange_consume (exchange, size);
    return;
  }
  clove_exchange_cancel (exchange);
  g_object_unref (exchange);
}

/* A browser goes away while it is told of news, with all that told of them. */
static void
test_cancel_inside (void)
{
  static const FakeSiteHabits cases[] = {
    { .size = 300000, .delay_us = 1000, .spread_us = 500 },
    { .size = 300000, .delay_us = 1000, .lost_percent = 20 },
    { .size = 300000, .delay_us = 1000, .changes_after = 3 },
    { .size = 300000, .delay_us = 1000, .status = 503 },
    { .size = 300000, .delay_us = 1000, .ignores_range = TRUE },
  };
  g_autoptr (GBytes) request = g_bytes_new_static (GET "\r\n", strlen (GET "\r\n"));
  guint n_inside = 0;

  for (guint i = 0; i < 40 * G_N_ELEMENTS (cases); i++) {
    Fixture f;
    guint n_left = 1 + i / G_N_ELEMENTS (cases);
    CloveExchange *exchange = NULL;
    gboolean was_told = FALSE;

    set_up (&f, &cases[i % G_N_ELEMENTS (cases)]);
    exchange = clove_backend_send (f.backend, "big.ton", request, on_progress_leave, &n_left);
    while (n_left > 0 && clove_clock_advance_to_next (f.clock))
      ;
    was_told = n_left == 0;
    if (!was_told) {
      clove_exchange_cancel (exchange);
      g_object_unref (exchange);
    }
    n_inside += was_told;
    tear_down (&f);
  }
  g_assert_cmpuint (n_inside, >, 100);
}

/* Four share one window, and none of them waits for the others to end. Nobody knows how much the
 * first pieces bring until they begin. */
static void
test_four_at_once (void)
{
  const FakeSiteHabits habits = { .size = 2000000, .delay_us = 5000 };
  Fixture f;
  Reader *readers[4] = { NULL };
  gboolean is_going_on = TRUE;

  set_up (&f, &habits);
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    readers[i] = begin (&f, "");
  while (is_going_on) {
    CloveBulkBackend *bulk = CLOVE_BULK_BACKEND (f.backend);
    gsize least = G_MAXSIZE;
    gsize most = 0;

    g_assert_true (clove_clock_advance_to_next (f.clock));
    g_assert_cmpuint (clove_bulk_backend_get_in_flight (bulk), <=,
                      clove_bulk_backend_get_limit (bulk) * 3 / 2);
    is_going_on = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
      least = MIN (least, readers[i]->read->len);
      most = MAX (most, readers[i]->read->len);
      is_going_on |= !readers[i]->has_ended;
    }
    g_assert_cmpuint (most - least, <, 600000);
  }
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    g_assert_cmpuint (parse_head (readers[i]), ==, 200);
    assert_body (readers[i], 0, 0, habits.size);
    end (readers[i]);
  }
  tear_down (&f);
}

static void
assert_range (Fixture *f, gint64 first, gint64 last)
{
  const CloveHttpRange range = { first, last };
  gint64 total = fake_site_get_habits (f->site)->size;
  gint64 real_last = last < 0 ? total - 1 : MIN (last, total - 1);
  const CloveHttpContentRange content = { first, real_last, total };
  char asked[CLOVE_HTTP_RANGE_SIZE];
  char value[CLOVE_HTTP_RANGE_SIZE];
  g_autofree char *fields = NULL;
  Reader *reader = NULL;

  clove_http_range_format (&range, asked);
  fields = g_strdup_printf ("Range: %s\r\n", asked);
  reader = run (f, fields);
  g_assert_cmpint (reader->error_code, ==, -1);
  if (first >= total) {
    g_assert_cmpuint (parse_head (reader), ==, 416);
  } else {
    clove_http_content_range_format (&content, value);
    g_assert_cmpuint (parse_head (reader), ==, 206);
    assert_field (reader, "content-range", value);
    assert_body (reader, 0, first, real_last - first + 1);
  }
  end (reader);
}

/* Ten thousand parts as a browser may ask for them, and no wrong byte. */
static void
test_random_ranges (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (3);
  const FakeSiteHabits habits = { .size = 700000, .delay_us = 100 };
  Fixture f;

  set_up (&f, &habits);
  for (guint i = 0; i < 10000; i++) {
    gint64 first = clove_random_uniform (random, 710000);
    gint64 size = 1 + clove_random_uniform (random, i % 50 == 0 ? 700000 : 9000);

    if (i % 100 == 0)
      g_ptr_array_set_size (fake_site_get_requests (f.site), 0);
    assert_range (&f, first, i % 200 == 1 ? -1 : first + size - 1);
  }
  tear_down (&f);
}

/* What may not be taken apart goes as it came. */
static void
test_untouched (void)
{
  static const char *const requests[] = {
    "HEAD / HTTP/1.1\r\nHost: big.ton\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: big.ton\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "OPTIONS / HTTP/1.1\r\nHost: big.ton\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: big.ton\r\nRange: bytes=0-1,4-5\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: big.ton\r\nRange: bytes=-100\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: big.ton\r\nRange: pages=1-2\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: big.ton\r\nRange: bytes=0-1\r\nRange: bytes=0-2\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: big.ton\r\nIf-Range: \"version-0\"\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: big.ton\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };
  const FakeSiteHabits habits = { .size = 1000 };
  g_autofree char *filler = g_strnfill (7900, 'x');
  g_autofree char *large = g_strconcat (GET, "X: ", filler, "\r\n\r\n", NULL);
  Fixture f;

  set_up (&f, &habits);
  for (gsize i = 0; i <= G_N_ELEMENTS (requests); i++) {
    const char *text = i < G_N_ELEMENTS (requests) ? requests[i] : large;
    g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
    Reader reader = { .is_paused = TRUE };

    reader.exchange = clove_backend_send (f.backend, "big.ton", bytes, on_progress, &reader);
    g_assert_cmpuint (n_requests (&f), ==, i + 1);
    g_assert_cmpstr (request (&f, (guint) i), ==, text);
    clove_exchange_cancel (reader.exchange);
    g_assert_finalize_object (reader.exchange);
  }
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/bulk-exchange/sizes", test_sizes);
  g_test_add_func ("/clove/proxy/bulk-exchange/requests", test_requests);
  g_test_add_func ("/clove/proxy/bulk-exchange/empty", test_empty);
  g_test_add_func ("/clove/proxy/bulk-exchange/cannot", test_cannot);
  g_test_add_func ("/clove/proxy/bulk-exchange/other-good-habits", test_other_good_habits);
  g_test_add_func ("/clove/proxy/bulk-exchange/ignores-range", test_ignores_range);
  g_test_add_func ("/clove/proxy/bulk-exchange/changes-midway", test_changes_midway);
  g_test_add_func ("/clove/proxy/bulk-exchange/changes-unseen", test_changes_unseen);
  g_test_add_func ("/clove/proxy/bulk-exchange/site-gives-up", test_site_gives_up);
  g_test_add_func ("/clove/proxy/bulk-exchange/lossy", test_lossy);
  g_test_add_func ("/clove/proxy/bulk-exchange/circuit-dies", test_circuit_dies);
  g_test_add_func ("/clove/proxy/bulk-exchange/first-is-lost", test_first_is_lost);
  g_test_add_func ("/clove/proxy/bulk-exchange/no-progress", test_no_progress);
  g_test_add_func ("/clove/proxy/bulk-exchange/heads-only", test_heads_only);
  g_test_add_func ("/clove/proxy/bulk-exchange/back-pressure", test_back_pressure);
  g_test_add_func ("/clove/proxy/bulk-exchange/cancel", test_cancel);
  g_test_add_func ("/clove/proxy/bulk-exchange/cancel-inside", test_cancel_inside);
  g_test_add_func ("/clove/proxy/bulk-exchange/four-at-once", test_four_at_once);
  g_test_add_func ("/clove/proxy/bulk-exchange/random-ranges", test_random_ranges);
  g_test_add_func ("/clove/proxy/bulk-exchange/untouched", test_untouched);
  return g_test_run ();
}
