/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-site.h"

#include "clove-http-range.h"
#include "clove-http-request.h"

#include <string.h>

/* Replies come in parts of this size, as from an exit. */
#define PART_SIZE 6000

struct _FakeSite {
  GObject parent_instance;

  CloveClock *clock;
  CloveRandom *random;
  FakeSiteHabits habits;

  GPtrArray *requests;  /* of char*, as they came */
  GPtrArray *exchanges; /* borrowed */
  guint n_replies;
  guint n_pieces;
  guint n_errors_left;
  gsize in_flight;
  gsize peak;
  guint64 n_sent;
};

#define FAKE_TYPE_EXCHANGE (fake_exchange_get_type ())
G_DECLARE_FINAL_TYPE (FakeExchange, fake_exchange, FAKE, EXCHANGE, CloveExchange)

struct _FakeExchange {
  CloveExchange parent_instance;

  FakeSite *site;
  GByteArray *reply;
  gsize n_come; /* that can be read */
  gsize n_read;
  gsize n_until; /* where it breaks off */
  gboolean is_gone;
  GError *error;
  CloveTimer timer;
  CloveExchangeFunc on_progress;
  gpointer user_data;
};

static void fake_site_iface_init (CloveBackendInterface *iface);

G_DEFINE_FINAL_TYPE (FakeExchange, fake_exchange, CLOVE_TYPE_EXCHANGE)
G_DEFINE_FINAL_TYPE_WITH_CODE (FakeSite,
                               fake_site,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CLOVE_TYPE_BACKEND, fake_site_iface_init))

guint8
fake_site_byte_at (guint version, gint64 position)
{
  guint64 value = ((guint64) position + version) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint8) (value >> 56);
}

static gsize
part_size (FakeExchange *self)
{
  return self->site->habits.part_size > 0 ? self->site->habits.part_size : PART_SIZE;
}

/* It is no longer under way: it came, or nobody waits for it. */
static void
land (FakeExchange *self)
{
  if (!self->is_gone)
    self->site->in_flight -= self->reply->len;
  self->is_gone = TRUE;
}

static void
on_time (gpointer user_data)
{
  g_autoptr (FakeExchange) self = g_object_ref (user_data);
  gsize most = MIN (self->n_until, self->n_come + part_size (self));

  if (self->n_come == most && most < self->reply->len)
    return; /* lost: nothing tells so */
  self->n_come = most;
  if (most == self->reply->len)
    land (self);
  else
    clove_timer_start (&self->timer, 10);
  if (self->on_progress != NULL)
    self->on_progress (CLOVE_EXCHANGE (self), self->user_data);
}

static const guint8 *
fake_exchange_peek (CloveExchange *exchange, gsize *size_out)
{
  FakeExchange *self = FAKE_EXCHANGE (exchange);
  gsize part_left = part_size (self) - self->n_read % part_size (self);

  *size_out = MIN (self->n_come - self->n_read, part_left);
  return *size_out > 0 ? self->reply->data + self->n_read : NULL;
}

static void
fake_exchange_consume (CloveExchange *exchange, gsize size)
{
  FakeExchange *self = FAKE_EXCHANGE (exchange);

  g_assert_cmpuint (size, <=, self->n_come - self->n_read);
  /* What was taken is gone, as from a real exchange: nobody may look at it again. */
  memset (self->reply->data + self->n_read, '!', size);
  self->n_read += size;
}

static gint64
fake_exchange_get_reply_size (CloveExchange *exchange)
{
  FakeExchange *self = FAKE_EXCHANGE (exchange);

  return self->n_come > 0 ? (gint64) self->reply->len : -1;
}

static gboolean
fake_exchange_has_ended (CloveExchange *exchange, const GError **error_out)
{
  FakeExchange *self = FAKE_EXCHANGE (exchange);

  if (error_out != NULL)
    *error_out = self->error;
  return self->error != NULL || (self->reply->len > 0 && self->n_come == self->reply->len);
}

