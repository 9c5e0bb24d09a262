/** So many letters of digests, which nothing can make shorter; others for another `of`. */
export const noise = (length: number, of = "") => {
  const digest = (n: number) => new Bun.CryptoHasher("sha256").update(`${of}${n}`).digest("base64");
  return Array.from({ length: Math.ceil(length / 44) }, (_, n) => digest(n))
    .join("")
    .slice(0, length);
};
