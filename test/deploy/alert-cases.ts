/** Series, without the service's prefix, and their values in promtool's notation. */
export type World = Record<string, string>;

export interface AlertCase {
  alert: string;
  /** What differs from the healthy world. */
  world: World;
  /** When it must be firing. */
  at: string;
  /** Of samples and evaluations; longer where it takes days. */
  interval?: string;
  /** Whether no other may fire with it. */
  alone?: boolean;
}

const in_ = 'namespace="n"';
const dach = `${in_},account="DACH"`;
const sales = `${in_},flow_type="vivenu.sales.0"`;
const steady = (value: number) => `${value}x900`;
const growing = (by: number) => `0+${by}x900`;

const upOf = (service: string) =>
  `up{job="vivenu-event-monitor",${in_},pod="a",service="${service}"}`;
const up = upOf("vivenu-event-monitor");
const leaseOf = (pod: string) => `lease_held{${in_},lease="consumer",pod="${pod}"}`;
const webhooks = (outcome: string) => `webhooks_total{${dach},outcome="${outcome}"}`;
/** What anybody can send who has no key, to an account or to none. */
const stranger = (outcome: string) =>
  `webhooks_total{${in_},account="unknown",outcome="${outcome}"}`;
const factAge = (le: string) => `fact_age_seconds_bucket{${sales},pass="tail",le="${le}"}`;

/** Ten hours and more in which nobody has to be woken. */
export const healthy: World = {
  [up]: steady(1),
  // Whoever runs the loops in a Deployment of its own takes no webhook.
  [upOf("vivenu-event-monitor-worker")]: steady(1),
  [leaseOf("a")]: steady(1),
  [leaseOf("b")]: steady(0),
  [`loop_failing{${in_},loop="courier"}`]: steady(0),
  [`process_resident_memory_bytes{${in_},pod="a",process="http"}`]: steady(100_000_000),
  [`process_resident_memory_bytes{${in_},pod="a",process="worker"}`]: steady(100_000_000),
  // What the processes of a pod share counts once in its limit, and in each of theirs.
  [`process_resident_memory_bytes{${in_},pod="c",process="http"}`]: steady(300_000_000),
  [`process_resident_memory_bytes{${in_},pod="c",process="worker"}`]: steady(300_000_000),
  [`container_memory_bytes{${in_},pod="c"}`]: steady(400_000_000),
  [`container_memory_limit_bytes{${in_},pod="c"}`]: steady(536_870_912),
  [`build_info{${in_},pod="a",version="1.0.0"}`]: steady(1),
  [webhooks("accepted")]: growing(3),
  [webhooks("unsigned")]: steady(1),
  // One is repeated by Vivenu.
  [webhooks("unavailable")]: "0x60 1x840",
  // Bodies that break off and requests to accounts that are not configured, as many as a stranger likes.
  [webhooks("broken_off")]: growing(20),
  [stranger("broken_off")]: growing(20),
  [stranger("stray")]: growing(20),
  [stranger("unavailable")]: steady(0),
  [webhooks("keyless")]: steady(0),
  [webhooks("slow")]: growing(1),
  [webhooks("busy")]: steady(3),
  [`inbox_oldest_waiting_seconds{${in_}}`]: steady(1),
  [`inbox_refused_deliveries{${in_}}`]: steady(0),
  [`outbox_oldest_waiting_seconds{${in_}}`]: steady(20),
  [`outbox_refused_facts{${in_}}`]: steady(0),
  [`log_lag_seconds{${sales}}`]: steady(2),
  [factAge("1")]: growing(10),
  [factAge("60")]: growing(10),
  [factAge("300")]: growing(10),
  [factAge("+Inf")]: growing(10),
  [`set_aside_facts{${sales}}`]: steady(0),
  [`facts_resent_total{${in_}}`]: growing(1),
  [`last_complete_poll_timestamp_seconds{${dach}}`]: growing(60),
  [`vivenu_requests_total{${dach},outcome="refused"}`]: steady(0),
  [`vivenu_budget_remaining_requests{${dach}}`]: steady(500),
  [`account_key_refused{${dach}}`]: steady(0),
  [`sheet_last_sync_timestamp_seconds{${in_}}`]: growing(60),
};

