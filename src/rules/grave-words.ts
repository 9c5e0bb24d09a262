import { plainWords, termsPattern } from "./words.ts";

/**
 * Words in a name after which nothing is as it was sold, in the accounts' languages and some more.
 * Vivenu has no flag for a cancelled event: whoever calls one off writes it into its name.
 */
const graveWords = {
  cancelled: `
    CANCEL, CANCELLED, CANCELED, CANCELLATION, CANCELATION, CALLED OFF, SUSPENDED, ABANDONED,
    ABGESAGT*, ABSAGE, ENTFÄLLT, ENTFALLEN, FÄLLT AUS, AUSGEFALLEN, FINDET NICHT STATT, STORNIERT*,
    ANNUL*, SUPPRIMÉ, SUPPRIMÉE, SUPPRIMÉS, SUPPRIMÉES, DÉPROGRAMM*, SUSPENDU, SUSPENDUE, SUSPENDUS,
    CANCELLAT*, SOSPESO, SOSPESA, SOSPESI, SOSPESE,
    GEANNULEERD*, GECANCELD*, AFGELAST*, AFGEZEGD*, GAAT NIET DOOR, VERVALT, VERVALLEN,
    AVLYST*, KANSELLERT*, INNSTILT*, INSTÄLLD, INSTÄLLDA, INSTÄLLT, INHIBERAD*, AFLYST*,
    CANCELAD*, SUSPENDID*, 취소, 中止, キャンセル, 取消`,
  postponed: `
    POSTPON*, RESCHEDUL*, RELOCATED, MOVED TO, NEW DATE, NEW VENUE,
    VERSCHOBEN*, VERSCHIEBUNG, VERLEGT, VERLEGUNG, NEUER TERMIN, NEUES DATUM,
    REPORTÉ, REPORTÉE, REPORTÉS, REPORTÉES, DÉPLACÉ, DÉPLACÉE, DÉCALÉ, DÉCALÉE, NOUVELLE DATE,
    RINVIAT*, RINVIO, POSTICIPAT*, SPOSTAT*, NUOVA DATA,
    UITGESTELD*, VERPLAATST*, VERSCHOVEN, NIEUWE DATUM,
    UTSATT*, FLYTTET, FLYTTA, FLYTTAD, FLYTTAT, FLYTTADE, NY DATO, UPPSKJUT*, FRAMFLYTTA*, SENARELAGD*,
    SENARELAGT, NYTT DATUM, UDSKUDT*, UDSAT, UDSATTE,
    APLAZAD*, POSPUEST*, REPROGRAMAD*, ADIAD*, 연기, 延期, 推迟, 推遲, 延后, 延後`,
} as const;

export type GraveWord = keyof typeof graveWords;

/** An insurance against it, or the right to it, is none. */
const harmless = new RegExp(
  termsPattern(`
    CANCELLATION INSURANCE, CANCELLATION PROTECTION, CANCELLATION COVER*, CANCELLATION OPTION,
    CANCELLATION FEE*, CANCELLATION POLICY, CANCELLATION FLEX, FREE CANCELLATION, FLEX CANCELLATION,
    FREE CANCELATION, CANCEL FOR FREE, ANNULABLE*, ANNULLIERBAR*, ANNULLABIL*, ANNULERBAR*,
    ANNULERINGS*, ANNULLERINGS*, AVBESTILLINGS*,
    ANNULLIERUNGS*, ASSURANCE ANNULATION*, OPTION ANNULATION, GARANTIE ANNULATION,
    ANNULATION GRATUITE, ANNULATION FLEXIBLE, ANNULLAMENTO GRATUITO, CANCELLAZIONE GRATUITA
  `).source,
  "gu",
);

const patterns = Object.entries(graveWords).map(
  // The cast: `Object.entries` forgets what the keys are.
  ([word, terms]) => [word as GraveWord, termsPattern(terms)] as const,
);

/** What a name says of that kind. */
export function graveWordsIn(name: string): Set<GraveWord> {
  const words = plainWords(name).replace(harmless, " ");
  return new Set(patterns.flatMap(([word, pattern]) => (pattern.test(words) ? word : [])));
}
