import type { EventDocument, Partners, UnderShop } from "../documents.ts";
import { idFrom, uuidFrom } from "../ids.ts";
import type { Category, TypePlan } from "./ticket-types.ts";

export interface EventFrame {
  id: string;
  sellerId: string;
  name: string;
  city: string;
  venue: string;
  country: string;
  timezone: string;
  createdAt: Date;
  updatedAt: Date;
  start: Date;
  end: Date;
  sellStart?: Date | undefined;
  sellEnd?: Date | undefined;
  hidden?: boolean | undefined;
  visibleAfter?: Date | undefined;
  maxAmount: number;
  /** By category; none for those that carry no amount. */
  categoryAmounts: Partial<Record<Category, number>>;
  types: readonly TypePlan[];
  underShops: readonly UnderShop[];
  /** False leaves the automation rules out. */
  rules: boolean;
}

const CATEGORIES: readonly Category[] = ["Race", "Charity", "Spectator", "Extras"];
const ORDER_LIMIT = 8;

/** An EventResource with what a HYROX event carries, texts included. */
export function eventDocument(frame: EventFrame): EventDocument {
  const { id, types, rules } = frame;
  return {
    ...heading(frame),
    ...(rules ? automation(id, types) : { groups: [], cartAutomationRules: [] }),
    discountGroups: [],
    posDiscounts: [],
    categories: categories(frame),
    tickets: types.map((type, index) => ticketType(type, index, frame)),
    underShops: [...frame.underShops],
    ...window(frame),
    maxAmount: frame.maxAmount,
    maxAmountPerOrder: ORDER_LIMIT,
    minAmountPerOrder: 1,
    customerTags: [],
    customerSegments: [],
    extraFields: [],
    ticketExtraFields: ticketExtraFields(id),
    showCountdown: true,
    eventType: "SINGLE",
    childEvents: [],
    tags: [],
    meta: {},
    useTimeSlots: false,
    timeSlots: [],
    daySchemes: [],
    gallery: [],
    salesChannelGroupSettings: [],
  };
}

const heading = (frame: EventFrame) => ({
  _id: frame.id,
  sellerId: frame.sellerId,
  name: frame.name,
  slogan: "Eight runs, eight stations, one finish line",
  description: [
    `<p>Race day in ${frame.city}: eight kilometres of running, and after each of them a workout station.`,
    "Start waves are published in the week before the event. Bring a photo ID to the check-in desk.</p>",
    "<p>Doubles share the stations, relay teams of four take two rounds each. Partners and team members",
    "are added to the cart by themselves and need a name of their own before race day.</p>",
    `<p>Doors of ${frame.venue} open one hour before the first wave. Spectators need a ticket for the day.</p>`,
  ].join(" "),
  locationName: frame.venue,
  locationStreet: "Example Street 1",
  locationCity: frame.city,
  locationPostal: "00000",
  locationCountry: frame.country,
  image: `https://images.example.com/events/${frame.id}/header.jpg`,
  url: `${frame.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${frame.id.slice(-6)}`,
  timezone: frame.timezone,
});

const window = (frame: EventFrame) => ({
  createdAt: frame.createdAt.toISOString(),
  updatedAt: frame.updatedAt.toISOString(),
  start: frame.start.toISOString(),
  end: frame.end.toISOString(),
  ...(frame.sellStart && { sellStart: frame.sellStart.toISOString() }),
  ...(frame.sellEnd && { sellEnd: frame.sellEnd.toISOString() }),
  hideInListing: frame.hidden ?? false,
  ...(frame.visibleAfter && { visibleAfter: frame.visibleAfter.toISOString() }),
});

const categoryRef = (eventId: string, name: Category) => uuidFrom(eventId, "category", name);

const categories = ({ id, types, categoryAmounts }: EventFrame) =>
  CATEGORIES.filter((name) => types.some(({ category }) => category === name)).map((name) => {
    const amount = categoryAmounts[name];
    return {
      _id: idFrom(id, "category", name),
      name,
      ref: categoryRef(id, name),
      ...(amount !== undefined && { amount }),
    };
  });

const groupOf = (eventId: string, typeId: string) => idFrom(eventId, "group", typeId);

function ticketType(type: TypePlan, index: number, { id, city, rules }: EventFrame) {
  const free = type.partnerOf !== undefined;
  return {
    _id: type.id,
    name: type.name,
    description: `<p>${describe(type)} in ${city}. Not refundable without the Flex option; name changes close one week before the event. Check-in closes one hour before your start wave.</p>`,
    price: type.price,
    amount: type.amount,
    active: type.active,
    posActive: false,
    categoryRef: categoryRef(id, type.category),
    conditionalAvailability: free && rules,
    rules:
      type.partnerOf !== undefined && rules
        ? [
            {
              _id: idFrom(type.id, "rule"),
              ticketGroup: groupOf(id, type.partnerOf),
              min: 1,
              max: 3,
            },
          ]
        : [],
    requiresPersonalizationMode: "ENABLED",
    requiresExtraFieldsMode: "ENABLED",
    sortingKey: index + 1,
    ignoreForMaxAmounts: type.category === "Extras",
    entryPermissions: [],
    styleOptions: free ? { hiddenInSelectionArea: true } : { showAvailable: false },
    taxRate: 0.19,
    minAmountPerOrder: 0,
    maxAmountPerOrder: 2,
    ...(type.category === "Spectator" && { barcodePrefix: "SP" }),
    meta: {},
  };
}

function describe({ category, partnerOf }: TypePlan) {
  if (partnerOf !== undefined) return "The place of a partner or team member";
  if (category === "Race") return "One race entry with timing chip, finisher patch and bag drop";
  if (category === "Charity") return "One race entry; most of its price goes to a good cause";
  return category === "Spectator" ? "Admission for one spectator" : "An extra to a race entry";
}

/** One group per paid type and one per type of free tickets, and the rule that leads from one to the other. */
function automation(eventId: string, types: readonly TypePlan[]) {
  const led = types.flatMap((type) => (type.partner ? [{ type, partner: type.partner }] : []));
  const name = (id: string) => types.find((type) => type.id === id)?.name ?? id;
  const group = (typeId: string) => ({
    _id: groupOf(eventId, typeId),
    name: name(typeId),
    tickets: [typeId],
  });
  return {
    groups: led.flatMap(({ type, partner }) => [group(type.id), group(partner.typeId)]),
    cartAutomationRules: led.map(({ type, partner }) => ({
      _id: idFrom(eventId, "automation", type.id),
      name: `Partners of ${type.name.trim()}`,
      triggerType: "hasBeenAdded",
      triggerTargetGroup: groupOf(eventId, type.id),
      thenType: "autoAdd",
      thenTargets: [
        {
          _id: idFrom(eventId, "target", type.id),
          thenTargetGroup: groupOf(eventId, partner.typeId),
          thenTargetMin: partner.count,
          thenTargetMax: partner.count,
        },
      ],
    })),
  };
}

const ticketExtraFields = (eventId: string) =>
  (
    [
      ["Birth date", "date"],
      ["Gender", "select"],
      ["Nationality", "country"],
      ["Phone", "tel"],
      ["Emergency contact", "text"],
      ["Gym", "text"],
    ] as const
  ).map(([name, type]) => ({
    _id: idFrom(eventId, "extra field", name),
    name,
    type,
    required: name !== "Gym",
    collectInCheckout: true,
    options: type === "select" ? ["female", "male", "diverse"] : [],
  }));

export const partnersByType = (types: readonly TypePlan[]): Partners =>
  Object.fromEntries(types.flatMap(({ id, partner }) => (partner ? [[id, partner]] : [])));
