/**
 * - `rows`     only tables that are made from the log. A replay makes these tables anew beside the live
 *              ones, from the same files, so such a file names no schema and no other table. A
 *              function that triggers call is a service's, of `public`.
 * - `service`  only what the log does not hold: queues, leases, what counting keeps of tickets.
 */
export type Shapes = "rows" | "service";

/**
 * Every migration, in the order of its name, and what it shapes. The program starts with exactly these
 * files: one that is missing here would be in the live tables and not in rebuilt ones.
 */
export const migrations: Readonly<Record<string, Shapes>> = {
  "0001_datacore.sql": "service",
  "0002_projections.sql": "rows",
  "0003_intake.sql": "service",
  "0004_running_count.sql": "service",
  "0005_loop_failure.sql": "service",
  "0006_projections_counts.sql": "rows",
  "0007_unread_ticket.sql": "service",
  "0008_listed_events.sql": "service",
  "0011_dead_letters.sql": "service",
  "0011_event_failures.sql": "service",
  "0011_unshown.sql": "service",
  "0012_moved_tickets_and_currencies.sql": "service",
  "0013_projections_sold_by_under_shop.sql": "rows",
  "0014_projections_child_events.sql": "rows",
  "0016_projections_dead_letters.sql": "rows",
  "0020_projections_changes.sql": "rows",
  "0021_changed_counts.sql": "service",
  "0022_projections_unreadable.sql": "rows",
  "0022_unbelieved_times.sql": "service",
  "0023_believed_times.sql": "service",
  "0024_projections_misplaced.sql": "rows",
  "0024_projections_placed.sql": "rows",
  "0024_ticket_clocks.sql": "service",
  "0025_projections_derived.sql": "rows",
  "0026_projections_changes.sql": "rows",
  "0027_projections_shown.sql": "rows",
  "0040_worker.sql": "service",
  "0045_versions_since.sql": "rows",
  "0046_shown_made_of.sql": "rows",
  "0050_projections_list_keys.sql": "rows",
  "0051_projections_row_revisions.sql": "rows",
  "0060_rows_revision.sql": "service",
  "0061_projections_rows_revision.sql": "rows",
  "0070_projections_sales_by_hour.sql": "rows",
  "0080_row_messages.sql": "service",
  "0081_webhook_outcomes.sql": "service",
  "0082_admin_actions.sql": "service",
  "0091_ticket_list_price.sql": "service",
  "0092_projections_value.sql": "rows",
  "0100_projections_structured_changes.sql": "rows",
  "0120_notices.sql": "service",
  "0121_dropped_notices.sql": "service",
  "0130_pathway.sql": "service",
  "0131_write_probe.sql": "service",
  "0140_traces.sql": "service",
  "0141_origin.sql": "service",
  "0142_projections_in_doubt.sql": "rows",
  "0143_forecast_never.sql": "service",
  "0144_failures_of_accounts.sql": "service",
  "0145_projections_price_in_currency.sql": "rows",
  "0146_count_seen_of_event.sql": "service",
  "0147_projections_reserved_by_under_shop.sql": "rows",
  "0148_projections_category_amounts.sql": "rows",
  "0149_ticket_origin.sql": "service",
  "0150_projections_read_by.sql": "rows",
  "0151_projections_fold_behind.sql": "rows",
  "0152_notice_channels.sql": "service",
  "0153_projections_ticket_type_ids.sql": "rows",
  "0154_projections_start_place.sql": "rows",
  "0155_doubted_count.sql": "service",
};

/** What `/status` names beside the newest that the database has: they differ while an older program runs. */
export const newestMigration = (): string | null => Object.keys(migrations).sort().at(-1) ?? null;

const ofRows = Object.keys(migrations)
  .filter((name) => migrations[name] === "rows")
  .sort();

const numberOf = (name: string) => Number.parseInt(name, 10);

const newestOfRows = ofRows.at(-1) ?? "";

/** The newest migration of rows that this program knows: a field of a fact that came later has no column yet. */
export const rowsVersion = { name: newestOfRows, number: numberOf(newestOfRows) };

/** The migrations of rows behind this one. */
export const rowsSince = (number: number): string[] =>
  ofRows.filter((name) => numberOf(name) > number);