static void
fake_exchange_cancel (CloveExchange *exchange)
{
  FakeExchange *self = FAKE_EXCHANGE (exchange);

  self->on_progress = NULL;
  clove_timer_stop (&self->timer);
  land (self);
}

static void
fake_exchange_dispose (GObject *object)
{
  FakeExchange *self = FAKE_EXCHANGE (object);

  if (self->site != NULL) {
    fake_exchange_cancel (CLOVE_EXCHANGE (self));
    g_ptr_array_remove (self->site->exchanges, self);
  }
  g_clear_object (&self->site);
  g_clear_pointer (&self->reply, g_byte_array_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (fake_exchange_parent_class)->dispose (object);
}

static void
fake_exchange_class_init (FakeExchangeClass *klass)
{
  CloveExchangeClass *exchange_class = CLOVE_EXCHANGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fake_exchange_dispose;
  exchange_class->peek = fake_exchange_peek;
  exchange_class->consume = fake_exchange_consume;
  exchange_class->get_reply_size = fake_exchange_get_reply_size;
  exchange_class->has_ended = fake_exchange_has_ended;
  exchange_class->cancel = fake_exchange_cancel;
}

static void
fake_exchange_init (FakeExchange *self)
{
  self->reply = g_byte_array_new ();
}

G_GNUC_PRINTF (2, 3)
static void
add (GByteArray *reply, const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_byte_array_append (reply, (const guint8 *) text, (guint) strlen (text));
}

static guint
version_of (FakeSite *self)
{
  return self->habits.changes_after > 0 && self->n_replies > self->habits.changes_after ? 1 : 0;
}

static void
add_bytes (FakeSite *self, GByteArray *reply, gint64 first, gint64 size)
{
  guint at = reply->len;

  g_byte_array_set_size (reply, at + (guint) size);
  for (gint64 i = 0; i < size; i++)
    reply->data[at + i] = fake_site_byte_at (version_of (self), first + i);
}

static void
add_body (FakeSite *self, GByteArray *reply, gint64 first, gint64 size)
{
  size -= MIN ((gint64) self->habits.lacks, size);
  if (self->habits.is_unframed) {
    add (reply, "Connection: close\r\n\r\n");
    add_bytes (self, reply, first, size);
    return;
  }
  if (!self->habits.is_chunked) {
    add (reply, "Content-Length: %" G_GINT64_FORMAT "\r\n\r\n", size);
    add_bytes (self, reply, first, size);
    return;
  }
  add (reply, "Transfer-Encoding: chunked\r\n\r\n");
  for (gint64 position = 0; position < size; position += 1000) {
    gint64 n = MIN (1000, size - position);

    add (reply, "%x\r\n", (guint) n);
    add_bytes (self, reply, first + position, n);
    add (reply, "\r\n");
  }
  add (reply, "0\r\n\r\n");
}

static void
add_identity (FakeSite *self, GByteArray *reply)
{
  const char *fields =
    self->habits.fields != NULL ? self->habits.fields : "ETag: \"version-0\"\r\n";
  g_auto (GStrv) halves = g_strsplit (fields, "version-0", 2);

  /* The tag of the other version differs in its number. */
  if (version_of (self) > 0 && halves[0] != NULL && halves[1] != NULL)
    add (reply, "%sversion-1%s", halves[0], halves[1]);
  else
    add (reply, "%s", fields);
}

static void
add_piece (FakeSite *self, GByteArray *reply, const CloveHttpRange *range)
{
  const FakeSiteHabits *habits = &self->habits;
  gint64 first = range->first + habits->shift;
  gint64 last = range->last < 0 ? habits->size - 1 : MIN (range->last, habits->size - 1);
  CloveHttpContentRange content = { .first = first, .total = habits->size };
  char value[CLOVE_HTTP_RANGE_SIZE];

  if (habits->most > 0)
    last = MIN (last, first + habits->most - 1);
  content.last = last;
  if (habits->hides_total)
    content.total = -1;
  clove_http_content_range_format (&content, value);
  add (reply, "HTTP/1.1 206 Partial Content\r\n");
  add_identity (self, reply);
  if (!habits->is_plain_206)
    add (reply, "Content-Range: %s\r\n", value);
  add_body (self, reply, first, last - first + 1);
}

static void
add_whole (FakeSite *self, GByteArray *reply)
{
  add (reply, "HTTP/1.1 200 OK\r\n");
  add_identity (self, reply);
  add_body (self, reply, 0, self->habits.size);
}

static gboolean
has_changed_since (FakeSite *self, CloveHttpText condition)
{
  g_autoptr (GByteArray) identity = g_byte_array_new ();
  g_autofree char *wanted = g_strndup (condition.data, condition.size);

  add_identity (self, identity);
  g_byte_array_append (identity, (const guint8 *) "", 1);
  return strstr ((const char *) identity->data, wanted) == NULL;
}

static gboolean
meets_error (FakeSite *self)
{
  if (self->habits.status == 0 || self->n_replies == 1)
    return FALSE;
  if (self->habits.n_errors == 0)
    return TRUE;
  return self->n_errors_left > 0 && self->n_errors_left-- > 0;
}

static void
answer (FakeSite *self, GByteArray *reply, const CloveHttpRequest *request)
{
  CloveHttpText value = { 0 };
  CloveHttpText condition = { 0 };
  CloveHttpRange range = { 0 };
  gboolean has_range = clove_http_fields_find (&request->fields, "range", &value) &&
                       clove_http_range_parse (&range, value);

  self->n_replies++;
  if (clove_http_fields_find (&request->fields, "if-none-match", &condition) &&
      !has_changed_since (self, condition)) {
    add (reply, "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  if (clove_http_fields_find (&request->fields, "if-range", &condition))
    has_range = has_range && !has_changed_since (self, condition);
  if (meets_error (self))
    add (reply, "HTTP/1.1 %u Error\r\nContent-Length: 2\r\n\r\nno", self->habits.status);
  else if (!has_range || self->habits.ignores_range)
    add_whole (self, reply);
  else if (range.first >= self->habits.size)
    add (reply,
         "HTTP/1.1 416 Not There\r\nContent-Range: bytes */%" G_GINT64_FORMAT
         "\r\nContent-Length: 0\r\n\r\n",
         self->habits.size);
  else
    add_piece (self, reply, &range);
}

static gsize
size_of_head (const GByteArray *reply)
{
  const char *text = (const char *) reply->data;
  const char *end = g_strstr_len (text, (gssize) reply->len, "\r\n\r\n");

  return (gsize) (end - text) + 4;
}

static void
lose_perhaps (FakeSite *self, FakeExchange *exchange)
{
  gsize n_parts = 0;

  exchange->n_until = exchange->reply->len;
  if (self->habits.sends_heads_only && self->n_replies > 1) {
    exchange->n_until = size_of_head (exchange->reply);
    return;
  }
  if (clove_random_uniform (self->random, 100) >= self->habits.lost_percent)
    return;
  n_parts = exchange->reply->len / part_size (exchange);
  exchange->n_until = clove_random_uniform (self->random, (guint32) n_parts + 1);
  exchange->n_until *= part_size (exchange);
}

static CloveExchange *
fake_site_send (CloveBackend *backend,
                const char *host,
                GBytes *bytes,
                CloveExchangeFunc on_progress,
                gpointer user_data)
{
  FakeSite *self = FAKE_SITE (backend);
  FakeExchange *exchange = g_object_new (FAKE_TYPE_EXCHANGE, NULL);
  CloveHttpRequest request = { 0 };
  CloveHttpScan scan = { 0 };
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gint64 delay_us = self->habits.delay_us;

  g_assert_cmpint (clove_http_request_parse (&request, &scan, data, size, NULL), ==,
                   CLOVE_HTTP_DONE);
  g_assert_cmpuint (size, <=, clove_backend_get_max_request_size (backend));
  exchange->site = g_object_ref (self);
  exchange->on_progress = on_progress;
  exchange->user_data = user_data;
  clove_timer_init (&exchange->timer, self->clock, on_time, exchange);
  g_ptr_array_add (self->requests, g_strndup ((const char *) data, size));
  g_ptr_array_add (self->exchanges, exchange);
  answer (self, exchange->reply, &request);
  lose_perhaps (self, exchange);
  self->n_sent += exchange->reply->len;
  self->in_flight += exchange->reply->len;
  self->peak = MAX (self->peak, self->in_flight);
  if (self->habits.spread_us > 0)
    delay_us += clove_random_uniform (self->random, (guint32) self->habits.spread_us);
  clove_timer_start (&exchange->timer, delay_us);
  return CLOVE_EXCHANGE (exchange);
}

static CloveExchange *
fake_site_send_piece (CloveBackend *backend,
                      const char *host,
                      GBytes *request,
                      CloveExchangeFunc on_progress,
                      gpointer user_data)
{
  FAKE_SITE (backend)->n_pieces++;
  return fake_site_send (backend, host, request, on_progress, user_data);
}

static gsize
fake_site_get_max_request_size (CloveBackend *backend)
{
  return 8044;
}

static void
fake_site_iface_init (CloveBackendInterface *iface)
{
  iface->get_max_request_size = fake_site_get_max_request_size;
  iface->send = fake_site_send;
  iface->send_piece = fake_site_send_piece;
}

static void
fake_site_dispose (GObject *object)
{
  FakeSite *self = FAKE_SITE (object);

  g_clear_pointer (&self->requests, g_ptr_array_unref);
  g_clear_pointer (&self->exchanges, g_ptr_array_unref);
  g_clear_pointer (&self->random, clove_random_unref);
  g_clear_pointer (&self->clock, clove_clock_unref);

  G_OBJECT_CLASS (fake_site_parent_class)->dispose (object);
}

static void
fake_site_class_init (FakeSiteClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fake_site_dispose;
}

static void
fake_site_init (FakeSite *self)
{
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->exchanges = g_ptr_array_new ();
}

FakeSite *
fake_site_new (CloveClock *clock, const FakeSiteHabits *habits, guint64 seed)
{
  FakeSite *self = g_object_new (FAKE_TYPE_SITE, NULL);

  self->clock = clove_clock_ref (clock);
  self->random = clove_random_new_seeded (seed);
  self->habits = *habits;
  self->n_errors_left = habits->n_errors;
  return self;
}

FakeSiteHabits *
fake_site_get_habits (FakeSite *self)
{
  return &self->habits;
}

GPtrArray *
fake_site_get_requests (FakeSite *self)
{
  return self->requests;
}

/* How many requests were sent as pieces. */
guint
fake_site_get_n_pieces (FakeSite *self)
{
  return self->n_pieces;
}

guint
fake_site_get_n_alive (FakeSite *self)
{
  return self->exchanges->len;
}

/* The most bytes of replies that were under way at one time. */
gsize
fake_site_get_peak_in_flight (FakeSite *self)
{
  return self->peak;
}

/* All bytes that it ever sent. */
guint64
fake_site_get_n_sent (FakeSite *self)
{
  return self->n_sent;
}

/* Every request that is under way fails, as when a circuit is closed. */
void
fake_site_fail_all (FakeSite *self, CloveBackendError code)
{
  g_autoptr (GPtrArray) exchanges = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->exchanges->len; i++)
    g_ptr_array_add (exchanges, g_object_ref (self->exchanges->pdata[i]));
  for (guint i = 0; i < exchanges->len; i++) {
    FakeExchange *exchange = g_ptr_array_index (exchanges, i);

    if (fake_exchange_has_ended (CLOVE_EXCHANGE (exchange), NULL) || exchange->on_progress == NULL)
      continue;
    clove_timer_stop (&exchange->timer);
    exchange->error = g_error_new_literal (CLOVE_BACKEND_ERROR, (gint) code, "made to fail");
    exchange->on_progress (CLOVE_EXCHANGE (exchange), exchange->user_data);
  }
}
