/** RFC 9457, as far as it is read here. */
interface ProblemBody {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  /** The faults of a request's body. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[] | null;
}

/** An answer that is not a success: the server's RFC 9457 problem, or what stood in its place. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** The last part of the problem's `type`: "stale-revision". */
    readonly slug: string,
    /** All members of the body. */
    readonly members: Readonly<Record<string, unknown>>,
  ) {
    super(detail || title);
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pointed(errors: ProblemBody["errors"]): string {
  return (errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`).join("; ");
}

/** A problem from a body that may be one; a proxy's HTML page or an empty body is none. */
export function parseProblem(status: number, body: unknown): ProblemError {
  if (!isRecord(body) || typeof body.title !== "string") {
    const title = status >= 500 ? "The server failed" : "The server refused the request";
    return new ProblemError(status, title, `It answered with status ${status}.`, "", {});
  }
  const { title, detail, type, errors } = body as ProblemBody;
  const slug = (type ?? "").split(/[/#]/).at(-1) ?? "";
  const parts = [detail ?? "", Array.isArray(errors) ? pointed(errors) : ""];
  return new ProblemError(status, title ?? "", parts.filter(Boolean).join(" "), slug, body);
}

/** What to tell the user of any error. */
export function describeError(error: unknown): string {
  if (error instanceof ProblemError) return error.detail || error.title;
  if (error instanceof Unreachable) return "The server does not answer. Is it still running?";
  return error instanceof Error ? error.message : String(error);
}
