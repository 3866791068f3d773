/** Roles and rules as they are in force, from the configuration that the gate runs by. Nothing is changed here. */
import type { ReactNode } from "react";
import { useCall } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import style from "./access.module.css";
import { AccessPage } from "./frame.tsx";
import { partsOf, titleOf, type Part } from "./settings.ts";

const BLOCKS: readonly (readonly [block: string, title: string])[] = [
  ["roles", "Roles"],
  ["rules", "Rules"],
  ["holders", "Who holds permissions on the gate"],
  ["groups", "Groups"],
  ["targets", "Targets"],
];

export default function RulesPage(): ReactNode {
  return (
    <AccessPage path="/access/rules" actions={<ButtonLink to="/access/check">Check a change</ButtonLink>}>
      <Rules />
    </AccessPage>
  );
}

function Rules(): ReactNode {
  const [of, change] = useAddress();
  const find = of("find");
  const explained = useCall("config.explain");
  return (
    <>
      <div className={style["filters"]} role="search" aria-label="Settings">
        <TextField
          label="Find"
          type="search"
          placeholder="A name, or a setting"
          value={find}
          onChange={({ target }) => change({ find: target.value })}
        />
      </div>
      <Shown of={explained}>
        {({ lines }) => {
          const parts = partsOf(lines).filter((part) => isFound(part, find));
          const rest = parts.filter(({ block }) => !BLOCKS.some(([known]) => known === block));
          if (parts.length === 0) return <Empty title="Nothing of that name">Neither a role, a rule, a target nor a setting.</Empty>;
          return (
            <div className={style["stack"]}>
              {BLOCKS.map(([block, title]) => (
                <Block key={block} title={title} parts={parts.filter((each) => each.block === block)} />
              ))}
              <Block title="The gate itself" parts={rest} />
            </div>
          );
        }}
      </Shown>
      <Text />
    </>
  );
}

function isFound(part: Part, find: string): boolean {
  return [titleOf(part), ...part.settings.flatMap(({ name, value }) => [name, value])].some((text) => text.includes(find));
}

function Block({ title, parts }: { readonly title: string; readonly parts: readonly Part[] }): ReactNode {
  if (parts.length === 0) return null;
  return (
    <section className={style["stack"]} aria-label={title}>
      <h2>{title}</h2>
      <div className={style["cards"]}>
        {parts.map((part) => (
          <Card key={`${part.block} ${part.name ?? ""}`} part={part} />
        ))}
      </div>
    </section>
  );
}

function Card({ part }: { readonly part: Part }): ReactNode {
  return (
    <article className={style["card"]}>
      <h3>
        <Plain text={titleOf(part) || part.block} />
      </h3>
      <Facts>
        {part.settings
          .filter(({ value }) => value !== "[]")
          .map(({ name, value, from }) => (
            <Fact key={name} name={<Plain text={name || (part.block === "groups" ? "members" : part.block)} />}>
              <code title={from}>
                <Plain text={value} />
              </code>
              {from === "default" && <span className={style["soft"]}> by default</span>}
            </Fact>
          ))}
      </Facts>
    </article>
  );
}

/** The file as it was read, secrets as the references they are. */
function Text(): ReactNode {
  const config = useCall("config.show");
  return (
    <Panel title="The file">
      <Shown of={config}>
        {({ source, text }) => (
          <details>
            <summary>
              <Plain text={source} />
            </summary>
            <pre className={style["file"]} tabIndex={0} aria-label="The configuration file">
              {text.split("\n").map((line, index) => (
                <span key={index} id={`L${index + 1}`}>
                  <Plain text={line} />
                  {"\n"}
                </span>
              ))}
            </pre>
          </details>
        )}
      </Shown>
    </Panel>
  );
}
