/**
 * Several streams as one, in the order in which they come. Each waits until what it gave was taken, so nothing piles up here;
 * the first that ends or fails ends all. `stop` ends what the sources wait for.
 */
export async function* merge<T>(sources: readonly AsyncIterable<T>[], stop: AbortController): AsyncGenerator<T, void, undefined> {
  const given: { readonly value: T; readonly taken: () => void }[] = [];
  let over: { readonly thrown?: unknown } | undefined;
  let wake = (): void => {};
  const pump = async (source: AsyncIterable<T>): Promise<void> => {
    for await (const value of source) {
      if (over) return;
      await new Promise<void>((taken) => {
        given.push({ value, taken });
        wake();
      });
      if (over) return;
    }
  };
  const end = (how: { readonly thrown?: unknown }): void => {
    over ??= how;
    wake();
  };
  for (const source of sources) {
    pump(source).then(
      () => end({}),
      (thrown: unknown) => end({ thrown }),
    );
  }
  try {
    for (;;) {
      const next = given.shift();
      if (next) {
        try {
          yield next.value;
        } finally {
          next.taken();
        }
      } else if (over) {
        if ("thrown" in over) throw over.thrown;
        return;
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    over ??= {};
    stop.abort();
    for (const { taken } of given) taken();
  }
}
