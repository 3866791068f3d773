/** Somebody without a mouse: everything is reached by Tab, as far as it can be. */
import type { Locator, Page } from "playwright-core";

/** More than any page has stops. */
const STOPS = 400;

export interface Keyboard {
  /** Goes from stop to stop until it is the one; rejects where no stop is. */
  reach(what: Locator): Promise<void>;
  /** Reached, and Enter. */
  press(what: Locator): Promise<void>;
  /** Reached, and Space. */
  tick(what: Locator): Promise<void>;
  /** Reached, and written in place of what was there. */
  write(what: Locator, text: string): Promise<void>;
  /** Reached, and pasted in place of what was there. */
  paste(what: Locator, text: string): Promise<void>;
}

export function keyboardOf(page: Page): Keyboard {
  const { keyboard } = page;
  const hasFocus = (what: Locator): Promise<boolean> => what.evaluate((element) => element === element.ownerDocument.activeElement);
  const reach: Keyboard["reach"] = async (what) => {
    await what.waitFor();
    for (let stop = 0; stop < STOPS; stop += 1) {
      if (await hasFocus(what)) return;
      await keyboard.press("Tab");
    }
    throw new Error(`no key leads to ${String(what)}`);
  };
  const empty = async (what: Locator): Promise<void> => {
    await reach(what);
    await keyboard.press("Control+A");
    await keyboard.press("Delete");
  };
  return {
    reach,
    press: async (what) => {
      await reach(what);
      await keyboard.press("Enter");
    },
    tick: async (what) => {
      await reach(what);
      await keyboard.press("Space");
    },
    write: async (what, text) => {
      await empty(what);
      await keyboard.type(text);
    },
    paste: async (what, text) => {
      await empty(what);
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await keyboard.press("Control+V");
    },
  };
}
