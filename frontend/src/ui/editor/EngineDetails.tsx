import type { EngineTraits } from "../../editor/asking";
import { useSignal } from "../shared/useSignal";
import classes from "./EngineMenu.module.css";
import { changedOptions, type Engine, resetOptions, setOption } from "./engineOptions";
import { OptionField } from "./OptionField";

const KINDS: Readonly<Record<string, string>> = {
  bbox: "a box",
  points: "points",
  strokes: "strokes",
  mask: "a mask",
};

function named(kinds: readonly string[], last: string): string {
  const names = kinds.map((kind) => KINDS[kind] ?? kind);
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
}

function Taken({ engine }: { engine: Engine }) {
  const more = engine.prompts.filter((kind) => !engine.starts_from.includes(kind));
  return (
    <p className={classes.taken}>
      Starts from {named(engine.starts_from, "or")}
      {more.length > 0 && `; takes ${named(more, "and")} as well`}.
      {engine.is_slow && " May take seconds."}
    </p>
  );
}

/** What the chosen engine is for, and its options. */
export function EngineDetails({
  engine,
  auto,
}: {
  engine: Engine | null;
  auto: EngineTraits | null;
}) {
  const changed = useSignal(changedOptions)[engine?.name ?? ""] ?? {};
  if (!engine) {
    return (
      <section className={classes.details} aria-label="Auto">
        <strong>Auto</strong>
        <p>The best engine that can run here and takes the prompt.</p>
        <p className={classes.taken}>
          {auto
            ? `For a first prompt that is ${auto.title} now. Choose an engine by name to set its options.`
            : "None can run here; the list says why, and what to do."}
        </p>
      </section>
    );
  }
  return (
    <section className={classes.details} aria-label={`Options of ${engine.title}`}>
      <header>
        <strong>{engine.title}</strong>
        <button
          type="button"
          disabled={Object.keys(changed).length === 0}
          onClick={() => resetOptions(engine.name)}
        >
          Reset
        </button>
      </header>
      <p>{engine.description}</p>
      <Taken engine={engine} />
      {engine.options.map((option) => (
        <OptionField
          key={`${engine.name}.${option.name}`}
          option={option}
          value={changed[option.name] ?? option.default}
          onChange={(value) => setOption(engine.name, option, value)}
        />
      ))}
    </section>
  );
}
