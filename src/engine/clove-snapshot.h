/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-list.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

#define CLOVE_SNAPSHOT_MAX_HOPS  3
#define CLOVE_SNAPSHOT_N_ENTRIES 2

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
 * @rtt_us: the mean round trip to it; -1 before it joined
 */
typedef struct {
  char *name;
  char *address;
  CloveSnapshotHopState state;
  gint64 time_us;
  gint64 rtt_us;
} CloveSnapshotHop;

/**
 * CloveSnapshotCircuit:
 * @n_hops: number of @hops; 0 when there is no such circuit
 * @hops: entry, middle, exit
 */
typedef struct {
  guint n_hops;
  CloveSnapshotHop hops[CLOVE_SNAPSHOT_MAX_HOPS];
} CloveSnapshotCircuit;

/**
 * CloveSnapshotEntry:
 * @name: (nullable): the relay that is kept as an entry; %NULL for none
 * @expires_s: until when, in seconds since 1970
 * @is_listed: whether the directory lists it now
 * @is_silent: whether it did not answer when last asked
 */
typedef struct {
  char *name;
  gint64 expires_s;
  gboolean is_listed;
  gboolean is_silent;
} CloveSnapshotEntry;

/**
 * CloveSnapshotRecord:
 * @key: whose, 32 bytes
 * @hop: in which place: 0 entry, 1 middle, 2 exit
 * @weight: how likely it is chosen there, from 0.2 to 1
 * @rtt_us: mean round trip; 0 if none is known
 * @n_outcomes: how many of the last outcomes are known, at most 32
 * @outcomes: bit n is set if the outcome n before the newest was good
 *
 * How a relay did lately.
 */
typedef struct {
  guint8 key[CLOVE_RELAY_KEY_SIZE];
  guint hop;
  gdouble weight;
  gint64 rtt_us;
  guint n_outcomes;
  guint32 outcomes;
} CloveSnapshotRecord;

/**
 * CloveSnapshotBan:
 * @name: (nullable): the relay's name, if the directory has it
 * @address: "ip:port"
 * @left_us: how long the ban lasts from @taken_us on
 * @is_permanent: it is the user's own and lasts until the user ends it; @left_us is meaningless
 * @reason: what was seen
 */
typedef struct {
  char *name;
  char *address;
  gint64 left_us;
  gboolean is_permanent;
  char *reason;
} CloveSnapshotBan;

/**
 * CloveSnapshotCause:
 * @serial: counts all causes, from 1
 * @time_s: when, in seconds since 1970
 * @generation: the circuit that was live
 * @kind: for programs, such as "strike"
 * @number: meaning by @kind
 * @detail: (nullable): what was seen, a clause that names no site
 * @text: the whole as a sentence
 * @redacted: the same without the name of any site
 */
typedef struct {
  guint64 serial;
  gint64 time_s;
  guint64 generation;
  const char *kind;
  guint number;
  char *detail;
  char *text;
  char *redacted;
} CloveSnapshotCause;

/**
 * CloveSnapshotRequest:
 * @serial: counts all requests of the log, from 1
 * @time_s: when it ended, in seconds since 1970
 * @host: the site
 * @method: the method
 * @status: the status sent to the browser; 0 if it went away before
 * @body_size: bytes of body that the browser got
 * @duration_us: from the complete request to the end
 * @is_complete: whether the whole reply was handed on
 *
 * What became of one request. Immutable, reference-counted, for any thread.
 */
typedef struct {
  guint64 serial;
  gint64 time_s;
  char *host;
  char *method;
  guint status;
  guint64 body_size;
  gint64 duration_us;
  gboolean is_complete;
} CloveSnapshotRequest;

/**
 * CloveSnapshot:
 * @state: what the engine is doing
 * @listen_address: (nullable): "ip:port" of the proxy once it listens
 * @problem: (nullable): what is wrong, a sentence without its full stop; not said of hosts
 * @problem_code: %G_IO_ERROR code of a failure to listen, else -1
 * @taken_us: monotonic time at which the snapshot was taken
 * @taken_s: the same by the calendar, in seconds since 1970
 * @next_try_us: monotonic time of the next try while waiting, else 0
 * @attempt: which build of the round this is, from 1
 * @max_attempts: how many builds make a round
 * @generation: how many circuits were put into use so far
 * @live_since_us: monotonic time at which the live circuit was put into use; 0 without one
 * @live: the circuit that requests take
 * @candidate: the circuit that is being built
 * @standby: the circuit in reserve
 * @is_on_standby: requests take the standby circuit, since the live one is in doubt
 * @is_settling: the network changed a moment ago; failures are nobody's
 * @strikes: failures in a row of the live circuit
 * @max_strikes: how many replace it
 * @rebuild_at_us: monotonic time from which a rebuild may be asked for
 * @last_strike: (nullable): what the newest strike was for, a clause; %NULL without strikes
 * @rebuilds_left: how many rebuilds the budget allows now
 * @next_rotation_us: monotonic time of the next rotation; 0 for none
 * @bans: of #CloveSnapshotBan, the oldest first
 * @causes: of #CloveSnapshotCause, the oldest first
 * @entries: the kept entry and its backup
 * @is_entry_limited: an entry that should be replaced stays, since there were too many new ones
 * @relays: (nullable): the directory; immutable, shared by snapshots
 * @records: of #CloveSnapshotRecord, in no order; shared by snapshots
 * @n_relays: relays in the directory
 * @directory_age_s: seconds since the directory was fetched; -1 without one
 * @directory_problem: (nullable): why the last attempt to load it failed
 * @requests: of #CloveSnapshotRequest, oldest first: the last ones, if they are kept; shared
 * @n_in_flight: requests that are being answered
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
  gint64 taken_s;
  gint64 next_try_us;
  guint attempt;
  guint max_attempts;
  guint64 generation;
  gint64 live_since_us;
  CloveSnapshotCircuit live;
  CloveSnapshotCircuit candidate;
  CloveSnapshotCircuit standby;
  gboolean is_on_standby;
  gboolean is_settling;
  guint strikes;
  guint max_strikes;
  char *last_strike;
  guint rebuilds_left;
  gint64 rebuild_at_us;
  gint64 next_rotation_us;
  GPtrArray *bans;
  GPtrArray *causes;
  CloveSnapshotEntry entries[CLOVE_SNAPSHOT_N_ENTRIES];
  gboolean is_entry_limited;
  CloveRelayList *relays;
  GPtrArray *records;
  guint n_relays;
  gint64 directory_age_s;
  char *directory_problem;
  GPtrArray *requests;
  guint n_in_flight;
  guint64 n_requests;
  guint64 n_bytes_in;
  guint64 n_bytes_out;
} CloveSnapshot;

CloveSnapshotRequest *clove_snapshot_request_new (const char *host, const char *method)
  G_GNUC_WARN_UNUSED_RESULT;
CloveSnapshotRequest *clove_snapshot_request_ref (CloveSnapshotRequest *self);
void clove_snapshot_request_unref (CloveSnapshotRequest *self);

CloveSnapshot *clove_snapshot_new (void) G_GNUC_WARN_UNUSED_RESULT;
CloveSnapshot *clove_snapshot_ref (CloveSnapshot *self);
void clove_snapshot_unref (CloveSnapshot *self);

const char *clove_engine_state_name (CloveEngineState state);
const char *clove_snapshot_hop_state_name (CloveSnapshotHopState state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveSnapshot, clove_snapshot_unref)

G_END_DECLS
