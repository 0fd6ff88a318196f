import createClient from "openapi-fetch";
import { parseProblem, Unreachable } from "./problems";
import type { components, paths } from "./schema.gen";

type Schemas = components["schemas"];
export type Category = Schemas["Category"];
export type Engine = Schemas["Engine"];
export type Format = Schemas["Format"];
export type Image = Schemas["Image"];
export type ImageDetail = Schemas["ImageDetail"];
export type ImageState = Schemas["Image"]["state"];
export type Job = Schemas["Job"];
export type JobReport = Schemas["JobReport"];
export type Project = Schemas["Project"];
export type Session = Schemas["SessionAnswer"];
export type UploadAnswer = Schemas["UploadAnswer"];

/** The typed client; use it through `answer`, which throws what went wrong. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  credentials: "same-origin",
  // Looked up at each call: a test may put its own in the place of the browser's.
  fetch: (request) => globalThis.fetch(request),
});

interface Raw<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of a successful answer; else throws ProblemError or Unreachable. */
export async function answer<T>(call: Promise<Raw<T>>): Promise<T> {
  let raw: Raw<T>;
  try {
    raw = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof SyntaxError) throw parseProblem(502, null);
    throw new Unreachable("The server does not answer.", { cause: error });
  }
  if (!raw.response.ok) throw parseProblem(raw.response.status, raw.error);
  return raw.data as T;
}

/** An image's bytes are named with it, so a browser may keep what it got for good, and never shows another's. */
interface Pictured {
  readonly id: number;
  readonly sha256: string;
}

const version = (sha256: string) => `v=${sha256.slice(0, 12)}`;

export const displayUrl = ({ id, sha256 }: Pictured) =>
  `/api/images/${id}/display?${version(sha256)}`;
export const thumbnailUrl = ({ id, sha256 }: Pictured) =>
  `/api/images/${id}/thumbnail?${version(sha256)}`;
/** A project's cover is known by its id only; the browser asks each time whether it is still the same. */
export const coverUrl = (imageId: number) => `/api/images/${imageId}/thumbnail`;
export const jobFileUrl = (jobId: number) => `/api/jobs/${jobId}/file`;
