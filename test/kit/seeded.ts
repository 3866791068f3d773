/** Chance that can be had again: `SEED` in the environment, else the time; the seed is printed. */
export function seededChance(what: string): (below: number) => number {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  console.log(`${what}: SEED=${seed}`);
  return chanceOf(seed);
}

/** mulberry32: enough to choose by. */
export function chanceOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
