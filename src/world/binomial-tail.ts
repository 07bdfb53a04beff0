/** One-sided binomial test: P(at least `hits` of `total`) when each hits with probability `chance`. */
export function binomialTail(hits: number, total: number, chance: number): number {
  if (hits <= 0) return 1;
  let tail = 0;
  let logTerm = total * Math.log1p(-chance);
  for (let k = 0; k <= total; k += 1) {
    if (k >= hits) tail += Math.exp(logTerm);
    logTerm += Math.log((total - k) / (k + 1)) + Math.log(chance / (1 - chance));
  }
  return Math.min(1, tail);
}
