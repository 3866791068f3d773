/** `power`: what was acknowledged survives a power failure; `process`: it survives the death of the process. */
export type Durability = "process" | "power";
