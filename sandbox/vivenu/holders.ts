const FIRST = (
  "Ada Bela Cleo Dario Edda Filip Greta Hanno Ines Jarl Kaja Levi Mira Nils Olga Pia " +
  "Quin Runa Sven Tilda Udo Vera Wim Xenia Yara Zeno Alva Bruno Carla Dirk Elin Frida " +
  "Gero Hedda Iker Juno Klara Lior Maja Noor"
).split(" ");
const LAST = (
  "Mustermensch Beispielfrau Exemple Esempio Voorbeeld Eksempel Exempel Samplesson " +
  "Placeholder Dummymann Specimen Fantasia Nobodyson Erfunden Fictif Inventato " +
  "Verzonnen Oppdiktet Makebelieve Testathlete"
).split(" ");

/** So many made-up people hold tickets; each is known by a number from 0. */
export const HOLDERS = FIRST.length * LAST.length;

export interface Holder {
  firstname: string;
  lastname: string;
}

export const holderOf = (number: number): Holder => ({
  firstname: FIRST[number % FIRST.length] ?? "",
  lastname: LAST[Math.floor(number / FIRST.length) % LAST.length] ?? "",
});

export const fullName = ({ firstname, lastname }: Holder) => `${firstname} ${lastname}`;

/** The numbers of all whose name contains `text`. */
export const holdersNamed = (text: string) =>
  Array.from({ length: HOLDERS }, (_, number) => number).filter((number) =>
    fullName(holderOf(number)).toLowerCase().includes(text.toLowerCase()),
  );
