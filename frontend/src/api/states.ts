import type { StateSetting, WorkState } from "../editor/state-journal";
import type { StateOutcome } from "../editor/state-outbox";
import { answer, api } from "./client";
import { ProblemError } from "./problems";

const STATES: ReadonlySet<unknown> = new Set<WorkState>(["new", "in_progress", "done", "skipped"]);

const isState = (value: unknown): value is WorkState => STATES.has(value);

/** The server's own words that it will never take the state: the image is gone, or the user's role is. */
const FINAL: ReadonlySet<string> = new Set(["not-found", "forbidden", "invalid"]);

function outcomeOf(error: unknown): StateOutcome {
  if (!(error instanceof ProblemError)) return { kind: "unreachable" };
  const { status, slug, detail, title, members } = error;
  if (status === 401) return { kind: "signed-out" };
  if (status === 409 && slug === "conflict" && isState(members.state)) {
    return { kind: "conflict", state: members.state };
  }
  const isFinal = status < 500 && FINAL.has(slug);
  return isFinal ? { kind: "refused", detail: detail || title } : { kind: "not-now" };
}

/** Set the state of an image; what can go wrong is an outcome, not an exception. */
export async function sendState(setting: StateSetting): Promise<StateOutcome> {
  const { image_id, state, was } = setting;
  const body = { state, was: [...was] };
  try {
    await answer(api.PATCH("/api/images/{image_id}", { params: { path: { image_id } }, body }));
    return { kind: "stored" };
  } catch (error) {
    return outcomeOf(error);
  }
}
