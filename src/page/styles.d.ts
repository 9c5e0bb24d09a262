/** With `type: "text"` an import is the file's text, which also holds after `bun build`. */
declare module "*.css" {
  const text: string;
  export = text;
}
