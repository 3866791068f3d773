import { formatDuration } from "../kernel/units.ts";
import type { Effects } from "./diff.ts";
import type { Config, MaskingSettings } from "./model.ts";

/** What is reached under a name. A new or removed target shows in who may request it; labels show there too. */
export function diffTargets(before: Config | undefined, after: Config, effects: Effects): void {
  for (const [name, now] of after.targets) {
    const old = before?.targets.get(name);
    if (!old) continue;
    if (old.kind !== now.kind || old.address !== now.address) {
      effects.widening.push(`target "${name}" is ${now.kind} ${now.address}, before ${old.kind} ${old.address}`);
    }
    const proofs = ["off", "require", "verify-ca", "verify-full"] as const;
    if (old.postgres && now.postgres) {
      if (old.postgres.database !== now.postgres.database) {
        effects.widening.push(`target "${name}" opens database "${now.postgres.database}", before "${old.postgres.database}"`);
      }
      const [was, is] = [proofs.indexOf(old.postgres.tls), proofs.indexOf(now.postgres.tls)];
      if (was !== is)
        effects[is < was ? "widening" : "narrowing"].push(`target "${name}" has tls ${now.postgres.tls}, before ${old.postgres.tls}`);
      const asked = [undefined, "md5", "password"] as const;
      const [wasAsked, isNow] = [asked.indexOf(old.postgres.auth), asked.indexOf(now.postgres.auth)];
      if (wasAsked !== isNow) {
        effects[isNow > wasAsked ? "widening" : "narrowing"].push(
          `target "${name}" may ask for passwords by ${now.postgres.auth ?? "scram"}, before ${old.postgres.auth ?? "scram"}`,
        );
      }
      const [made, makes] = [old.postgres.ephemeral, now.postgres.ephemeral];
      if (made?.by !== makes?.by || made?.prefix !== makes?.prefix) {
        effects.widening.push(`target "${name}" ${makes ? `makes a role for each session as "${makes.by}"` : "makes no roles any more"}`);
      }
      if (old.postgres.authorityFile !== now.postgres.authorityFile) {
        effects.widening.push(`target "${name}" trusts the authorities of ${now.postgres.authorityFile ?? "the system"}`);
      }
    }
    const [passwords, earlier] = [after.logins.get(name), before?.logins.get(name)];
    for (const [account, is] of passwords ?? []) {
      const was = earlier?.get(account);
      if (was && (was.from !== is.from || was.name !== is.name)) {
        effects.widening.push(`target "${name}" takes the password of "${account}" from elsewhere`);
      }
    }
    const vouched = (after.previewFunctions.get(name) ?? []).filter((each) => before?.previewFunctions.get(name)?.includes(each) !== true);
    if (vouched.length > 0) effects.widening.push(`target "${name}" runs ${vouched.join(", ")} in previews`);
    diffMasking(name, before?.masking.get(name), after.masking.get(name), effects);
    if (old.stepUpMs !== now.stepUpMs) {
      const wider = (now.stepUpMs ?? Number.POSITIVE_INFINITY) > (old.stepUpMs ?? Number.POSITIVE_INFINITY);
      const is = now.stepUpMs === undefined ? "no second factor of its own" : `a second factor within ${formatDuration(now.stepUpMs)}`;
      effects[wider ? "widening" : "narrowing"].push(`target "${name}" takes ${is}`);
    }
    for (const list of ["hostKeys", "hostAuthorities"] as const) {
      const more = now[list].filter((key) => !old[list].includes(key));
      const fewer = old[list].filter((key) => !now[list].includes(key));
      if (more.length > 0) effects.widening.push(`target "${name}" trusts ${more.length} more of ${list}`);
      if (fewer.length > 0) effects.narrowing.push(`target "${name}" trusts ${fewer.length} fewer of ${list}`);
    }
  }
}

/** The first rule that matches a column decides, so that a change of one, or of their order, may show what another hid. */
function diffMasking(target: string, was: MaskingSettings | undefined, is: MaskingSettings | undefined, effects: Effects): void {
  const [old, now] = [was, is].map((masking) => (masking?.columns ?? []).map((rule) => JSON.stringify(rule)));
  if (!old || !now) return;
  const grew = old.every((rule, index) => rule === now[index]);
  if (!grew) effects.widening.push(`target "${target}" masks other columns, or in another way`);
  else if (now.length > old.length) effects.narrowing.push(`target "${target}" masks more columns`);
  const more = (is?.functions ?? []).filter((name) => was?.functions.includes(name) !== true);
  const fewer = (was?.functions ?? []).filter((name) => is?.functions.includes(name) !== true);
  if (more.length > 0 && old.length > 0) effects.widening.push(`target "${target}" takes the results of ${more.join(", ")} for unmasked`);
  if (fewer.length > 0) effects.narrowing.push(`target "${target}" no longer takes the results of ${fewer.join(", ")} for unmasked`);
}