export const cases: AlertCase[] = [
  { alert: "ServiceDown", world: { [up]: steady(0) }, at: "6m" },
  { alert: "NobodyWorks", world: { [leaseOf("a")]: steady(0) }, at: "3m" },
  { alert: "TwoWork", world: { [leaseOf("b")]: steady(1) }, at: "3m" },
  {
    alert: "LoopFails",
    world: { [`loop_failing{${in_},loop="courier"}`]: steady(1) },
    at: "11m",
  },
  {
    alert: "MemoryShort",
    world: { [`container_memory_bytes{${in_},pod="c"}`]: steady(490_000_000) },
    at: "16m",
    alone: true,
  },
  {
    alert: "MemoryShort",
    // A pod's processes share its limit, also where nobody says what they take together.
    world: {
      [`process_resident_memory_bytes{${in_},pod="a",process="worker"}`]: steady(400_000_000),
    },
    at: "16m",
  },
  {
    alert: "VersionsDiffer",
    world: { [`build_info{${in_},pod="b",version="1.1.0"}`]: steady(1) },
    at: "31m",
  },
  { alert: "WebhooksRefused", world: { [webhooks("unsigned")]: growing(1) }, at: "16m" },
  { alert: "WebhooksNotTaken", world: { [webhooks("unavailable")]: growing(1) }, at: "20m" },
  { alert: "WebhooksUnreadable", world: { [webhooks("malformed")]: growing(1) }, at: "10m" },
  {
    alert: "WebhooksNotChecked",
    world: { [webhooks("keyless")]: growing(1) },
    at: "10m",
    alone: true,
  },
  {
    // Eighty connections that send eight megabytes slowly: no engineer is paged, for nothing is lost.
    alert: "WebhooksCrowdedOut",
    world: { [webhooks("slow")]: growing(5), [webhooks("busy")]: growing(50) },
    at: "25m",
    alone: true,
  },
  {
    alert: "WebhooksSilent",
    // Two days of webhooks, then seven without any.
    world: { [webhooks("accepted")]: "0+1x96 96x340" },
    at: "8d12h",
    interval: "30m",
  },
  {
    alert: "InboxStuck",
    world: { [`inbox_oldest_waiting_seconds{${in_}}`]: growing(60) },
    at: "20m",
  },
  {
    alert: "OutboxStuck",
    world: { [`outbox_oldest_waiting_seconds{${in_}}`]: growing(60) },
    at: "25m",
  },
  { alert: "RefusedWaits", world: { [`outbox_refused_facts{${in_}}`]: steady(1) }, at: "6m" },
  { alert: "LogReadLate", world: { [`log_lag_seconds{${sales}}`]: growing(60) }, at: "15m" },
  {
    alert: "FactsSlow",
    world: { [factAge("1")]: growing(5), [factAge("60")]: growing(5) },
    at: "1h10m",
  },
  { alert: "FactsSetAside", world: { [`set_aside_facts{${sales}}`]: steady(1) }, at: "6m" },
  { alert: "FactsSentAgain", world: { [`facts_resent_total{${in_}}`]: growing(10) }, at: "1h" },
  {
    alert: "PollMissing",
    world: { [`last_complete_poll_timestamp_seconds{${dach}}`]: steady(1) },
    at: "27h",
    interval: "10m",
  },
  {
    alert: "NeverPolled",
    world: { [`last_complete_poll_timestamp_seconds{${dach}}`]: steady(0) },
    at: "27h",
    interval: "10m",
  },
  {
    alert: "AccountKeyRefused",
    // Requests are refused as well, and one alert is enough.
    world: {
      [`account_key_refused{${dach}}`]: steady(1),
      [`vivenu_requests_total{${dach},outcome="refused"}`]: growing(1),
    },
    at: "30m",
    alone: true,
  },
  {
    alert: "VivenuRefuses",
    world: { [`vivenu_requests_total{${dach},outcome="refused"}`]: growing(1) },
    at: "30m",
  },
  {
    alert: "BudgetSpent",
    world: { [`vivenu_budget_remaining_requests{${dach}}`]: steady(0) },
    at: "31m",
  },
  {
    alert: "SheetStale",
    world: { [`sheet_last_sync_timestamp_seconds{${in_}}`]: steady(0) },
    at: "25m",
  },
  {
    alert: "NoticesNotTold",
    world: { [`notices_oldest_waiting_seconds{${in_},channel="races"}`]: growing(60) },
    at: "40m",
  },
];
