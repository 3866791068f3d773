/** What `go` makes of a value: at once where it is there, else when it comes. A turn of the event loop costs more than most answers. */
export function after<T, R>(value: T | Promise<T>, go: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(go) : go(value);
}
