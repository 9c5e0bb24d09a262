/** What a page's main part says, without its marks. */
export const textOf = (html: string) =>
  html
    .replace(/^.*<main/s, "<main")
    .replace(/<\/main>.*$/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
