/** What a browser does in a login, without one: follows redirects, keeps cookies by host and port, fills in one form. */
export class MiniBrowser {
  /** `host:port` → name → value. */
  readonly cookies = new Map<string, Map<string, string>>();
  /** Every address it was sent to. */
  readonly visited: string[] = [];

  async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const at = new URL(url);
    this.visited.push(at.href);
    const jar = this.cookies.get(at.host) ?? new Map<string, string>();
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(at, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const name = pair.slice(0, pair.indexOf("="));
      const value = pair.slice(pair.indexOf("=") + 1);
      const gone = value === "" || attributes.some((each) => /expires=thu, 01 jan 1970/i.test(each));
      if (gone) jar.delete(name);
      else jar.set(name, value);
    }
    this.cookies.set(at.host, jar);
    return response;
  }

  /** Where it ends up: signs in as `account` wherever a form asks, and stops before an address that `until` holds of. */
  async walk(url: string, account: string, until: (url: URL) => boolean): Promise<URL> {
    let at = new URL(url);
    for (let step = 0; step < 20; step++) {
      if (until(at)) return at;
      let response = await this.fetch(at);
      if (response.status === 200 && (await response.clone().text()).includes('name="account"')) {
        const body = new URLSearchParams({ account });
        response = await this.fetch(at, { method: "POST", body });
      }
      const next = response.headers.get("location");
      if (next === null) throw new Error(`no way on from ${at.href}: ${response.status} ${await response.text()}`);
      at = new URL(next, at);
    }
    throw new Error(`no end of redirects at ${at.href}`);
  }

  cookie(host: string, name: string): string | undefined {
    return this.cookies.get(host)?.get(name);
  }
}
