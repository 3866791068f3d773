/** Milliseconds from an arbitrary start, monotonic, with microseconds behind the point: for measuring short spans cheaply. */
export type Ticks = () => number;

export const systemTicks: Ticks = () => performance.now();
