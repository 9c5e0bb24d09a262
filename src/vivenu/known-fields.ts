/**
 * The fields that Vivenu documents, and those that its answers were seen to have besides, level by
 * level: of the levels that we read. What is below any other field is free-form, and its keys may be a
 * person's.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export interface Level {
  known: ReadonlySet<string>;
  /** What is one level below, by the field that holds it: an object, or a list of them. */
  below?: Readonly<Record<string, Level>>;
}

const ticketType: Level = {
  known: words(`
    _id name description image color price amount active posActive categoryRef
    ignoredForStartingPrice conditionalAvailability ticketBackground rules requiresPersonalization
    requiresPersonalizationMode requiresExtraFields requiresExtraFieldsMode
    repersonalizationAllowedMode repersonalizationFee sortingKey enableHardTicketOption
    forceHardTicketOption maxAmountPerOrder minAmountPerOrder minAmountPerOrderRule taxRate
    styleOptions priceCategoryId entryPermissions ignoreForMaxAmounts expirationSettings
    barcodePrefix salesStart salesEnd transferSettings scanSettings deliverySettings meta
    revealingSettings
  `),
};

const underShop: Level = {
  known: words(`
    _id name active tickets categories timeSlots sellStart sellEnd maxAmount maxAmountPerOrder
    minAmountPerOrder maxTransactionsPerCustomer maxAmountPerCustomer ticketShopHeaderText
    customCharges seatingContingents availabilityMode bestAvailableSeatingConfiguration
    reservationSettings accountSettings customerTags customerSegments allowMassDownload
    inventoryStrategy extraFields salesChannelGroupSettings paymentSettings unlockMode
  `),
  below: {
    tickets: { known: words("_id baseTicket name description price amount active") },
    categories: { known: words("_id baseCategoryId amount") },
  },
};

const cartRule: Level = {
  known: words("_id name triggerType triggerTargetGroup thenType thenTargets"),
  below: { thenTargets: { known: words("_id thenTargetGroup thenTargetMin thenTargetMax") } },
};

export const event: Level = {
  known: words(`
    _id sellerId name slogan description locationName locationStreet locationCity locationPostal
    locationCountry image ticketFooter ticketBackground ticketShopHeader groups discountGroups
    cartAutomationRules posDiscounts categories tickets createdAt updatedAt start end sellStart
    sellEnd maxAmount maxAmountPerOrder maxAmountPerCustomer maxTransactionsPerCustomer
    minAmountPerOrder customerTags customerSegments showCountdown hideInListing visibleAfter
    customSettings extraFields ticketExtraFields accentColor pageStyle showOtherEvents underShops
    seating customTextConfig eventType childEvents url tags seoSettings extraInformation
    customCharges gallery video soldOutFallback ticketDesign checkinInformation tracking
    hardTicketSettings dataRequestSettings styleOptions geoCode accountSettings reservationSettings
    upsellSettings repetitionSettings rootId daySchemes daySchemeId ticketSettings
    accessListMapping deliverySettings meta timezone salesChannelGroupSettings paymentSettings
    timeSlots useTimeSlots attributes
  `),
  below: {
    tickets: ticketType,
    underShops: underShop,
    categories: {
      known: words(`
        _id name description seatingReference ref amount recommendedTicket maxAmountPerOrder
        listWithoutSeats
      `),
    },
    groups: { known: words("_id name tickets") },
    cartAutomationRules: cartRule,
  },
};

export const ticket: Level = {
  known: words(`
    _id sellerId company email name firstname lastname street line2 city postal state country
    eventId rootEventId transactionId posId underShopId categoryRef categoryName ticketTypeId
    slotId slotStartTime cartItemId triggeredBy ticketName currency regularPrice realPrice
    completed createdAt updatedAt expiresAt status secret barcode seat seatingInfo type origin
    extraFields batch batchCounter deliveryType readyForDelivery customMessage priceCategoryId
    entryPermissions customerId history personalized excludedEventIds originTicketId
    fulfillmentTypeId packageInfo __v _locks addOns capabilities personalizations claimed expired
    checkoutId checkoutItemId salesChannelId meta
  `),
  below: { addOns: { known: words("productId productVariantId name") } },
};

export const delivery: Level = { known: words("id sellerId webhookId type mode data") };
