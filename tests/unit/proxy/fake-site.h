/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backend.h"
#include "clove-clock.h"
#include "clove-random.h"

G_BEGIN_DECLS

/**
 * FakeSiteHabits:
 * @size: of the one resource that it has
 * @fields: (nullable): lines that every good reply has, each with its end
 * @ignores_range: whether it answers every request with the whole
 * @is_plain_206: whether its 206 have no Content-Range
 * @hides_total: whether its Content-Range does not tell the size
 * @shift: how far beyond what was asked its pieces begin
 * @lacks: how many bytes the pieces have less than they say
 * @most: most bytes in a piece; 0 for as many as are asked for
 * @is_chunked: whether bodies come in chunks
 * @is_unframed: whether bodies end with the reply, as reference exits send them
 * @status: (0 for none): of an error that comes instead of every piece but the first
 * @n_errors: how many pieces that error meets; 0 for all
 * @changes_after: after so many replies the resource is another one; 0 for never
 * @lost_percent: how many replies break off somewhere, or never begin
 * @sends_heads_only: whether every reply but the first breaks off behind its head
 * @part_size: in what parts a reply comes; 0 for as from an exit
 * @delay_us: how long a reply takes
 * @spread_us: at most so much more
 *
 * What a site does. All zero but the size: as good as can be.
 */
typedef struct {
  gint64 size;
  const char *fields;
  gboolean ignores_range;
  gboolean is_plain_206;
  gboolean hides_total;
  gint64 shift;
  gsize lacks;
  gint64 most;
  gboolean is_chunked;
  gboolean is_unframed;
  guint status;
  guint n_errors;
  guint changes_after;
  guint lost_percent;
  gboolean sends_heads_only;
  gsize part_size;
  gint64 delay_us;
  gint64 spread_us;
} FakeSiteHabits;

/**
 * FakeSite:
 *
 * A backend with one site behind it, which serves one resource under every path and host. Under a
 * fake clock; chance follows from a seed.
 */
#define FAKE_TYPE_SITE (fake_site_get_type ())
G_DECLARE_FINAL_TYPE (FakeSite, fake_site, FAKE, SITE, GObject)

FakeSite *fake_site_new (CloveClock *clock, const FakeSiteHabits *habits, guint64 seed);
FakeSiteHabits *fake_site_get_habits (FakeSite *self);

GPtrArray *fake_site_get_requests (FakeSite *self);
guint fake_site_get_n_pieces (FakeSite *self);
guint fake_site_get_n_alive (FakeSite *self);
gsize fake_site_get_peak_in_flight (FakeSite *self);
guint64 fake_site_get_n_sent (FakeSite *self);
void fake_site_fail_all (FakeSite *self, CloveBackendError code);

guint8 fake_site_byte_at (guint version, gint64 position);

G_END_DECLS
