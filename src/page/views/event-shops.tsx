import type { UnderShopRow } from "../../projections/queries/row-types.ts";
import { whole } from "../chart/numbers.ts";
import { ColumnHeads } from "../column-heads.tsx";
import type { Look } from "../look.ts";
import { Whole } from "../number.tsx";
import { as } from "../roles.ts";
import { shortMoment } from "../words.ts";
import type { EventRead } from "./read-event.ts";

const heads = ["Undershop", "Sells", "Places", "Sold", "Left"];
const TEXTS = ["Undershop", "Sells"];
/** More of them would stand between an event and its ticket types. */
const MOST_OPEN = 12;

/** Presales, clubs and partners: who sells places of this event beside its own shop, and how many. */
export function UnderShops({ look, read: { event, underShops } }: { look: Look; read: EventRead }) {
  if (!underShops || underShops.length === 0) return null;
  const zone = look.zone ?? event.timezone;
  const table = (
    <section class="wide" aria-labelledby="undershops-title" tabindex={0}>
      <table class="types shops" {...as.table}>
        <caption class="unseen">Undershops, and what they sold</caption>
        <ColumnHeads names={heads} texts={TEXTS} />
        <tbody {...as.rowGroup}>
          {underShops.map((shop) => (
            <Shop {...{ look, shop, zone }} />
          ))}
        </tbody>
      </table>
    </section>
  );
  if (underShops.length > MOST_OPEN)
    return (
      <details class="fold" id="undershops">
        <summary>
          <b id="undershops-title">Undershops</b>{" "}
          {[underShops.length, ...soldWords(underShops)].join(", ")}
        </summary>
        <p class="muted">{WHAT_THEY_ARE}</p>
        {table}
      </details>
    );
  return (
    <section class="places" id="undershops">
      <div class="curve-head">
        <h2 id="undershops-title">Undershops</h2>
        <p class="muted">{WHAT_THEY_ARE}</p>
      </div>
      {table}
    </section>
  );
}

const WHAT_THEY_ARE = "Presales, clubs and partners. Their places are part of the event’s.";

/** What they sold together, where that is known of each. */
function soldWords(shops: readonly UnderShopRow[]): string[] {
  const known = shops.flatMap(({ sold }) => sold ?? []);
  const sum = known.reduce((all, sold) => all + sold, 0);
  return known.length < shops.length ? [] : [`${whole(sum)} sold`];
}

interface ShopProps {
  look: Look;
  shop: UnderShopRow;
  zone: string | null;
}

const Shop = ({ look, shop, zone }: ShopProps) => (
  <tr id={`shop-${shop.underShopId}`} {...as.row}>
    <th scope="row" {...as.rowHeader}>
      <bdi>{shop.underShopName}</bdi>
      {shop.inventoryStrategy === "independent" ? (
        <span class="muted">, has places held for it</span>
      ) : null}
      {shop.active ? null : <span class="attention">, switched off</span>}
    </th>
    <td {...as.cell}>{windowWords(shop, look, zone)}</td>
    <td class="number" {...as.cell}>
      {shop.allocation === null ? (
        <span class="muted">no limit</span>
      ) : (
        <Whole name="allocation" value={shop.allocation} />
      )}
    </td>
    {(["sold", "left"] as const).map((name) => (
      <td class="number" {...as.cell}>
        {shop[name] === null ? (
          <span class="muted">{name === "sold" ? "not counted yet" : ""}</span>
        ) : (
          <Whole name={name} value={shop[name]} />
        )}
      </td>
    ))}
  </tr>
);

function windowWords({ salesStart, salesEnd }: UnderShopRow, { now }: Look, zone: string | null) {
  const at = (instant: string) => shortMoment(new Date(instant), now, zone);
  if (salesStart && salesEnd) return `${at(salesStart)} – ${at(salesEnd)}`;
  if (salesStart) return `from ${at(salesStart)}`;
  return salesEnd ? `until ${at(salesEnd)}` : "as the event does";
}
