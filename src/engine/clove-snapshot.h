/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

#define CLOVE_SNAPSHOT_MAX_HOPS 3

/**
 * CloveEngineState:
 * @CLOVE_ENGINE_OFF: not started, or stopped
 * @CLOVE_ENGINE_LOADING: waiting for the directory
 * @CLOVE_ENGINE_BUILDING: building a circuit, with none live
 * @CLOVE_ENGINE_CONNECTED: a circuit is live
 * @CLOVE_ENGINE_REBUILDING: a circuit is live and another is being built to replace it
 * @CLOVE_ENGINE_WAITING: something failed and is tried again later
 * @CLOVE_ENGINE_OFFLINE: there is no network
 * @CLOVE_ENGINE_STOPPING: finishing what is in flight
 * @CLOVE_ENGINE_FAILED: the proxy cannot listen; nothing is tried again
 */
typedef enum {
  CLOVE_ENGINE_OFF,
  CLOVE_ENGINE_LOADING,
  CLOVE_ENGINE_BUILDING,
  CLOVE_ENGINE_CONNECTED,
  CLOVE_ENGINE_REBUILDING,
  CLOVE_ENGINE_WAITING,
  CLOVE_ENGINE_OFFLINE,
  CLOVE_ENGINE_STOPPING,
  CLOVE_ENGINE_FAILED,
} CloveEngineState;

typedef enum {
  CLOVE_SNAPSHOT_HOP_WAITING,
  CLOVE_SNAPSHOT_HOP_EXTENDING,
  CLOVE_SNAPSHOT_HOP_READY,
  CLOVE_SNAPSHOT_HOP_FAILED,
} CloveSnapshotHopState;

/**
 * CloveSnapshotHop:
 * @name: the relay's name in the directory
 * @address: "ip:port"
 * @state: how far the hop is
 * @time_us: how long it took to join; -1 before
 */
typedef struct {
  char *name;
  char *address;
  CloveSnapshotHopState state;
  gint64 time_us;
} CloveSnapshotHop;

/**
 * CloveSnapshotBan:
 * @name: (nullable): the relay's name, if the directory has it
 * @address: "ip:port"
 * @left_us: how long the ban lasts from @taken_us on
 * @reason: what was seen
 */
typedef struct {
  char *name;
  char *address;
  gint64 left_us;
  char *reason;
} CloveSnapshotBan;

/**
 * CloveSnapshotCause:
 * @serial: counts all causes, from 1
 * @time_s: when, in seconds since 1970
 * @kind: for programs, such as "strike"
 * @text: a sentence
 * @redacted: the same without the name of any site
 */
typedef struct {
  guint64 serial;
  gint64 time_s;
  const char *kind;
  char *text;
  char *redacted;
} CloveSnapshotCause;

/**
 * CloveSnapshot:
 * @state: what the engine is doing
 * @listen_address: (nullable): "ip:port" of the proxy once it listens
 * @problem: (nullable): what is wrong, a sentence without its full stop; not said of hosts
 * @problem_code: %G_IO_ERROR code of a failure to listen, else -1
 * @taken_us: monotonic time at which the snapshot was taken
 * @next_try_us: monotonic time of the next try while waiting, else 0
 * @attempt: which build of the round this is, from 1
 * @max_attempts: how many builds make a round
 * @generation: how many circuits were put into use so far
 * @n_hops: number of @hops; 0 when there is neither a live circuit nor one being built
 * @hops: of the live circuit, else of the one being built
 * @strikes: failures in a row of the live circuit
 * @max_strikes: how many replace it
 * @rebuild_at_us: monotonic time from which a rebuild may be asked for
 * @next_rotation_us: monotonic time of the next rotation; 0 for none
 * @bans: of #CloveSnapshotBan, the oldest first
 * @causes: of #CloveSnapshotCause, the oldest first
 * @n_relays: relays in the directory
 * @directory_age_s: seconds since the directory was fetched; -1 without one
 * @directory_problem: (nullable): why the last attempt to load it failed
 * @n_requests: requests so far, refused ones too; this and the next two are at most a second old
 * @n_bytes_in: bytes from browsers so far
 * @n_bytes_out: bytes to browsers so far
 *
 * The state of the engine at one moment: an immutable value that any thread may read.
 */
typedef struct {
  CloveEngineState state;
  char *listen_address;
  char *problem;
  gint problem_code;
  gint64 taken_us;
  gint64 next_try_us;
  guint attempt;
  guint max_attempts;
  guint64 generation;
  guint n_hops;
  CloveSnapshotHop hops[CLOVE_SNAPSHOT_MAX_HOPS];
  guint strikes;
  guint max_strikes;
  gint64 rebuild_at_us;
  gint64 next_rotation_us;
  GPtrArray *bans;
  GPtrArray *causes;
  guint n_relays;
  gint64 directory_age_s;
  char *directory_problem;
  guint64 n_requests;
  guint64 n_bytes_in;
  guint64 n_bytes_out;
} CloveSnapshot;

CloveSnapshot *clove_snapshot_new (void) G_GNUC_WARN_UNUSED_RESULT;
CloveSnapshot *clove_snapshot_ref (CloveSnapshot *self);
void clove_snapshot_unref (CloveSnapshot *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveSnapshot, clove_snapshot_unref)

G_END_DECLS
