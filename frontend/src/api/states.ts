import type { StateSetting, WorkState } from "../editor/state-journal";
import type { StateOutcome } from "../editor/state-outbox";
import { answer, api } from "./client";
import { ProblemError } from "./problems";

const STATES: ReadonlySet<unknown> = new Set<WorkState>(["new", "in_progress", "done", "skipped"]);

const isState = (value: unknown): value is WorkState => STATES.has(value);

/** Whether the server will never take it: the image is gone, or the request is wrong. All else may change, a role too. */
function isFinal({ status, slug }: ProblemError): boolean {
  // A proxy's own page (no slug) is no word on the image.
  return status === 410 || (status === 404 && slug === "not-found") || (status === 422 && !!slug);
}

function outcomeOf(error: unknown): StateOutcome {
  if (!(error instanceof ProblemError)) return { kind: "unreachable" };
  const { status, slug, detail, title, members } = error;
  if (status === 401) return { kind: "signed-out" };
  if (status === 409 && slug === "conflict" && isState(members.state)) {
    return { kind: "conflict", state: members.state };
  }
  return isFinal(error) ? { kind: "refused", detail: detail || title } : { kind: "not-now" };
}

/** Whether this browser is signed in as that user: another tab may have signed in somebody else. */
async function isUser(userId: number): Promise<boolean> {
  try {
    return (await answer(api.GET("/api/session"))).id === userId;
  } catch {
    return false;
  }
}

/**
 * Set the state of an image for a user; what can go wrong is an outcome, not an exception.
 *
 * To somebody else the server says of images they may not see that there are none, which is no word on this user's.
 */
export async function sendState(userId: number, setting: StateSetting): Promise<StateOutcome> {
  const { image_id, state, was } = setting;
  const body = { state, was: [...was] };
  try {
    await answer(api.PATCH("/api/images/{image_id}", { params: { path: { image_id } }, body }));
    return { kind: "stored" };
  } catch (error) {
    const outcome = outcomeOf(error);
    const isOurs = outcome.kind !== "refused" || (await isUser(userId));
    return isOurs ? outcome : { kind: "not-now" };
  }
}
