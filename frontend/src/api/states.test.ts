import { afterEach, beforeEach, expect, type MockInstance, test, vi } from "vitest";
import type { StateSetting } from "../editor/state-journal";
import { sendState } from "./states";

const requests: Request[] = [];
let reply: () => Response | Promise<Response>;
let network: MockInstance;
let signedIn: number;

beforeEach(() => {
  signedIn = USER;
  network = vi.spyOn(globalThis, "fetch").mockImplementation(async (request) => {
    if (new URL((request as Request).url).pathname === "/api/session") {
      return Response.json({ id: signedIn, name: "ada", instance: "x" });
    }
    requests.push(request as Request);
    return reply();
  });
});
afterEach(() => network.mockRestore());

const USER = 3;
const DONE: StateSetting = {
  image_id: 7,
  project_id: 1,
  image_name: "street.png",
  state: "done",
  was: ["new", "in_progress"],
  setting_id: "a",
};

function problem(status: number, slug: string, members = {}): Response {
  const type = `/docs/errors#${slug}`;
  const body = { type, title: "No", status, detail: "Not this one.", ...members };
  return Response.json(body, { status, headers: { "Content-Type": "application/problem+json" } });
}

test("a state is set on its image, over those that it had", async () => {
  reply = () => Response.json({ id: 7 });
  expect(await sendState(USER, DONE)).toEqual({ kind: "stored" });
  const [request] = requests;
  expect([request?.method, new URL(request?.url ?? "").pathname]).toEqual([
    "PATCH",
    "/api/images/7",
  ]);
  expect(await request?.json()).toEqual({ state: "done", was: ["new", "in_progress"] });
});

const REFUSED = { kind: "refused", detail: "Not this one." };
const GONE = { kind: "refused", detail: "It answered with status 410." };
const THEIRS = { kind: "conflict", state: "skipped" };

test.each([
  ["a deleted image ends it", () => problem(404, "not-found"), REFUSED],
  ["an image that is gone ends it", () => new Response("<p>", { status: 410 }), GONE],
  ["a request that cannot be ends it", () => problem(422, "invalid"), REFUSED],
  ["another one's state", () => problem(409, "conflict", { state: "skipped" }), THEIRS],
  ["a conflict of another kind is waited for", () => problem(409, "conflict"), "not-now"],
  ["a role may change", () => problem(403, "forbidden"), "not-now"],
  ["a limit passes", () => problem(429, "invalid"), "not-now"],
  ["a slow line gets better", () => problem(408, "invalid"), "not-now"],
  ["a proxy's word on the method is none on it", () => problem(405, "invalid"), "not-now"],
  ["who is signed out is asked to sign in", () => problem(401, "not-signed-in"), "signed-out"],
  ["a full disk is waited for", () => problem(507, "storage-full"), "not-now"],
  ["a proxy's page is no word on it", () => new Response("<p>", { status: 404 }), "not-now"],
  ["no answer is waited for", () => Promise.reject(new TypeError("Failed")), "unreachable"],
])("%s", async (_, answer, expected) => {
  reply = answer;
  const kind = typeof expected === "string" ? { kind: expected } : expected;
  expect(await sendState(USER, DONE)).toEqual(kind);
});

test("what somebody else, signed in meanwhile, is refused says nothing on this user's", async () => {
  reply = () => problem(404, "not-found");
  signedIn = 4;
  expect(await sendState(USER, DONE)).toEqual({ kind: "not-now" });
});
